using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>What the approvers said becomes true for the booking in the same transaction. A decision is refused when the rules no longer allow the loan.</summary>
internal sealed class PermissionDecided(PortalDb db, Reserving reserving, TimeProvider clock) : IHandle<RequestDecided>, IHandle<RequestRejected>, IHandle<RequestRetracted>
{
    public async Task HandleAsync(RequestDecided happened, CancellationToken ct)
    {
        if (await FindAsync(happened.SubjectKind, happened.SubjectId, ct) is not { } booking) return;
        var now = clock.GetUtcNow();
        await Settling.SettleAsync(db, [.. booking.Lines.Select(l => l.PoolId).Distinct()], now, ct);
        if (!booking.Lines.Any(l => l.Status == LineStatus.Requested))
            throw new RuleViolation(BookingRules.NotNow.With(BookingWords.Of(booking.Lines[0].Status)));

        await RefuseWhatTheRulesForbidNowAsync(booking, now, ct);
        db.Add(new TakeOutPermission(booking, PermissionBasis.Approved, happened.RequestId.Value, happened.DecidedBy, happened.OnBehalfOf, now, null, outsideHours: booking.AsksOutsideHours));
        booking.Confirm(now);
        var poolId = booking.Lines[0].PoolId;
        var office = await (from pool in db.Pools where pool.Id == poolId join o in db.Offices on pool.OfficeId equals o.Id select o.Name).SingleAsync(ct);
        booking.TellConfirmed(office);
    }

    public async Task HandleAsync(RequestRejected happened, CancellationToken ct)
    {
        if (await FindAsync(happened.SubjectKind, happened.SubjectId, ct) is not { } booking) return;
        var now = clock.GetUtcNow();
        var ended = booking.Reject(happened.Reason, now);
        if (ended.Count > 0) booking.TellBorrower("booking.rejected", "持出しが許可されず、予約を終了しました", happened.Reason, cancelled: true);
        await Places.FreeAsync(db, ended, now, ct);
        await OfferFreedAsync(ended, now, ct);
    }

    public async Task HandleAsync(RequestRetracted happened, CancellationToken ct)
    {
        if (await FindAsync(happened.SubjectKind, happened.SubjectId, ct) is not { } booking) return;
        var now = clock.GetUtcNow();
        var asked = booking.Lines.Where(l => l.Status == LineStatus.Requested).Select(l => l.Id).ToList();
        if (asked.Count == 0) return;
        var ended = booking.Cancel(asked, booking.BorrowerId, "許可申請の取下げ", now);
        await Places.FreeAsync(db, ended, now, ct);
        await OfferFreedAsync(ended, now, ct);
    }

    private async Task OfferFreedAsync(IReadOnlyList<BookingLine> ended, DateTimeOffset now, CancellationToken ct)
    {
        if (ended.Count == 0) return;
        await db.SaveChangesAsync(ct);
        foreach (var pool in ended.Select(l => l.PoolId).Distinct()) await Settling.GiveToWaitingAsync(db, pool, now, ct);
    }

    // The request's row is locked by Approvals already; then the pools.
    private async Task<Booking?> FindAsync(string? kind, string? id, CancellationToken ct)
    {
        if (kind != "booking" || !Guid.TryParse(id, out var value)) return null;
        var bookingId = new BookingId(value);
        await reserving.LockPoolsAsync(await db.BookingLines.Where(l => l.BookingId == bookingId).Select(l => l.PoolId).Distinct().ToListAsync(ct), ct);
        return await db.Bookings.Include(b => b.Lines).SingleOrDefaultAsync(b => b.Id == bookingId, ct);
    }

    private async Task RefuseWhatTheRulesForbidNowAsync(Booking booking, DateTimeOffset now, CancellationToken ct)
    {
        var lines = booking.Lines.Where(l => l.Status == LineStatus.Requested).ToList();
        var period = new Period(booking.From, booking.To);
        var facts = await Facts.LoadAsync(db, booking.BorrowerId, booking.ResponsibleId, [.. lines.Select(l => l.PoolId).Distinct()], period, null, now, ct);
        Demand.All(lines.SelectMany(line => BookingRules.Check(facts.AtDecision(booking, line, now)).Where(f => f.Grade == Grade.Block && !booking.HasPassed(f.Rule)).Select(f => f.Broken))
            .DistinctBy(b => b.Message));
    }
}
