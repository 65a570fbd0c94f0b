using KitaPortal.Features.People.Import;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authentication;

namespace KitaPortal.Features.People;

/// <summary>Staff, organisation, roles and sign-in.</summary>
public static class PeopleFeature
{
    public static IServiceCollection AddPeople(this IServiceCollection services)
    {
        services.AddOptions<SignInOptions>().BindConfiguration("SignIn");
        services.AddSingleton<EvaluationDoor>();
        services.AddScoped<SessionOpening>();
        services.AddScoped<CurrentStaff>();
        services.AddAuthentication(SessionAuthentication.Scheme_)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.Scheme_, null);
        services.AddPolicies();
        services.AddRules("職員・在席", PeopleRules.All);
        services.AddImportKind<OrganisationImport>().AddImportKind<RosterImport>();
        return services;
    }

    public static IEndpointRouteBuilder MapPeople(this IEndpointRouteBuilder app)
    {
        SessionApi.Map(app);
        return app;
    }
}
