using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Series;

/// <summary>この回以降 and すべて: cancelling, splitting.</summary>
public sealed partial class SeriesBooking
{
    /// <summary>Gives up all days still to come, from a day on or all; they never come back.</summary>
    public Task CancelAsync(SeriesId id, DateOnly? from, Asker asker, string? reason, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var series = await OpenAsync(id, asker, ct);
        var coming = await ComingAsync(series, from, ct);
        if (coming.Count == 0) throw new RuleViolation(SeriesRules.NothingLeft.With());
        foreach (var booking in coming) await reserving.CancelAsync(booking, null, asker, reason, ct);
        if (from is { } day && series.Days.Any(d => d.Day < day)) series.EndOn(day.AddDays(-1));
        await db.SaveChangesAsync(ct);
    }, ct);

    /// <summary>Ends requests for permission none of whose bookings wait for it any more.</summary>
    internal async Task<int> CloseEndedRequestsAsync(CancellationToken ct)
    {
        var open = await db.ApprovalRequests.AsNoTracking()
            .Where(r => r.AboutKind == "series" && (r.State == RequestState.Circulating || r.State == RequestState.SentBack)).Select(r => r.Id).ToListAsync(ct);
        var ids = open.Select(r => (Guid?)r.Value).ToList();
        var stillAsking = await db.Bookings.Where(b => ids.Contains(b.ApprovalRequestId) && b.Lines.Any(l => l.Status == LineStatus.Requested)).Select(b => b.ApprovalRequestId).Distinct().ToListAsync(ct);
        var ended = open.Where(r => !stillAsking.Contains(r.Value)).ToList();
        foreach (var request in ended) await db.WriteAsync(() => approvals.CloseBySubjectAsync(request, "予約の期限切れ", ct), ct);
        return ended.Count;
    }

    /// <summary>Whose series a person may change: own ones, those made for others, and all for desks.</summary>
    public static IQueryable<BookingSeries> ChangeableBy(IQueryable<BookingSeries> series, Asker asker)
    {
        if (asker.Roles.Any(r => r.Role is Role.LendingManager or Role.Desk)) return series;
        var id = asker.Id;
        return series.Where(s => s.BorrowerId == id || s.CreatedById == id);
    }

    // The request for permission, the borrower, the pools; then what is there is read.
    private async Task<BookingSeries> OpenAsync(SeriesId id, Asker asker, CancellationToken ct)
    {
        var known = await ChangeableBy(db.BookingSeries.AsNoTracking(), asker).Where(s => s.Id == id).Select(s => new { s.BorrowerId }).SingleOrDefaultAsync(ct).OrNotHere();
        await approvals.LockAsync("series", id.ToString(), ct);
        await reserving.LockBorrowerAsync(known.BorrowerId, ct);
        var template = (await db.BookingSeries.AsNoTracking().SingleAsync(s => s.Id == id, ct)).Template;
        var pools = await db.Bookings.Where(b => b.SeriesId == id).SelectMany(b => b.Lines).Select(l => l.PoolId).Distinct().ToListAsync(ct);
        pools = [.. pools.Concat(await reserving.PoolsOfAsync(await template.UnpackedAsync(db, ct), ct)).Distinct()];
        await reserving.LockPoolsAsync(pools, ct);
        await Assigning.Settling.SettleAsync(db, pools, clock.GetUtcNow(), ct);
        return await db.BookingSeries.Include(s => s.Days).SingleAsync(s => s.Id == id, ct);
    }

    private async Task<List<BookingId>> ComingAsync(BookingSeries series, DateOnly? from, CancellationToken ct)
    {
        var ids = series.Days.Where(d => d.State == SeriesDayState.Booked && (from is null || d.Day >= from)).Select(d => d.BookingId!.Value).ToList();
        return await db.Bookings.Where(b => ids.Contains(b.Id) && b.Lines.Any(l => l.Status == LineStatus.Requested || l.Status == LineStatus.Approved || l.Status == LineStatus.Ready))
            .OrderBy(b => b.OccurrenceDate).Select(b => b.Id).ToListAsync(ct);
    }
}
