using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Review;

/// <summary>Lists that say where to look: departments that leave bookings unused or use nothing, late returns, the week of distributed work, how busy each pool is.</summary>
[Authorize(HoursPolicies.Work)]
public sealed class ListsPage(PortalDb db, TimeProvider clock) : FormPage
{
    private const int Idle = 10, Busy = 85;

    [BindProperty(SupportsGet = true, Name = "fy")]
    public string? Fy { get; set; }

    public FiscalYear Year { get; private set; }

    public IReadOnlyList<Unused> MostUnused { get; private set; } = [];

    public IReadOnlyList<string> WithoutUse { get; private set; } = [];

    public IReadOnlyList<Late> LateReturns { get; private set; } = [];

    public IReadOnlyList<(string Day, long Minutes)> Week { get; private set; } = [];

    public IReadOnlyList<Pool> Pools { get; private set; } = [];

    /// <summary>A department and the part of its bookings nobody fetched.</summary>
    public sealed record Unused(string Department, Guid Id, long Minutes, long Booked)
    {
        public long Percent => Minutes + Booked == 0 ? 0 : Minutes * 100 / (Minutes + Booked);
    }

    public sealed record Late(string Department, int Count, int LongestHours);

    /// <summary>How busy the devices of a pool are: booked and used of what could be lent (稼働率).</summary>
    public sealed record Pool(string Office, string Model, long Booked, long Used, long Capacity)
    {
        public long? Rate => Capacity == 0 ? null : Booked * 100 / Capacity;

        public long? UsedRate => Capacity == 0 ? null : Used * 100 / Capacity;

        public string Word => Rate is null ? "記録なし" : Rate >= Busy ? "足りない" : Rate < Idle ? "使われていない" : "ちょうどよい";
    }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        Year = new ReviewQuery { Fy = Fy }.Year(today);
        var until = today < Year.LastDay ? today : Year.LastDay;
        await LoadDepartmentsAsync(until, ct);
        await LoadLateAsync(ct);
        await LoadWeekAsync(until, ct);
        await LoadPoolsAsync(until, ct);
    }

    private async Task LoadDepartmentsAsync(DateOnly until, CancellationToken ct)
    {
        var names = (await db.DepartmentTerms.AsNoTracking().Select(t => new { t.DepartmentId, t.Name, t.From, t.To, t.Kind, t.SortOrder }).ToListAsync(ct)).GroupBy(t => t.DepartmentId.Value)
            .ToDictionary(g => g.Key, g => g.OrderBy(t => t.From).LastOrDefault(t => t.From <= until) ?? g.First());
        var sums = await db.Figures(TotalSort.Place, Year, Year, until, Measure.Booked, Measure.Unused).GroupBy(f => new { f.DepartmentId, f.Measure })
            .Select(g => new { g.Key.DepartmentId, g.Key.Measure, Minutes = g.Sum(f => f.Minutes) }).ToListAsync(ct);
        long Of(Guid department, Measure measure) => sums.Where(s => s.DepartmentId == department && s.Measure == measure.ToString()).Sum(s => s.Minutes);
        MostUnused = [.. sums.Select(s => s.DepartmentId).Distinct().Where(names.ContainsKey).Select(d => new Unused(names[d].Name, d, Of(d, Measure.Unused), Of(d, Measure.Booked)))
            .Where(u => u.Minutes > 0).OrderByDescending(u => u.Minutes).Take(15)];
        WithoutUse = [.. names.Where(n => (n.Value.To is null || n.Value.To > until) && n.Value.Kind != DepartmentKind.Division && Of(n.Key, Measure.Booked) == 0).OrderBy(n => n.Value.SortOrder).Select(n => n.Value.Name)];
    }

    private async Task LoadLateAsync(CancellationToken ct)
    {
        var (now, period) = (clock.GetUtcNow(), Year.Period);
        var late = await (
            from loan in db.Loans
            join line in db.BookingLines on loan.LineId equals line.Id
            join booking in db.Bookings on line.BookingId equals booking.Id
            where line.To >= period.From && line.To < period.To && line.To < now && (line.LostAt ?? loan.InAt ?? now) > line.To
            select new { booking.DepartmentId, line.To, EndedAt = line.LostAt ?? loan.InAt }).AsNoTracking().ToListAsync(ct);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        LateReturns = [.. late.GroupBy(l => l.DepartmentId).Select(g => new Late(organisation.NearestTerm(g.Key, Year.LastDay)?.Name ?? "", g.Count(), (int)g.Max(l => ((l.EndedAt ?? now) - l.To).TotalHours))).OrderByDescending(l => l.Count).Take(15)];
    }

    private async Task LoadWeekAsync(DateOnly until, CancellationToken ct)
    {
        var days = await db.Figures(TotalSort.Day, Year, Year, until, Measure.Distributed).GroupBy(f => f.WorkDate).Select(g => new { Day = g.Key, Minutes = g.Sum(f => f.Minutes) }).ToListAsync(ct);
        Week = [.. new[] { DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday }
            .Select(d => ($"{"日月火水木金土"[(int)d]}曜日", days.Where(x => x.Day.DayOfWeek == d).Sum(x => x.Minutes)))];
    }

    private sealed record PoolSum(Guid Office, Guid Model, Measure Measure, long Minutes);

    // Only whole months whose capacity is known are compared.
    private async Task LoadPoolsAsync(DateOnly until, CancellationToken ct)
    {
        CapacityFrom = await db.Figures(TotalSort.Day, Year, Year, until, Measure.Capacity).MinAsync(f => (DateOnly?)f.WorkDate, ct);
        var from = CapacityFrom is { } known ? TokyoTime.FirstOfMonth(known) : until;
        var sums = (await db.Figures(TotalSort.Pool, Year, Year, until, Measure.Booked, Measure.Used, Measure.Capacity).Where(f => f.WorkDate >= from).GroupBy(f => new { f.LendingOfficeId, f.ModelId, f.Measure })
            .Select(g => new { g.Key.LendingOfficeId, g.Key.ModelId, g.Key.Measure, Minutes = g.Sum(f => f.Minutes) }).ToListAsync(ct))
            .Select(s => new PoolSum(s.LendingOfficeId, s.ModelId, Enum.Parse<Measure>(s.Measure), s.Minutes)).ToList();
        var offices = await db.Offices.AsNoTracking().ToDictionaryAsync(o => o.Id.Value, o => o.Name, ct);
        var models = await db.DeviceModels.AsNoTracking().ToDictionaryAsync(m => m.Id.Value, m => m.Name, ct);
        Pools = [.. sums.GroupBy(s => (s.Office, s.Model)).Where(g => models.ContainsKey(g.Key.Model))
            .Select(g => new Pool(offices.GetValueOrDefault(g.Key.Office, ""), models[g.Key.Model], Of(g, Measure.Booked), Of(g, Measure.Used), Of(g, Measure.Capacity)))
            .OrderByDescending(p => p.Rate ?? -1).ThenBy(p => p.Office, StringComparer.Ordinal)];

        static long Of(IEnumerable<PoolSum> some, Measure measure) => some.Where(s => s.Measure == measure).Sum(s => s.Minutes);
    }

    /// <summary>The first day whose capacity is known; before it there is no rate.</summary>
    public DateOnly? CapacityFrom { get; private set; }
}
