using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Approvals;

/// <summary>提出, 承認・決裁, 差戻し, 却下, 引戻し, 取下げ, 取下げの申出, 取下承認, 終了 (by the subject).</summary>
public enum ActKind { Submit, Approve, SendBack, Reject, Withdraw, Retract, AskRetract, AcceptRetract, CloseBySubject }

/// <summary>What a person saw when deciding: the hash of the content and the last act of the history.</summary>
public sealed record Shown(string Hash, int Seq);

/// <summary>Why somebody may act for another person, and whether that person is absent now.</summary>
public sealed record Deputyship(StaffId PrincipalId, Capacity Capacity, bool Absent);

/// <summary>One attempt to act: who, when, having seen what, with which client-made id (the same id twice is one act).</summary>
public sealed record Acting(Guid ClientId, Signatory Who, DateTimeOffset At, string Reason = "", Shown? Shown = null, IReadOnlyList<Deputyship>? For = null);

/// <summary>One line of a request's history. The database refuses changing or deleting it.</summary>
public sealed class ApprovalAct
{
    private ApprovalAct() { }

    internal ApprovalAct(int seq, Guid clientId, DateTimeOffset at, Signatory? actor, ActKind kind, Capacity capacity, int stepNo, int revision, string documentHash)
        => (Id, Seq, ClientId, At, ActorId, ActorName, ActorPost, Kind, Capacity, StepNo, Revision, DocumentHash)
            = (Guid.CreateVersion7(at), seq, clientId, at, actor?.Id, actor?.Name ?? "", actor is null ? "" : $"{actor.Department} {actor.Post}".Trim(), kind, capacity, stepNo, revision, documentHash);

    public Guid Id { get; private set; }

    public ApprovalRequestId RequestId { get; private set; }

    public int Seq { get; private set; }

    public Guid ClientId { get; private set; }

    public DateTimeOffset At { get; private set; }

    /// <summary>Null when the subject feature closed the request.</summary>
    public StaffId? ActorId { get; private set; }

    public string ActorName { get; private set; } = "";

    /// <summary>Department and post of that moment.</summary>
    public string ActorPost { get; private set; } = "";

    public StaffId? OnBehalfOfId { get; internal init; }

    public string? OnBehalfOfName { get; internal init; }

    public Capacity Capacity { get; private set; }

    public ActKind Kind { get; private set; }

    /// <summary>The step acted at; 0 is the drafter.</summary>
    public int StepNo { get; private set; }

    public int? TargetStepNo { get; internal init; }

    public string Reason { get; internal init; } = "";

    public int Revision { get; private set; }

    public string DocumentHash { get; private set; } = "";

    /// <summary>The answers as they were handed in, kept with every 提出.</summary>
    public string? ValuesJson { get; internal init; }
}
