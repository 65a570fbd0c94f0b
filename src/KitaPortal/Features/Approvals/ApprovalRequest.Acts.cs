using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Approvals;

// The acts on a request that was handed in.
public sealed partial class ApprovalRequest
{
    /// <summary>承認 or, at the last step, 決裁; by the assignee or by a deputy of the absent one.</summary>
    public bool Approve(Acting by)
    {
        if (Already(by)) return false;
        var (step, seat, capacity) = SeatFor(by, reasonNeeded: false);
        RetractAskedAt = null;
        Act(by, ActKind.Approve, capacity, step.No, seat: seat);
        seat.Sign(by.Who, capacity, by.At);
        Leave(step);
        step.Complete();
        if (Route.FirstOrDefault(s => s.No > step.No && s.State == StepState.Ahead) is { } next) Begin(next, by.At);
        else Decide(by, seat, capacity);
        return true;
    }

    /// <summary>差戻し to an earlier step, or with 0 to the drafter. What was signed from there on is void; the history keeps it.</summary>
    public bool SendBack(Acting by, int targetStepNo)
    {
        if (Already(by)) return false;
        var (step, seat, capacity) = SeatFor(by, reasonNeeded: true,
            CanReturnTo(targetStepNo) ? null : ApprovalRules.TargetStep.With());
        RetractAskedAt = null;
        Act(by, ActKind.SendBack, capacity, step.No, targetStepNo, seat);
        Leave(step);
        foreach (var later in steps.Where(s => s.No >= targetStepNo)) later.Reset();
        if (targetStepNo > 0)
        {
            Begin(steps.Single(s => s.No == targetStepNo), by.At);
            return true;
        }
        (State, CurrentStep) = (RequestState.SentBack, 0);
        Record(new RequestReturned(Id, FormCode, AboutKind, AboutId, by.Who.Id, by.Reason, by.At));
        Tell("approvals.returned", "差し戻されました", by, Own, by.Reason);
        return true;
    }

    /// <summary>却下: final.</summary>
    public bool Reject(Acting by)
    {
        if (Already(by)) return false;
        var (step, seat, capacity) = SeatFor(by, reasonNeeded: true);
        Act(by, ActKind.Reject, capacity, step.No, seat: seat);
        Leave(step);
        End(RequestState.Rejected, by.At);
        Record(new RequestRejected(Id, FormCode, AboutKind, AboutId, by.Who.Id, by.Reason, by.At));
        Tell("approvals.decided", "却下されました", by, Own, by.Reason);
        return true;
    }

    /// <summary>引戻し: the applicant while nobody acted since the submission, or an approver while the next has not.</summary>
    public bool Withdraw(Acting by)
    {
        if (Already(by)) return false;
        MustBeFresh(by);
        if (State != RequestState.Circulating) throw Closed();
        if (!MayWithdraw(by.Who.Id)) throw new RuleViolation(ApprovalRules.TooLate.With());
        var last = acts.Single(a => a.Seq == LastSeq);
        Leave(Current!);
        Act(by, ActKind.Withdraw, last.Capacity, last.StepNo, last.StepNo);
        foreach (var later in steps.Where(s => s.No >= last.StepNo)) later.Reset();
        if (last.Kind == ActKind.Submit) (State, CurrentStep) = (RequestState.Draft, 0);
        else Begin(steps.Single(s => s.No == last.StepNo), by.At);
        return true;
    }

    public bool MayWithdraw(StaffId person)
        => State == RequestState.Circulating && acts.SingleOrDefault(a => a.Seq == LastSeq) is { Kind: ActKind.Submit or ActKind.Approve } last && last.ActorId == person;

    /// <summary>取下げ by the applicant. Once somebody acted, it is an offer that the current assignee accepts.</summary>
    public bool Retract(Acting by)
    {
        if (Already(by)) return false;
        MustBeFresh(by);
        if (!IsOpen || Number is null) throw Closed();
        Demand.All(
            IsOwn(by.Who.Id) ? null : ApprovalRules.NotYourTurn.With(ApplicantName),
            by.Reason.Length > 0 ? null : ApprovalRules.Reason.With());
        if (State == RequestState.Circulating && acts.Any(a => a.Kind == ActKind.Approve && a.Revision == Revision))
        {
            Act(by, ActKind.AskRetract, Capacity.Self, 0);
            RetractAskedAt = by.At;
            Tell("approvals.waiting", "取下げの申出があります", by, Current!.Waiting.Select(a => a.StaffId), by.Reason);
            return true;
        }
        if (Current is { } step) Leave(step);
        Act(by, ActKind.Retract, Capacity.Self, 0);
        EndRetracted(by.At);
        return true;
    }

    /// <summary>取下承認: the current assignee lets the request go.</summary>
    public bool AcceptRetract(Acting by)
    {
        if (Already(by)) return false;
        var (step, seat, capacity) = SeatFor(by, reasonNeeded: false);
        if (RetractAskedAt is null) throw Closed();
        Act(by, ActKind.AcceptRetract, capacity, step.No, seat: seat);
        Leave(step);
        EndRetracted(by.At);
        Tell("approvals.decided", "取下げが認められました", by, Own);
        return true;
    }

    /// <summary>終了: what the request was about lapsed or was cancelled. Nothing happens to a request that has ended.</summary>
    public bool CloseBySubject(string reason, DateTimeOffset at)
    {
        if (!IsOpen) return false;
        if (Current is { } step) Leave(step);
        Add(new ApprovalAct(LastSeq + 1, Guid.CreateVersion7(at), at, null, ActKind.CloseBySubject, Capacity.Automatic, CurrentStep, Revision, ContentHash) { Reason = reason });
        End(RequestState.Withdrawn, at);
        Audit("approval.closed", reason: reason);
        return true;
    }

    /// <summary>The steps a request can be sent back to from where it stands; the drafter (0) always.</summary>
    public bool CanReturnTo(int stepNo) => stepNo == 0 || steps.Any(s => s.No == stepNo && s.No < CurrentStep && s.State == StepState.Done);

    /// <summary>In which capacity a person could act at the current step; null when not at all.</summary>
    public Capacity? CapacityOf(StaffId person, IReadOnlyList<Deputyship> deputyships)
        => IsOwn(person) || Current is null ? null : Find(person, deputyships)?.Capacity;

    private void Decide(Acting by, StepAssignee seat, Capacity capacity)
    {
        (DecidedAt, DecidedByName, SheetsSaved) = (by.At, by.Who.Name, SheetsPerRequest);
        End(RequestState.Decided, by.At);
        Record(new RequestDecided(Id, FormCode, AboutKind, AboutId, by.Who.Id, capacity == Capacity.Self ? null : seat.StaffId, CapacityWord(capacity), by.At, SheetsSaved));
        Tell("approvals.decided", "決裁されました", by, Own);
    }

    private void EndRetracted(DateTimeOffset at)
    {
        End(RequestState.Withdrawn, at);
        Record(new RequestRetracted(Id, FormCode, AboutKind, AboutId, at));
    }

    private void End(RequestState state, DateTimeOffset at)
    {
        (State, CurrentStep, RetentionUntil) = (state, 0, KeptUntil(at));
    }

    private DateOnly KeptUntil(DateTimeOffset at) => Platform.Japanese.FiscalYear.Of(at).Next.FirstDay.AddYears(RetentionYears).AddDays(-1);

    private void Act(Acting by, ActKind kind, Capacity capacity, int stepNo, int? target = null, StepAssignee? seat = null)
    {
        var deputises = seat is not null && capacity != Capacity.Self;
        Add(new ApprovalAct(LastSeq + 1, by.ClientId, by.At, by.Who, kind, capacity, stepNo, Revision, ContentHash)
        {
            Reason = by.Reason,
            TargetStepNo = target,
            OnBehalfOfId = deputises ? seat!.StaffId : null,
            OnBehalfOfName = deputises ? seat!.Name : null,
        });
        Audit($"approval.{kind}", after: new { Number, step = stepNo, capacity, by = by.Who.Id.Value, onBehalfOf = deputises ? seat!.StaffId.Value : (Guid?)null }, reason: by.Reason);
        if (deputises) Tell("approvals.deputy", $"{CapacityWord(capacity)}されました（{by.Who.Name}）", by, [seat!.StaffId], by.Reason);
    }

    // Every broken rule at once; a page that shows the past is told so alone (409).
    private (RouteStep Step, StepAssignee Seat, Capacity Capacity) SeatFor(Acting by, bool reasonNeeded, Broken? other = null)
    {
        MustBeFresh(by);
        if (State != RequestState.Circulating) throw Closed();
        var step = Current!;
        var found = Find(by.Who.Id, by.For ?? []);
        Demand.All(
            IsOwn(by.Who.Id) ? ApprovalRules.Self.With() : found is null ? NoSeat(by) : null,
            (reasonNeeded || found?.Capacity == Capacity.DecidesForHead) && by.Reason.Length == 0 ? ApprovalRules.Reason.With() : null,
            other);
        return (step, found!.Value.Seat, found.Value.Capacity);
    }

    private (StepAssignee Seat, Capacity Capacity)? Find(StaffId person, IReadOnlyList<Deputyship> deputyships)
    {
        var waiting = Current!.Waiting.ToList();
        if (waiting.FirstOrDefault(a => a.StaffId == person) is { } own) return (own, Capacity.Self);
        foreach (var seat in waiting)
            if (deputyships.FirstOrDefault(d => d.PrincipalId == seat.StaffId && d.Absent && Reaches(d.Capacity)) is { } deputyship)
                return (seat, deputyship.Capacity);
        return null;
    }

    // 代決 is for the decision only; a named deputy decides only where nobody holds 代決権.
    private bool Reaches(Capacity capacity) => (capacity == Capacity.DecidesForHead) == (Current!.Kind == StepKind.Decide && !Current.CoverDecides);

    private Broken NoSeat(Acting by)
    {
        var deputyship = (by.For ?? []).FirstOrDefault(d => Current!.Waiting.Any(a => a.StaffId == d.PrincipalId));
        if (deputyship is null) return ApprovalRules.NotYourTurn.With(string.Join("、", Current!.Waiting.Select(a => a.Name)));
        var principal = Current!.Waiting.First(a => a.StaffId == deputyship.PrincipalId).Name;
        return Reaches(deputyship.Capacity) ? ApprovalRules.NotAbsent.With(principal) : ApprovalRules.DeputyRight.With(principal);
    }

    private void MustBeFresh(Acting by)
    {
        if (by.Shown is not { } shown || (shown.Hash == ContentHash && shown.Seq == LastSeq)) return;
        throw new RuleViolation(ApprovalRules.Stale.With(History.Difference(this, shown))) { Status = StatusCodes.Status409Conflict };
    }

    public static string CapacityWord(Capacity capacity) => capacity switch
    {
        Capacity.Self => "本人",
        Capacity.DecidesForHead => "代決",
        Capacity.Covers => "代理",
        _ => "自動",
    };
}
