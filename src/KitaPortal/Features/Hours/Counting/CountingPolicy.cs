using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Hours.Counting;

/// <summary>Whether time outside working hours counts.</summary>
public enum OutsideCounting { Never, IfPermitted }

/// <summary>What counts as use while nobody noted when they began and ended.</summary>
public enum UsedWithoutSession { Countable, Zero }

/// <summary>案, 適用, 取下げ.</summary>
public enum PolicyState { InForce, Draft, Withdrawn }

/// <summary>How hours are counted (計数規則), dated. A ledger row follows the policy in force on its day; a figure names the policy it was counted by.</summary>
public sealed class CountingPolicy : Entity
{
    private CountingPolicy() { }

    public CountingPolicy(int number, DateOnly effectiveFrom, string note)
    {
        (Number, EffectiveFrom, Note) = (number, effectiveFrom, note);
        Audit("counting-policy.made", after: new { number, effectiveFrom, Classes, Span, Breaks, CountOutside, KgiMeasure });
    }

    /// <summary>A draft (案) that counts nothing until a second person confirms it.</summary>
    internal CountingPolicy(int number, PolicyTerms terms, string note, StaffId by)
    {
        (Number, EffectiveFrom, Note, State, ProposedById) = (number, terms.From, note, PolicyState.Draft, by);
        (Classes, Purposes, DistributedPurposes, Span, Breaks) = (terms.Classes, terms.Purposes, terms.DistributedPurposes, terms.Span, terms.Breaks);
        (CountOutside, UsedWithoutSession, KgiMeasure) = (terms.CountOutside, terms.UsedWithoutSession, terms.KgiMeasure);
        Audit("counting-policy.proposed", after: new { number, terms }, reason: note);
    }

    /// <summary>適用: the second person has seen the trial count.</summary>
    internal void Confirm(StaffId by, DateTimeOffset at)
    {
        Demand.All(
            State != PolicyState.Draft ? HoursRules.Decided.With() : null,
            by == ProposedById ? HoursRules.SecondPerson.With() : null);
        (State, ApprovedById, DecidedAt) = (PolicyState.InForce, by, at);
        Audit("counting-policy.confirmed", after: new { Number, EffectiveFrom });
    }

    internal void Withdraw(StaffId by, bool isSecondPerson, DateTimeOffset at)
    {
        if (by != ProposedById && !isSecondPerson) throw new NotHereException();
        Demand.All(State != PolicyState.Draft ? HoursRules.Decided.With() : null);
        (State, ApprovedById, DecidedAt) = (PolicyState.Withdrawn, by, at);
        Audit("counting-policy.withdrawn");
    }

    public PolicyTerms Terms => new(EffectiveFrom, Classes, Purposes, DistributedPurposes, Span, Breaks, CountOutside, UsedWithoutSession, KgiMeasure);

    /// <summary>計数規則 v{Number}; 0 is the unknown way of the years before the portal.</summary>
    public int Number { get; private set; }

    public DateOnly EffectiveFrom { get; private set; }

    /// <summary>Codes of the device classes that count.</summary>
    public string[] Classes { get; private set; } = ["laptop", "tablet", "recorder"];

    /// <summary>Purposes that count; empty means all.</summary>
    public string[] Purposes { get; private set; } = [];

    /// <summary>Purposes that are distributed work (分散勤務).</summary>
    public string[] DistributedPurposes { get; private set; } = ["HomeWork", "BranchWork", "Satellite", "BusinessTrip"];

    /// <summary>Tokyo wall clock, for example <c>08:30-17:15</c>.</summary>
    public string Span { get; private set; } = "08:30-17:15";

    /// <summary>Breaks that never count, parted by commas.</summary>
    public string Breaks { get; private set; } = "12:00-13:00";

    public OutsideCounting CountOutside { get; private set; } = OutsideCounting.IfPermitted;

    public UsedWithoutSession UsedWithoutSession { get; private set; }

    /// <summary>The measure that is the town's KGI.</summary>
    public Measure KgiMeasure { get; private set; } = Measure.Booked;

    public string Note { get; private set; } = "";

    public PolicyState State { get; private set; }

    public StaffId? ProposedById { get; private set; }

    /// <summary>The second person, who confirmed or withdrew it.</summary>
    public StaffId? ApprovedById { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public override string SubjectId => Number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public WorkingTime Working => field ??= WorkingTime.Parse(Span, Breaks);

    public bool Counts(string classCode, string purpose) => Classes.Contains(classCode) && (Purposes.Length == 0 || Purposes.Contains(purpose));

    public bool IsDistributed(string purpose) => DistributedPurposes.Contains(purpose);
}

/// <summary>What a counting policy says.</summary>
public sealed record PolicyTerms(DateOnly From, string[] Classes, string[] Purposes, string[] DistributedPurposes, string Span, string Breaks, OutsideCounting CountOutside, UsedWithoutSession UsedWithoutSession, Measure KgiMeasure);

/// <summary>All counting policies; the one of a day is the newest that began by then.</summary>
public sealed class CountingPolicies(IEnumerable<CountingPolicy> policies)
{
    private readonly List<CountingPolicy> newestFirst = [.. policies.OrderByDescending(p => p.EffectiveFrom).ThenByDescending(p => p.Number)];

    /// <summary>Which measure is the KGI from when until when, the earliest first.</summary>
    internal IReadOnlyList<(DateOnly From, DateOnly Until, Measure Measure)> KgiMeasures
    {
        get
        {
            var spans = new List<(DateOnly From, DateOnly Until, Measure Measure)>();
            foreach (var policy in newestFirst.DistinctBy(p => p.EffectiveFrom).Reverse())
            {
                if (spans.Count > 0 && spans[^1].Measure == policy.KgiMeasure) continue;
                if (spans.Count > 0) spans[^1] = spans[^1] with { Until = policy.EffectiveFrom };
                spans.Add((spans.Count == 0 ? new(1900, 1, 1) : policy.EffectiveFrom, new(2900, 1, 1), policy.KgiMeasure));
            }
            return spans;
        }
    }

    public CountingPolicy On(DateOnly day) => newestFirst.FirstOrDefault(p => p.EffectiveFrom <= day) ?? newestFirst[^1];
}
