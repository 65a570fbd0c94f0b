namespace KitaPortal.Features.Booking;

public sealed partial class Booking
{
    /// <summary>Somebody confirmed that the digits in its texts are no 個人番号: the fact is written down, never the digits.</summary>
    internal void ConfirmNoMyNumber() => Audit("booking.number-confirmed");
}
