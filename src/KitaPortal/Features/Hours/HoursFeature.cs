using KitaPortal.Features.Hours.Indicators;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Hours;

/// <summary>The hours ledger, the town's KGI, and the indicators of its strategy.</summary>
public static class HoursFeature
{
    public static IServiceCollection AddHours(this IServiceCollection services)
    {
        services.AddStartupWork<StrategyHistory>();
        services.AddSingleton(new NavItem(NavSection.Results, "指標の一覧", "/hours/indicators", "list", 30));
        return services;
    }
}
