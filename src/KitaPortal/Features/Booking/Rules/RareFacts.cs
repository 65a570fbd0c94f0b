using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>What the rules about shares, desk caps and quotas look at. Most towns set none of them, so each is counted only where it is set.</summary>
public sealed record RareFacts
{
    public static RareFacts None { get; } = new();

    /// <summary>Devices of the pool held at the same time under an opening with a share, by opening.</summary>
    public IReadOnlyDictionary<Guid, int> ShareHolds { get; private init; } = new Dictionary<Guid, int>();

    /// <summary>Whom a pool is open to, in words.</summary>
    public IReadOnlyDictionary<PoolId, string> OpenToWords { get; private init; } = new Dictionary<PoolId, string>();

    public IReadOnlyDictionary<OfficeId, int> PickUps { get; private init; } = new Dictionary<OfficeId, int>();

    public IReadOnlyDictionary<OfficeId, int?> DeskCaps { get; private init; } = new Dictionary<OfficeId, int?>();

    /// <summary>Minutes the section has booked, by the first day of the month.</summary>
    public IReadOnlyDictionary<DateOnly, int> SectionMinutes { get; private init; } = new Dictionary<DateOnly, int>();

    /// <param name="without">Lines that are changed or extended: they do not count against themselves.</param>
    internal static async Task<RareFacts> LoadAsync(PortalDb db, IReadOnlyList<PoolFacts> pools, LendingBook lending, OrganisationChart chart, DepartmentId? section, Period period, IReadOnlyCollection<BookingLineId> without, CancellationToken ct)
    {
        if (!period.IsForward) return None;
        var (day, sets) = (TokyoTime.DayOf(period.From), lending.RuleSets);
        var lines = db.BookingLines.Where(l => !without.Contains(l.Id));
        var caps = pools.Select(p => p.Office.Id).Distinct().ToDictionary(o => o, o => lending.CapOf(o, day));
        return new RareFacts
        {
            ShareHolds = await ShareHoldsAsync(lines, pools, db, chart, period, ct),
            OpenToWords = pools.Where(p => p.Pool.OpenTo.Count > 0).ToDictionary(p => p.Pool.Id, p => string.Join("、", p.Pool.OpenTo.Select(o => Word(o, chart)).Distinct())),
            DeskCaps = caps,
            PickUps = caps.Values.Any(c => c is not null) || sets.Any(s => s.Parameters.ContainsKey(nameof(RulePolicy.DeskCap))) ? await PickUpsAsync(lines, pools, db, period, ct) : [],
            SectionMinutes = section is { } own && sets.Any(s => s.Parameters.ContainsKey(nameof(RulePolicy.SectionQuotaHours))) ? await SectionMinutesAsync(lines, db, own, period, ct) : [],
        };
    }

    private static string Word(PoolOpening opening, OrganisationChart chart)
        => opening.DepartmentId is { } department ? chart.FullName(department) : opening.Role?.Japanese() ?? "";

    // A department's share is used by those below it too; a role's by whoever holds the role today.
    private static async Task<Dictionary<Guid, int>> ShareHoldsAsync(IQueryable<BookingLine> lines, IReadOnlyList<PoolFacts> pools, PortalDb db, OrganisationChart chart, Period period, CancellationToken ct)
    {
        var shares = pools.SelectMany(p => p.Pool.OpenTo.Where(o => o.ShareDevices is not null).Select(o => (Pool: p.Pool.Id, Opening: o))).ToList();
        if (shares.Count == 0) return [];
        var (start, end, poolIds) = (period.From, period.To, shares.Select(s => s.Pool).Distinct().ToList());
        var held = await (
            from line in lines
            where poolIds.Contains(line.PoolId) && line.From < end && line.To > start
                && (line.Status == LineStatus.Requested || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready || line.Status == LineStatus.OnLoan)
            join booking in db.Bookings on line.BookingId equals booking.Id
            select new { line.PoolId, line.From, line.To, booking.DepartmentId, booking.BorrowerId }).ToListAsync(ct);
        var roles = shares.Select(s => s.Opening.Role).OfType<Role>().Distinct().ToList();
        var holders = new Dictionary<Role, IReadOnlySet<StaffId>>();
        foreach (var role in roles) holders[role] = (await DeskPeople.OfAsync(db, role, null, TokyoTime.DayOf(period.From), ct)).ToHashSet();
        return shares.ToDictionary(s => s.Opening.Id, s =>
        {
            var below = s.Opening.DepartmentId is { } department ? chart.Below(department).Append(department).ToHashSet() : [];
            var people = s.Opening.Role is { } role ? holders[role] : new HashSet<StaffId>();
            return LimitRules.Peak(held.Where(h => h.PoolId == s.Pool && (below.Contains(h.DepartmentId) || people.Contains(h.BorrowerId))).Select(h => new Period(h.From, h.To)), period);
        });
    }

    private static async Task<Dictionary<OfficeId, int>> PickUpsAsync(IQueryable<BookingLine> lines, IReadOnlyList<PoolFacts> pools, PortalDb db, Period period, CancellationToken ct)
    {
        var offices = pools.Select(p => p.Office.Id).Distinct().ToList();
        var hour = period.From.AddTicks(-(period.From.Ticks % TimeSpan.TicksPerHour));
        var nextHour = hour.AddHours(1);
        var found = await (
            from line in lines
            where line.From >= hour && line.From < nextHour && (line.Status == LineStatus.Requested || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready)
            join pool in db.Pools on line.PoolId equals pool.Id
            where offices.Contains(pool.OfficeId)
            select pool.OfficeId).ToListAsync(ct);
        return found.CountBy(o => o).ToDictionary();
    }

    private static async Task<Dictionary<DateOnly, int>> SectionMinutesAsync(IQueryable<BookingLine> lines, PortalDb db, DepartmentId section, Period period, CancellationToken ct)
    {
        var (first, last) = (TokyoTime.DayOf(period.From), TokyoTime.DayOf(period.To));
        var (begin, end) = (TokyoTime.MonthPeriod(first).From, TokyoTime.MonthPeriod(last).To);
        var booked = await (
            from booking in db.Bookings
            where booking.DepartmentId == section
            join line in lines on booking.Id equals line.BookingId
            where line.From < end && line.To > begin && line.Status != LineStatus.Rejected && line.Status != LineStatus.Lapsed && line.Status != LineStatus.Cancelled && line.Status != LineStatus.NoShow
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            where kind.CountsAsMain
            select new { line.From, line.To }).ToListAsync(ct);
        var months = new Dictionary<DateOnly, int>();
        for (var month = new DateOnly(first.Year, first.Month, 1); month <= last; month = month.AddMonths(1))
            months[month] = booked.Sum(l => new Period(l.From, l.To).Intersect(TokyoTime.MonthPeriod(month))?.Minutes ?? 0);
        return months;
    }
}
