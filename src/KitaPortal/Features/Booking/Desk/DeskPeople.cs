using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>Who holds a role today: the people to tell.</summary>
internal static class DeskPeople
{
    /// <summary>Those who staff the lending desk of the office; where nobody does, the lending managers.</summary>
    public static async Task<IReadOnlyList<StaffId>> OfAsync(PortalDb db, OfficeId office, DateOnly day, CancellationToken ct)
        => await OfAsync(db, Role.Desk, office.Value, day, ct) is { Count: > 0 } clerks ? clerks : await OfAsync(db, Role.LendingManager, null, day, ct);

    /// <summary>Those who hold the role, personally or by their department.</summary>
    public static async Task<IReadOnlyList<StaffId>> OfAsync(PortalDb db, Role role, Guid? scope, DateOnly day, CancellationToken ct)
    {
        var grants = await db.RoleGrants.On(day).Where(g => g.Role == role && (scope == null || g.ScopeId == scope)).Select(g => new { g.ToStaffId, g.ToDepartmentId }).ToListAsync(ct);
        var departments = grants.Select(g => g.ToDepartmentId).OfType<DepartmentId>().ToList();
        var members = departments.Count == 0 ? [] : await db.Postings.On(day).Where(p => departments.Contains(p.DepartmentId)).Select(p => p.StaffId).ToListAsync(ct);
        return [.. grants.Select(g => g.ToStaffId).OfType<StaffId>().Concat(members).Distinct()];
    }
}
