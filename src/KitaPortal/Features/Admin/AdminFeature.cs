using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Admin;

/// <summary>For the one or two people who run the portal.</summary>
public static class AdminFeature
{
    public static IServiceCollection AddAdmin(this IServiceCollection services)
    {
        services.AddSingleton(new NavItem(NavSection.Admin, "開庁日と休日", "/admin/calendar", "calendar", 40, Policies.Admin));
        services.AddSingleton(new NavItem(NavSection.Admin, "定期処理", "/admin/jobs", "clock", 50, Policies.Admin));
        services.AddSingleton(new NavItem(NavSection.Admin, "送信待ちメール", "/admin/mail", "mail", 60, Policies.Admin));
        return services;
    }
}
