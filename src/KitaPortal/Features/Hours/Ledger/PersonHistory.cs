using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>Where somebody belonged on a day.</summary>
internal sealed record Belonging(string? PostName, DepartmentId DepartmentId, string? DepartmentName, OfficeId? OfficeId);

/// <summary>Where people belonged day by day, for the snapshots of ledger rows.</summary>
internal sealed class PersonHistory
{
    private sealed record Place(StaffId StaffId, DepartmentId DepartmentId, PostingKind Kind, DateOnly From, DateOnly? To, OfficeId? OfficeId, string PostName);

    private readonly ILookup<StaffId, Place> places;
    private readonly ILookup<DepartmentId, DepartmentTerm> terms;

    private PersonHistory(IEnumerable<Place> places, IEnumerable<DepartmentTerm> terms)
        => (this.places, this.terms) = (places.ToLookup(p => p.StaffId), terms.OrderBy(t => t.From).ToLookup(t => t.DepartmentId));

    public static async Task<PersonHistory> LoadAsync(PortalDb db, IReadOnlyCollection<StaffId> people, CancellationToken ct)
    {
        var places = await (
            from posting in db.Postings
            where people.Contains(posting.StaffId)
            join post in db.Posts on posting.PostId equals post.Id
            select new Place(posting.StaffId, posting.DepartmentId, posting.Kind, posting.From, posting.To, posting.OfficeId, post.Name)).ToListAsync(ct);
        return new(places, await db.DepartmentTerms.AsNoTracking().ToListAsync(ct));
    }

    /// <summary>The department the booking names while the person works there; otherwise the person's main one of the day.</summary>
    public Belonging On(StaffId person, DepartmentId named, DateOnly day)
    {
        var today = places[person].Where(p => p.From <= day && (p.To is null || day < p.To)).OrderBy(p => p.Kind).ToList();
        var place = today.FirstOrDefault(p => p.DepartmentId == named) ?? (today.Count > 0 ? today[0] : null);
        var department = place?.DepartmentId ?? named;
        var term = terms[department].LastOrDefault(t => t.From <= day) ?? terms[department].FirstOrDefault();
        return new(place?.PostName, department, term?.Name, place?.OfficeId ?? term?.OfficeId);
    }
}
