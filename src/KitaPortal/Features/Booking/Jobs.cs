using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Settles pools with something due when nobody comes, and closes requests whose booking has ended.</summary>
internal sealed class ClockJob(PortalDb db, Reserving reserving, ApprovalDesk approvals, Transferring transfers) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var due = (await Settling.DuePoolsAsync(db, now, ct)).OrderBy(p => p.Value).ToList();
        foreach (var pool in due)
        {
            await db.WriteAsync(async () =>
            {
                await reserving.LockPoolsAsync([pool], ct);
                await Settling.SettleAsync(db, [pool], now, ct);
                await Settling.GiveToWaitingAsync(db, pool, now, ct);
            }, ct);
            db.ChangeTracker.Clear();
        }
        var waiting = await Offers.DueAsync(db, now, ct);
        foreach (var pools in waiting)
        {
            await db.WriteAsync(async () =>
            {
                await reserving.LockPoolsAsync(pools, ct);
                await Settling.SettleAsync(db, pools, now, ct);
                await Offers.MakeAsync(db, pools, now, ct);
            }, ct);
            db.ChangeTracker.Clear();
        }
        var warned = await db.WriteAsync(() => Settling.WarnOfNoShowsAsync(db, now, ct), ct);
        var missing = await transfers.MissAsync(now, ct);
        var closed = await CloseRequestsOfEndedBookingsAsync(ct);
        return due.Count + waiting.Count + warned + missing + closed == 0 ? null : $"{due.Count} pools settled, {waiting.Count} waited for, {warned} warned, {missing} transfers missing, {closed} requests closed";
    }

    private async Task<int> CloseRequestsOfEndedBookingsAsync(CancellationToken ct)
    {
        var open = await db.ApprovalRequests.AsNoTracking()
            .Where(r => r.AboutKind == "booking" && (r.State == RequestState.Draft || r.State == RequestState.Circulating || r.State == RequestState.SentBack)).Select(r => new { r.Id, r.AboutId }).ToListAsync(ct);
        var ids = open.Select(r => new BookingId(Guid.Parse(r.AboutId!))).ToList();
        var stillAsking = await db.BookingLines.Where(l => ids.Contains(l.BookingId) && (l.Status == LineStatus.Requested || l.PendingTo != null)).Select(l => l.BookingId).Distinct().ToListAsync(ct);
        var known = await db.Bookings.Where(b => ids.Contains(b.Id)).Select(b => b.Id).ToListAsync(ct);
        var ended = open.Where(r => new BookingId(Guid.Parse(r.AboutId!)) is var id && known.Contains(id) && !stillAsking.Contains(id)).ToList();
        foreach (var request in ended) await db.WriteAsync(() => approvals.CloseBySubjectAsync(request.Id, "予約の期限切れ", ct), ct);
        return ended.Count;
    }
}
