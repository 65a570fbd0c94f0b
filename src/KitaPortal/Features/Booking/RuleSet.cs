using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>What happens to bookings that are there already and that a new version breaks: nothing, the borrowers are asked to look at them, they are cancelled with notice.</summary>
public enum OnBroken { Nothing, Ask, Cancel }

/// <summary>Parameters and severities of the rules for a class, an office, a role or all, from a day on. Once published it is never edited.</summary>
public sealed class RuleSet : Entity
{
    private RuleSet() { }

    public RuleSet(int number, DateOnly effectiveFrom, string? classCode, OfficeId? office, Role? role, StaffId? draftedBy, string note, Guid? id = null)
    {
        (Id, Number, EffectiveFrom, ClassCode, OfficeId, Role, DraftedBy, Note) = (id ?? Guid.CreateVersion7(), number, effectiveFrom, classCode, office, role, draftedBy, note);
        Audit("rule-set.drafted", after: new { number, effectiveFrom, classCode, office = office?.Value, role });
    }

    public Guid Id { get; private set; }

    /// <summary>Consecutive; named on bookings.</summary>
    public int Number { get; private set; }

    public DateOnly EffectiveFrom { get; private set; }

    /// <summary>Null: all classes.</summary>
    public string? ClassCode { get; private set; }

    /// <summary>Null: all offices.</summary>
    public OfficeId? OfficeId { get; private set; }

    /// <summary>Null: everybody.</summary>
    public Role? Role { get; private set; }

    /// <summary>Parameter name to value, for example <c>LongDays</c> to <c>5</c>.</summary>
    public Dictionary<string, string> Parameters { get; private set; } = [];

    /// <summary>Rule code to <c>block</c>, <c>warn</c>, <c>head</c>, <c>sec</c> or <c>off</c>.</summary>
    public Dictionary<string, string> Grades { get; private set; } = [];

    public StaffId? DraftedBy { get; private set; }

    /// <summary>Who changed the draft last; counts as its author too.</summary>
    public StaffId? EditedBy { get; private set; }

    public StaffId? PublishedBy { get; private set; }

    public DateTimeOffset? PublishedAt { get; private set; }

    public string Note { get; private set; } = "";

    public OnBroken OnBroken { get; private set; }

    /// <summary>When the bookings it breaks were dealt with; null while that is still to be done.</summary>
    public DateTimeOffset? CarriedOutAt { get; private set; }

    public DateTimeOffset? DiscardedAt { get; private set; }

    public bool IsDraft => PublishedAt is null && DiscardedAt is null;

    public override string SubjectId => Id.ToString();

    public RuleSet Set(string parameter, string value)
    {
        RefuseWhenPublished();
        Parameters = new(Parameters) { [parameter] = value };
        return this;
    }

    /// <summary>Re-grades a rule or switches it off; those that the law of the list fixes stay as they are (貸-906).</summary>
    public RuleSet Grade(string ruleCode, string grade)
    {
        RefuseWhenPublished();
        if (Rules.BookingRules.Lending.FirstOrDefault(r => r.Text.Code == ruleCode) is { IsFixed: true } fixedRule) throw new RuleViolation(Rules.BookingRules.FixedRule.With(fixedRule.Text.Number));
        Grades = new(Grades) { [ruleCode] = grade };
        return this;
    }

    /// <summary>Writes the draft anew: for whom, from when, which values and severities.</summary>
    public void Rewrite(StaffId by, DateOnly effectiveFrom, string? classCode, OfficeId? office, Role? role, string note, IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, string> grades)
    {
        RefuseWhenPublished();
        var before = new { EffectiveFrom, ClassCode, office = OfficeId?.Value, Role, Parameters, Grades, Note };
        (EditedBy, EffectiveFrom, ClassCode, OfficeId, Role, Note) = (by, effectiveFrom, classCode, office, role, note);
        (Parameters, Grades) = (new(parameters), []);
        foreach (var (code, grade) in grades) Grade(code, grade);
        Audit("rule-set.rewritten", before, new { effectiveFrom, classCode, office = office?.Value, role, parameters, grades, note });
    }

    /// <summary>Somebody else than its authors puts it in force, on a day that has not passed (二人承認).</summary>
    public RuleSet Publish(StaffId by, DateTimeOffset now, OnBroken onBroken = OnBroken.Nothing)
    {
        RefuseWhenPublished();
        Demand.All(
            by == DraftedBy || by == EditedBy ? Rules.BookingRules.TwoPersons.With() : null,
            EffectiveFrom < TokyoTime.DayOf(now) ? Rules.BookingRules.RuleSetDay.On("Form.EffectiveFrom") : null);
        (PublishedBy, PublishedAt, OnBroken) = (by, now, onBroken);
        if (onBroken == OnBroken.Nothing) CarriedOutAt = now;
        Audit("rule-set.published", after: new { Number, EffectiveFrom, ClassCode, office = OfficeId?.Value, Role, Parameters, Grades, draftedBy = DraftedBy?.Value, editedBy = EditedBy?.Value, onBroken });
        return this;
    }

    /// <summary>The draft is given up.</summary>
    public void Discard(DateTimeOffset now)
    {
        RefuseWhenPublished();
        DiscardedAt = now;
        Audit("rule-set.discarded", after: new { Number });
    }

    internal void CarriedOut(DateTimeOffset now, int bookings)
    {
        CarriedOutAt = now;
        Audit("rule-set.carried-out", after: new { Number, OnBroken, bookings });
    }

    internal void Tell(News news) => Record(news);

    private void RefuseWhenPublished()
    {
        if (PublishedAt is not null || DiscardedAt is not null) throw new RuleViolation(Rules.BookingRules.RuleSetPublished.With());
    }
}
