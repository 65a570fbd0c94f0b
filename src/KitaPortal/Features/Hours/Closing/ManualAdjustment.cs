using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Hours.Closing;

/// <summary>Names a manual adjustment; made by the client.</summary>
public readonly record struct ManualAdjustmentId(Guid Value) : ITypedId<ManualAdjustmentId>
{
    public static ManualAdjustmentId New() => new(Guid.CreateVersion7());

    public static ManualAdjustmentId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>確認待ち, 確定, 取下げ.</summary>
public enum AdjustmentState { Proposed, Confirmed, Withdrawn }

/// <summary>Hours entered by hand (手動修正), for example paper loans during a power cut. Counts only after a second person confirmed it.</summary>
public sealed class ManualAdjustment : Entity
{
    public const string FileOwner = "hours-adjustment";
    public const int LeastReason = 10, MostHours = 10_000;

    private ManualAdjustment() { }

    public ManualAdjustment(ManualAdjustmentId id, DepartmentId department, FiscalYear year, int month, Measure measure, int minutes, string reason, bool hasEvidence, StaffId by, DateOnly today)
    {
        if (month is < 1 or > 12) throw new RuleViolation(HoursRules.Month.With(month) with { Remedy = "1から12で書いてください。" });
        var first = MonthClose.FirstDayOf(year, month);
        Demand.All(
            reason.Trim().Length < LeastReason ? HoursRules.AdjustmentReason.With() : null,
            hasEvidence ? null : HoursRules.AdjustmentEvidence.With(),
            minutes == 0 || Math.Abs((long)minutes) > MostHours * 60 ? HoursRules.AdjustmentMinutes.With(MostHours.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)) : null,
            first > today ? HoursRules.AdjustmentMonth.With($"{year.Label}{MonthClose.WordOf(month)}") : null);
        (Id, DepartmentId, FiscalYear, Month, Measure, Minutes, Reason, ProposedById) = (id, department, year, month, measure, minutes, reason.Trim(), by);
        var last = first.AddMonths(1).AddDays(-1);
        WorkDate = last < today ? last : today;
        Audit("hours-adjustment.proposed", after: new { department = department.Value, year = year.Value, month, measure, minutes }, reason: Reason);
    }

    public ManualAdjustmentId Id { get; private set; }

    public DepartmentId DepartmentId { get; private set; }

    public FiscalYear FiscalYear { get; private set; }

    /// <summary>The calendar month the hours belong to; they may be counted in a later one.</summary>
    public int Month { get; private set; }

    public Measure Measure { get; private set; }

    public int Minutes { get; private set; }

    public string Reason { get; private set; } = "";

    /// <summary>The last day of the month, or the day of entering.</summary>
    public DateOnly WorkDate { get; private set; }

    public AdjustmentState State { get; private set; }

    public StaffId ProposedById { get; private set; }

    public StaffId? DecidedById { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public override string SubjectId => Id.ToString();

    public override string SubjectKind => FileOwner;

    /// <summary>確定: a second person has compared it with the evidence.</summary>
    public void Confirm(StaffId by, DateTimeOffset at)
    {
        Demand.All(
            State != AdjustmentState.Proposed ? HoursRules.Decided.With() : null,
            by == ProposedById ? HoursRules.SecondPerson.With() : null);
        (State, DecidedById, DecidedAt) = (AdjustmentState.Confirmed, by, at);
        Audit("hours-adjustment.confirmed", after: new { Minutes });
    }

    /// <summary>取下げ, by its author or by the second person.</summary>
    public void Withdraw(StaffId by, bool isSecondPerson, DateTimeOffset at)
    {
        if (by != ProposedById && !isSecondPerson) throw new NotHereException();
        Demand.All(State != AdjustmentState.Proposed ? HoursRules.Decided.With() : null);
        (State, DecidedById, DecidedAt) = (AdjustmentState.Withdrawn, by, at);
        Audit("hours-adjustment.withdrawn");
    }

    internal LedgerDraft Draft(string departmentName, OfficeId? office)
        => new(new(SourceKind.Manual, Id.Value, WorkDate, Measure, 0), 1, Minutes, LedgerSnapshot.None with { DepartmentId = DepartmentId, DepartmentName = departmentName, OfficeId = office },
            Grain.Month, EntryKind.Manual, Reason);
}
