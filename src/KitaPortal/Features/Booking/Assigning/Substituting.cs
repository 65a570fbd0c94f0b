using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Assigning;

/// <summary>差替え: a device that is late, broken, lost, recalled or sent away is replaced for whoever was to have it.</summary>
public static partial class Settling
{
    // The devices are still out: their time goes on, and whoever was to have them next gets others. First all stay, so that none of them is given to anybody.
    private static async Task KeepLateDevicesAsync(PortalDb db, List<Guid> occupancyIds, DateTimeOffset now, CancellationToken ct)
    {
        if (occupancyIds.Count == 0) return;
        var until = now.AddMinutes(OverrunMinutes);
        var displaced = new List<Occupancy>();
        foreach (var held in await db.Occupancies.Where(o => occupancyIds.Contains(o.Id) && o.To <= now).OrderBy(o => o.To).ThenBy(o => o.Id).ToListAsync(ct))
        {
            displaced.AddRange(await DisplaceAsync(db, held, until, ct));
            held.StretchTo(until);
            await db.SaveChangesAsync(ct);
        }
        await FindSubstitutesAsync(db, displaced, now, ct);
    }

    /// <summary>Frees the device's time up to <paramref name="until"/> for the occupancy that needs it: offers end, maintenance and transfers begin later. Gives back the bookings
    /// that need another device, to be found once the time is taken.</summary>
    internal static async Task<List<Occupancy>> DisplaceAsync(PortalDb db, Occupancy held, DateTimeOffset until, CancellationToken ct)
    {
        var (device, from) = (held.DeviceId, held.To);
        await Offers.TakeBackAsync(db, device, from, until, ct);
        var later = db.Occupancies.Where(o => o.DeviceId == device && o.Id != held.Id && o.Active && o.From < until && o.To > from);
        var pools = await later.Select(o => o.PoolId).Distinct().ToListAsync(ct);
        if (pools.Count == 0) return [];
        // Where it was to go next may be a pool that nobody has locked yet.
        await db.LockAsync<Pool>(pools.Select(p => p.Value), ct);
        var inTheWay = await later.ToListAsync(ct);
        foreach (var other in inTheWay.Where(o => o.Kind == OccupancyKind.Maintenance)) other.DelayTo(until);
        var displaced = inTheWay.Where(o => o.Kind == OccupancyKind.Booking).ToList();
        foreach (var occupancy in displaced) occupancy.MoveTo(null);
        await db.SaveChangesAsync(ct);
        foreach (var journey in inTheWay.Where(o => o.Kind == OccupancyKind.Transfer))
        {
            var arrival = journey.To > until.AddMinutes(OverrunMinutes) ? journey.To : until.AddMinutes(OverrunMinutes);
            displaced.AddRange(await DisplaceAsync(db, journey, arrival, ct));
            journey.PutOff(until, arrival);
            await db.SaveChangesAsync(ct);
        }
        return displaced;
    }

    /// <summary>The device leaves the desk before its line's start: what is left of the turnaround ends, and bookings before it give way. Gives back those that need
    /// another device, to be found once the line is out.</summary>
    internal static async Task<IReadOnlyList<Occupancy>> BeginNowAsync(PortalDb db, Occupancy held, DateTimeOffset now, CancellationToken ct)
    {
        var device = held.DeviceId;
        await Offers.TakeBackAsync(db, device, now, held.From, ct);
        var all = await db.Occupancies.Where(o => o.DeviceId == device && o.Id != held.Id && o.Active && o.From < held.From && o.To > now).ToListAsync(ct);
        var before = all.Where(o => o.Kind == OccupancyKind.Booking).ToList();
        var ids = before.Select(o => o.Id).ToList();
        var coming = ids.Count == 0 ? [] : await db.BookingLines.Where(l => l.OccupancyId != null && ids.Contains(l.OccupancyId.Value) && (l.Status == LineStatus.Requested || l.Status == LineStatus.Approved || l.Status == LineStatus.Ready))
            .Select(l => l.OccupancyId!.Value).ToListAsync(ct);
        foreach (var occupancy in before)
        {
            if (coming.Contains(occupancy.Id)) occupancy.MoveTo(null);
            else occupancy.EndAt(now);
        }
        if (before.Count > 0) await db.SaveChangesAsync(ct);
        // A maintenance that was to end before keeps its time on paper.
        held.BeginAt(all.Except(before).Select(o => o.To).Append(now).Max());
        await db.SaveChangesAsync(ct);
        return [.. before.Where(o => coming.Contains(o.Id))];
    }

    /// <summary>Gives lines without device another one of their pool, the earliest first, re-packing tentative ones; else they stay marked.</summary>
    internal static async Task FindSubstitutesAsync(PortalDb db, IEnumerable<Occupancy> without, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var occupancy in without.OrderBy(o => o.From).ThenBy(o => o.Id).ToList()) await FindSubstituteAsync(db, occupancy, now, ct);
    }

    // Where the start has passed it needs a device from now on; where its time is over it needs none.
    private static async Task FindSubstituteAsync(PortalDb db, Occupancy occupancy, DateTimeOffset now, CancellationToken ct)
    {
        DeviceId? device = null;
        if (occupancy.To > now)
        {
            var needed = new Period(occupancy.From > now ? occupancy.From : now, occupancy.To);
            var state = await PoolState.LoadAsync(db, [occupancy.PoolId], now, now, ct);
            if (state.Plan(occupancy.PoolId).Place([new Ask(occupancy.Id, needed, null)]) is { } placement)
            {
                await Places.MoveAsync(db, placement.Moves, ct);
                await db.SaveChangesAsync(ct);
                occupancy.NeedFrom(now);
                device = placement.Asks[occupancy.Id];
            }
        }
        occupancy.MoveTo(device);
        var booking = await db.Bookings.Include(b => b.Lines).SingleAsync(b => b.Lines.Any(l => l.OccupancyId == occupancy.Id), ct);
        var line = booking.Lines.Single(l => l.OccupancyId == occupancy.Id);
        if (device is not null || line.DeviceId is not null)
        {
            booking.Substitute(line.Id, device);
            if (device is null) await TellDeskAsync(db, booking, line, now, ct);
        }
        await db.SaveChangesAsync(ct);
    }

    private static async Task TellDeskAsync(PortalDb db, Booking booking, BookingLine line, DateTimeOffset now, CancellationToken ct)
    {
        var pool = (await db.StandingAsync<LendingBook>(ct)).Find(line.PoolId)!;
        booking.TellDeskOfNeed(line.Id, await DeskPeople.OfAsync(db, pool.Office.Id, TokyoTime.DayOf(now), ct), pool.Model.Name);
    }

    /// <summary>Devices that became free go to lines that wait for a substitute, the earliest first; then the waiting list gets its offers.</summary>
    internal static async Task GiveToWaitingAsync(PortalDb db, PoolId pool, DateTimeOffset now, CancellationToken ct)
    {
        var waiting = await db.Occupancies.Where(o => o.PoolId == pool && o.Active && o.DeviceId == null && o.Kind == OccupancyKind.Booking && o.To > now).ToListAsync(ct);
        await FindSubstitutesAsync(db, waiting, now, ct);
        await Offers.MakeAsync(db, [pool], now, ct);
    }

    /// <summary>The device cannot be lent any more: bookings to come get another one.</summary>
    internal static Task EmptyAsync(PortalDb db, Device device, DateTimeOffset now, CancellationToken ct)
        => EmptyAsync(db, device.Id, new Period(now, Maintenance.Open), now, ct);

    /// <summary>Bookings to come that need the device within the period get another one, once <paramref name="takeAway"/> has put there what keeps it. Gives them back.</summary>
    internal static async Task<IReadOnlyList<Occupancy>> EmptyAsync(PortalDb db, DeviceId device, Period period, DateTimeOffset now, CancellationToken ct, Func<Task>? takeAway = null)
    {
        var (start, end) = (period.From, period.To);
        await Offers.TakeBackAsync(db, device, start, end, ct);
        var coming = await (
            from occupancy in db.Occupancies
            where occupancy.DeviceId == device && occupancy.Active && occupancy.To > start && occupancy.From < end
            join line in db.BookingLines on occupancy.Id equals line.OccupancyId
            where line.Status == LineStatus.Requested || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready
            select occupancy).ToListAsync(ct);
        foreach (var occupancy in coming) occupancy.MoveTo(null);
        await db.SaveChangesAsync(ct);
        if (takeAway is not null) await takeAway();
        await FindSubstitutesAsync(db, coming, now, ct);
        return coming;
    }
}
