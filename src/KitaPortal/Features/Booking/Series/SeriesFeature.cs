using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Links;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Series;

/// <summary>Bookings that repeat.</summary>
internal static class SeriesFeature
{
    public static void AddSeries(this IServiceCollection services)
    {
        services.AddScoped<SeriesBooking>();
        services.AddHandler<SeriesDecided>();
        services.AddRules("繰り返しの予約", SeriesRules.All);
        services.AddSingleton(new LinkKind("series", "繰り返しの予約", id => $"/booking/series/{id}"));
    }
}
