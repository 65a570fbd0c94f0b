using KitaPortal.Data;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.People.Roles;

/// <summary>The person of this request with what they may be today. Filled by the session check; asking without a signed-in person is a programming error.</summary>
public sealed class CurrentStaff
{
    private Facts? facts;

    /// <summary>What one request needs to know about its person.</summary>
    public sealed record Facts(StaffId Id, string Name, DepartmentId? DepartmentId, string DepartmentName, OfficeId? OfficeId, string OfficeName, string PostName,
        IReadOnlySet<DepartmentId> HeadOf, IReadOnlySet<DepartmentId> ClerkOf, IReadOnlySet<DepartmentId> Departments, IReadOnlyList<(Role Role, Guid? Scope)> Roles);

    public bool IsKnown => facts is not null;

    public StaffId Id => Known.Id;

    public string Name => Known.Name;

    /// <summary>The department of the main posting; null for a person without posting today.</summary>
    public DepartmentId? DepartmentId => Known.DepartmentId;

    public string DepartmentName => Known.DepartmentName;

    public OfficeId? OfficeId => Known.OfficeId;

    public string OfficeName => Known.OfficeName;

    public string PostName => Known.PostName;

    /// <summary>Departments the person heads today (所属長).</summary>
    public IReadOnlySet<DepartmentId> HeadOf => Known.HeadOf;

    public IReadOnlySet<DepartmentId> ClerkOf => Known.ClerkOf;

    /// <summary>All departments of today's postings, 兼務 included.</summary>
    public IReadOnlySet<DepartmentId> Departments => Known.Departments;

    public IReadOnlyList<(Role Role, Guid? Scope)> Roles => Known.Roles;

    public bool Is(Role role) => Roles.Any(r => r.Role == role);

    /// <summary>Whether the person staffs the lending desk of the office today.</summary>
    public bool IsDeskOf(OfficeId office) => Roles.Any(r => r.Role == Role.LendingManager || (r.Role == Role.Desk && r.Scope == office.Value));

    public IReadOnlyList<OfficeId> DeskOffices => [.. Roles.Where(r => r is { Role: Role.Desk, Scope: not null }).Select(r => new OfficeId(r.Scope!.Value)).Distinct()];

    private Facts Known => facts ?? throw new InvalidOperationException("Nobody is signed in.");

    internal void Become(Facts person) => facts = person;

    /// <summary>Reads what a person may be on a day.</summary>
    public static async Task<Facts> LoadAsync(PortalDb db, StaffId id, string name, DateOnly day, CancellationToken ct)
    {
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        var postings = organisation.PostingsOf(id, day).OrderBy(p => p.Kind).ToList();
        var departments = postings.Select(p => p.DepartmentId).ToHashSet();
        var heads = postings.Where(p => p.Post.IsHead).Select(p => p.DepartmentId).ToHashSet();
        var clerks = postings.Where(p => p.IsClerk).Select(p => p.DepartmentId).ToHashSet();
        List<(Role, Guid?)> roles = [(Role.Staff, null)];
        roles.AddRange(heads.Select(d => (Role.Head, (Guid?)d.Value)));
        roles.AddRange(clerks.Select(d => (Role.Clerk, (Guid?)d.Value)));
        roles.AddRange(organisation.GrantsTo(id, departments, day).Select(g => (g.Role, g.ScopeId)));
        var main = postings.FirstOrDefault();
        return new Facts(id, name, main?.DepartmentId, main?.Term.Name ?? "", main?.Office.Id, main?.Office.Name ?? "", main?.Post.Name ?? "", heads, clerks, departments, roles);
    }
}
