using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>What happens to a booking's lines after they were reserved: change, extension, a promise to come, revival, loss. Pages, API and jobs come through here.
/// Locks, always in this order: the open request for permission, the borrower, the pools.</summary>
public sealed partial class LineLife(PortalDb db, Reserving reserving, TimeProvider clock)
{
    /// <summary>The borrower promises to come by then, once; the device is kept that long.</summary>
    public Task KeepAsync(BookingLineId lineId, DateTimeOffset until, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var booking = await OpenAsync(lineId, now, ct);
        booking.KeepUntil(lineId, until, now);
        await db.SaveChangesAsync(ct);
    }, ct);

    /// <summary>The desk takes a line up again that ended as 未受取 today, if a device is free.</summary>
    public Task ReviveAsync(BookingLineId lineId, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var booking = await OpenAsync(lineId, now, ct);
        var line = booking.Line(lineId);
        var pool = (await Facts.PoolsAsync(db, [line.PoolId], ct))[0];
        if (!by.IsDeskOf(pool.Office.Id)) throw new NotHereException();
        Demand.All(
            line.Status == LineStatus.NoShow ? null : BookingRules.NotNow.With(BookingWords.Of(line.Status)),
            line.Status != LineStatus.NoShow || line.MayRevive(now) ? null : LifeRules.ReviveToday.With());
        var period = new Period(now, pool.WithTurnaround(new Period(line.From, line.To)).To);
        var state = await PoolState.LoadAsync(db, [line.PoolId], now, now, ct);
        var key = Guid.NewGuid();
        var placement = state.Plan(line.PoolId).Place([new Ask(key, period, line.Pinned ? line.DeviceId : null, line.DeviceId)])
            ?? throw new RuleViolation(DeviceRules.NoneFree.With(pool.Model.Name, pool.Office.Name));
        await Places.MoveAsync(db, placement.Moves, ct);
        (await db.Occupancies.SingleAsync(o => o.Id == line.OccupancyId, ct)).Pause();
        var occupancy = new Occupancy(placement.Asks[key], line.PoolId, period.From, period.To, OccupancyKind.Booking, line.Id.Value);
        db.Add(occupancy);
        booking.Revive(lineId, placement.Asks[key], occupancy, now.AddMinutes(Settling.NoShowMinutes));
        await db.SaveChangesAsync(ct);
    }, ct);

    /// <summary>紛失: the line of a device that is missing now. The booking was opened by <see cref="OpenAsync(BookingLineId, DateTimeOffset, CancellationToken)"/>.</summary>
    internal async Task LoseAsync(Booking booking, BookingLineId lineId, DateTimeOffset now, CancellationToken ct)
    {
        booking.Lose(lineId, now);
        await Places.FreeAsync(db, [booking.Line(lineId)], now, ct);
        if (!booking.Lines.Any(l => l.Status == LineStatus.Requested || l.PendingTo is not null)) await reserving.EndRequestAsync(booking, "端末の紛失", ct);
    }

    /// <summary>The booking of a line, read under its locks: the open request first, then the borrower, then the pools, which are settled.</summary>
    internal async Task<Booking> OpenAsync(BookingLineId lineId, DateTimeOffset now, CancellationToken ct)
    {
        var id = await db.BookingLines.Where(l => l.Id == lineId).Select(l => (BookingId?)l.BookingId).SingleOrDefaultAsync(ct) ?? throw new NotHereException();
        return await OpenAsync(id, [], now, ct);
    }

    private async Task<Booking> OpenAsync(BookingId id, IEnumerable<PoolId> alsoPools, DateTimeOffset now, CancellationToken ct, IReadOnlyCollection<DateTimeOffset>? pickUps = null)
    {
        await reserving.LockRequestsAsync([id], ct);
        var borrower = await db.Bookings.Where(b => b.Id == id).Select(b => (StaffId?)b.BorrowerId).SingleOrDefaultAsync(ct) ?? throw new NotHereException();
        await reserving.LockBorrowerAsync(borrower, ct);
        List<PoolId> pools = [.. (await db.BookingLines.Where(l => l.BookingId == id).Select(l => l.PoolId).ToListAsync(ct)).Concat(alsoPools).Distinct()];
        await reserving.OpenAsync(pools, now, ct, pickUps);
        return await db.Bookings.Include(b => b.Lines).SingleAsync(b => b.Id == id, ct);
    }
}
