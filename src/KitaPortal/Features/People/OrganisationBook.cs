using System.Collections.Concurrent;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People;

/// <summary>Who works where, of all days: a standing copy read by nearly every request. Its rows are shared; nobody changes them.</summary>
public sealed class OrganisationBook
{
    private readonly Dictionary<StaffId, Person> people;
    private readonly Dictionary<OfficeId, Office> offices;
    private readonly Dictionary<PostId, Post> posts;
    private readonly ILookup<DepartmentId, DepartmentTerm> terms;
    private readonly ILookup<StaffId, Posting> postings;
    private readonly Dictionary<DepartmentId, string> codes;
    private readonly IReadOnlyList<RoleGrant> grants;
    private readonly HashSet<(StaffId, StaffId, DateOnly, DateOnly?)> delegates;
    private readonly ConcurrentDictionary<DateOnly, OrganisationChart> charts = new();

    /// <summary>A person as others need to know them. Employed <c>[EmployedFrom, EmployedTo)</c> in Tokyo days.</summary>
    public sealed record Person(StaffId Id, string Name, string StaffNumber, string? Mail, EmploymentClass EmploymentClass, DateOnly EmployedFrom, DateOnly? EmployedTo, DateOnly? LeavingPublicFrom)
    {
        /// <summary>The end of the employment as far as it may be known on a day.</summary>
        public DateOnly? EmployedToAsKnownOn(DateOnly day) => LeavingPublicFrom is { } known && day < known && day < EmployedTo ? null : EmployedTo;

        public bool IsEmployedOn(DateOnly day) => Covers(EmployedFrom, EmployedTo, day);
    }

    /// <summary>A posting on a day, with what its post, department and office are then.</summary>
    public sealed record Place(PostingKind Kind, DepartmentId DepartmentId, bool IsClerk, Post Post, DepartmentTerm Term, Office Office);

    private OrganisationBook(IEnumerable<Person> people, IEnumerable<Office> offices, IEnumerable<Post> posts, IEnumerable<DepartmentTerm> terms, IEnumerable<Posting> postings,
        Dictionary<DepartmentId, string> codes, IReadOnlyList<RoleGrant> grants, IEnumerable<Roles.Delegate> delegates)
    {
        (this.people, this.offices, this.posts) = (people.ToDictionary(p => p.Id), offices.ToDictionary(o => o.Id), posts.ToDictionary(p => p.Id));
        (this.terms, this.postings, this.codes, this.grants) = (terms.ToLookup(t => t.DepartmentId), postings.ToLookup(p => p.StaffId), codes, grants);
        this.delegates = [.. delegates.Select(d => (d.StaffId, d.DelegateId, d.From, d.To))];
    }

    internal static Type[] Entities =>
        [typeof(StaffMember), typeof(Office), typeof(Post), typeof(Department), typeof(DepartmentTerm), typeof(Posting), typeof(RoleGrant), typeof(Roles.Delegate)];

    internal static async Task<OrganisationBook> LoadAsync(PortalDb db, CancellationToken ct) => new(
        (await db.Staff.Select(s => new { s.Id, s.FamilyName, s.GivenName, s.FormerName, s.UsesFormerName, s.StaffNumber, s.Mail, s.EmploymentClass, s.EmployedFrom, s.EmployedTo, s.LeavingPublicFrom }).ToListAsync(ct))
            .Select(s => new Person(s.Id, $"{(s.UsesFormerName && s.FormerName is not null ? s.FormerName : s.FamilyName)}\u3000{s.GivenName}", s.StaffNumber, s.Mail, s.EmploymentClass, s.EmployedFrom, s.EmployedTo, s.LeavingPublicFrom)),
        await db.Offices.AsNoTracking().ToListAsync(ct),
        await db.Posts.AsNoTracking().ToListAsync(ct),
        await db.DepartmentTerms.AsNoTracking().ToListAsync(ct),
        await db.Postings.AsNoTracking().ToListAsync(ct),
        await db.Departments.Select(d => new { d.Id, d.Code }).ToDictionaryAsync(d => d.Id, d => d.Code, ct),
        await db.RoleGrants.AsNoTracking().ToListAsync(ct),
        await db.Delegates.AsNoTracking().ToListAsync(ct));

    public IEnumerable<Office> Offices => offices.Values.OrderBy(o => o.SortOrder);

    public Person? Find(StaffId id) => people.GetValueOrDefault(id);

    /// <summary>The person's postings that cover the day, in departments that exist then.</summary>
    public IEnumerable<Place> PostingsOf(StaffId person, DateOnly day)
        => from place in HeldBy(person, day)
           let term = TermOn(place.Posting.DepartmentId, day)
           where term is not null
           select new Place(place.Posting.Kind, place.Posting.DepartmentId, place.Posting.IsClerk, place.Post, term, offices[place.Posting.OfficeId ?? term.OfficeId]);

    /// <summary>The person's postings that cover the day, with their posts.</summary>
    public IEnumerable<(Posting Posting, Post Post)> HeldBy(StaffId person, DateOnly day)
        => postings[person].Where(p => Covers(p.From, p.To, day)).Select(p => (p, posts[p.PostId]));

    /// <summary>How the department was called on the day, or last before it, or first after it.</summary>
    public DepartmentTerm? NearestTerm(DepartmentId department, DateOnly day)
        => terms[department].Where(t => t.From <= day).MaxBy(t => t.From) ?? terms[department].MinBy(t => t.From);

    /// <summary>The roles given to the person or to whoever works in the departments, in force on the day.</summary>
    public IEnumerable<RoleGrant> GrantsTo(StaffId person, IReadOnlySet<DepartmentId> departments, DateOnly day)
        => grants.Where(g => Covers(g.From, g.To, day) && (g.ToStaffId == person || (g.ToDepartmentId is { } d && departments.Contains(d))));

    /// <summary>Whether somebody may book and be asked for the principal on the day.</summary>
    public bool IsDelegate(StaffId principal, StaffId somebody, DateOnly day) => delegates.Any(d => d.Item1 == principal && d.Item2 == somebody && Covers(d.Item3, d.Item4, day));

    /// <summary>The organisation of one day.</summary>
    public OrganisationChart ChartOn(DateOnly day)
    {
        if (charts.Count > 100) charts.Clear();
        return charts.GetOrAdd(day, _ => new OrganisationChart(day,
            from term in terms.SelectMany(t => t)
            where Covers(term.From, term.To, day)
            select new OrganisationChart.Unit(term.DepartmentId, codes[term.DepartmentId], term.Name, term.ShortName, term.Kind, term.ParentId, term.OfficeId, term.SortOrder),
            from posting in postings.SelectMany(p => p)
            where Covers(posting.From, posting.To, day)
            let post = posts[posting.PostId]
            where post.IsHead || post.MayDecideForHead
            let person = people[posting.StaffId]
            where person.IsEmployedOn(day)
            select new OrganisationChart.Head(posting.DepartmentId, person.Id, person.Name, post.Name, post.Rank, post.IsHead)));
    }

    /// <summary>Those who hold the role on the day, personally or by their department; of a role given for an office or department only within the scope, if one is named.</summary>
    public IReadOnlyList<StaffId> HoldersOf(Role role, Guid? scope, DateOnly day)
    {
        var held = grants.Where(g => g.Role == role && (scope is null || g.ScopeId == scope) && Covers(g.From, g.To, day)).ToList();
        var departments = held.Select(g => g.ToDepartmentId).OfType<DepartmentId>().ToHashSet();
        var members = departments.Count == 0 ? [] : postings.SelectMany(p => p).Where(p => departments.Contains(p.DepartmentId) && Covers(p.From, p.To, day)).Select(p => p.StaffId);
        return [.. held.Select(g => g.ToStaffId).OfType<StaffId>().Concat(members).Distinct()];
    }

    private DepartmentTerm? TermOn(DepartmentId department, DateOnly day) => terms[department].FirstOrDefault(t => Covers(t.From, t.To, day));

    private static bool Covers(DateOnly from, DateOnly? to, DateOnly day) => from <= day && (to is null || day < to);
}
