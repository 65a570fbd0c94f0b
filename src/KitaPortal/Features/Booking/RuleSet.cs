using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>Parameters and severities of the rules for a class, an office, a role or all, from a day on. Once published it is never edited.</summary>
public sealed class RuleSet : Entity
{
    private RuleSet() { }

    public RuleSet(int number, DateOnly effectiveFrom, string? classCode, OfficeId? office, Role? role, StaffId? draftedBy, string note)
    {
        (Id, Number, EffectiveFrom, ClassCode, OfficeId, Role, DraftedBy, Note) = (Guid.CreateVersion7(), number, effectiveFrom, classCode, office, role, draftedBy, note);
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

    public StaffId? PublishedBy { get; private set; }

    public DateTimeOffset? PublishedAt { get; private set; }

    public string Note { get; private set; } = "";

    public override string SubjectId => Id.ToString();

    public RuleSet Set(string parameter, string value)
    {
        RefuseWhenPublished();
        Parameters = new(Parameters) { [parameter] = value };
        return this;
    }

    public RuleSet Grade(string ruleCode, string grade)
    {
        RefuseWhenPublished();
        Grades = new(Grades) { [ruleCode] = grade };
        return this;
    }

    /// <summary>Somebody else than the drafter puts it in force.</summary>
    public RuleSet Publish(StaffId by, DateTimeOffset now)
    {
        RefuseWhenPublished();
        if (by == DraftedBy) throw new RuleViolation(Rules.BookingRules.TwoPersons.With());
        (PublishedBy, PublishedAt) = (by, now);
        Audit("rule-set.published", after: new { Number, Parameters, Grades });
        return this;
    }

    private void RefuseWhenPublished()
    {
        if (PublishedAt is not null) throw new RuleViolation(Rules.BookingRules.RuleSetPublished.With());
    }
}
