using System.Security.Cryptography;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Incidents;

/// <summary>紛失, 盗難, 破損・故障, 漏えいのおそれ.</summary>
public enum IncidentKind { Loss, Theft, Damage, Leak }

/// <summary>受付, 封じ込め済, 報告済, 終結.</summary>
public enum IncidentState { Open, Contained, Reported, Closed }

/// <summary>The person in the portal, or the desk for somebody on the telephone.</summary>
public enum IncidentVia { Portal, Telephone }

/// <summary>Reported; the register writes it beside the loan in the same transaction.</summary>
public sealed record IncidentReported(Guid IncidentId, string Number, IncidentKind Kind, LoanId? LoanId) : DomainEvent;

/// <summary>What is told in the first minute: a device and one sentence are enough.</summary>
public sealed record IncidentReport(Guid Id, IncidentKind Kind, DeviceId DeviceId, string Story)
{
    public DateTimeOffset? OccurredAt { get; init; }

    public string? Place { get; init; }

    public IncidentVia Via { get; init; }

    /// <summary>On whose behalf the desk writes it down; null: the reporter's own.</summary>
    public StaffId? CallerId { get; init; }

    /// <summary>The device is gone.</summary>
    public bool IsLoss => Kind is IncidentKind.Loss or IncidentKind.Theft;
}

/// <summary>How large the harm is, as far as known: decides whether 個人情報保護委員会 must be told.</summary>
public sealed record IncidentExtent(int? Persons, bool IsSensitive, bool IsFinancial, bool IsMalicious)
{
    /// <param name="hasPersonalData">Personal data was on the device or is known to be concerned; sensitive and financial harm are always of persons.</param>
    /// <param name="manyPersons">More persons than this.</param>
    public bool MustBeReported(bool hasPersonalData, int manyPersons) => IsSensitive || IsFinancial || Persons > manyPersons || (IsMalicious && (hasPersonalData || Persons > 0));
}

/// <summary>A device lost, stolen, broken, or data that may have leaked (事故): who knew when, what was at stake, what was done by when.</summary>
public sealed class Incident : Entity
{
    private readonly List<IncidentTask> tasks = [];

    private Incident() { }

    internal Incident(IncidentReport report, StaffId by, OfficeId office, string device, DateTimeOffset now, IncidentStakes stakes)
    {
        (Id, Kind, DeviceId, DeviceLabel, OfficeId, Story) = (report.Id, report.Kind, report.DeviceId, device, office, report.Story.Trim());
        (OccurredAt, KnownAt, ReportedBy, CallerId, Via, Place) = (report.OccurredAt, now, by, report.CallerId ?? by, report.Via, report.Place?.Trim());
        (LoanId, BookingId, DepartmentId, ComplianceThen, PermissionThen, InfoClass, PersonalData) = stakes;
        Number = $"事故-{Platform.Japanese.FiscalYear.Of(now).ShortLabel}-{RandomNumberGenerator.GetString("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 4)}";
        Extent = new IncidentExtent(null, false, false, report.Kind == IncidentKind.Theft);
        Audit("incident.reported", after: new { Number, Kind, DeviceLabel, KnownAt, Via, Place });
        Record(new IncidentReported(Id, Number, Kind, LoanId));
    }

    public Guid Id { get; private set; }

    /// <summary>事故番号.</summary>
    public string Number { get; private set; } = "";

    public IncidentKind Kind { get; private set; }

    public IncidentState State { get; private set; }

    public DeviceId DeviceId { get; private set; }

    public string DeviceLabel { get; private set; } = "";

    /// <summary>The office the device belongs to.</summary>
    public OfficeId OfficeId { get; private set; }

    public LoanId? LoanId { get; private set; }

    public BookingId? BookingId { get; private set; }

    /// <summary>The section that had it.</summary>
    public DepartmentId? DepartmentId { get; private set; }

    public DateTimeOffset? OccurredAt { get; private set; }

    /// <summary>All clocks run from here.</summary>
    public DateTimeOffset KnownAt { get; private set; }

    public StaffId ReportedBy { get; private set; }

    /// <summary>Who told it; the reporter, or whoever telephoned.</summary>
    public StaffId CallerId { get; private set; }

    public IncidentVia Via { get; private set; }

    public string? Place { get; private set; }

    public string Story { get; private set; } = "";

    public string ComplianceThen { get; private set; } = "";

    public string PermissionThen { get; private set; } = "";

    public InfoClass? InfoClass { get; private set; }

    public bool PersonalData { get; private set; }

    public IncidentExtent Extent { get; private set; } = new(null, false, false, false);

    public DateTimeOffset? ContainedAt { get; private set; }

    public DateTimeOffset? FiledAt { get; private set; }

    public DateTimeOffset? ClosedAt { get; private set; }

    public StaffId? ClosedBy { get; private set; }

    /// <summary>What came of it and what is done so that it does not happen again.</summary>
    public string? Outcome { get; private set; }

    public DateTimeOffset? FoundAt { get; private set; }

    public IReadOnlyList<IncidentTask> Tasks => tasks;

    public override string SubjectId => Id.ToString();

    public override string SubjectKind => "incident";

    /// <summary>The device itself is gone.</summary>
    public bool IsGone => Kind is IncidentKind.Loss or IncidentKind.Theft && FoundAt is null;

    internal void Plan(IEnumerable<IncidentTask> planned)
    {
        var known = tasks.Select(t => t.Code).ToHashSet();
        tasks.AddRange(planned.Where(t => known.Add(t.Code)));
    }

    /// <summary>How far the harm goes, as known now; more tasks may follow from it.</summary>
    internal void Measure(IncidentExtent extent)
    {
        DemandOpen();
        Audit("incident.measured", Extent, extent);
        Extent = extent;
    }

    internal void Do(Guid task, StaffId by, DateTimeOffset now, string? evidence)
    {
        DemandOpen();
        var one = Task(task);
        one.Do(by, now, evidence);
        Audit("incident.task-done", after: new { one.Code, one.Title, evidence });
        RetractReminders(one);
    }

    internal void Skip(Guid task, StaffId by, DateTimeOffset now, string reason)
    {
        DemandOpen();
        Demand.All(reason.Trim().Length < 5 ? IncidentRules.SkipReason.With() : null);
        var one = Task(task);
        one.Skip(by, now, reason.Trim());
        Audit("incident.task-skipped", after: new { one.Code, one.Title }, reason: reason);
        RetractReminders(one);
    }

    /// <summary>封じ込め: the device can do no more harm.</summary>
    internal void Contain(DateTimeOffset now)
    {
        Demand.All(State != IncidentState.Open ? IncidentRules.NotNow.With(IncidentWords.Of(State)) : Undone(t => t.Stage == IncidentState.Contained));
        (State, ContainedAt) = (IncidentState.Contained, now);
        Audit("incident.contained", after: new { Number });
    }

    /// <summary>All reports are made.</summary>
    internal void File(DateTimeOffset now)
    {
        Demand.All(State != IncidentState.Contained ? IncidentRules.NotNow.With(IncidentWords.Of(State)) : Undone(t => t.Stage == IncidentState.Reported));
        (State, FiledAt) = (IncidentState.Reported, now);
        Audit("incident.filed", after: new { Number });
    }

    /// <summary>終結, by the security manager.</summary>
    internal void Close(StaffId by, string outcome, DateTimeOffset now)
    {
        Demand.All(
            State != IncidentState.Reported ? IncidentRules.NotNow.With(IncidentWords.Of(State)) : Undone(_ => true),
            outcome.Trim().Length < 10 ? IncidentRules.Outcome.On("Outcome") : null);
        (State, ClosedAt, ClosedBy, Outcome) = (IncidentState.Closed, now, by, outcome.Trim());
        Audit("incident.closed", after: new { Number, Outcome });
    }

    /// <summary>The device turned up again.</summary>
    internal void Find(DateTimeOffset now, string note)
    {
        Demand.All(IsGone ? null : IncidentRules.NotGone.With(DeviceLabel));
        FoundAt = now;
        Audit("incident.device-found", after: new { Number, DeviceLabel, note });
    }

    internal void Tell(News news) => Record(news);

    private IncidentTask Task(Guid id) => tasks.SingleOrDefault(t => t.Id == id) ?? throw new NotHereException();

    private void RetractReminders(IncidentTask task)
    {
        for (var step = 1; step <= task.RemindedStep; step++) Record(new NewsRetracted($"incident.task:{task.Id}:{step}"));
    }

    private Broken? Undone(Func<IncidentTask, bool> which)
        => tasks.Where(t => which(t) && !t.IsSettled).ToList() is { Count: > 0 } left ? IncidentRules.TasksLeft.With(string.Join("、", left.Select(t => t.Title))) : null;

    private void DemandOpen() => Demand.All(State == IncidentState.Closed ? IncidentRules.NotNow.With(IncidentWords.Of(State)) : null);
}

/// <summary>What was at stake when it happened, as the portal knew it.</summary>
internal sealed record IncidentStakes(LoanId? LoanId, BookingId? BookingId, DepartmentId? DepartmentId, string ComplianceThen, string PermissionThen, InfoClass? InfoClass, bool PersonalData);

/// <summary>One thing to do after an incident, with its clock.</summary>
public sealed class IncidentTask
{
    private IncidentTask() { }

    internal IncidentTask(string code, string title, string owner, DateTimeOffset dueAt, IncidentState stage, int order)
        => (Id, Code, Title, Owner, DueAt, Stage, SortOrder) = (Guid.CreateVersion7(), code, title, owner, dueAt, stage, order);

    public Guid Id { get; private set; }

    public Guid IncidentId { get; private set; }

    public string Code { get; private set; } = "";

    public string Title { get; private set; } = "";

    /// <summary>Who is to do it, in words.</summary>
    public string Owner { get; private set; } = "";

    public DateTimeOffset DueAt { get; private set; }

    /// <summary>The state that needs it done.</summary>
    public IncidentState Stage { get; private set; }

    public int SortOrder { get; private set; }

    public DateTimeOffset? DoneAt { get; private set; }

    public StaffId? DoneBy { get; private set; }

    /// <summary>What was done: a receipt number, a log line, a name.</summary>
    public string? Evidence { get; private set; }

    /// <summary>Found not to be needed; the reason is in the evidence.</summary>
    public bool IsSkipped { get; private set; }

    /// <summary>The last reminder told: 1 soon due, 2 past due.</summary>
    public int RemindedStep { get; private set; }

    public bool IsSettled => DoneAt is not null;

    internal void Do(StaffId by, DateTimeOffset now, string? evidence)
    {
        if (IsSettled) return;
        (DoneAt, DoneBy, Evidence) = (now, by, string.IsNullOrWhiteSpace(evidence) ? null : evidence.Trim());
    }

    internal void Skip(StaffId by, DateTimeOffset now, string reason)
    {
        if (IsSettled) return;
        (DoneAt, DoneBy, Evidence, IsSkipped) = (now, by, reason, true);
    }

    internal bool Remind(int step)
    {
        if (step <= RemindedStep) return false;
        RemindedStep = step;
        return true;
    }
}
