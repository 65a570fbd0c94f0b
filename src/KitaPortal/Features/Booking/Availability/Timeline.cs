using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Availability;

/// <summary>What stands in the way of a device's time, as everybody may see it: who has it, never what for.</summary>
public sealed record TimelineBar(Period Period, OccupancyKind Kind, LineStatus? Status, string Who, StaffId? BorrowerId, BookingId? BookingId)
{
    /// <summary>The state in a word: 予約確定, 貸出中, 整備 …</summary>
    public string Word => Status is { } status ? BookingWords.Of(status) : Kind switch
    {
        OccupancyKind.Hold => "仮押さえ",
        OccupancyKind.Maintenance => "整備",
        OccupancyKind.Transfer => "移送",
        _ => "使用後の整備",
    };

    /// <summary>The pattern it is drawn with; see the states of the building blocks.</summary>
    public string Look => Status is { } status ? BookingLook.Of(status) : "hold";

    /// <summary>A tentative place that may be given another device.</summary>
    internal bool MayMove { get; init; }
}

/// <summary>One device with what is known about its time; <see cref="Bars"/> by start.</summary>
public sealed record TimelineDevice(DeviceId Id, string Label, DeviceStatus Status, bool IsRecalled, IReadOnlyList<TimelineBar> Bars)
{
    public bool IsLendable => Status == DeviceStatus.InService && !IsRecalled;
}

/// <summary>The devices of one model at the office.</summary>
public sealed record TimelinePool(PoolId Id, DeviceModelId ModelId, DeviceClassId ClassId, string Model, string ClassName, int TurnaroundMinutes, bool IsRestricted, IReadOnlyList<TimelineDevice> Devices)
{
    /// <summary>Devices with nothing in the way from start to end and the turnaround after it.</summary>
    public int FreeIn(Period period) => Devices.Count(d => d.IsLendable && !d.Bars.Any(b => b.Period.Overlaps(period)));

    /// <summary>Whether so many places fit, tentative ones being re-packed as a booking would.</summary>
    public bool Fits(int count, Period period)
    {
        var lendable = Devices.Where(d => d.IsLendable).ToList();
        var plan = new PoolPlan(
            lendable.Select(d => new PlanDevice(d.Id, d.Label, 0)),
            lendable.SelectMany(d => d.Bars.Where(b => !b.MayMove).Select(b => new FixedBlock(d.Id, b.Period))),
            lendable.SelectMany(d => d.Bars.Where(b => b.MayMove).Select(b => new MovableBlock(Guid.NewGuid(), d.Id, b.Period))));
        return plan.Place([.. Enumerable.Range(0, count).Select(_ => new Ask(Guid.NewGuid(), period, null))]) is not null;
    }
}

/// <summary>The time of an office's devices over some days: two statements whatever the range and however many devices.</summary>
public sealed record Timeline(Office Office, DeskHours Desk, DateOnly First, int Days, IReadOnlyList<TimelinePool> Pools)
{
    public IEnumerable<DateOnly> Dates => Enumerable.Range(0, Days).Select(First.AddDays);

    /// <param name="also">Bars are read as far as this period too, so that it can be asked whether something fits into it.</param>
    public static async Task<Timeline> LoadAsync(PortalDb db, Office office, DeviceClassId? classId, DateOnly first, int days, Period? also, TimelineNames names, DateTimeOffset now, CancellationToken ct)
    {
        var desk = new DeskHours(office, await db.WorkCalendarAsync(ct));
        var (start, end) = (TokyoTime.Midnight(first), TokyoTime.Midnight(first.AddDays(days)).AddDays(4));
        if (also is { } period) (start, end) = (period.From < start ? period.From : start, period.To > end ? period.To : end);
        var pools = (await db.StandingAsync<LendingBook>(ct)).Pools.Where(p => p.Office.Id == office.Id && (classId is null || p.Class.Id == classId))
            .OrderByDescending(p => p.Class.CountsAsMain).ThenBy(p => p.Class.Name, StringComparer.Ordinal).ThenBy(p => p.Model.Name, StringComparer.Ordinal).ToList();
        var ids = pools.Select(p => p.Pool.Id).ToList();
        var devices = (await db.Devices.Where(d => ids.Contains(d.PoolId) && d.Status != DeviceStatus.Retired).OrderBy(d => d.Label)
            .Select(d => new { d.Id, d.PoolId, d.Label, d.Status, IsRecalled = d.RecallReason != null }).ToListAsync(ct)).ToLookup(d => d.PoolId);
        var bars = await BarsAsync(db, ids, start, end, names, now, ct);
        return new Timeline(office, desk, first, days,
        [
            .. pools.Where(p => devices.Contains(p.Pool.Id)).Select(p => new TimelinePool(p.Pool.Id, p.Model.Id, p.Class.Id, p.Model.Name, p.Class.Name, p.Class.TurnaroundMinutes, p.Pool.OpenTo.Count > 0,
                [.. devices[p.Pool.Id].Select(d => new TimelineDevice(d.Id, d.Label, d.Status, d.IsRecalled, bars.GetValueOrDefault(d.Id) ?? []))])),
        ]);
    }

    // By the pool's index on the end: what is over long since is never touched.
    private static async Task<Dictionary<DeviceId, List<TimelineBar>>> BarsAsync(PortalDb db, List<PoolId> pools, DateTimeOffset start, DateTimeOffset end, TimelineNames names, DateTimeOffset now, CancellationToken ct)
    {
        var taken = await (
            from occupancy in db.Occupancies
            where pools.Contains(occupancy.PoolId) && occupancy.Active && occupancy.To > start && occupancy.From < end && occupancy.DeviceId != null
            join line in db.BookingLines on occupancy.Id equals line.OccupancyId into lines
            from line in lines.DefaultIfEmpty()
            join booking in db.Bookings on line.BookingId equals booking.Id into bookings
            from booking in bookings.DefaultIfEmpty()
            orderby occupancy.From
            select new
            {
                Device = occupancy.DeviceId!.Value,
                occupancy.From,
                occupancy.To,
                occupancy.Kind,
                Status = (LineStatus?)line.Status,
                Pinned = (bool?)line.Pinned,
                LineFrom = (DateTimeOffset?)line.From,
                Booking = (BookingId?)booking.Id,
                Borrower = (StaffId?)booking.BorrowerId,
                Department = (DepartmentId?)booking.DepartmentId,
            }).ToListAsync(ct);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        var chart = organisation.ChartOn(TokyoTime.DayOf(now));
        var bars = new Dictionary<DeviceId, List<TimelineBar>>();
        foreach (var t in taken)
        {
            if (!bars.TryGetValue(t.Device, out var list)) bars[t.Device] = list = [];
            var section = t.Department is { } department ? chart.Find(department)?.ShortName ?? "" : "";
            var who = t.Borrower is not { } borrower ? "" : names switch
            {
                TimelineNames.All => $"{organisation.Find(borrower)?.Name}{(section.Length == 0 ? "" : $"（{section}）")}",
                TimelineNames.Section => section,
                _ => "",
            };
            list.Add(new TimelineBar(new Period(t.From, t.To), t.Kind, t.Status, who, names == TimelineNames.All ? t.Borrower : null, names == TimelineNames.All ? t.Booking : null)
            {
                MayMove = t is { Status: LineStatus.Requested or LineStatus.Approved, Pinned: false } && t.LineFrom > now,
            });
        }
        return bars;
    }
}
