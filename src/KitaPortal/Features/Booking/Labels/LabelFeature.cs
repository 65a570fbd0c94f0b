using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Booking.Labels;

/// <summary>QR labels.</summary>
internal static class LabelFeature
{
    public static IServiceCollection AddLabels(this IServiceCollection services)
    {
        services.AddOptions<BookingOptions>().ValidateDataAnnotations()
            .Validate(o => LabelSheet.CanRead(o.LabelSheets), "Booking:LabelSheets を読めません。「24:3,8,66,33.9,6,12.9,66,33.9」の形で書いてください。").ValidateOnStart();
        services.AddAuthorizationBuilder().AddRolePolicy(IndexPage.Policy, Role.Desk, Role.LendingManager, Role.Admin);
        services.AddSingleton(new NavItem(NavSection.Devices, "QRラベル", "/booking/devices/labels", "qr", 55, IndexPage.Policy));
        return services;
    }
}
