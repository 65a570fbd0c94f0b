using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>A device that went out and is gone, and its way back.</summary>
public sealed partial class Booking
{
    /// <summary>紛失: the loan stays open in the register, the device is missing.</summary>
    internal void Lose(BookingLineId id)
    {
        var line = Line(id);
        Demand.All(line.Status == LineStatus.OnLoan ? null : BookingRules.NotNow.With(BookingWords.Of(line.Status)));
        line.Lose();
        Happened("booking.lost", new DeviceLost(Id, [id]), [line]);
    }

    /// <summary>It was found and is back at a desk.</summary>
    internal void ComeBackFound(BookingLineId id, LoanId loan)
    {
        var line = Line(id);
        Demand.All(line.Status == LineStatus.Lost ? null : BookingRules.NotNow.With(BookingWords.Of(line.Status)));
        line.ComeBack();
        Happened("booking.found", new TakenBack(Id, [id], [loan]), [line]);
    }
}
