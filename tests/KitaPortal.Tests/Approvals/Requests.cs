using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.Approvals;

/// <summary>What the tests of requests do again and again.</summary>
internal static class Requests
{
    public static Dictionary<string, string> TakeOutAnswers => new()
    {
        [TakeOutForm.Devices] = "ノートPC KH-NB-014",
        [TakeOutForm.Period] = "令和8年4月8日（水）8:30 ～ 4月10日（金）17:15",
        [TakeOutForm.Purpose] = "在宅勤務",
        [TakeOutForm.Destination] = "自宅",
    };

    /// <summary>Submits as a subject feature would.</summary>
    public static Task<ApprovalRequestId> Ask(this PortalHost portal, StaffId applicant, StaffId? onBehalfOf = null, IReadOnlyList<RouteCondition>? conditions = null,
        ApprovalRequestId? id = null, string title = "在宅勤務のための持出し")
        => portal.InScopeAsync(services =>
        {
            var desk = services.GetRequiredService<ApprovalDesk>();
            var asked = new RequestBySubject(id ?? ApprovalRequestId.New(), TakeOutForm.Code, applicant, onBehalfOf, title, TakeOutAnswers, "booking", Guid.NewGuid().ToString(),
                conditions ?? [RouteCondition.Head], null);
            return services.GetRequiredService<PortalDb>().WriteAsync(async () => (await desk.SubmitAsync(asked, CancellationToken.None)).Id, CancellationToken.None);
        });

    /// <summary>The subject feature hands the request in again with other answers.</summary>
    public static Task<bool> ReSubmit(this PortalHost portal, ApprovalRequestId id, Action<Dictionary<string, string>> change)
        => portal.InScopeAsync(services =>
        {
            var (desk, db) = (services.GetRequiredService<ApprovalDesk>(), services.GetRequiredService<PortalDb>());
            return db.WriteAsync(async () =>
            {
                var request = (await desk.OpenAsync(id, CancellationToken.None))!;
                var answers = TakeOutAnswers;
                change(answers);
                await desk.SubmitAsync(new RequestBySubject(id, request.FormCode, request.ApplicantId, request.OnBehalfOfId, request.Title, answers, request.AboutKind!, request.AboutId!, request.Conditions, request.DueAt), CancellationToken.None);
                return true;
            }, CancellationToken.None);
        });

    /// <summary>Acts on a locked request as a page would, having seen its present state unless told otherwise.</summary>
    public static Task<bool> Act(this PortalHost portal, ApprovalRequestId id, StaffId person, Func<ApprovalRequest, Acting, bool> verb, string reason = "", Shown? shown = null, Guid? actId = null)
        => portal.InScopeAsync(services =>
        {
            var (desk, db) = (services.GetRequiredService<ApprovalDesk>(), services.GetRequiredService<PortalDb>());
            return db.WriteAsync(async () =>
            {
                var request = (await desk.OpenAsync(id, CancellationToken.None))!;
                var today = portal.Clock.Today();
                var finder = await RouteFinder.LoadAsync(db, today, [person], CancellationToken.None);
                return verb(request, new Acting(actId ?? Guid.NewGuid(), finder.Person(person), portal.Clock.GetUtcNow(), reason,
                    shown ?? new Shown(request.ContentHash, request.LastSeq), await db.DeputyshipsAsync(person, today, CancellationToken.None)));
            }, CancellationToken.None);
        });

    public static Task<ApprovalRequest> Request(this PortalHost portal, ApprovalRequestId id)
        => portal.ReadAsync(db => db.ApprovalRequests.AsNoTracking().Include(r => r.Steps).ThenInclude(s => s.Assignees).Include(r => r.Acts).SingleAsync(r => r.Id == id));

    /// <summary>The person is absent today and the next days.</summary>
    public static Task Absent(this PortalHost portal, StaffId person, StaffId? deputy = null)
        => portal.WriteAsync(db =>
        {
            var today = portal.Clock.Today();
            db.Add(new AbsenceCover(Guid.NewGuid(), person, deputy, today, today.AddDays(3), "休暇", today, []));
            return Task.CompletedTask;
        });
}
