using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>Which requests a person sees, and which wait for whom.</summary>
public static class ApprovalQueries
{
    /// <summary>Own ones; from submission on those of whose route one is part or present deputy, and those of the department one heads (not 親展).</summary>
    public static IQueryable<ApprovalRequest> VisibleTo(this IQueryable<ApprovalRequest> requests, CurrentStaff me, IReadOnlyList<Deputyship> deputyships)
    {
        var (id, principals) = (me.Id, Principals(deputyships));
        var heads = me.HeadOf.Select(d => (DepartmentId?)d).ToList();
        return requests.Where(r => r.ApplicantId == id || r.OnBehalfOfId == id
            || (r.Number != null && (r.Steps.Any(s => s.Assignees.Any(a => a.StaffId == id || principals.Contains(a.StaffId)))
                || r.Acts.Any(a => a.ActorId == id)
                || (!r.Confidential && heads.Contains(r.DepartmentId)))));
    }

    /// <summary>Those that wait for the person's own act.</summary>
    public static IQueryable<ApprovalRequest> WaitingFor(this IQueryable<ApprovalRequest> requests, StaffId person)
        => requests.Where(r => r.State == RequestState.Circulating && r.Steps.Any(s => s.No == r.CurrentStep && s.Assignees.Any(a => a.StaffId == person)));

    /// <summary>Those that wait for an absent person for whom one may act.</summary>
    public static IQueryable<ApprovalRequest> OpenToDeputy(this IQueryable<ApprovalRequest> requests, StaffId person, IReadOnlyList<Deputyship> deputyships)
    {
        var deciders = deputyships.Where(d => d is { Absent: true, Capacity: Capacity.DecidesForHead }).Select(d => d.PrincipalId).ToList();
        var covered = deputyships.Where(d => d is { Absent: true, Capacity: Capacity.Covers }).Select(d => d.PrincipalId).ToList();
        return requests.Where(r => r.State == RequestState.Circulating && r.ApplicantId != person && r.OnBehalfOfId != person
            && !r.Steps.Any(s => s.No == r.CurrentStep && s.Assignees.Any(a => a.StaffId == person))
            && r.Steps.Any(s => s.No == r.CurrentStep && ((s.Kind == StepKind.Decide && !s.CoverDecides)
                ? s.Assignees.Any(a => deciders.Contains(a.StaffId))
                : s.Assignees.Any(a => covered.Contains(a.StaffId)))));
    }

    /// <summary>Own and asked-for requests.</summary>
    public static IQueryable<ApprovalRequest> Of(this IQueryable<ApprovalRequest> requests, StaffId person)
        => requests.Where(r => r.ApplicantId == person || r.OnBehalfOfId == person);

    /// <summary>The register as far as the person may read it: all for 文書担当 and auditors, otherwise what one sees anyway.</summary>
    public static IQueryable<ApprovalRequest> InRegisterFor(this IQueryable<ApprovalRequest> requests, CurrentStaff me, IReadOnlyList<Deputyship> deputyships)
        => (me.ReadsWholeRegister() ? requests : requests.VisibleTo(me, deputyships)).Where(r => r.Number != null);

    public static bool ReadsWholeRegister(this CurrentStaff me) => me.Is(Role.Records) || me.Is(Role.Auditor);

    /// <summary>One line of a list.</summary>
    public sealed record Row(ApprovalRequestId Id, string? Number, string Title, string FormName, string Applicant, string Department, RequestState State, DateTimeOffset? Since,
        DateTimeOffset? DueAt, string Waiting);

    public static async Task<List<Row>> RowsAsync(this IQueryable<ApprovalRequest> requests, CancellationToken ct)
    {
        var found = await requests.AsNoTracking().Include(r => r.Steps).ThenInclude(s => s.Assignees).AsSplitQuery().ToListAsync(ct);
        return [.. found.Select(r => new Row(r.Id, r.Number, r.Title, r.FormName, r.ApplicantName, r.ApplicantDepartment, r.State,
            r.Current?.BegunAt ?? r.SubmittedAt, r.DueAt, r.Current?.Who ?? ""))];
    }

    private static List<StaffId> Principals(IReadOnlyList<Deputyship> deputyships) => [.. deputyships.Where(d => d.Absent).Select(d => d.PrincipalId)];
}
