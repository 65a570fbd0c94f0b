using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours.Review;

/// <summary>A review as a file: 概要, 集計, 明細 and 説明. The sums of its typed cells are those of the page.</summary>
public sealed class HoursExport(PortalDb db, CurrentStaff me, IOptions<HoursOptions> options, GroupSizes sizes, TimeProvider clock)
{
    /// <summary>So many rows fit in one sheet without trouble; more are named in 説明, never cut in silence.</summary>
    public const int MostRows = 50_000;

    /// <summary>The book as the person may have it, and whose hours it shows by name.</summary>
    public async Task<(SheetBook Book, ReviewMatrix Matrix, IReadOnlyCollection<StaffId> People)> MakeAsync(ReviewQuery query, CancellationToken ct)
    {
        var matrix = await ReviewMatrix.LoadAsync(db, query with { Month = null }, ReviewViewer.Of(me), options.Value, sizes, clock.GetUtcNow(), ct);
        var people = matrix.PeopleShown.ToHashSet();
        var withPersons = matrix.MayDrill && (query.Month is not null || matrix.Query.IsPersonal);
        return (await MakeAsync(matrix, query, withPersons ? people : null, matrix.MayDrill, ct), matrix, people);
    }

    /// <param name="people">Takes those named in 明細; null names nobody there, as in a mail.</param>
    internal async Task<SheetBook> MakeAsync(ReviewMatrix matrix, ReviewQuery query, HashSet<StaffId>? people, bool withRows, CancellationToken ct)
    {
        var q = matrix.Query with { Month = query.Month };
        var tables = new List<SheetTable> { Overview(matrix), Matrix(matrix) };
        var count = 0;
        if (withRows)
        {
            var (rows, all) = await RowsAsync(matrix, q, people, ct);
            tables.Add(rows);
            count = all;
        }
        var book = new SheetBook(tables, []);
        return book with { About = About(matrix, q, count, withRows, book.Sha256()) };
    }

    private static SheetTable Overview(ReviewMatrix matrix)
        => new("概要", ["項目", "分", "時間"],
        [
            [$"{matrix.Year.Label} {HoursText.Of(matrix.Query.Measure)} 合計", matrix.Sum.Total ?? 0, Hours(matrix.Sum.Total ?? 0)],
            ["前年同期", matrix.Sum.Before, matrix.Sum.Before is { } b ? Hours(b) : null],
            .. matrix.Months.Select(c => (IReadOnlyList<object?>)[ReviewMatrix.WordOf(c), matrix.Sum.Months.TryGetValue(c, out var m) ? m : null, matrix.Sum.Months.TryGetValue(c, out var h) ? Hours(h) : null]),
        ]);

    private static SheetTable Matrix(ReviewMatrix matrix)
    {
        var (outer, inner) = (matrix.Query.Outer, matrix.Query.Inner);
        var columns = matrix.Columns;
        string[] headings = [ReviewQuery.Word(outer), .. inner == ReviewRows.None ? Array.Empty<string>() : [ReviewQuery.Word(inner)], .. columns.Select(c => $"{ReviewMatrix.WordOf(c)}（分）"), "合計（分）", "合計（時間）", "前年同期（分）"];
        var rows = new List<IReadOnlyList<object?>>();
        var above = "";
        foreach (var row in matrix.Rows)
        {
            if (row.Depth == 0) above = row.Name;
            // With a division inside, only the inner rows are data; the outer ones would count twice when somebody adds the column up.
            if (inner != ReviewRows.None && row.Depth == 0 && !row.IsOwn && matrix.Rows.Any(r => r.Depth > 0)) continue;
            if (row.IsOwn) continue;
            rows.Add([above, .. inner == ReviewRows.None ? Array.Empty<object?>() : [row.Depth == 0 ? "" : row.Name], .. columns.Select(c => row.Months.TryGetValue(c, out var m) ? (object?)m : null), row.Total, row.Total is { } t ? Hours(t) : null, row.Before]);
        }
        return new("集計", headings, rows);
    }

    private async Task<(SheetTable Rows, int Count)> RowsAsync(ReviewMatrix matrix, ReviewQuery query, HashSet<StaffId>? people, CancellationToken ct)
    {
        var withPersons = people is not null;
        var q = matrix.Names.Resolve(query);
        var rows = ReviewSums.Rows(db, q, matrix.Year, matrix.Until).AsNoTracking();
        var count = await rows.CountAsync(ct);
        var some = await rows.OrderBy(e => e.WorkDate).ThenBy(e => e.Number).Take(MostRows).ToListAsync(ct);
        var names = withPersons ? await ReviewNames.LoadAsync(db, q with { Person = q.Person ?? ReviewQuery.Nothing }, matrix.Year, matrix.Until, ct) : matrix.Names;
        people?.UnionWith(some.Select(e => names.StaffOf(e.PersonKey)).OfType<StaffId>());
        var models = await db.DeviceModels.AsNoTracking().ToDictionaryAsync(m => m.Id.Value, m => m.Name, ct);
        var numbers = new Dictionary<Guid, string>();
        foreach (var chunk in some.Where(e => e.SourceKind == SourceKind.Line).Select(e => e.SourceId).Distinct().Chunk(500))
        {
            var ids = chunk.Select(c => new BookingLineId(c)).ToList();
            var found = await (from line in db.BookingLines where ids.Contains(line.Id) join booking in db.Bookings on line.BookingId equals booking.Id select new { line.Id, booking.Number }).ToListAsync(ct);
            foreach (var one in found) numbers[one.Id.Value] = one.Number;
        }
        return (new("明細", ["日", "予約番号", .. withPersons ? ["職員"] : Array.Empty<string>(), "所属", "庁舎", "機種", "端末区分", "目的", "分", "時間", "計上月", "種類", "版", "計数規則", "理由"],
            [.. some.Select(e => (IReadOnlyList<object?>)
            [
                e.WorkDate, numbers.GetValueOrDefault(e.SourceId), .. withPersons ? [names.PersonOf(e.PersonKey)] : Array.Empty<object?>(), e.DepartmentName,
                e.OfficeId is { } o ? names.Of(ReviewRows.Office, o.Value.ToString()) : null, e.ModelId is { } m ? models.GetValueOrDefault(m) : null,
                e.Class is { } c ? names.Of(ReviewRows.Class, c) : null, HoursText.Purpose(e.Purpose), e.Minutes, Hours(e.Minutes), e.CountedMonth is { } month ? MonthClose.WordOf(month) : null,
                e.Kind switch { EntryKind.Adjustment => "修正（締め後）", EntryKind.Opening => "旧集計", EntryKind.Manual => "手動修正", _ => "計上" }, e.Revision, e.PolicyNumber, e.Reason,
            ])]), count);
    }

    private static List<(string, string)> About(ReviewMatrix matrix, ReviewQuery query, int rows, bool withRows, string sha256)
    {
        var policy = matrix.Policy;
        return
        [
            ("内容", $"{matrix.Query.Describe(matrix.Year)}　{ReviewQuery.Word(matrix.Query.Outer)}{(matrix.Query.Inner == ReviewRows.None ? "" : "・" + ReviewQuery.Word(matrix.Query.Inner))}別"),
            ("しぼり込み", matrix.Names.Describe(query)),
            ("時点", $"{JapaneseDate.Long(TokyoTime.DayOf(matrix.AsOf))} {TokyoTime.TimeOf(matrix.AsOf):H:mm}現在。{JapaneseDate.Long(matrix.Until)}までの実績で、予約済（今後）は含みません。"),
            ("締めの状態", matrix.CloseState),
            .. Enum.GetValues<Measure>().Select(m => (HoursText.Of(m), HoursText.Meaning(m))),
            ("計数規則", $"v{policy.Number}（{JapaneseDate.Long(policy.EffectiveFrom)}から）　区分 {string.Join("・", policy.Classes.Select(c => matrix.Names.Of(ReviewRows.Class, c)))}／目的 {(policy.Purposes.Length == 0 ? "すべて" : string.Join("・", policy.Purposes.Select(HoursText.Purpose)))}／分散勤務 {string.Join("・", policy.DistributedPurposes.Select(HoursText.Purpose))}／時間帯 {policy.Span}／休憩 {policy.Breaks}／時間外 {(policy.CountOutside == Counting.OutsideCounting.IfPermitted ? "許可があれば数える" : "数えない")}／ＫＧＩ {HoursText.Of(policy.KgiMeasure)}"),
            ("開庁日", "土日・祝日・年末年始と、職員ポータルに登録された閉庁日を除いた日"),
            ("月", matrix.Query.By == ReviewBy.Counted ? "計上月。締めた月は動かず、後の修正は締めていない最初の月に入ります。" : "実日付。時間が実際にあった日の月です。"),
            ("空欄と0", "空欄は記録なし、0は記録があって合計が0です。"),
            .. matrix.IsMerged ? [("少人数のまとめ", "利用した職員が少ない所属・庁舎は、次に少ないものと合わせて「その他」にしています。所属・庁舎ごとの月別は、どの月も人数が足りるときだけ載せています。")] : Array.Empty<(string, string)>(),
            .. withRows ? [("明細の行数", rows > MostRows ? $"{rows:N0}行のうち、はじめの{MostRows:N0}行" : $"{rows.ToString("N0", CultureInfo.InvariantCulture)}行")] : Array.Empty<(string, string)>(),
            ("照合値（SHA-256）", sha256),
        ];
    }

    // Hours are typed numbers; two decimals are exact enough to be read, the minutes beside them are the figure.
    private static decimal Hours(long minutes) => Math.Round(minutes / 60m, 2);
}
