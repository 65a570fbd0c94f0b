using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>Who must allow what a subject feature asks for, in this order.</summary>
public enum RouteCondition { Head, SecurityManager, LendingManager }

/// <summary>One step as shown before submitting: 所属長, 課長 藤原　陽向.</summary>
public sealed record RoutePreview(string StepName, string Who);

/// <summary>What a subject feature hands in; the form with the code must be published.</summary>
/// <param name="Id">Made by the subject feature; handing in the same id again after 差戻し or 引戻し submits it anew, and is harmless while it circulates.</param>
/// <param name="Values">Answers to the form's questions; keys the form does not know are refused.</param>
public sealed record RequestBySubject(ApprovalRequestId Id, string FormCode, StaffId ApplicantId, StaffId? OnBehalfOfId, string Title,
    IReadOnlyDictionary<string, string> Values, string SubjectKind, string SubjectId, IReadOnlyList<RouteCondition> Conditions, DateTimeOffset? DueAt);

/// <summary>The counter where requests are handed in, used inside the caller's <see cref="PortalDb.WriteAsync(Func{Task}, CancellationToken)"/>.</summary>
public sealed class ApprovalDesk(PortalDb db, TimeProvider clock)
{
    /// <summary>Resolves the route, gives the register number; refuses with 決-4 when a step resolves to nobody and with 決-10 when answers break the form.</summary>
    public async Task<ApprovalRequest> SubmitAsync(RequestBySubject request, CancellationToken ct)
    {
        var existing = await OpenAsync(request.Id, ct);
        if (existing is not null && (existing.ApplicantId != request.ApplicantId || existing.AboutId != request.SubjectId)) throw new NotHereException();
        if (existing is { IsWithDrafter: false }) return existing;
        return await SubmitAsync(existing, request, Specs(request.Conditions), Guid.CreateVersion7(clock.GetUtcNow()), ct);
    }

    /// <summary>Hands in a person's draft; the form gives the route.</summary>
    public async Task<ApprovalRequest> SubmitAsync(ApprovalRequest draft, Guid actId, CancellationToken ct)
    {
        var version = await VersionOfAsync(draft, ct);
        var values = draft.Values;
        return await SubmitAsync(draft, new RequestBySubject(draft.Id, draft.FormCode, draft.ApplicantId, draft.OnBehalfOfId, draft.Title, values,
            draft.AboutKind ?? "", draft.AboutId ?? "", [], draft.DueAt), [.. version.Definition.Route.Where(s => s.Stands(values))], actId, ct);
    }

    /// <summary>Hands in again what came back, with the people of the same steps as they stand today.</summary>
    public async Task<ApprovalRequest> SubmitAgainAsync(ApprovalRequest draft, Guid actId, CancellationToken ct)
    {
        if (draft.AboutKind is null) return await SubmitAsync(draft, actId, ct);
        return await SubmitAsync(draft, new RequestBySubject(draft.Id, draft.FormCode, draft.ApplicantId, draft.OnBehalfOfId, draft.Title, draft.Values,
            draft.AboutKind, draft.AboutId!, draft.Conditions, draft.DueAt), Specs(draft.Conditions), actId, ct);
    }

    /// <summary>Who will be asked, by step; steps without anybody say so.</summary>
    public Task<IReadOnlyList<RoutePreview>> PreviewRouteAsync(StaffId applicant, IReadOnlyList<RouteCondition> conditions, CancellationToken ct)
        => PreviewRouteAsync(applicant, Specs(conditions), ct);

    public async Task<IReadOnlyList<RoutePreview>> PreviewRouteAsync(StaffId applicant, IReadOnlyList<StepSpec> specs, CancellationToken ct)
    {
        var finder = await RouteFinder.LoadAsync(db, clock.Today(), [applicant], ct);
        var (steps, broken) = finder.Find(finder.Person(applicant), null, specs);
        return broken.Count > 0
            ? [.. broken.Select(b => new RoutePreview(b.Message, b.Remedy))]
            : [.. steps.Select(s => new RoutePreview(s.Name, s.Omitted ? s.Note! : string.Join("、", s.People.Select(p => $"{p.Post} {p.Name}".Trim()))))];
    }

    /// <summary>Ends the request because what it is about lapsed or was cancelled; nothing happens to one that has ended.</summary>
    public async Task CloseBySubjectAsync(ApprovalRequestId id, string reason, CancellationToken ct)
    {
        if (await OpenAsync(id, ct) is { } request) request.CloseBySubject(reason, clock.GetUtcNow());
    }

    /// <summary>The request with its row locked, its route and its history; null when there is none.</summary>
    public async Task<ApprovalRequest?> OpenAsync(ApprovalRequestId id, CancellationToken ct)
    {
        await db.LockAsync<ApprovalRequest>([id.Value], ct);
        return await db.ApprovalRequests.Include(r => r.Steps).ThenInclude(s => s.Assignees).Include(r => r.Acts).AsSplitQuery().SingleOrDefaultAsync(r => r.Id == id, ct);
    }

    private async Task<ApprovalRequest> SubmitAsync(ApprovalRequest? draft, RequestBySubject asked, IReadOnlyList<StepSpec> specs, Guid actId, CancellationToken ct)
    {
        if (db.Database.CurrentTransaction is null) throw new InvalidOperationException("Requests are handed in inside PortalDb.WriteAsync.");
        var now = clock.GetUtcNow();
        var today = TokyoTime.DayOf(now);
        var form = await db.Forms.Include(f => f.Versions).SingleOrDefaultAsync(f => f.Code == asked.FormCode, ct) ?? throw new RuleViolation(ApprovalRules.FormRetired.With());
        var version = draft is null ? form.PublishedOrRefuse() : form.Versions.Single(v => v.Id == draft.FormVersionId);
        var finder = await RouteFinder.LoadAsync(db, today, asked.OnBehalfOfId is { } other ? [asked.ApplicantId, other] : [asked.ApplicantId], ct);
        var applicant = finder.Person(asked.ApplicantId);
        var onBehalfOf = asked.OnBehalfOfId is { } principal && principal != asked.ApplicantId ? finder.Person(principal) : null;
        var people = await PeopleFieldsAsync(version.Definition.Fields, asked.Values, today, ct);

        var (values, wrong) = FormValues.Check(version.Definition.Fields, asked.Values, today, people);
        var (route, missing) = finder.Find(applicant, onBehalfOf, specs);
        var title = asked.Title.Trim();
        Demand.All([title.Length is > 0 and <= 200 ? null : ApprovalRules.Values.On("Title", "件名", title.Length == 0 ? "入力してください。" : "200字までです。"), .. wrong, .. missing]);

        if (draft is null) db.Add(draft = new ApprovalRequest(asked.Id, form, version, applicant, onBehalfOf, asked.SubjectKind, asked.SubjectId) { Conditions = asked.Conditions });
        var number = draft.Number is null ? await NumberSeries.TakeAsync(db, draft.Series, now, ct) : null;
        draft.Submit(new Acting(actId, applicant, now), title, values, route, asked.DueAt, number);
        return draft;
    }

    private async Task<FormVersion> VersionOfAsync(ApprovalRequest draft, CancellationToken ct)
        => await db.Set<FormVersion>().SingleAsync(v => v.Id == draft.FormVersionId, ct);

    // 職員 fields are typed as a staff number or a name and kept as the person's line of that day.
    private async Task<Func<string, string?>> PeopleFieldsAsync(IReadOnlyList<FormField> fields, IReadOnlyDictionary<string, string> answers, DateOnly today, CancellationToken ct)
    {
        var lines = new Dictionary<string, string?>();
        foreach (var typed in fields.Where(f => f.Kind == FieldKind.Person).Select(f => answers.GetValueOrDefault(f.Key)?.Trim() ?? "").Where(t => t.Length > 0).Distinct())
            lines[typed] = await StaffLine.FindAsync(db, typed, today, ct);
        return typed => lines.GetValueOrDefault(typed);
    }

    private static List<StepSpec> Specs(IReadOnlyList<RouteCondition> conditions) => [.. conditions.Distinct().Select(c => c switch
    {
        RouteCondition.Head => new StepSpec("所属長", StepWho.Head),
        RouteCondition.SecurityManager => new StepSpec("情報セキュリティ管理者", StepWho.SecurityManager),
        _ => new StepSpec("貸出管理者", StepWho.LendingManager),
    })];
}
