using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People;

/// <summary>Who keeps the roster: Hr; while nobody holds Hr (first set-up), Admin.</summary>
public sealed class RosterRights : IAuthorizationRequirement
{
    public const string Policy = "Roster";

    internal static void Add(IServiceCollection services)
    {
        services.AddScoped<IAuthorizationHandler, Handler>();
        services.AddAuthorizationBuilder().AddPolicy(Policy, p => p.AddRequirements(new RosterRights()));
    }

    private sealed class Handler(PortalDb db, TimeProvider clock) : AuthorizationHandler<RosterRights>
    {
        protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, RosterRights requirement)
        {
            if (Has(Role.Hr) || (Has(Role.Admin) && !await db.RoleGrants.On(clock.Today()).AnyAsync(g => g.Role == Role.Hr))) context.Succeed(requirement);

            bool Has(Role role) => context.User.HasClaim(Policies.RoleClaim, role.ToString());
        }
    }
}
