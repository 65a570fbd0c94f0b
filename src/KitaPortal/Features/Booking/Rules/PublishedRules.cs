using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>The published rule sets, for places that need a policy without all the facts of a request.</summary>
public sealed class PublishedRules(IReadOnlyList<RuleSet> sets)
{
    public IReadOnlyList<RuleSet> Sets => sets;

    public static async Task<PublishedRules> LoadAsync(PortalDb db, CancellationToken ct)
        => new((await db.StandingAsync<LendingBook>(ct)).RuleSets);

    public RulePolicy For(string classCode, OfficeId office, IReadOnlySet<Role> roles, DateOnly day) => RulePolicy.For(sets, classCode, office, roles, day);

    /// <summary>The person's roles; not read while no set is for a role.</summary>
    public async Task<IReadOnlySet<Role>> RolesOfAsync(PortalDb db, StaffId person, DateTimeOffset now, CancellationToken ct)
        => sets.Any(s => s.Role is not null) ? (await CurrentStaff.LoadAsync(db, person, "", TokyoTime.DayOf(now), ct)).Roles.Select(r => r.Role).ToHashSet() : new HashSet<Role>();
}
