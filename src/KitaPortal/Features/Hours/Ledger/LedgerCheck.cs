using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>One source and day on which the ledger does not say what counting anew gives.</summary>
public sealed record LedgerDifference(SourceKind SourceKind, Guid SourceId, DateOnly WorkDate, Measure Measure, int Stands, int Counted);

/// <summary>One check of a run, and what it found.</summary>
public sealed record CheckResult(string Name, int Looked, IReadOnlyList<string> Problems);

/// <summary>One comparison of the ledger with a count from the bookings (照合).</summary>
public sealed class LedgerCheckRun
{
    internal const int Kept = 200;

    private LedgerCheckRun() { }

    internal LedgerCheckRun(DateTimeOffset at, int sources, IReadOnlyList<LedgerDifference> found, IReadOnlyList<CheckResult> checks)
    {
        (Id, At, Sources) = (Guid.CreateVersion7(at), at, sources);
        Differences = found.Count + checks.Sum(c => c.Problems.Count);
        Found = [.. found.Take(Kept)];
        Checks = [.. checks.Select(c => c with { Problems = [.. c.Problems.Take(Kept)] })];
    }

    public Guid Id { get; private set; }

    public DateTimeOffset At { get; private set; }

    public int Sources { get; private set; }

    public int Differences { get; private set; }

    /// <summary>The first differences of the recount.</summary>
    public IReadOnlyList<LedgerDifference> Found { get; private set; } = [];

    public IReadOnlyList<CheckResult> Checks { get; private set; } = [];
}

/// <summary>Compares the ledger with a count from the bookings, and with itself. It finds, and never repairs.</summary>
public sealed class LedgerCheck(PortalDb db, IOptions<HoursOptions> options, TimeProvider clock)
{
    private static readonly DateOnly Always = new(2000, 1, 1), Ever = new(2900, 1, 1);

    /// <summary>Every difference of the whole ledger; empty when Σ ledger = Σ recount.</summary>
    public async Task<IReadOnlyList<LedgerDifference>> CompareAsync(CancellationToken ct) => (await CompareAsync(Always, Ever, ct)).Differences;

    /// <summary>All checks: every open month and one closed month by recount, closed months by their hash, bounds, sums, revisions, stored sums.</summary>
    public async Task<LedgerCheckRun> RunAsync(CancellationToken ct)
    {
        var (now, sources, differences) = (clock.GetUtcNow(), 0, new List<LedgerDifference>());
        var months = await MonthsAsync(ct);
        var closed = months.Where(m => m.IsClosed).ToList();
        var keys = await PersonKeys.AllAsync(db, ct);
        foreach (var month in months.Where(m => !m.IsClosed).Concat(closed.Count == 0 ? [] : [closed[Random.Shared.Next(closed.Count)]]))
        {
            var (counted, found) = await CompareAsync(month.First, month.First.AddMonths(1), ct, keys);
            if (found.Count > 0) found = [.. found.Intersect((await CompareAsync(month.First, month.First.AddMonths(1), ct)).Differences)];
            (sources, differences) = (sources + counted, [.. differences, .. found]);
        }
        var checks = await ChecksAsync(ct);
        if (checks.Any(c => c.Problems.Count > 0))
        {
            var again = await ChecksAsync(ct);
            checks = [.. checks.Select((c, i) => c with { Problems = [.. c.Problems.Intersect(again[i].Problems)] })];
        }
        var run = new LedgerCheckRun(now, sources, differences, checks);
        db.Add(run);
        await db.SaveChangesAsync(ct);
        return run;
    }

    // What was booked or added up between two reads is no difference: only what is found twice is told.
    private async Task<List<CheckResult>> ChecksAsync(CancellationToken ct)
        => [await HashesAsync(ct), .. await BoundsAsync(ct), await SumsAsync(ct), await RevisionsAsync(ct), await StoredSumsAsync(ct)];

    private sealed record Month(DateOnly First, bool IsClosed);

    // A month of the calendar is open as long as its own row of the book is.
    private async Task<List<Month>> MonthsAsync(CancellationToken ct)
    {
        var (first, last) = (await db.LedgerEntries.Where(e => e.Kind == EntryKind.Posting).MinAsync(e => (DateOnly?)e.WorkDate, ct), await db.LedgerEntries.MaxAsync(e => (DateOnly?)e.WorkDate, ct));
        var lines = await db.BookingLines.MinAsync(l => (DateTimeOffset?)l.From, ct);
        if (lines is { } earliest && (first is null || TokyoTime.DayOf(earliest) < first)) first = TokyoTime.DayOf(earliest);
        if (first is null) return [];
        var closed = (await db.MonthCloses.AsNoTracking().Where(m => m.ClosedAt != null).Select(m => new { m.FiscalYear, m.Month }).ToListAsync(ct)).Select(m => (m.FiscalYear, m.Month)).ToHashSet();
        var until = await db.BookingLines.MaxAsync(l => (DateTimeOffset?)l.To, ct) is { } latest && TokyoTime.DayOf(latest) > (last ?? first) ? TokyoTime.DayOf(latest) : last ?? first.Value;
        // Nobody stands behind older rows any more, so they cannot be counted anew.
        var known = new FiscalYear(FiscalYear.From(clock.Today()).Value - options.Value.PersonalYears + 1).FirstDay;
        if (first < known) first = known;
        return [.. TokyoTime.Months(first.Value, until).Select(m => new Month(m, closed.Contains((FiscalYear.From(m), m.Month))))];
    }

    /// <summary>(1) Σ ledger = Σ recount for every source and measure on the days of the window.</summary>
    internal async Task<(int Sources, IReadOnlyList<LedgerDifference> Differences)> CompareAsync(DateOnly first, DateOnly end, CancellationToken ct, Dictionary<(StaffId, FiscalYear), Guid>? keys = null)
    {
        var lines = await db.BookingLines.Touching(db, first, end).CountedAsync(db, ct);
        var rows = await db.LedgerEntries.AsNoTracking()
            .Where(e => (e.Kind == EntryKind.Posting || e.Kind == EntryKind.Adjustment) && e.WorkDate >= first && e.WorkDate < end && (e.SourceKind == SourceKind.Line || e.SourceKind == SourceKind.Person)).ToListAsync(ct);
        var recount = new LedgerRecount(await CountingBasis.LoadAsync(db, clock.Today(), ct), keys ?? await PersonKeys.AllAsync(db, ct), rows);
        var counted = recount.Window(lines, first, end).ToDictionary(d => d.Key, d => d.Minutes);
        var stands = rows.GroupBy(r => r.Key).ToDictionary(g => g.Key, g => g.Sum(r => r.Minutes));
        var differences = counted.Keys.Union(stands.Keys)
            .Select(k => new LedgerDifference(k.SourceKind, k.SourceId, k.WorkDate, k.Measure, stands.GetValueOrDefault(k), counted.GetValueOrDefault(k)))
            .Where(d => d.Stands != d.Counted).OrderBy(d => d.WorkDate).ToList();
        return (lines.Count, differences);
    }

    /// <summary>(2) Closed months are what they were when they were closed.</summary>
    private async Task<CheckResult> HashesAsync(CancellationToken ct)
    {
        var problems = new List<string>();
        var closed = await db.MonthCloses.AsNoTracking().Where(m => m.ClosedAt != null).ToListAsync(ct);
        foreach (var month in closed)
        {
            var (sha256, rows) = await MonthClosing.HashAsync(db, month.FiscalYear, month.Month, ct);
            if (sha256 != month.Sha256) problems.Add($"{month.Label}：締めたときと違います（{month.Rows}行 → {rows}行）");
        }
        return new("締めた月の照合値", closed.Count, problems);
    }

    /// <summary>(3) Per device and past day custody is at most a day; per line used is at most custody; per person distributed is at most a day.</summary>
    private async Task<IReadOnlyList<CheckResult>> BoundsAsync(CancellationToken ct)
    {
        var today = clock.Today();
        var since = today.AddDays(-400);
        var recent = db.LedgerEntries.Where(e => e.WorkDate >= since && e.WorkDate < today && e.Grain == Grain.Day);
        var devices = await recent.Where(e => e.DeviceId != null && (e.Measure == Measure.Custody || e.Measure == Measure.BookedGross)).GroupBy(e => new { e.DeviceId, e.WorkDate, e.Measure })
            .Select(g => new { g.Key.DeviceId, g.Key.WorkDate, g.Key.Measure, Minutes = g.Sum(e => e.Minutes) }).Where(g => g.Minutes > 1440 || g.Minutes < 0).ToListAsync(ct);
        var people = await recent.Where(e => e.Measure == Measure.Distributed).GroupBy(e => new { e.PersonKey, e.WorkDate })
            .Select(g => new { g.Key.PersonKey, g.Key.WorkDate, Minutes = g.Sum(e => e.Minutes) }).Where(g => g.Minutes > 1440 || g.Minutes < 0).ToListAsync(ct);
        var lines = await recent.Where(e => e.SourceKind == SourceKind.Line && (e.Measure == Measure.Custody || e.Measure == Measure.Used)).GroupBy(e => new { e.SourceId, e.WorkDate })
            .Select(g => new { g.Key.SourceId, g.Key.WorkDate, Custody = g.Sum(e => e.Measure == Measure.Custody ? e.Minutes : 0), Used = g.Sum(e => e.Measure == Measure.Used ? e.Minutes : 0) })
            .Where(g => g.Used > g.Custody).ToListAsync(ct);
        return
        [
            new("1台は1日24時間まで", devices.Count, [.. devices.Select(d => $"{Iso(d.WorkDate)} {HoursText.Of(d.Measure)} {d.Minutes}分（端末 {d.DeviceId}）")]),
            new("利用は貸出の中", lines.Count, [.. lines.Select(l => $"{Iso(l.WorkDate)} 利用{l.Used}分 ＞ 貸出{l.Custody}分（予約 {l.SourceId}）")]),
            new("分散勤務は1人1日24時間まで", people.Count, [.. people.Select(p => $"{Iso(p.WorkDate)} {p.Minutes}分")]),
        ];
    }

    /// <summary>(4) The sums by department, office and class are the total.</summary>
    private async Task<CheckResult> SumsAsync(CancellationToken ct)
    {
        var (first, last) = (new FiscalYear(Always.Year), FiscalYear.From(clock.Today()).Next);
        var days = await ByAsync(TotalSort.Day);
        var problems = new List<string>();
        foreach (var sort in new[] { TotalSort.Place, TotalSort.Pool, TotalSort.Person })
        {
            var sums = await ByAsync(sort);
            problems.AddRange(days.Keys.Union(sums.Keys).Where(k => days.GetValueOrDefault(k) != sums.GetValueOrDefault(k))
                .Select(k => $"{k.Year}年度 {k.Measure}：日別{days.GetValueOrDefault(k)}分、{sort}別{sums.GetValueOrDefault(k)}分"));
        }
        return new("所属・庁舎・区分の合計", days.Count, problems);

        Task<Dictionary<(int Year, string Measure), long>> ByAsync(TotalSort sort) => db.Figures(sort, first, last, Ever).GroupBy(f => new { f.FiscalYear, f.Measure })
            .Select(g => new { g.Key.FiscalYear, g.Key.Measure, Minutes = g.Sum(f => f.Minutes) }).ToDictionaryAsync(g => (g.FiscalYear, g.Measure), g => g.Minutes, ct);
    }

    /// <summary>(6) No gap in the revisions of a key.</summary>
    private async Task<CheckResult> RevisionsAsync(CancellationToken ct)
    {
        var gaps = await db.LedgerEntries.GroupBy(e => new { e.SourceKind, e.SourceId, e.WorkDate, e.Measure, e.PolicyNumber })
            .Select(g => new { g.Key.SourceKind, g.Key.SourceId, g.Key.WorkDate, g.Key.Measure, Count = g.Count(), Last = g.Max(e => e.Revision) })
            .Where(g => g.Count != g.Last).Take(LedgerCheckRun.Kept).ToListAsync(ct);
        return new("版の番号の抜け", gaps.Count, [.. gaps.Select(g => $"{Iso(g.WorkDate)} {HoursText.Of(g.Measure)}：{g.Count}行、最後の版{g.Last}（{g.SourceKind} {g.SourceId}）")]);
    }

    /// <summary>The stored sums hold exactly the rows they say they hold.</summary>
    private async Task<CheckResult> StoredSumsAsync(CancellationToken ct)
    {
        var mark = await db.LedgerMarks.AsNoTracking().SingleAsync(ct);
        var rows = await db.LedgerEntries.Where(e => e.Number <= mark.Number).GroupBy(e => new { e.Measure, IsThrough = e.WorkDate <= mark.Through })
            .Select(g => new { g.Key.Measure, g.Key.IsThrough, Minutes = g.Sum(e => (long)e.Minutes), Rows = g.LongCount() }).ToListAsync(ct);
        var sums = await db.LedgerTotals.GroupBy(t => new { t.Sort, t.Measure }).Select(g => new { g.Key.Sort, g.Key.Measure, Minutes = g.Sum(t => t.Minutes), Rows = g.Sum(t => t.Rows) }).ToListAsync(ct);
        return new("集計表", sums.Count, [.. sums.Where(s => Held(s.Sort, s.Measure) != (s.Minutes, s.Rows)).Select(s => $"{s.Sort} {HoursText.Of(s.Measure)}：{s.Minutes}分・{s.Rows}行")]);

        (long Minutes, long Rows) Held(TotalSort sort, Measure measure)
        {
            var held = rows.Where(r => r.Measure == measure && (sort == TotalSort.Day || r.IsThrough)).ToList();
            return (held.Sum(r => r.Minutes), held.Sum(r => r.Rows));
        }
    }

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
