using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.People.Roles;

/// <summary>Gives and ends roles under rule 職-5: never to oneself, never administrator and auditor in one person, never without any administrator.</summary>
public sealed class RoleChanges(PortalDb db, TimeProvider clock, IOptions<SecurityOptions> security)
{
    /// <summary>The roles that are given; the others follow from employment and postings.</summary>
    public static IReadOnlyList<Role> Given { get; } = [Role.Desk, Role.LendingManager, Role.SecurityManager, Role.Hr, Role.Notices, Role.Records, Role.Auditor, Role.Admin];

    public Task<RoleGrant> GrantAsync(Role role, StaffId to, Guid? scope, DateOnly from, DateOnly? until, string reason, StaffId by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        await db.LockAsync<StaffMember>([to.Value], ct);
        var other = role switch { Role.Admin => Role.Auditor, Role.Auditor => Role.Admin, _ => (Role?)null };
        var clashes = other is { } o && !security.Value.AllowAdminAuditor
            && await db.RoleGrants.AnyAsync(g => g.Role == o && g.ToStaffId == to && (until == null || g.From < until) && (g.To == null || from < g.To), ct);
        Demand.All(
            to == by ? PeopleRules.RoleSelf.With() : null,
            clashes ? PeopleRules.RoleSeparation.With() : null,
            role == Role.Desk && scope is null ? PeopleRules.RoleScope.On("Form.OfficeId", "庁舎") : null,
            until <= from ? PeopleRules.RoleOrder.On("Form.Until") : null);
        var grant = new RoleGrant(role, to, null, role == Role.Desk ? scope : null, from, until, reason, by);
        db.Add(grant);
        return grant;
    }, ct);

    /// <summary>Ends a grant from this day on. One administrator always remains.</summary>
    public Task EndAsync(Guid id, DateOnly to, string reason, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var today = TokyoTime.DayOf(clock.GetUtcNow());
        var admins = await db.RoleGrants.Where(g => g.Role == Role.Admin && (g.To == null || g.To > today)).Select(g => g.Id).ToListAsync(ct);
        await db.LockAsync<RoleGrant>(admins, ct);
        var grant = await db.RoleGrants.SingleOrDefaultAsync(g => g.Id == id, ct).OrNotHere();
        if (grant.Role == Role.Admin)
        {
            var remains = await (
                from other in db.RoleGrants.On(to)
                where other.Role == Role.Admin && other.Id != id && other.To == null
                join staff in db.Staff.On(to) on other.ToStaffId equals (StaffId?)staff.Id
                select other.Id).AnyAsync(ct);
            Demand.All(remains ? null : PeopleRules.LastAdmin.With());
        }
        grant.End(to < grant.From ? grant.From : to, reason);
    }, ct);
}
