using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Assigning;

/// <summary>差替え: a device that is late, broken, lost, recalled or sent away is replaced for whoever was to have it.</summary>
public static partial class Settling
{
    // The device is still out: its time goes on, and whoever was to have it next gets another one.
    private static async Task KeepLateDeviceAsync(PortalDb db, Guid occupancyId, DateTimeOffset now, CancellationToken ct)
    {
        var held = await db.Occupancies.SingleAsync(o => o.Id == occupancyId, ct);
        if (held.To > now) return;
        var until = now.AddMinutes(OverrunMinutes);
        await DisplaceAsync(db, held, until, now, ct);
        held.StretchTo(until);
        await db.SaveChangesAsync(ct);
    }

    /// <summary>Frees the device's time up to <paramref name="until"/> for the occupancy that needs it: bookings in the way get other devices of the pool or
    /// wait for a substitute, offers end, maintenance and transfers begin later.</summary>
    internal static async Task DisplaceAsync(PortalDb db, Occupancy held, DateTimeOffset until, DateTimeOffset now, CancellationToken ct)
    {
        var (device, from) = (held.DeviceId, held.To);
        await Offers.TakeBackAsync(db, device, from, until, ct);
        var inTheWay = await db.Occupancies.Where(o => o.DeviceId == device && o.Id != held.Id && o.Active && o.From < until && o.To > from).ToListAsync(ct);
        if (inTheWay.Count == 0) return;
        foreach (var other in inTheWay.Where(o => o.Kind is OccupancyKind.Maintenance or OccupancyKind.Transfer)) other.DelayTo(until);
        var bookings = inTheWay.Where(o => o.Kind == OccupancyKind.Booking).OrderBy(o => o.From).ToList();
        foreach (var occupancy in bookings) occupancy.MoveTo(null);
        await db.SaveChangesAsync(ct);
        foreach (var occupancy in bookings) await FindSubstituteAsync(db, occupancy, device, now, ct);
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
        return [.. before.Where(o => coming.Contains(o.Id)).OrderBy(o => o.From)];
    }

    /// <summary>Gives a line without device another one of its pool, re-packing tentative ones; else it stays marked.</summary>
    internal static async Task FindSubstituteAsync(PortalDb db, Occupancy occupancy, DeviceId? notThis, DateTimeOffset now, CancellationToken ct)
    {
        var state = await PoolState.LoadAsync(db, [occupancy.PoolId], now, now, ct);
        var placement = state.Plan(occupancy.PoolId, except: notThis).Place([new Ask(occupancy.Id, new Period(occupancy.From, occupancy.To), null)]);
        if (placement is not null) await Places.MoveAsync(db, placement.Moves, ct);
        DeviceId? device = placement is null ? null : placement.Asks[occupancy.Id];
        await db.SaveChangesAsync(ct);
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
        var place = await (
            from pool in db.Pools
            where pool.Id == line.PoolId
            join model in db.DeviceModels on pool.ModelId equals model.Id
            select new { pool.OfficeId, model.Name }).SingleAsync(ct);
        booking.TellDeskOfNeed(line.Id, await DeskPeople.OfAsync(db, place.OfficeId, TokyoTime.DayOf(now), ct), place.Name);
    }

    /// <summary>Devices that became free go to lines that wait for a substitute, the earliest first; then the waiting list gets its offers.</summary>
    internal static async Task GiveToWaitingAsync(PortalDb db, PoolId pool, DateTimeOffset now, CancellationToken ct)
    {
        var waiting = await db.Occupancies.Where(o => o.PoolId == pool && o.Active && o.DeviceId == null && o.Kind == OccupancyKind.Booking && o.To > now).OrderBy(o => o.From).ToListAsync(ct);
        foreach (var occupancy in waiting) await FindSubstituteAsync(db, occupancy, null, now, ct);
        await Offers.MakeAsync(db, [pool], now, ct);
    }

    /// <summary>The device cannot be lent any more: bookings to come get another one.</summary>
    internal static Task EmptyAsync(PortalDb db, Device device, DateTimeOffset now, CancellationToken ct)
        => EmptyAsync(db, device.Id, new Period(now, Maintenance.Open), device.Id, now, ct);

    /// <summary>Bookings to come that need the device within the period get another one. <paramref name="notThis"/> is left out of the search: the device itself while
    /// nothing else keeps it from being given again.</summary>
    internal static async Task EmptyAsync(PortalDb db, DeviceId device, Period period, DeviceId? notThis, DateTimeOffset now, CancellationToken ct, Func<Task>? takeAway = null)
    {
        var (start, end) = (period.From, period.To);
        await Offers.TakeBackAsync(db, device, start, end, ct);
        var coming = await (
            from occupancy in db.Occupancies
            where occupancy.DeviceId == device && occupancy.Active && occupancy.To > start && occupancy.From < end
            join line in db.BookingLines on occupancy.Id equals line.OccupancyId
            where line.Status == LineStatus.Requested || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready
            orderby occupancy.From
            select occupancy).ToListAsync(ct);
        foreach (var occupancy in coming) occupancy.MoveTo(null);
        await db.SaveChangesAsync(ct);
        if (takeAway is not null) await takeAway();
        foreach (var occupancy in coming) await FindSubstituteAsync(db, occupancy, notThis, now, ct);
    }
}
