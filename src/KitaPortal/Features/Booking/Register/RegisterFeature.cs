using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Booking.Register;

/// <summary>持出管理簿.</summary>
internal static class RegisterFeature
{
    public static IServiceCollection AddLendingRegister(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder().AddRolePolicy(IndexPage.Policy, Role.Desk, Role.LendingManager, Role.Head, Role.SecurityManager, Role.Admin, Role.Auditor);
        services.AddHandler<RegisterKeeper>();
        services.AddPortalJob<RegisterRetentionJob>("0 0 3 * * ?");
        services.AddSingleton(new NavItem(NavSection.Devices, "持出管理簿", "/booking/register", "ledger", 40, IndexPage.Policy));
        return services;
    }
}
