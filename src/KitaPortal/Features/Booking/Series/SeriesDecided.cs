using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Series;

/// <summary>One decision covers all bookings of a series that still wait for it; and a booking that was given up takes its day out of the series.</summary>
internal sealed class SeriesDecided(PortalDb db, Reserving reserving, TimeProvider clock) : IHandle<RequestDecided>, IHandle<RequestRejected>, IHandle<RequestRetracted>, IHandle<BookingCancelled>
{
    public async Task HandleAsync(RequestDecided happened, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await OpenAsync(happened.SubjectKind, happened.SubjectId, happened.RequestId, now, ct) is not var (series, bookings)) return;
        var asking = bookings.Where(b => b.Lines.Any(l => l.Status == LineStatus.Requested)).ToList();
        if (asking.Count == 0) throw new RuleViolation(Rules.BookingRules.NotNow.With(BookingWords.Of(bookings.Count > 0 ? bookings[0].Lines[0].Status : LineStatus.Cancelled)));
        var one = new PermissionDecided(db, reserving, clock);
        var broken = new List<Broken>();
        foreach (var booking in asking) broken.AddRange((await one.BrokenNowAsync(booking, now, ct)).Select(b => b with { Message = $"{BookingWords.Moment(booking.From)}：{b.Message}" }));
        Demand.All(broken);
        foreach (var booking in asking)
        {
            db.Add(new TakeOutPermission(booking, PermissionBasis.Approved, happened.RequestId.Value, happened.DecidedBy, happened.OnBehalfOf, now, null, outsideHours: booking.AsksOutsideHours));
            booking.Confirm(now);
        }
        series.Tell("booking.confirmed", "繰り返しの予約が確定しました", $"{series.Recurrence.Words}。{asking.Count}回の持出しが許可されました。");
    }

    public async Task HandleAsync(RequestRejected happened, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await OpenAsync(happened.SubjectKind, happened.SubjectId, happened.RequestId, now, ct) is not var (series, bookings)) return;
        var ended = bookings.SelectMany(b => b.Reject(happened.Reason, now)).ToList();
        if (ended.Count > 0) series.Tell("booking.rejected", "持出しが許可されず、繰り返しの予約を終了しました", happened.Reason);
        await FreeAsync(ended, now, ct);
    }

    public async Task HandleAsync(RequestRetracted happened, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await OpenAsync(happened.SubjectKind, happened.SubjectId, happened.RequestId, now, ct) is not var (_, bookings)) return;
        var ended = new List<BookingLine>();
        foreach (var booking in bookings)
            if (booking.Lines.Where(l => l.Status == LineStatus.Requested).Select(l => l.Id).ToList() is { Count: > 0 } asked)
                ended.AddRange(booking.Cancel(asked, booking.BorrowerId, "許可申請の取下げ", now));
        await FreeAsync(ended, now, ct);
    }

    public async Task HandleAsync(BookingCancelled happened, CancellationToken ct)
    {
        var series = await db.BookingSeries.Include(s => s.Days).SingleOrDefaultAsync(s => s.Days.Any(d => d.BookingId == happened.BookingId), ct);
        if (series is null || await db.BookingLines.AnyAsync(l => l.BookingId == happened.BookingId
            && (l.Status == LineStatus.Requested || l.Status == LineStatus.Approved || l.Status == LineStatus.Ready || l.Status == LineStatus.OnLoan), ct)) return;
        series.Remove(happened.BookingId);
    }

    // The request's row is locked by Approvals already; then the pools.
    private async Task<(BookingSeries Series, List<Booking> Bookings)?> OpenAsync(string? kind, string? id, ApprovalRequestId requestId, DateTimeOffset now, CancellationToken ct)
    {
        if (kind != "series" || !Guid.TryParse(id, out var value)) return null;
        var request = requestId.Value;
        var lines = db.Bookings.Where(b => b.ApprovalRequestId == request).SelectMany(b => b.Lines);
        await reserving.OpenAsync(await lines.Select(l => l.PoolId).Distinct().ToListAsync(ct), now, ct);
        var series = await db.BookingSeries.Include(s => s.Days).SingleOrDefaultAsync(s => s.Id == new SeriesId(value), ct);
        return series is null ? null : (series, await db.Bookings.Include(b => b.Lines).Where(b => b.ApprovalRequestId == request).ToListAsync(ct));
    }

    private async Task FreeAsync(List<BookingLine> ended, DateTimeOffset now, CancellationToken ct)
    {
        if (ended.Count == 0) return;
        await Places.FreeAsync(db, ended, now, ct);
        await db.SaveChangesAsync(ct);
        foreach (var pool in ended.Select(l => l.PoolId).Distinct()) await Settling.GiveToWaitingAsync(db, pool, now, ct);
    }
}
