using KitaPortal.Data;
using KitaPortal.Features.People.Import;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;
using Microsoft.AspNetCore.Authentication;

namespace KitaPortal.Features.People;

/// <summary>Staff, organisation, roles and sign-in.</summary>
public static class PeopleFeature
{
    public static IServiceCollection AddPeople(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddStanding(OrganisationBook.LoadAsync, OrganisationBook.Entities);
        services.AddOptions<SignInOptions>().BindConfiguration("SignIn");
        services.AddSingleton<EvaluationDoor>();
        services.AddScoped<SessionOpening>();
        services.AddScoped<RoleChanges>();
        services.AddScoped<CurrentStaff>();
        services.AddAuthentication(SessionAuthentication.Scheme_)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.Scheme_, null);
        var signIn = configuration.GetSection("SignIn").Get<SignInOptions>() ?? new SignInOptions();
        if (signIn.IsEntra) EntraSignIn.Add(services, signIn.Entra);
        services.AddPolicies();
        RosterRights.Add(services);
        services.AddRules("職員・在席", PeopleRules.All);
        services.AddImportKind<OrganisationImport>().AddImportKind<RosterImport>().AddScoped<ImportKinds>();
        services.AddSingleton(new NavItem(NavSection.Daily, "電話帳", "/people", "people", 40));
        services.AddSingleton(new NavItem(NavSection.Admin, "役割", "/admin/roles", "key", 32, Policies.Admin));
        services.AddSingleton(new NavItem(NavSection.Admin, "サインインの紐付け", "/admin/sign-in-links", "shield", 34, Policies.Admin));
        services.AddSingleton(new NavItem(NavSection.Admin, "職員名簿", "/people/staff", "person", 10, RosterRights.Policy));
        services.AddSingleton(new NavItem(NavSection.Admin, "所属・庁舎・職名", "/people/departments", "building", 20, Policies.Organisation));
        services.AddSingleton(new NavItem(NavSection.Admin, "ファイルの取込み", "/people/import", "upload", 30, Policies.Organisation));
        return services;
    }

    public static IEndpointRouteBuilder MapPeople(this IEndpointRouteBuilder app)
    {
        SessionApi.Map(app);
        PeopleApi.Map(app);
        return app;
    }
}
