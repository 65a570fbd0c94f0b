namespace KitaPortal.Features.Booking;

/// <summary>Names of the rights of booking that are finer than the portal's own.</summary>
public static class BookingPolicies
{
    /// <summary>Models and pools.</summary>
    public const string Inventory = "Booking.Inventory";
}
