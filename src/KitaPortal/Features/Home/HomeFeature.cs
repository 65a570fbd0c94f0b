using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Home;

/// <summary>The first page, the rules page, and what is shown when something is wrong.</summary>
public static class HomeFeature
{
    public static IServiceCollection AddHome(this IServiceCollection services)
    {
        services.AddSingleton(new NavItem(NavSection.Daily, "ホーム", "/", "home", 0) { Quick = true });
        services.AddSingleton(new NavItem(NavSection.Daily, "利用の決まり", "/help/rules", "shield", 90));
        return services;
    }
}
