using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>The way back of a device that was lost.</summary>
public sealed partial class Booking
{
    /// <summary>It was found and is back at a desk.</summary>
    internal void ComeBackFound(BookingLineId id, LoanId loan)
    {
        var line = Line(id);
        Demand.All(line.Status == LineStatus.Lost ? null : BookingRules.NotNow.With(BookingWords.Of(line.Status)));
        line.ComeBack();
        Happened("booking.found", new TakenBack(Id, [id], [loan]), [line]);
    }
}
