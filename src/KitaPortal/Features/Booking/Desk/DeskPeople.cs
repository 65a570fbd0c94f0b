using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>Who holds a role today: the people to tell.</summary>
internal static class DeskPeople
{
    /// <summary>Those who staff the lending desk of the office; where nobody does, the lending managers.</summary>
    public static async Task<IReadOnlyList<StaffId>> OfAsync(PortalDb db, OfficeId office, DateOnly day, CancellationToken ct)
        => await OfAsync(db, Role.Desk, office.Value, day, ct) is { Count: > 0 } clerks ? clerks : await OfAsync(db, Role.LendingManager, null, day, ct);

    /// <summary>Those who hold the role, personally or by their department.</summary>
    public static async Task<IReadOnlyList<StaffId>> OfAsync(PortalDb db, Role role, Guid? scope, DateOnly day, CancellationToken ct)
        => (await db.StandingAsync<OrganisationBook>(ct)).HoldersOf(role, scope, day);
}
