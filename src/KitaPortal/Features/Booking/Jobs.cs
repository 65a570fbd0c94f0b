using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Settles pools with something due when nobody comes, and closes requests whose booking has ended.</summary>
internal sealed class ClockJob(PortalDb db, Reserving reserving, ApprovalDesk approvals, Transferring transfers, Permitting permitting) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        List<IReadOnlyList<PoolId>> due = [.. await Settling.DuePoolsAsync(db, now, ct), .. await Offers.DueAsync(db, now, ct)];
        var without = await Settling.WithoutDeviceAsync(db, now, ct);
        foreach (var pools in Together(due.Concat(without.Values.Distinct().Select(p => new[] { p }))))
        {
            await db.WriteAsync(async () =>
            {
                await reserving.OpenAsync(pools, now, ct);
                foreach (var pool in pools) await Settling.GiveToWaitingAsync(db, pool, now, ct);
                if (pools.Count > 1) await Offers.MakeAsync(db, pools, now, ct);
            }, ct);
            db.ChangeTracker.Clear();
        }
        var warned = await db.WriteAsync(() => Settling.WarnOfNoShowsAsync(db, now, ct), ct);
        var missing = await transfers.MissAsync(now, ct);
        var revoked = await permitting.RevokeUndecidedAsync(now, ct);
        var closed = await CloseRequestsOfEndedBookingsAsync(ct);
        // A line that goes on waiting for a device is nothing that was done.
        var found = without.Count == 0 ? 0 : without.Keys.Except((await Settling.WithoutDeviceAsync(db, now, ct)).Keys).Count();
        return due.Count + found + warned + missing + revoked + closed == 0 ? null : $"{due.SelectMany(p => p).Distinct().Count()} pools settled, {found} without device provided for, {warned} warned, {missing} transfers missing, {revoked} permissions revoked, {closed} requests closed";
    }

    // Pools that one booking or one who waits needs together are settled together.
    private static List<List<PoolId>> Together(IEnumerable<IReadOnlyList<PoolId>> groups)
    {
        var found = new List<HashSet<PoolId>>();
        foreach (var group in groups)
        {
            var one = group.ToHashSet();
            foreach (var met in found.Where(f => f.Overlaps(one)).ToList())
            {
                one.UnionWith(met);
                found.Remove(met);
            }
            found.Add(one);
        }
        return [.. found.Select(f => f.OrderBy(p => p.Value).ToList())];
    }

    // A request for permission ends when none of its bookings waits for it any more.
    private async Task<int> CloseRequestsOfEndedBookingsAsync(CancellationToken ct)
    {
        var open = await db.ApprovalRequests.AsNoTracking()
            .Where(r => (r.AboutKind == "booking" || r.AboutKind == "series") && (r.State == RequestState.Draft || r.State == RequestState.Circulating || r.State == RequestState.SentBack)).Select(r => r.Id).ToListAsync(ct);
        var ids = open.Select(r => (Guid?)r.Value).ToList();
        var stillAsking = await db.Bookings.Where(b => ids.Contains(b.ApprovalRequestId) && b.Lines.Any(l => l.Status == LineStatus.Requested || l.PendingTo != null)).Select(b => b.ApprovalRequestId).Distinct().ToListAsync(ct);
        // What went out in an emergency is decided on even when it is back.
        var bookings = db.Bookings;
        stillAsking.AddRange(await db.TakeOutPermissions.Where(p => ids.Contains(p.ApprovalRequestId) && p.Basis == PermissionBasis.Emergency && p.RevokedAt == null
            && bookings.Any(b => b.Id == p.BookingId && b.Lines.Any(l => l.Status == LineStatus.Approved || l.Status == LineStatus.Ready || l.Status == LineStatus.OnLoan || l.Status == LineStatus.Returned || l.Status == LineStatus.Lost)))
            .Select(p => p.ApprovalRequestId).ToListAsync(ct));
        var ended = open.Where(r => !stillAsking.Contains(r.Value)).ToList();
        foreach (var request in ended)
        {
            await db.WriteAsync(() => approvals.CloseBySubjectAsync(request, "予約の期限切れ", ct), ct);
            db.ChangeTracker.Clear();
        }
        return ended.Count;
    }
}
