using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
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
        services.AddPortalJob<SeriesJob>(TimeSpan.FromMinutes(5));
        services.AddRules("繰り返しの予約", SeriesRules.All);
        services.AddSingleton(new LinkKind("series", "繰り返しの予約", id => $"/booking/series/{id}"));
    }
}

/// <summary>Closes requests for permission whose bookings have all ended undecided.</summary>
internal sealed class SeriesJob(SeriesBooking series) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var closed = await series.CloseEndedRequestsAsync(ct);
        return closed == 0 ? null : $"{closed} requests closed";
    }
}
