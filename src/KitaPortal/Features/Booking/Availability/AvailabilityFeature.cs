using KitaPortal.Features.Booking.Versions;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Availability;

/// <summary>Finding a device: timeline, availability, alternatives; and the rights of the inventory.</summary>
internal static class AvailabilityFeature
{
    public static IServiceCollection AddAvailability(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder().AddRolePolicy(BookingPolicies.Inventory, Role.Admin);
        services.AddScoped<Alternatives>();
        services.AddScoped<Inventory.InventoryBook>();
        services.AddRules("機種・貸出先", Inventory.InventoryRules.All);
        return services;
    }

    public static void MapAvailability(this IEndpointRouteBuilder app) => TimelineApi.Map(app);
}
