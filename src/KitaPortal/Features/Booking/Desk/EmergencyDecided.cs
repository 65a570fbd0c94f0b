using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>緊急貸出: what was lent in an emergency is allowed afterwards, or, when it is refused, the permission ends and the device is called back.</summary>
internal sealed class EmergencyDecided(PortalDb db, TimeProvider clock) : IHandle<RequestRejected>
{
    public const string Subject = "booking-emergency";

    public async Task HandleAsync(RequestRejected happened, CancellationToken ct)
    {
        if (happened.SubjectKind != Subject || !Guid.TryParse(happened.SubjectId, out var value)) return;
        var (id, request) = (new BookingId(value), happened.RequestId.Value);
        var booking = await db.Bookings.Include(b => b.Lines).SingleAsync(b => b.Id == id, ct);
        var permission = await db.TakeOutPermissions.SingleAsync(p => p.ApprovalRequestId == request, ct);
        permission.Revoke(booking, happened.By, happened.Reason, clock.GetUtcNow());
        var lines = booking.Lines.Select(l => l.Id).ToList();
        foreach (var loan in await db.Loans.Where(l => lines.Contains(l.LineId) && l.InAt == null).ToListAsync(ct))
            loan.Tell(new News("loan.return-order", $"loan.return-order:{loan.Id}", [booking.BorrowerId], $"端末をすぐに返却してください（{booking.Number}）", $"緊急貸出が許可されませんでした：{happened.Reason}", $"/booking/{booking.Id}")
            { Importance = Importance.Urgent });
    }
}
