using System.Text.Json;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Approvals;

/// <summary>Names a request; made by the client, so that handing it in twice is once.</summary>
public readonly record struct ApprovalRequestId(Guid Value) : ITypedId<ApprovalRequestId>
{
    public static ApprovalRequestId New() => new(Guid.CreateVersion7());

    public static ApprovalRequestId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>下書き, 回議中, 差戻し中, 決裁済, 却下, 取下げ.</summary>
public enum RequestState { Draft, Circulating, SentBack, Decided, Rejected, Withdrawn }

/// <summary>A request on its way through its route (申請). Every act is one verb and one append-only line of its history.</summary>
public sealed partial class ApprovalRequest : Entity
{
    private readonly List<RouteStep> steps = [];
    private readonly List<ApprovalAct> acts = [];

    private ApprovalRequest() { }

    /// <summary>A draft; <paramref name="applicant"/> as he or she stands today.</summary>
    public ApprovalRequest(ApprovalRequestId id, Form form, FormVersion version, Signatory applicant, Signatory? onBehalfOf, string? aboutKind = null, string? aboutId = null)
    {
        var definition = version.Definition;
        (Id, FormVersionId, FormCode, FormName, Series) = (id, version.Id, form.Code, form.Name, definition.Series);
        (Confidential, InfoClass, SheetsPerRequest, RetentionYears) = (definition.Confidential, definition.InfoClass, definition.SheetsPerRequest, definition.RetentionYears);
        (AboutKind, AboutId) = (aboutKind, aboutId);
        (OnBehalfOfId, OnBehalfOfName) = (onBehalfOf?.Id, onBehalfOf?.Name);
        SetApplicant(applicant);
    }

    public ApprovalRequestId Id { get; private set; }

    public Guid FormVersionId { get; private set; }

    public string FormCode { get; private set; } = "";

    public string FormName { get; private set; } = "";

    /// <summary>The register it is numbered in.</summary>
    public string Series { get; private set; } = "";

    /// <summary>The record the request is about, as <c>PortalLinks</c> names it.</summary>
    public string? AboutKind { get; private set; }

    public string? AboutId { get; private set; }

    /// <summary>Who must allow it, as the subject feature said.</summary>
    public IReadOnlyList<RouteCondition> Conditions
    {
        get => [.. ConditionList.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<RouteCondition>)];
        internal set => ConditionList = string.Join(',', value);
    }

    public string ConditionList { get; private set; } = "";

    public StaffId ApplicantId { get; private set; }

    public string ApplicantName { get; private set; } = "";

    public string ApplicantDepartment { get; private set; } = "";

    public string ApplicantPost { get; private set; } = "";

    public DepartmentId? DepartmentId { get; private set; }

    /// <summary>For whom the applicant asks (代理入力); null for oneself.</summary>
    public StaffId? OnBehalfOfId { get; private set; }

    public string? OnBehalfOfName { get; private set; }

    public string Title { get; private set; } = "";

    public string ValuesJson { get; private set; } = "{}";

    public RequestState State { get; private set; }

    /// <summary>The step that acts now; 0 is the drafter.</summary>
    public int CurrentStep { get; private set; }

    public int Revision { get; private set; }

    public string ContentHash { get; private set; } = "";

    /// <summary>The number in the register, for example R8-持出-0001; given with the first submission and kept.</summary>
    public string? Number { get; private set; }

    /// <summary>The fiscal year of the register: that of the first submission.</summary>
    public int? FiscalYear { get; private set; }

    public DateTimeOffset? DueAt { get; private set; }

    public DateTimeOffset? RetractAskedAt { get; private set; }

    public DateTimeOffset? SubmittedAt { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public string? DecidedByName { get; private set; }

    public int SheetsPerRequest { get; private set; }

    public int SheetsSaved { get; private set; }

    public int RetentionYears { get; private set; }

    /// <summary>保存期限, counted from the 1 April after the decision; the last day it is kept.</summary>
    public DateOnly? RetentionUntil { get; private set; }

    public bool Confidential { get; private set; }

    public InfoClass InfoClass { get; private set; }

    /// <summary>The number of the last act; what somebody saw is named by it.</summary>
    public int LastSeq { get; private set; }

    /// <summary>The last reminder sent, so that each goes out once.</summary>
    public string? LastReminder { get; private set; }

    public IReadOnlyList<RouteStep> Steps => steps;

    public IReadOnlyList<ApprovalAct> Acts => acts;

    public IReadOnlyDictionary<string, string> Values => JsonSerializer.Deserialize<SortedDictionary<string, string>>(ValuesJson)!;

    public override string SubjectId => Id.ToString();

    public override string SubjectKind => "approval";

    public bool IsOpen => State is RequestState.Draft or RequestState.Circulating or RequestState.SentBack;

    public bool IsWithDrafter => State is RequestState.Draft or RequestState.SentBack;

    public RouteStep? Current => steps.SingleOrDefault(s => s.No == CurrentStep);

    public IEnumerable<RouteStep> Route => steps.OrderBy(s => s.No);

    public string Link => $"/approvals/{Id}";

    public bool IsOwn(StaffId person) => person == ApplicantId || person == OnBehalfOfId;

    /// <summary>The drafter writes; no rule is asked before it is handed in.</summary>
    public void Write(string title, IReadOnlyDictionary<string, string> values)
    {
        if (!IsWithDrafter) throw Closed();
        (Title, ValuesJson) = (title, CanonicalJson.Of(values));
    }

    /// <summary>提出: hands the request in with checked answers and the route found today.</summary>
    /// <param name="number">Its place in the register, for the first submission.</param>
    public bool Submit(Acting by, string title, IReadOnlyDictionary<string, string> values, IReadOnlyList<PlannedStep> route, DateTimeOffset? dueAt, RegisterEntry? number)
    {
        if (Already(by)) return false;
        if (!IsWithDrafter) throw Closed();
        if (by.Who.Id != ApplicantId) throw new RuleViolation(ApprovalRules.NotYourTurn.With(ApplicantName));
        SetApplicant(by.Who);
        Write(title, values);
        Revision++;
        (DueAt, SubmittedAt, RetractAskedAt) = (dueAt, by.At, null);
        steps.Clear();
        steps.AddRange(route.Select((plan, i) => new RouteStep(Id, i + 1, i == route.Count - 1 ? StepKind.Decide : StepKind.Approve, plan)));
        ContentHash = HashNow();
        if (Number is null) (Number, FiscalYear) = (number!.Number, number.FiscalYear.Value);
        State = RequestState.Circulating;
        Add(new ApprovalAct(LastSeq + 1, by.ClientId, by.At, by.Who, ActKind.Submit, Capacity.Self, 0, Revision, ContentHash)
        {
            ValuesJson = ValuesJson,
            Reason = by.Reason,
            OnBehalfOfId = OnBehalfOfId,
            OnBehalfOfName = OnBehalfOfName,
        });
        Begin(steps.First(s => s.State == StepState.Ahead), by.At);
        Audit("approval.submitted", after: new { Number, Revision, ContentHash });
        return true;
    }

    /// <summary>The hash of what is decided on: form version, revision, answers, route, and what the request is about.</summary>
    public string HashNow() => CanonicalJson.Hash(new
    {
        form = FormVersionId,
        revision = Revision,
        title = Title,
        applicant = ApplicantId.Value,
        onBehalfOf = OnBehalfOfId?.Value,
        about = AboutKind is null ? null : $"{AboutKind}:{AboutId}",
        values = Values,
        files = Array.Empty<string>(),
        route = Route.Select(s => new { s.No, kind = s.Kind.ToString(), s.Name, people = s.Assignees.Select(a => a.StaffId.Value).Order() }),
    });

    /// <summary>The reminder goes out once per step and occasion.</summary>
    public bool Remind(string occasion, string title, IReadOnlyList<StaffId> to)
    {
        var key = $"approvals.reminder:{Id}:{Current?.BegunSeq}:{occasion}";
        if (State != RequestState.Circulating || LastReminder == key || to.Count == 0) return false;
        LastReminder = key;
        Record(new News("approvals.waiting", key, to, Short($"{title}：{Title}"), $"{FormName}　{Number}（{ApplicantDepartment} {ApplicantName}）", Link) { DueAt = DueAt, Importance = Importance.Important });
        return true;
    }

    /// <summary>What the request is about happens before the decision: it is due then, and the people of the step are told why.</summary>
    /// <param name="occasion">Which happening; the same one is told once.</param>
    public void Hurry(DateTimeOffset dueAt, string sentence, string occasion)
    {
        if (State != RequestState.Circulating || Current is not { } step) return;
        DueAt = dueAt;
        Record(new News("approvals.waiting", $"approvals.hurry:{Id}:{occasion}", [.. step.Assignees.Select(a => a.StaffId)], Short($"{sentence}：{Title}"), $"{FormName}　{Number}（{ApplicantDepartment} {ApplicantName}）", Link) { DueAt = DueAt, Importance = Importance.Important });
        Audit("approval.hurried", after: new { Number, dueAt });
    }

    /// <summary>Present deputies of an absent person learn that they may act.</summary>
    public void TellDeputies(IReadOnlyList<StaffId> deputies)
    {
        if (Current is not { State: StepState.Current } step || deputies.Count == 0) return;
        Record(new News("approvals.deputy", DeputyNewsKey(step), deputies, Short($"不在の{step.Who}さんに代わって処理できます：{Title}"), $"{FormName}　{Number}（{ApplicantDepartment} {ApplicantName}）", Link) { DueAt = DueAt });
    }

    private void SetApplicant(Signatory applicant)
        => (ApplicantId, ApplicantName, ApplicantDepartment, ApplicantPost, DepartmentId) = (applicant.Id, applicant.Name, applicant.Department, applicant.Post, applicant.DepartmentId);

    private void Begin(RouteStep step, DateTimeOffset at)
    {
        CurrentStep = step.No;
        step.Begin(LastSeq, at);
        Record(new News("approvals.waiting", step.NewsKey, [.. step.Assignees.Select(a => a.StaffId)], Short($"{(step.Kind == StepKind.Decide ? "決裁" : "承認")}をお願いします：{Title}"),
            $"{FormName}　{Number}（{ApplicantDepartment} {ApplicantName}）", Link)
        { ActorId = ApplicantId, DueAt = DueAt });
        Record(new StepBegan(Id, step.No));
    }

    // The news to its people became pointless: somebody acted, or the request left.
    private void Leave(RouteStep step)
    {
        Record(new NewsRetracted(step.NewsKey));
        Record(new NewsRetracted(DeputyNewsKey(step)));
    }

    private string DeputyNewsKey(RouteStep step) => $"approvals.deputy:{Id}:{step.BegunSeq}";

    private void Tell(string kind, string sentence, Acting by, IEnumerable<StaffId> to, string? note = null)
    {
        var people = to.Where(p => p != by.Who.Id).Distinct().ToList();
        if (people.Count > 0) Record(new News(kind, $"{kind}:{Id}:{LastSeq}", people, Short($"{sentence}：{Title}"), note ?? $"{FormName}　{Number}", Link) { ActorId = by.Who.Id });
    }

    private IEnumerable<StaffId> Own => OnBehalfOfId is { } other ? [ApplicantId, other] : [ApplicantId];

    private void Add(ApprovalAct act)
    {
        acts.Add(act);
        LastSeq = act.Seq;
    }

    private bool Already(Acting by) => acts.Any(a => a.ClientId == by.ClientId);

    private RuleViolation Closed() => new(ApprovalRules.Closed.With(StateWord(State)));

    private static string Short(string title) => title.Length <= 120 ? title : title[..119] + "…";

    public static string StateWord(RequestState state) => state switch
    {
        RequestState.Draft => "下書き",
        RequestState.Circulating => "回議中",
        RequestState.SentBack => "差戻し中",
        RequestState.Decided => "決裁済",
        RequestState.Rejected => "却下",
        _ => "取下げ",
    };
}
