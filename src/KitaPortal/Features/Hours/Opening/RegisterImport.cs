using System.Text.RegularExpressions;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Counting;
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

/// <summary>
/// 紙の持出管理簿: a year of paper take-outs becomes past hours. Paper knows no plan, so the time a device was out counts as booked, custody and used alike.
/// A line that was there in an earlier import and is not in the file any more is taken back.
/// </summary>
public sealed partial class RegisterImport : ImportKind
{
    internal const string Taken = "taken", Returned = "returned", Label = "label", Person = "person", Unit = "unit", Use = "use", Place = "place";

    public override string Name => KindName;

    public override string Title => "紙の持出管理簿";

    public override string Lead => "前の年度の持出管理簿（紙から入力したもの）。職員名簿と端末台帳の後に取り込み、時間の台帳に過去の時間として加えます。";

    public override int Order => 9;

    public override string Policy => Policies.Hr;

    public override IReadOnlyList<string> Subjects { get; } = [nameof(OpeningBalance), nameof(Device), nameof(StaffMember), nameof(Department)];

    private const string KindName = "paper-register";

    public override IReadOnlyList<SheetColumn> Columns { get; } =
    [
        new(Taken, "持出日時", true, "貸出日時", "持出日", "持ち出し日時"),
        new(Returned, "返却日時", true, "返却日", "返却"),
        new(Label, "備品番号", true, "端末番号", "機器番号", "番号"),
        new(Person, "氏名", true, "使用者", "利用者"),
        new(Unit, "所属", false, "課"),
        new(Use, "目的", false, "用務", "使用目的"),
        new(Place, "持出先", false, "行先", "使用場所"),
    ];

    public override async Task PlanAsync(PortalDb db, ImportTable table, CancellationToken ct)
    {
        var year = YearOf(table);
        var devices = await DevicesAsync(db, ct);
        var reader = new RegisterReader(table, year, devices, await PeopleAsync(db, ct), await DepartmentWords.LoadAsync(db, year.LastDay, ct));
        var stays = new List<Stay>();
        foreach (var line in table.Lines)
        {
            stays.Add(reader.Read(line));
            if (stays.Count % 100 == 0) table.Report(stays.Count);
        }
        NameRepeats(stays);
        NameOverlaps(stays);
        await PostAsync(db, table, year, stays, ct);
    }

    private static FiscalYear YearOf(ImportTable table)
    {
        foreach (var cell in table.Sheet.Rows.Take(5).SelectMany(r => r.Cells))
            if (InTitle().Match(cell.Text.Nfkc()) is { Success: true } match && FiscalYear.TryParse(match.Value, out var year)) return year;
        return FiscalYear.From(table.Today).Previous;
    }

    private static async Task<IReadOnlyList<RegisterDevice>> DevicesAsync(PortalDb db, CancellationToken ct) => await (
        from device in db.Devices
        join pool in db.Pools on device.PoolId equals pool.Id
        join model in db.DeviceModels on device.ModelId equals model.Id
        join kind in db.DeviceClasses on model.ClassId equals kind.Id
        select new RegisterDevice(device.Id.Value, device.Label, model.Id.Value, kind.Code, kind.Name, pool.OfficeId)).AsNoTracking().ToListAsync(ct);

    private static async Task<IReadOnlyList<RegisterPerson>> PeopleAsync(PortalDb db, CancellationToken ct)
    {
        var postings = (await db.Postings.AsNoTracking().Select(p => new { p.StaffId, p.DepartmentId }).ToListAsync(ct)).ToLookup(p => p.StaffId, p => p.DepartmentId);
        return [.. (await db.Staff.AsNoTracking().Select(s => new { s.Id, s.FamilyName, s.GivenName }).ToListAsync(ct))
            .Select(s => new RegisterPerson(s.Id, s.FamilyName, $"{s.FamilyName}\u3000{s.GivenName}", SearchFold.Key(s.FamilyName + s.GivenName), SearchFold.Key(s.FamilyName), postings[s.Id].ToHashSet()))];
    }

    private static void NameRepeats(List<Stay> stays)
    {
        foreach (var same in stays.Where(s => s is { Out: not null, In: not null, Device: not null }).GroupBy(s => (s.Device!.Id, s.Out, s.In, s.Person?.Id)).Where(g => g.Count() > 1))
            foreach (var again in same.Skip(1)) again.Line.Error(Label, $"{same.First().Line.Line}行目と同じ持出しです");
    }

    private static void NameOverlaps(List<Stay> stays)
    {
        foreach (var device in stays.Where(s => s is { Out: not null, In: not null, Device: not null } && s.In > s.Out && !s.Line.HasErrors).GroupBy(s => s.Device!.Id))
        {
            var inOrder = device.OrderBy(s => s.Out).ToList();
            var clashes = inOrder.SelectMany((a, i) => inOrder.Skip(i + 1).TakeWhile(b => b.Out < a.In).Select(b => (a, b))).ToList();
            foreach (var (a, b) in clashes)
            {
                a.Line.Error(Taken, $"{b.Line.Line}行目と同じ端末の時間が重なっています");
                b.Line.Error(Taken, $"{a.Line.Line}行目と同じ端末の時間が重なっています");
            }
        }
    }

    private static async Task PostAsync(PortalDb db, ImportTable table, FiscalYear year, List<Stay> stays, CancellationToken ct)
    {
        var policies = await db.CountingPoliciesAsync(ct);
        var countable = new CountableTime(await db.WorkCalendarAsync(ct));
        var history = new PersonHistory(await db.StandingAsync<OrganisationBook>(ct));
        var known = await db.OpeningBalances.Where(o => o.Kind == KindName && o.FiscalYear == year).ToDictionaryAsync(o => o.Id, ct);
        var standing = (await db.LedgerEntries.AsNoTracking().Where(e => e.SourceKind == SourceKind.Opening && e.Grain == Grain.Day && (e.FiscalYear == year || e.FiscalYear == year.Next || e.FiscalYear == year.Previous)).ToListAsync(ct)).ToLookup(e => e.SourceId);
        var own = (await db.LedgerEntries.Where(e => e.Kind == EntryKind.Posting && e.Measure == Measure.Booked).Select(e => new { e.FiscalYear, e.WorkDate.Month }).Distinct().ToListAsync(ct)).Select(m => (m.FiscalYear, m.Month)).ToHashSet();
        var source = $"持出管理簿 {year.ShortLabel}";
        var inFile = new HashSet<Guid>();
        foreach (var stay in stays.Where(s => s.IsWhole && !s.Line.HasErrors))
        {
            var line = stay.Line;
            if (MinuteSet.Of(stay.Out!.Value, stay.In!.Value).ByDay().FirstOrDefault(d => own.Contains((FiscalYear.From(d.Day), d.Day.Month))) is { Minutes: > 0 } twice)
            {
                line.Error(Taken, $"{twice.Day.Month}月はポータルの予約から数えています。二重になるため取り込めません");
                continue;
            }
            var id = OpeningBalance.IdOf(KindName, stay.Device!.Label, stay.Out!.Value.UtcTicks);
            inFile.Add(id);
            var rows = RowsOf(stay);
            if (rows.Count == 0) line.Warn(Label, $"{stay.Device.ClassName}の「{BookingWords.Of(stay.Purpose)}」は、計数規則で時間に数えないため、台帳に加えません");
            var (was, will) = (Sum(standing[id].Select(e => (e.Measure, e.Minutes))), Sum(rows.Select(r => (r.Measure, r.Minutes))));
            line.Compare("予約時間", was is null ? null : HoursText.Tenths(was.Value), HoursText.Tenths(will ?? 0));
            var same = standing[id].GroupBy(e => (e.WorkDate, e.Measure)).Where(g => g.Sum(e => e.Minutes) != 0).Select(g => (g.Key, g.Sum(e => e.Minutes))).ToHashSet().SetEquals(rows.Select(r => ((r.WorkDate, r.Measure), r.Minutes)));
            line.Action = same ? ImportAction.Same : was is null ? ImportAction.Add : ImportAction.Change;
            line.Apply = () => Bring(id, line.Subject, rows);
        }
        foreach (var gone in known.Values.Where(o => o.Minutes != 0 && !inFile.Contains(o.Id)))
        {
            var line = table.AddExtra(gone.Name);
            line.Action = ImportAction.End;
            line.Compare("予約時間", HoursText.Tenths(gone.Minutes), null);
            line.Apply = () => Bring(gone.Id, gone.Name, []);
        }

        void Bring(Guid id, string name, IReadOnlyList<PastMinutes> rows)
        {
            if (!known.TryGetValue(id, out var balance)) db.Add(balance = known[id] = new OpeningBalance(id, KindName, year, name));
            balance.Bring(rows, source);
        }

        List<PastMinutes> RowsOf(Stay stay)
        {
            var rows = new List<PastMinutes>();
            var whole = MinuteSet.Of(stay.Out!.Value, stay.In!.Value);
            foreach (var (day, minutes) in whole.ByDay())
            {
                var policy = policies.On(day);
                if (!policy.Counts(stay.Device!.Class, stay.Purpose.ToString())) continue;
                var at = history.On(stay.Person!.Id, stay.Unit?.Id ?? stay.Person.Departments.FirstOrDefault(), day);
                var snapshot = new LedgerSnapshot(null, at.PostName, at.DepartmentId, at.DepartmentName, at.OfficeId, stay.Device.OfficeId, stay.Device.Id, stay.Device.ModelId, stay.Device.Class, stay.Purpose.ToString());
                var counted = (int)countable.Of(whole, day, at.OfficeId?.Value, policy.Working, outsideHoursAllowed: false).Minutes;
                foreach (var (measure, sum) in new[] { (Measure.Booked, counted), (Measure.BookedGross, minutes), (Measure.Custody, minutes), (Measure.Used, counted) })
                    if (sum > 0) rows.Add(new(day, measure, sum, Grain.Day, snapshot, stay.Person.Id, policy.Number));
                if (counted > 0 && policy.IsDistributed(stay.Purpose.ToString()) && Distributed(stay, day) is > 0 and var alone) rows.Add(new(day, Measure.Distributed, alone, Grain.Day, snapshot, stay.Person.Id, policy.Number));
            }
            return rows;
        }

        // A person with two devices at once works once: the earlier stay has the minutes both share.
        int Distributed(Stay stay, DateOnly day)
        {
            var before = stays.Where(s => s.IsWhole && !s.Line.HasErrors && !s.Line.Excluded && s.Person!.Id == stay.Person!.Id && s != stay && policies.On(day).IsDistributed(s.Purpose.ToString()) && (s.Out < stay.Out || s.Out == stay.Out && s.Line.Line < stay.Line.Line));
            var whole = MinuteSet.Of(stay.Out!.Value, stay.In!.Value).Except(MinuteSet.Union(before.Select(s => MinuteSet.Of(s.Out!.Value, s.In!.Value))));
            return (int)countable.Of(whole, day, stay.Device!.OfficeId.Value, policies.On(day).Working, outsideHoursAllowed: false).Minutes;
        }

        static long? Sum(IEnumerable<(Measure Measure, int Minutes)> rows) => rows.Where(r => r.Measure == Measure.Booked).Select(r => (long?)r.Minutes).DefaultIfEmpty().Sum() is var sum && rows.Any() ? sum : null;
    }

    [GeneratedRegex(@"(令和|平成|[RH])\s*([0-9]+|元)\s*年度?|20[0-9]{2}年度")]
    private static partial Regex InTitle();
}
