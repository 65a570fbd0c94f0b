using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>Deemed by the class, decided in Approvals, or given in an emergency.</summary>
public enum PermissionBasis { Deemed, Approved, Emergency }

/// <summary>The legal act (持出許可): who allowed devices to leave the house, on what basis, for which facts and how long.</summary>
public sealed class TakeOutPermission : Entity
{
    private TakeOutPermission() { }

    internal TakeOutPermission(Booking booking, PermissionBasis basis, Guid? approvalRequestId, StaffId? decidedBy, StaffId? onBehalfOf, DateTimeOffset decidedAt, string? conditions, bool outsideHours)
    {
        (Id, BookingId, Basis, ApprovalRequestId) = (Guid.CreateVersion7(), booking.Id, basis, approvalRequestId);
        (DecidedBy, OnBehalfOf, DecidedAt, Conditions, OutsideHoursAllowed) = (decidedBy, onBehalfOf, decidedAt, conditions, outsideHours);
        (From, To, FactsHash) = (booking.From, booking.To, booking.FactsHash);
        Audit("permission.given", after: new { booking = booking.Number, basis, decidedBy = decidedBy?.Value, From, To });
    }

    public Guid Id { get; private set; }

    public BookingId BookingId { get; private set; }

    public PermissionBasis Basis { get; private set; }

    public Guid? ApprovalRequestId { get; private set; }

    public StaffId? DecidedBy { get; private set; }

    public StaffId? OnBehalfOf { get; private set; }

    public DateTimeOffset DecidedAt { get; private set; }

    public string? Conditions { get; private set; }

    public bool OutsideHoursAllowed { get; private set; }

    public DateTimeOffset From { get; private set; }

    public DateTimeOffset To { get; private set; }

    public string FactsHash { get; private set; } = "";

    public DateTimeOffset? RevokedAt { get; private set; }

    public StaffId? RevokedBy { get; private set; }

    public string? RevokeReason { get; private set; }

    /// <summary>Until when devices that were out are to be brought back.</summary>
    public DateTimeOffset? ReturnBy { get; private set; }

    public override string SubjectId => Id.ToString();

    /// <summary>Whether it covers the booking as it stands, up to <paramref name="until"/>.</summary>
    public bool Covers(Booking booking, DateTimeOffset until) => RevokedAt is null && FactsHash == booking.FactsHash && until <= To;

    public void Revoke(Booking booking, StaffId? by, string reason, DateTimeOffset returnBy, DateTimeOffset now)
    {
        if (RevokedAt is not null) return;
        (RevokedAt, RevokedBy, RevokeReason, ReturnBy) = (now, by, reason, returnBy);
        Audit("permission.revoked", after: new { booking = booking.Number, returnBy }, reason: reason);
        Record(new PermissionRevoked(booking.Id, [.. booking.Lines.Where(l => l.IsActive).Select(l => l.Id)]));
    }
}
