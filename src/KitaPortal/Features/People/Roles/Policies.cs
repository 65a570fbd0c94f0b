using Microsoft.AspNetCore.Authorization;

namespace KitaPortal.Features.People.Roles;

/// <summary>Names of the rights. Pages and endpoints name a policy, never a role. The fallback policy is <see cref="Staff"/>.</summary>
public static class Policies
{
    public const string Staff = nameof(Staff);
    public const string Head = nameof(Head);
    public const string Desk = nameof(Desk);
    public const string Security = nameof(Security);
    public const string Hr = nameof(Hr);
    public const string Notices = nameof(Notices);
    public const string Records = nameof(Records);
    public const string Audit = nameof(Audit);
    public const string Admin = nameof(Admin);

    /// <summary>Roster, postings, organisation: Hr; Admin while nobody holds Hr, and for the organisation.</summary>
    public const string Organisation = nameof(Organisation);

    /// <summary>The role claim that the session check gives.</summary>
    public const string RoleClaim = "role";

    public static IServiceCollection AddPolicies(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder()
            .AddRolePolicy(Staff, Role.Staff)
            .AddRolePolicy(Head, Role.Head)
            .AddRolePolicy(Desk, Role.Desk, Role.LendingManager)
            .AddRolePolicy(Security, Role.SecurityManager)
            .AddRolePolicy(Hr, Role.Hr)
            .AddRolePolicy(Notices, Role.Notices)
            .AddRolePolicy(Records, Role.Records)
            .AddRolePolicy(Audit, Role.Auditor)
            .AddRolePolicy(Admin, Role.Admin)
            .AddRolePolicy(Organisation, Role.Hr, Role.Admin)
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireClaim(RoleClaim, nameof(Role.Staff)).Build());
        return services;
    }

    /// <summary>Adds a policy held by any of the roles; features add their finer ones with it.</summary>
    public static AuthorizationBuilder AddRolePolicy(this AuthorizationBuilder builder, string policy, params Role[] roles)
        => builder.AddPolicy(policy, p => p.RequireClaim(RoleClaim, roles.Select(r => r.ToString())));
}
