using System.Collections.Concurrent;
using KitaPortal.Data;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Review;

/// <summary>How everybody may see the hours of a year: places, classes and purposes merged until neither a row nor the difference of two views stands for too few people.</summary>
/// <param name="ShowsMonths">Every row is large enough in every month.</param>
public sealed record PublicViews(IReadOnlyList<PlaceBlock> Places, bool ShowsMonths, IReadOnlyList<IReadOnlyList<string>> Classes, IReadOnlyList<IReadOnlyList<string>> Purposes)
{
    internal bool Knows(Guid office) => Places.Any(b => b.Offices.Contains(office));

    internal bool Knows(Guid office, Guid department) => Places.Any(b => b.Departments.Any(d => d.Contains((office, department))));
}

/// <summary>Works out the public views, once in ten minutes, because who borrowed anything at all changes slowly; at once when there is a place they do not know.</summary>
public sealed class GroupSizes(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);
    private readonly SemaphoreSlim one = new(1, 1);
    private readonly ConcurrentDictionary<(Measure, FiscalYear), (DateTimeOffset At, PublicViews Views)> known = new();

    public async Task<PublicViews> ViewsAsync(PortalDb db, Measure measure, FiscalYear year, DateOnly until, int least, Func<PublicViews, bool> knowsAll, CancellationToken ct)
    {
        if (Known() is { } views) return views;
        await one.WaitAsync(ct);    // worked out once, however many ask
        try
        {
            if (Known() is { } meanwhile) return meanwhile;
            views = Of(await CellsAsync(db, measure, year, until, ct), year, least);
            known[(measure, year)] = (clock.GetUtcNow(), views);
            return views;
        }
        finally
        {
            one.Release();
        }

        PublicViews? Known() => known.TryGetValue((measure, year), out var found) && clock.GetUtcNow() - found.At is var age && age >= TimeSpan.Zero && age < Kept && knowsAll(found.Views) ? found.Views : null;
    }

    public void Dispose() => one.Dispose();

    /// <summary>The minutes of a person in a month; <see cref="Period"/> is the fiscal year, or <see cref="SamePeriod"/>.</summary>
    internal sealed record Cell(int Period, int Month, Guid Office, Guid Department, string Class, string Purpose, Guid Person, long Minutes);

    /// <summary>The year before up to the same day, as 前年同期 shows it.</summary>
    internal const int SamePeriod = 0;

    private static async Task<List<Cell>> CellsAsync(PortalDb db, Measure measure, FiscalYear year, DateOnly until, CancellationToken ct)
    {
        var last = year.Previous;
        var rows = await db.Figures(TotalSort.Person, last, year, until, measure).Where(f => f.CountedMonth != 0)
            .GroupBy(f => new { f.FiscalYear, f.CountedMonth, f.WorkDate, f.OfficeId, f.DepartmentId, f.Class, f.Purpose, f.PersonKey })
            .Select(g => new { g.Key, Minutes = g.Sum(f => f.Minutes) }).ToListAsync(ct);
        var cells = rows.Select(r => new Cell(r.Key.FiscalYear, r.Key.CountedMonth, r.Key.OfficeId, r.Key.DepartmentId, r.Key.Class, r.Key.Purpose, r.Key.PersonKey, r.Minutes)).ToList();
        if (until == year.LastDay) return cells;

        var sameDay = until.AddYears(-1);
        var partial = TokyoTime.FirstOfMonth(sameDay);
        cells.AddRange(rows.Where(r => r.Key.FiscalYear == last.Value && r.Key.WorkDate < partial).Select(r => new Cell(SamePeriod, r.Key.WorkDate.Month, r.Key.OfficeId, r.Key.DepartmentId, r.Key.Class, r.Key.Purpose, r.Key.PersonKey, r.Minutes)));
        var days = await db.LedgerEntries.Where(e => e.WorkDate >= partial && e.WorkDate <= sameDay && e.Measure == measure && e.CountedMonth != null)
            .GroupBy(e => new { e.OfficeId, e.DepartmentId, e.PersonKey }).Select(g => new { g.Key, Minutes = g.Sum(e => (long)e.Minutes) }).ToListAsync(ct);
        cells.AddRange(days.Select(d => new Cell(SamePeriod, partial.Month, d.Key.OfficeId?.Value ?? default, d.Key.DepartmentId?.Value ?? default, "", "", d.Key.PersonKey ?? default, d.Minutes)));
        return cells;
    }

    internal static PublicViews Of(IReadOnlyCollection<Cell> cells, FiscalYear year, int least)
    {
        var places = SmallGroups.MergePlaces(PlacesIn(cells, c => c.Period), least);
        var present = cells.Where(c => c.Period == year.Value).ToList();
        var months = PlacesIn(present, c => c.Month);
        var atoms = present.GroupBy(c => (c.Office, c.Department, c.Class, c.Purpose)).ToDictionary(g => g.Key, g => Standing(g.GroupBy(c => c.Person)).ToHashSet());
        var (keys, people) = (atoms.Keys.ToList(), atoms.Values.ToList<IReadOnlyCollection<Guid>>());
        var offices = keys.ConvertAll(k => IndexOf(places, b => b.Offices.Contains(k.Office)));
        var rows = places.SelectMany(b => b.Departments).ToList();
        List<List<int>> others = [offices, keys.ConvertAll(k => IndexOf(rows, r => r.Contains((k.Office, k.Department))))];
        others.AddRange(keys.Select(k => k.Department).Distinct().Select(known => keys.ConvertAll(k => k.Department == known ? 0 : -1)));
        var classes = Divided(k => k.Class);
        var purposes = Divided(k => k.Purpose);
        return new(places, SmallGroups.AreLarge(places, months, least), classes, purposes);

        // Groups that would uncover something are not told apart at all.
        IReadOnlyList<IReadOnlyList<string>> Divided(Func<(Guid Office, Guid Department, string Class, string Purpose), string> word)
        {
            var merged = SmallGroups.Merge(present.GroupBy(c => word((c.Office, c.Department, c.Class, c.Purpose))).ToDictionary(g => g.Key, g => (IReadOnlyList<IReadOnlySet<Guid>>)[Standing(g.GroupBy(c => c.Person)).ToHashSet()]), least);
            var groups = keys.ConvertAll(k => IndexOf(merged, m => m.Contains(word(k))));
            if (others.Any(o => SmallGroups.Uncovers(groups, o, people, least))) return [[.. merged.SelectMany(m => m)]];
            others.Add(groups);
            return merged;
        }

        static int IndexOf<T>(IReadOnlyList<T> some, Func<T, bool> isIt) => some.Select((s, i) => (s, i)).First(s => isIt(s.s)).i;
    }

    // What was booked and taken back again has nobody behind it.
    private static List<Place> PlacesIn(IEnumerable<Cell> cells, Func<Cell, int> period)
        => [.. cells.GroupBy(c => (Period: period(c), c.Office, c.Department)).SelectMany(g => Standing(g.GroupBy(c => c.Person)).DefaultIfEmpty().Select(person => new Place(g.Key.Period, g.Key.Office, g.Key.Department, person)))];

    private static IEnumerable<Guid> Standing(IEnumerable<IGrouping<Guid, Cell>> people) => people.Where(p => p.Key != Guid.Empty && p.Sum(c => c.Minutes) != 0).Select(p => p.Key);
}
