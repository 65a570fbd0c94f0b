using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Booking.Incidents;

/// <summary>Incidents: loss, theft, breakage, leak.</summary>
internal static class IncidentFeature
{
    /// <summary>Who works on incidents of others: desk, head, security manager, auditor (reads).</summary>
    public const string Policy = "Booking.Incidents";

    public static IServiceCollection AddIncidents(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder().AddRolePolicy(Policy, Role.Desk, Role.LendingManager, Role.Head, Role.SecurityManager, Role.Auditor);
        services.AddScoped<IncidentDesk>();
        services.AddScoped<FindReporting>();
        services.AddPortalJob<IncidentClockJob>(TimeSpan.FromMinutes(5));
        services.AddRules("端末の事故", IncidentRules.All);
        services.AddSingleton(new NewsKind("incident.reported", "端末の事故", MailAtOnce: true, Mandatory: true));
        services.AddSingleton(new NewsKind("incident.damage", "端末の故障・破損", MailAtOnce: false));
        services.AddSingleton(new NewsKind("incident.task", "事故の対応期限", MailAtOnce: true, Mandatory: true));
        services.AddSingleton(new NewsKind("device.found", "拾得の届け出", MailAtOnce: true));
        services.AddSingleton(new NavItem(NavSection.Devices, "端末の事故", "/booking/incidents", "warning", 45, Policy));
        return services;
    }
}
