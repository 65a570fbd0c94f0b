using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Approvals;

/// <summary>承認 or 決裁 (the last step).</summary>
public enum StepKind { Approve, Decide }

/// <summary>未着, 回議中, 済, 省略.</summary>
public enum StepState { Ahead, Current, Done, Omitted }

/// <summary>本人, 代決 (holder of 代決権), 代理 (named by an absence cover), 自動 (the subject feature).</summary>
public enum Capacity { Self, DecidesForHead, Covers, Automatic }

/// <summary>A person as he or she stood in the organisation when something was signed.</summary>
public sealed record Signatory(StaffId Id, string Name, string Department, string Post, DepartmentId? DepartmentId);

/// <summary>A step of the route as found for one request; its people are frozen when the request is submitted.</summary>
public sealed record PlannedStep(string Name, IReadOnlyList<Signatory> People)
{
    public bool Omitted { get; init; }

    /// <summary>Why the step is left out, for example because its person decides later anyway.</summary>
    public string? Note { get; init; }

    /// <summary>The deputy named by an absence cover may take the final decision, because nobody holds 代決権 for it.</summary>
    public bool CoverDecides { get; init; }
}

/// <summary>One step of a request's route and how far it is; any of its people acts for all of them.</summary>
public sealed class RouteStep
{
    private readonly List<StepAssignee> assignees = [];

    private RouteStep() { }

    // The key of its news names the request before anything is saved.
    internal RouteStep(ApprovalRequestId request, int no, StepKind kind, PlannedStep plan)
    {
        (RequestId, Id, No, Kind, Name, Note, CoverDecides) = (request, Guid.CreateVersion7(), no, kind, plan.Name, plan.Note, plan.CoverDecides);
        State = plan.Omitted ? StepState.Omitted : StepState.Ahead;
        assignees.AddRange(plan.People.Select(p => new StepAssignee(p)));
    }

    public Guid Id { get; private set; }

    public ApprovalRequestId RequestId { get; private set; }

    public int No { get; private set; }

    public StepKind Kind { get; private set; }

    public string Name { get; private set; } = "";

    public StepState State { get; private set; }

    public string? Note { get; private set; }

    public bool CoverDecides { get; private set; }

    /// <summary>The act after which the step began to wait; part of its news' key.</summary>
    public int BegunSeq { get; private set; }

    public DateTimeOffset? BegunAt { get; private set; }

    public IReadOnlyList<StepAssignee> Assignees => assignees;

    public IEnumerable<StepAssignee> Waiting => State == StepState.Current ? assignees.Where(a => a.ActedAt is null) : [];

    /// <summary>Who stands here, in one line.</summary>
    public string Who => string.Join("、", assignees.Select(a => a.Line));

    internal string NewsKey => $"approvals.waiting:{RequestId}:{BegunSeq}";

    internal void Begin(int seq, DateTimeOffset at) => (State, BegunSeq, BegunAt) = (StepState.Current, seq, at);

    internal void Complete() => State = StepState.Done;

    /// <summary>What was signed here is void; the step waits for its turn again.</summary>
    internal void Reset()
    {
        if (State == StepState.Omitted) return;
        State = StepState.Ahead;
        foreach (var assignee in assignees) assignee.Reset();
    }
}

/// <summary>A person of a step, and the mark in 決裁欄 once it is set.</summary>
public sealed class StepAssignee
{
    private StepAssignee() { }

    internal StepAssignee(Signatory person)
        => (Id, StaffId, Name, Department, Post) = (Guid.CreateVersion7(), person.Id, person.Name, person.Department, person.Post);

    public Guid Id { get; private set; }

    public Guid StepId { get; private set; }

    public StaffId StaffId { get; private set; }

    public string Name { get; private set; } = "";

    public string Department { get; private set; } = "";

    public string Post { get; private set; } = "";

    public DateTimeOffset? ActedAt { get; private set; }

    public StaffId? ActedById { get; private set; }

    public string? ActedByName { get; private set; }

    public Capacity? Capacity { get; private set; }

    /// <summary>課長 藤原　陽向.</summary>
    public string Line => $"{Post} {Name}".Trim();

    internal void Sign(Signatory by, Capacity capacity, DateTimeOffset at) => (ActedAt, ActedById, ActedByName, Capacity) = (at, by.Id, by.Name, capacity);

    internal void Reset() => (ActedAt, ActedById, ActedByName, Capacity) = (null, null, null, null);
}
