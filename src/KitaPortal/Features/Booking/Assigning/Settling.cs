using KitaPortal.Data;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Assigning;

/// <summary>Brings pools up to date with the clock: undecided requests lapse, what was not collected is free again, late loans keep their device.
/// Every command that holds the pools' locks begins with it, so correctness never waits for a job. Nothing released is ever taken again.</summary>
public static class Settling
{
    /// <summary>Clock minutes (desk minutes without self-service) after the start until a device that was not collected is given to others.</summary>
    public const int NoShowMinutes = 120;

    /// <summary>A late loan takes the device's time in steps of this many minutes.</summary>
    public const int OverrunMinutes = 60;

    private sealed record DueLine(BookingId BookingId, BookingLineId LineId, PoolId PoolId);

    /// <summary>Pools with something due; the job settles them when nobody comes.</summary>
    public static Task<List<PoolId>> DuePoolsAsync(PortalDb db, DateTimeOffset now, CancellationToken ct)
        => Due(db, now).Select(l => l.PoolId).Distinct().ToListAsync(ct);

    /// <summary>The pools' locks are held. What became free goes to lines without device, then to those who wait.</summary>
    public static async Task SettleAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct)
    {
        var freed = await Offers.SettleAsync(db, pools, now, ct);
        freed |= await SettleLinesAsync(db, pools, now, ct);
        if (!freed) return;
        foreach (var pool in pools) await GiveToWaitingAsync(db, pool, now, ct);
    }

    // True when something was due.
    private static async Task<bool> SettleLinesAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct)
    {
        var due = await Due(db, now).Where(l => pools.Contains(l.PoolId)).Select(l => new DueLine(l.BookingId, l.Id, l.PoolId)).ToListAsync(ct);
        if (due.Count == 0) return false;

        var bookingIds = due.Select(d => d.BookingId).Distinct().ToList();
        var bookings = await db.Bookings.Include(b => b.Lines).Where(b => bookingIds.Contains(b.Id)).AsSplitQuery().ToListAsync(ct);
        var desks = await DesksAsync(db, due.Select(d => d.PoolId).Distinct().ToList(), ct);
        var dueIds = due.Select(d => d.LineId).ToHashSet();
        foreach (var booking in bookings)
        {
            var lines = booking.Lines.Where(l => dueIds.Contains(l.Id)).ToList();
            if (lines.Any(l => l.Status == LineStatus.Requested))
            {
                var lapsed = booking.Lapse(now);
                booking.TellBorrower("booking.lapsed", "許可が間に合わず、予約が期限切れになりました", "必要なときは、あらためて予約してください。", cancelled: true);
                await Places.FreeAsync(db, lapsed, now, ct);
            }
            var missed = lines.Where(l => l.Status is (LineStatus.Approved or LineStatus.Ready) && Deadline(l, desks[l.PoolId]) <= now).Select(l => l.Id).ToList();
            if (missed.Count > 0) await Places.FreeAsync(db, booking.NoShow(missed, now), now, ct);
        }
        await db.SaveChangesAsync(ct);
        foreach (var line in bookings.SelectMany(b => b.Lines).Where(l => dueIds.Contains(l.Id) && l.Status == LineStatus.OnLoan).OrderBy(l => l.To))
            await KeepLateDeviceAsync(db, line, now, ct);
        return true;
    }

    private static IQueryable<BookingLine> Due(PortalDb db, DateTimeOffset now)
    {
        var occupancies = db.Occupancies;
        var uncollected = now.AddMinutes(-NoShowMinutes);
        return db.BookingLines.Where(l =>
            (l.Status == LineStatus.Requested && l.From <= now)
            || ((l.Status == LineStatus.Approved || l.Status == LineStatus.Ready) && l.From <= uncollected)
            || (l.Status == LineStatus.OnLoan && l.To <= now && occupancies.Any(o => o.Id == l.OccupancyId && o.Active && o.To <= now)));
    }

    private static DateTimeOffset Deadline(BookingLine line, (DeskHours Hours, bool SelfService) desk)
        => desk.SelfService ? line.From.AddMinutes(NoShowMinutes) : desk.Hours.AddOpenMinutes(line.From, NoShowMinutes);

    private static async Task<Dictionary<PoolId, (DeskHours Hours, bool SelfService)>> DesksAsync(PortalDb db, List<PoolId> pools, CancellationToken ct)
    {
        var calendar = await db.WorkCalendarAsync(ct);
        var rows = await (
            from pool in db.Pools
            where pools.Contains(pool.Id)
            join office in db.Offices on pool.OfficeId equals office.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            select new { pool.Id, Office = office, SelfService = pool.SelfService ?? kind.SelfService }).AsNoTracking().ToListAsync(ct);
        return rows.ToDictionary(r => r.Id, r => (new DeskHours(r.Office, calendar), r.SelfService));
    }

    // The device is still out: its time goes on, and whoever was to have it next gets another one.
    private static async Task KeepLateDeviceAsync(PortalDb db, BookingLine late, DateTimeOffset now, CancellationToken ct)
    {
        var held = await db.Occupancies.SingleAsync(o => o.Id == late.OccupancyId, ct);
        var until = now.AddMinutes(OverrunMinutes);
        await DisplaceAsync(db, held, until, now, ct);
        held.StretchTo(until);
        await db.SaveChangesAsync(ct);
    }

    /// <summary>Frees the device's time up to <paramref name="until"/> for the occupancy that needs it: bookings in the way get other devices of the pool, or wait for a substitute.</summary>
    internal static async Task DisplaceAsync(PortalDb db, Occupancy held, DateTimeOffset until, DateTimeOffset now, CancellationToken ct)
    {
        await Offers.TakeBackAsync(db, held.DeviceId, held.To, until, ct);
        var inTheWay = await db.Occupancies.Where(o => o.DeviceId == held.DeviceId && o.Id != held.Id && o.Active && o.Kind == OccupancyKind.Booking && o.From < until && o.To > held.To).ToListAsync(ct);
        if (inTheWay.Count == 0) return;
        foreach (var occupancy in inTheWay) occupancy.MoveTo(null);
        await db.SaveChangesAsync(ct);
        foreach (var occupancy in inTheWay.OrderBy(o => o.From)) await FindSubstituteAsync(db, occupancy, held.DeviceId, now, ct);
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
        if (device is not null || line.DeviceId is not null) booking.Substitute(line.Id, device);
        await db.SaveChangesAsync(ct);
    }

    /// <summary>Devices that became free go to lines that wait for a substitute, the earliest first; then the waiting list gets its offers.</summary>
    internal static async Task GiveToWaitingAsync(PortalDb db, PoolId pool, DateTimeOffset now, CancellationToken ct)
    {
        var waiting = await db.Occupancies.Where(o => o.PoolId == pool && o.Active && o.DeviceId == null && o.Kind == OccupancyKind.Booking && o.To > now).OrderBy(o => o.From).ToListAsync(ct);
        foreach (var occupancy in waiting) await FindSubstituteAsync(db, occupancy, null, now, ct);
        await Offers.MakeAsync(db, [pool], now, ct);
    }

    /// <summary>The device cannot be lent any more: bookings to come get another one.</summary>
    internal static async Task EmptyAsync(PortalDb db, Device device, DateTimeOffset now, CancellationToken ct)
    {
        await Offers.TakeBackAsync(db, device.Id, now, DateTimeOffset.MaxValue.AddDays(-1), ct);
        var coming = await (
            from occupancy in db.Occupancies
            where occupancy.DeviceId == device.Id && occupancy.Active && occupancy.To > now
            join line in db.BookingLines on occupancy.Id equals line.OccupancyId
            where line.Status == LineStatus.Requested || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready
            orderby occupancy.From
            select occupancy).ToListAsync(ct);
        foreach (var occupancy in coming) occupancy.MoveTo(null);
        await db.SaveChangesAsync(ct);
        foreach (var occupancy in coming) await FindSubstituteAsync(db, occupancy, device.Id, now, ct);
    }
}
