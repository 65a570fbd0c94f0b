using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>Where somebody belonged on a day.</summary>
internal sealed record Belonging(string? PostName, DepartmentId DepartmentId, string? DepartmentName, OfficeId? OfficeId);

/// <summary>Where people belonged day by day, for the snapshots of ledger rows.</summary>
internal sealed class PersonHistory(OrganisationBook organisation)
{
    /// <summary>The department the booking names while the person works there; otherwise the person's main one of the day.</summary>
    public Belonging On(StaffId person, DepartmentId named, DateOnly day)
    {
        var held = organisation.HeldBy(person, day).OrderBy(h => h.Posting.Kind).ToList();
        var (posting, post) = held.FirstOrDefault(h => h.Posting.DepartmentId == named, held.FirstOrDefault());
        var department = posting?.DepartmentId ?? named;
        var term = organisation.NearestTerm(department, day);
        return new(post?.Name, department, term?.Name, posting?.OfficeId ?? term?.OfficeId);
    }
}
