using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>Requests for programs: reading only; deciding is for people in the browser.</summary>
internal static class ApprovalsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/approvals").WithTags("approvals");
        api.MapGet("", List).WithSummary("Requests that wait for the caller (box=waiting) or are the caller's own (box=mine).");
        api.MapGet("/{id:guid}", One).WithSummary("One request with its route and history.");
    }

    private static async Task<IResult> List(string? box, PortalDb db, CurrentStaff me, CancellationToken ct)
    {
        if (box is not (null or "waiting" or "mine")) return Results.Problem(statusCode: StatusCodes.Status422UnprocessableEntity, title: "box は waiting か mine です。");
        var requests = box == "mine" ? db.ApprovalRequests.Of(me.Id).OrderByDescending(r => r.CreatedAt) : db.ApprovalRequests.WaitingFor(me.Id).OrderBy(r => r.SubmittedAt);
        var rows = await requests.Take(200).RowsAsync(ct);
        return Results.Ok(rows.Select(r => new { r.Id, r.Number, r.Title, form = r.FormName, applicant = r.Applicant, department = r.Department, state = r.State.ToString(), waitingSince = r.Since, r.DueAt, waitingFor = r.Waiting }));
    }

    private static async Task<IResult> One(Guid id, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        var wanted = ApprovalRequestId.From(id);
        var deputyships = await db.DeputyshipsAsync(me.Id, clock.Today(), ct);
        var r = await db.ApprovalRequests.AsNoTracking().VisibleTo(me, deputyships).Where(r => r.Id == wanted)
            .Include(r => r.Steps).ThenInclude(s => s.Assignees).Include(r => r.Acts).AsSplitQuery().SingleOrDefaultAsync(ct).OrNotHere();
        return Results.Ok(new
        {
            r.Id,
            r.Number,
            r.Title,
            form = r.FormCode,
            applicant = r.ApplicantName,
            department = r.ApplicantDepartment,
            onBehalfOf = r.OnBehalfOfName,
            state = r.State.ToString(),
            r.Revision,
            hash = r.ContentHash,
            r.SubmittedAt,
            r.DecidedAt,
            r.DueAt,
            r.Values,
            subject = r.AboutKind is null ? null : new { kind = r.AboutKind, id = r.AboutId },
            route = r.Route.Select(s => new { s.No, s.Name, kind = s.Kind.ToString(), state = s.State.ToString(), s.Note, people = s.Assignees.Select(a => new { a.Name, a.Post, a.ActedAt }) }),
            acts = r.Acts.OrderBy(a => a.Seq).Select(a => new { a.Seq, a.At, kind = a.Kind.ToString(), capacity = a.Capacity.ToString(), actor = a.ActorName, onBehalfOf = a.OnBehalfOfName, step = a.StepNo, target = a.TargetStepNo, a.Reason, a.Revision, hash = a.DocumentHash }),
        });
    }
}
