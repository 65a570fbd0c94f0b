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
        var now = clock.GetUtcNow();
        if (await OpenAsync(happened.SubjectKind, happened.SubjectId, now, ct) is not { } booking) return;
        if (await IsOfEmergencyAsync(happened.RequestId, ct))
        {
            Permit(booking, happened, now);
            booking.AgreedAfterwards();
            return;
        }
        if (booking.WaitingForExtension is { Count: > 0 } longer)
        {
            await RefuseWhatTheRulesForbidNowAsync(booking, longer, now, ct);
            booking.Extend(longer, longer[0].PendingTo!.Value);
            Permit(booking, happened, now);
            booking.TellBorrower("booking.extended", "延長が認められました", BookingWords.Span(booking.From, booking.To));
            return;
        }
        if (!booking.Lines.Any(l => l.Status == LineStatus.Requested))
            throw new RuleViolation(BookingRules.NotNow.With(BookingWords.Of(booking.Lines[0].Status)));

        await RefuseWhatTheRulesForbidNowAsync(booking, [.. booking.Lines.Where(l => l.Status == LineStatus.Requested)], now, ct);
        Permit(booking, happened, now);
        booking.Confirm(now);
        var poolId = booking.Lines[0].PoolId;
        var office = await (from pool in db.Pools where pool.Id == poolId join o in db.Offices on pool.OfficeId equals o.Id select o.Name).SingleAsync(ct);
        booking.TellConfirmed(office);
    }

    public async Task HandleAsync(RequestRejected happened, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await OpenAsync(happened.SubjectKind, happened.SubjectId, now, ct) is not { } booking) return;
        if (await IsOfEmergencyAsync(happened.RequestId, ct))
        {
            await Permitting.RevokeAsync(db, reserving, booking, happened.Reason, await Permitting.NextReturnAsync(db, now, ct), happened.By, now, ct);
            return;
        }
        await Settling.EndExtensionAsync(db, booking, happened.Reason, now, ct);
        var ended = booking.Reject(happened.Reason, now);
        if (ended.Count > 0) booking.TellBorrower("booking.rejected", "持出しが許可されず、予約を終了しました", happened.Reason, cancelled: true);
        await Places.FreeAsync(db, ended, now, ct);
        await GiveToWaitingAsync(booking, now, ct);
    }

    public async Task HandleAsync(RequestRetracted happened, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (await OpenAsync(happened.SubjectKind, happened.SubjectId, now, ct) is not { } booking) return;
        if (await IsOfEmergencyAsync(happened.RequestId, ct))
        {
            await Permitting.RevokeAsync(db, reserving, booking, "許可申請の取下げ", await Permitting.NextReturnAsync(db, now, ct), booking.BorrowerId, now, ct);
            return;
        }
        await Settling.EndExtensionAsync(db, booking, "延長の申請を取り下げました。", now, ct);
        var asked = booking.Lines.Where(l => l.Status == LineStatus.Requested).Select(l => l.Id).ToList();
        if (asked.Count > 0) await Places.FreeAsync(db, booking.Cancel(asked, booking.BorrowerId, "許可申請の取下げ", now), now, ct);
        await GiveToWaitingAsync(booking, now, ct);
    }

    private async Task GiveToWaitingAsync(Booking booking, DateTimeOffset now, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        foreach (var pool in booking.Lines.Select(l => l.PoolId).Distinct()) await Settling.GiveToWaitingAsync(db, pool, now, ct);
    }

    // The request's row is locked by Approvals already; then the pools.
    private async Task<Booking?> OpenAsync(string? kind, string? id, DateTimeOffset now, CancellationToken ct)
    {
        if (kind != "booking" || !Guid.TryParse(id, out var value)) return null;
        var bookingId = new BookingId(value);
        await reserving.OpenAsync(await db.BookingLines.Where(l => l.BookingId == bookingId).Select(l => l.PoolId).Distinct().ToListAsync(ct), now, ct);
        return await db.Bookings.Include(b => b.Lines).SingleOrDefaultAsync(b => b.Id == bookingId, ct);
    }

    // The devices went before the decision.
    private Task<bool> IsOfEmergencyAsync(ApprovalRequestId request, CancellationToken ct)
        => db.TakeOutPermissions.AnyAsync(p => p.ApprovalRequestId == request.Value && p.Basis == PermissionBasis.Emergency && p.RevokedAt == null, ct);

    private void Permit(Booking booking, RequestDecided happened, DateTimeOffset now)
        => db.Add(new TakeOutPermission(booking, PermissionBasis.Approved, happened.RequestId.Value, happened.DecidedBy, happened.OnBehalfOf, now, null, outsideHours: booking.AsksOutsideHours));

    /// <summary>What the rules forbid now, for places where several bookings are decided together.</summary>
    internal async Task<IReadOnlyList<Broken>> BrokenNowAsync(Booking booking, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            await RefuseWhatTheRulesForbidNowAsync(booking, [.. booking.Lines.Where(l => l.Status == LineStatus.Requested)], now, ct);
            return [];
        }
        catch (RuleViolation refused)
        {
            return refused.Broken;
        }
    }

    private async Task RefuseWhatTheRulesForbidNowAsync(Booking booking, IReadOnlyList<BookingLine> lines, DateTimeOffset now, CancellationToken ct)
    {
        var period = new Period(lines.Min(l => l.From), lines.Max(l => l.PendingTo ?? l.To));
        var facts = await Facts.LoadAsync(db, booking.BorrowerId, booking.ResponsibleId, [.. lines.Select(l => l.PoolId).Distinct()], period, null, now, ct);
        Demand.All(lines.SelectMany(line => BookingRules.Check(facts.AtDecision(booking, line, now)).Where(f => f.Grade == Grade.Block && !booking.HasPassed(f.Rule)).Select(f => f.Broken))
            .DistinctBy(b => b.Message));
    }
}
