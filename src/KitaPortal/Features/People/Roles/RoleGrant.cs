using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.People.Roles;

/// <summary>What a person may be in the portal. Staff, Head and Clerk follow from employment and postings; the others are granted.</summary>
public enum Role { Staff, Head, Clerk, Desk, LendingManager, SecurityManager, Hr, Notices, Records, Auditor, Admin }

/// <summary>A role given to a person or to whoever works in a department, for a time <c>[From, To)</c> in Tokyo days; dated, so 1 April is entered in March.</summary>
public sealed class RoleGrant : Entity
{
    private RoleGrant() { }

    public RoleGrant(Role role, StaffId? toStaffId, DepartmentId? toDepartmentId, Guid? scopeId, DateOnly from, DateOnly? to, string reason, StaffId? grantedBy)
    {
        Demand.All(
            toStaffId is not null && toStaffId == grantedBy ? PeopleRules.RoleSelf.With() : null,
            role == Role.Desk && scopeId is null ? PeopleRules.RoleScope.With("庁舎") : null);
        (Id, Role, ToStaffId, ToDepartmentId, ScopeId, From, To, Reason, GrantedById) = (Guid.CreateVersion7(), role, toStaffId, toDepartmentId, scopeId, from, to, reason, grantedBy);
        Audit("role.granted", after: new { role, staff = toStaffId?.Value, department = toDepartmentId?.Value, scope = scopeId, from, to }, reason: reason);
    }

    public Guid Id { get; private set; }

    public Role Role { get; private set; }

    public StaffId? ToStaffId { get; private set; }

    public DepartmentId? ToDepartmentId { get; private set; }

    /// <summary>The office of a desk, or the department of a limited grant; null is the whole town.</summary>
    public Guid? ScopeId { get; private set; }

    public DateOnly From { get; private set; }

    public DateOnly? To { get; private set; }

    public string Reason { get; private set; } = "";

    public StaffId? GrantedById { get; private set; }

    public override string SubjectId => Id.ToString();

    public void End(DateOnly to, string reason)
    {
        Audit("role.ended", new { To }, new { to }, reason);
        To = to;
    }
}

/// <summary>Who may book and be asked for a person (代理), <c>[From, To)</c> in Tokyo days.</summary>
public sealed class Delegate : Entity
{
    private Delegate() { }

    public Delegate(StaffId staffId, StaffId delegateId, DateOnly from, DateOnly? to)
    {
        if (staffId == delegateId) throw new ArgumentException("Nobody is one's own delegate.");
        (Id, StaffId, DelegateId, From, To) = (Guid.CreateVersion7(), staffId, delegateId, from, to);
        Audit("delegate.named", after: new { staff = staffId.Value, @delegate = delegateId.Value, from, to });
    }

    public Guid Id { get; private set; }

    /// <summary>The principal.</summary>
    public StaffId StaffId { get; private set; }

    public StaffId DelegateId { get; private set; }

    public DateOnly From { get; private set; }

    public DateOnly? To { get; private set; }

    public override string SubjectId => Id.ToString();

    public void End(DateOnly to)
    {
        Audit("delegate.ended", new { To }, new { to });
        To = to;
    }
}
