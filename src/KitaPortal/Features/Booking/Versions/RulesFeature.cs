using KitaPortal.Features.Booking.Eligible;
using KitaPortal.Features.Booking.Import;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.Booking.Versions;

/// <summary>Rights about the lending rules and about who may borrow.</summary>
public static class BookingPolicies
{
    /// <summary>Models and pools.</summary>
    public const string Inventory = "Booking.Inventory";

    /// <summary>Publishes versions of the rules and texts of agreements.</summary>
    public const string Rules = "Booking.Rules";

    /// <summary>Drafts versions of the rules.</summary>
    public const string RuleDrafts = "Booking.RuleDrafts";

    /// <summary>Sees who has signed and is trained, and imports trainings and security checks.</summary>
    public const string Eligibility = "Booking.Eligibility";

    /// <summary>Writes down security checks of devices; desks those of their office.</summary>
    public const string Compliance = "Booking.Compliance";
}

/// <summary>Versions of the rules: drafted, published by somebody else, carried out.</summary>
internal static class RulesFeature
{
    public static IServiceCollection AddLendingRules(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder()
            .AddRolePolicy(BookingPolicies.Rules, Role.SecurityManager)
            .AddRolePolicy(BookingPolicies.RuleDrafts, Role.SecurityManager, Role.Admin)
            .AddRolePolicy(BookingPolicies.Eligibility, Role.SecurityManager, Role.Admin, Role.LendingManager)
            .AddRolePolicy(BookingPolicies.Compliance, Role.SecurityManager, Role.Admin, Role.LendingManager, Role.Desk);
        services.AddRules("区分", Classes.ClassRules.All);
        services.AddRules("誓約書", EligibleRules.All);
        services.AddFileOwner(PaperPage.Scan, PaperPage.MayReadAsync);
        services.AddImportKind<ComplianceImport>();
        services.AddImportKind<TrainingImport>();
        services.AddPortalJob<EligibilityWatch>("0 0 6 * * ?");
        services.AddPortalJob<ComplianceWatch>("0 30 7 * * ?");
        services.AddSingleton(new NewsKind("booking.eligibility", "誓約書・研修の期限", MailAtOnce: true));
        services.AddSingleton(new NewsKind("booking.compliance", "引渡しできない端末", MailAtOnce: true));
        services.AddScoped<RuleDrafts>();
        services.AddScoped<RuleChange>();
        services.AddPortalJob<RuleChangeJob>(TimeSpan.FromMinutes(1));
        services.AddSingleton(new NewsKind("booking.rules-changed", "規程の変更", MailAtOnce: true));
        services.AddSingleton(new NavItem(NavSection.Devices, "貸出の規程", "/booking/rules", "shield", 60));
        return services;
    }
}
