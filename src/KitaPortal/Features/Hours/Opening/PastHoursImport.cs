using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Import;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using KitaPortal.Platform.Text;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Opening;

/// <summary>旧集計の時間: booked hours of years or months before the portal, for the town, an office or a department.</summary>
public sealed class PastHoursImport : ImportKind
{
    internal const string Year = "year", Month = "month", Office = "office", Unit = "unit", Hours = "hours", Source = "source";
    private const long MostHours = 10_000_000;

    public override string Name => "past-hours";

    public override string Title => "旧集計の時間";

    public override string Lead => "ポータル以前の年度・月の使用予約時間。年度ごと、月ごと、庁舎・所属ごとに取り込めます。";

    public override int Order => 8;

    public override string Policy => Policies.Hr;

    public override IReadOnlyList<string> Subjects { get; } = [nameof(OpeningBalance), nameof(People.Office), nameof(Department)];

    public override IReadOnlyList<SheetColumn> Columns { get; } =
    [
        new(Year, "年度", true, "会計年度", "年"),
        new(Month, "月", false, "対象月"),
        new(Office, "庁舎", false, "支所", "庁舎・支所"),
        new(Unit, "所属", false, "課", "所属名", "部署"),
        new(Hours, "時間", true, "使用予約時間", "予約時間", "実績", "時間数"),
        new(Source, "根拠", true, "出典", "資料", "根拠資料"),
    ];

    public override async Task PlanAsync(PortalDb db, ImportTable table, CancellationToken ct)
    {
        var offices = await OfficeWords.LoadAsync(db, ct);
        var departments = await DepartmentWords.LoadAsync(db, table.Today, ct);
        var known = await db.OpeningBalances.ToDictionaryAsync(o => o.Id, ct);
        var own = (await db.LedgerEntries.Where(e => e.Kind == EntryKind.Posting && e.Measure == Measure.Booked).Select(e => new { e.FiscalYear, e.WorkDate.Month }).Distinct().ToListAsync(ct)).Select(m => (m.FiscalYear, m.Month)).ToHashSet();
        var standing = (await db.LedgerEntries.Where(e => e.SourceKind == SourceKind.Opening && e.Grain != Grain.Day && e.Measure == Measure.Booked)
            .GroupBy(e => new { e.SourceId, e.FiscalYear, e.Grain, Month = e.WorkDate.Month, e.OfficeId, e.DepartmentId }).Select(g => new { g.Key, Minutes = g.Sum(e => (long)e.Minutes) }).ToListAsync(ct)).Where(s => s.Minutes != 0).ToList();
        var seen = new Dictionary<Guid, int>();
        var inFile = new List<Told>();
        foreach (var line in table.Lines)
        {
            var year = ReadYear(line, table.Today);
            var month = ReadMonth(line);
            var office = offices.Read(line, Office);
            var unit = ReadUnit(line, departments);
            var minutes = ReadHours(line);
            var source = line.Text(Source);
            if (source.Length == 0) line.Error(Source, "根拠がありません");
            if (year is not { } fy) continue;
            line.Subject = string.Join(" ", new[] { fy.Label, month is { } m ? $"{m}月" : null, office?.Name, unit?.Name }.OfType<string>());
            if (month is { } mm && own.Contains((fy, mm))) line.Error(Month, $"{line.Subject}はポータルの予約から数えています。二重になるため取り込めません");
            if (month is null && own.Any(o => o.FiscalYear == fy)) line.Error(Year, $"{fy.Label}はポータルの予約があります。月ごとに取り込んでください");
            var id = month is null && office is null && unit is null ? TownYear(fy) : OpeningBalance.IdOf("past-hours", fy.Value, month, office?.Id, unit?.Id);
            if (!seen.TryAdd(id, line.Line)) line.Error(Year, $"{seen[id]}行目と同じ年度・月・庁舎・所属です");
            var grain = month is null ? Grain.Year : Grain.Month;
            var other = standing.FirstOrDefault(s => s.Key.SourceId != id && s.Key.FiscalYear == fy && (s.Key.Grain != grain
                || s.Key.Month == WorkDate(fy, month).Month && (s.Key.OfficeId is null && s.Key.DepartmentId is null) != (office is null && unit is null)));
            if (other is not null) line.Error(Year, $"{fy.Label}は{(other.Key.Grain == Grain.Year ? "年計" : "月別")}で{HoursText.Whole(other.Minutes)}時間が取込み済みです。どちらか一方にしてください");
            var twice = seen[id] != line.Line ? null : inFile.Find(o => o.Year == fy && (o.Grain != grain || (o.Month == month && Overlap(o.Office, o.Unit, office?.Id, unit))));
            if (twice is not null) line.Error(Year, $"{twice.Line}行目と時間が重なります。年計と月別、町全体と庁舎・所属別は混ぜられません");
            if (line.HasErrors || minutes is not { } wanted) continue;
            if (wanted != 0) inFile.Add(new(line.Line, fy, month, grain, office?.Id, unit));

            var now = standing.Where(s => s.Key.SourceId == id).Sum(s => s.Minutes);
            line.Compare("時間", now == 0 ? null : HoursText.Tenths(now), HoursText.Tenths(wanted));
            line.Compare("根拠", known.GetValueOrDefault(id)?.Source, source);
            line.Action = now == wanted && known.GetValueOrDefault(id)?.Source == source ? ImportAction.Same : now == 0 ? ImportAction.Add : ImportAction.Change;
            line.Apply = () =>
            {
                if (!known.TryGetValue(id, out var balance)) db.Add(balance = known[id] = new OpeningBalance(id, Name, fy, line.Subject));
                balance.Bring([new(WorkDate(fy, month), Measure.Booked, (int)wanted, grain, LedgerSnapshot.None with { OfficeId = office?.Id ?? unit?.OfficeId, DepartmentId = unit?.Id, DepartmentName = unit?.Name })], source);
            };
        }
    }

    /// <summary>Hours another line of the file brings.</summary>
    private sealed record Told(int Line, FiscalYear Year, int? Month, Grain Grain, OfficeId? Office, OrganisationChart.Unit? Unit);

    // The town holds everything, an office without department its departments.
    private static bool Overlap(OfficeId? office, OrganisationChart.Unit? unit, OfficeId? otherOffice, OrganisationChart.Unit? otherUnit)
    {
        if ((office is null && unit is null) || (otherOffice is null && otherUnit is null)) return true;
        return (unit is null) != (otherUnit is null) && (office ?? unit!.OfficeId) == (otherOffice ?? otherUnit!.OfficeId);
    }

    /// <summary>The row the strategy's published figures stand in.</summary>
    internal static Guid TownYear(FiscalYear year) => new(year.Value, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    private static DateOnly WorkDate(FiscalYear year, int? month) => month is { } m ? Closing.MonthClose.FirstDayOf(year, m).AddMonths(1).AddDays(-1) : year.LastDay;

    private static FiscalYear? ReadYear(ImportLine line, DateOnly today)
    {
        var text = line.Text(Year);
        if (text.Length == 0) line.Error(Year, "年度がありません");
        else if (!FiscalYear.TryParse(text, out var year)) line.Refuse(Year, $"年度「{text}」は読み取れません（令和5年度、R5、2023のように。元号と西暦が違う年も取り込めません）");
        else if (year > FiscalYear.From(today)) line.Error(Year, $"{year.Label}はまだ始まっていません");
        else
        {
            if (text != year.Label) line.Fix(Year, $"「{text}」を{year.Label}と読みました");
            return year;
        }
        return null;
    }

    private static int? ReadMonth(ImportLine line)
    {
        var text = line.Text(Month).Nfkc().Replace("月", "", StringComparison.Ordinal);
        if (text.Length == 0) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var month) && month is >= 1 and <= 12) return month;
        line.Refuse(Month, $"月「{line.Text(Month)}」は1から12ではありません");
        return null;
    }

    private static OrganisationChart.Unit? ReadUnit(ImportLine line, DepartmentWords departments)
    {
        var word = line.Text(Unit);
        if (word.Length == 0) return null;
        var found = departments.Find(word);
        if (found.Count == 1)
        {
            if (found[0].Name != word) line.Fix(Unit, $"「{word}」を「{found[0].Name}」と読みました");
            return found[0];
        }
        line.Refuse(Unit, found.Count == 0 ? $"「{word}」という所属はありません" : $"「{word}」はいくつもの所属を指します", choices: found.Count == 0 ? departments.NamesBelow(null) : found.Select(f => f.Name));
        return null;
    }

    private static long? ReadHours(ImportLine line)
    {
        var fixedHours = Repair.Amount(new Cell(line.Text(Hours).Replace("時間", "", StringComparison.Ordinal), line.Cell(Hours).Number));
        if (line.Text(Hours).Length == 0) line.Error(Hours, "時間がありません");
        else if (fixedHours.Value is not { } hours) line.Refuse(Hours, $"時間「{line.Text(Hours)}」は数ではありません");
        else if (hours < 0) line.Error(Hours, "時間が0より小さくなっています");
        else if (hours > MostHours) line.Error(Hours, $"時間が{MostHours:N0}を超えています");
        else return (long)Math.Round(hours * 60, MidpointRounding.AwayFromZero);
        return null;
    }
}
