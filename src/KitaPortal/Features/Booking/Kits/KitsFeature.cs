using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Kits;

/// <summary>Kits: models that are booked together.</summary>
internal static class KitsFeature
{
    public static void AddKits(this IServiceCollection services) => services.AddRules("セット", KitRules.All);

    public static void MapKits(this IEndpointRouteBuilder app) => KitApi.Map(app);
}
