using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Booking.Waiting;

/// <summary>The waiting list: timed offers, passed on when they are not taken.</summary>
internal static class WaitingFeature
{
    public static void AddWaiting(this IServiceCollection services)
    {
        services.AddScoped<WaitingLine>();
        services.AddRules("空き待ち", WaitingRules.All);
        services.AddSingleton(new NewsKind("booking.offer", "空き待ちの案内", MailAtOnce: true));
        services.AddSingleton(new NavItem(NavSection.Devices, "空き待ち", "/booking/waitlist", "clock", 25));
    }

    public static void MapWaiting(this IEndpointRouteBuilder app) => WaitingApi.Map(app);
}
