using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>One person's confirmation of everything received in one hand-over (受領): by a tap in the portal, by signature on the desk's tablet, on paper. The loan runs without it; it is reminded of.</summary>
public sealed class Receipt : Entity
{
    private Receipt() { }

    internal Receipt(HandOver act, StaffId person, IReadOnlyList<LoanId> loans)
    {
        (Id, HandOverId, PersonId, Method, HandedOverAt) = (Guid.CreateVersion7(), act.Id, person, act.Confirmation, act.At);
        Devices = loans.Count;
        // On the screen and on paper the person confirms at the counter; alone at a device it is the same person who took it.
        if (act.Confirmation != Confirmation.Portal || act.ClerkId == person) ConfirmedAt = act.At;
        else Record(new News("loan.receipt", $"loan.receipt:{Id}", [person], $"受け取った端末（{Devices}台）を確かめて、受領を確認してください", "番号と付属品が合っていれば「受け取りました」を押します。", Href));
    }

    public Guid Id { get; private set; }

    public Guid HandOverId { get; private set; }

    public StaffId PersonId { get; private set; }

    public Confirmation Method { get; private set; }

    public int Devices { get; private set; }

    public DateTimeOffset HandedOverAt { get; private set; }

    public DateTimeOffset? ConfirmedAt { get; private set; }

    public DateTimeOffset? RemindedAt { get; private set; }

    public override string SubjectId => Id.ToString();

    public string Href => $"/booking/receipts/{Id}";

    internal void Confirm(DateTimeOffset now)
    {
        if (ConfirmedAt is not null) return;
        ConfirmedAt = now;
        Audit("loan.received", after: new { handOver = HandOverId, Devices });
        Record(new NewsRetracted($"loan.receipt:{Id}"));
        Record(new NewsRetracted($"loan.receipt:{Id}:again"));
    }

    /// <summary>Once.</summary>
    internal bool Remind(DateTimeOffset now)
    {
        if (RemindedAt is not null || ConfirmedAt is not null) return false;
        RemindedAt = now;
        Record(new News("loan.receipt", $"loan.receipt:{Id}:again", [PersonId], $"受領の確認がまだです（{Devices}台）", $"{BookingWords.Moment(HandedOverAt)}に受け取った端末を確かめて、「受け取りました」を押してください。", Href) { Importance = Importance.Important });
        return true;
    }
}

/// <summary>Somebody named by the borrower to receive the devices of a booking (代理受取).</summary>
public sealed class ReceiptProxy : Entity
{
    private ReceiptProxy() { }

    internal ReceiptProxy(Booking booking, StaffId person, StaffId namedBy)
    {
        (Id, BookingId, PersonId, NamedBy) = (Guid.CreateVersion7(), booking.Id, person, namedBy);
        Audit("booking.proxy-named", after: new { booking = booking.Number, person = person.Value });
    }

    public Guid Id { get; private set; }

    public BookingId BookingId { get; private set; }

    public StaffId PersonId { get; private set; }

    public StaffId NamedBy { get; private set; }

    public bool IsWithdrawn { get; private set; }

    public override string SubjectId => Id.ToString();

    internal void Withdraw()
    {
        IsWithdrawn = true;
        Audit("booking.proxy-withdrawn", after: new { booking = BookingId.Value, person = PersonId.Value });
    }
}
