using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Hours.Indicators;

/// <summary>Names an indicator.</summary>
public readonly record struct IndicatorId(Guid Value) : ITypedId<IndicatorId>
{
    public static IndicatorId New() => new(Guid.CreateVersion7());

    public static IndicatorId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>The yearly target of the plan, or the goal of the whole strategy.</summary>
public enum TargetLevel { Kpi, Kgi }

/// <summary>Adopted figures count; a variant is kept as evidence of what is printed elsewhere and never counts.</summary>
public enum FigureStatus { Adopted, Variant }

/// <summary>A strategy and the fiscal years it covers.</summary>
public sealed class StrategyPlan : Entity
{
    private StrategyPlan() { }

    public StrategyPlan(string name, FiscalYear from, FiscalYear to)
    {
        (Id, Name, From, To) = (Guid.CreateVersion7(), name, from, to);
        Audit("strategy.made", after: new { name, from = from.Label, to = to.Label });
    }

    public Guid Id { get; private set; }

    public string Name { get; private set; } = "";

    public FiscalYear From { get; private set; }

    public FiscalYear To { get; private set; }

    public override string SubjectId => Id.ToString();
}

/// <summary>One of the numbered concerns (課題) of the strategy.</summary>
public sealed class ActionArea : Entity
{
    private ActionArea() { }

    public ActionArea(int no, string name, string? note = null)
    {
        (No, Name, Note) = (no, name, note);
        Audit("action-area.made", after: new { no, name });
    }

    public int No { get; private set; }

    public string Name { get; private set; } = "";

    public string? Note { get; private set; }

    public override string SubjectId => No.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>A figure by which the strategy is measured (指標). Targets and results are never overwritten: the highest version counts.</summary>
public sealed class Indicator : Entity
{
    private readonly List<Target> targets = [];
    private readonly List<Result> results = [];

    /// <summary>The indicator whose results come from the ledger.</summary>
    public const string HoursCode = "hours";

    private Indicator() { }

    public Indicator(string code, int areaNo, string name, string unit, int sortOrder, string? note = null)
    {
        (Id, Code, AreaNo, Name, Unit, SortOrder, Note) = (IndicatorId.New(), code, areaNo, name, unit, sortOrder, note);
        Audit("indicator.made", after: new { code, areaNo, name, unit });
    }

    public IndicatorId Id { get; private set; }

    public string Code { get; private set; } = "";

    public int AreaNo { get; private set; }

    public string Name { get; private set; } = "";

    public string Unit { get; private set; } = "";

    public RateRounding RateRounding { get; private set; }

    public int SortOrder { get; private set; }

    /// <summary>Where the printed sources disagree about the indicator itself.</summary>
    public string? Note { get; private set; }

    public IReadOnlyList<Target> Targets => targets;

    public IReadOnlyList<Result> Results => results;

    public override string SubjectId => Id.ToString();

    /// <summary>Sets a target as a new version.</summary>
    public void SetTarget(FiscalYear year, TargetLevel level, long value, string source, FigureStatus status = FigureStatus.Adopted, string? reason = null)
    {
        var version = targets.Where(t => t.FiscalYear == year && t.Level == level && t.Status == status).Select(t => t.Version).DefaultIfEmpty().Max() + 1;
        targets.Add(new Target(year, level, value, version, source, status, reason));
        Audit("target.set", after: new { code = Code, year = year.Label, level, value, version, status }, reason: reason);
    }

    /// <summary>Enters a result as a new version.</summary>
    public void Enter(FiscalYear year, long value, string source, int? publishedRate = null, FigureStatus status = FigureStatus.Adopted, string? note = null)
    {
        var version = results.Where(r => r.FiscalYear == year && r.Status == status).Select(r => r.Version).DefaultIfEmpty().Max() + 1;
        results.Add(new Result(year, value, version, source, publishedRate, status, note));
        Audit("result.entered", after: new { code = Code, year = year.Label, value, version, status, publishedRate }, reason: note);
    }

    /// <summary>The target in force, of one level or the yearly one before the goal.</summary>
    public Target? TargetOf(FiscalYear year, TargetLevel level)
        => targets.Where(t => t.FiscalYear == year && t.Level == level && t.Status == FigureStatus.Adopted).MaxBy(t => t.Version);

    public Result? ResultOf(FiscalYear year)
        => results.Where(r => r.FiscalYear == year && r.Status == FigureStatus.Adopted).MaxBy(r => r.Version);

    /// <summary>The rate as a reader of the printed figures computes it.</summary>
    public AchievementRate? RateOf(FiscalYear year, TargetLevel level = TargetLevel.Kpi)
        => ResultOf(year) is { } result ? AchievementRate.Of(result.Value, TargetOf(year, level)?.Value, RateRounding) : null;
}

/// <summary>What an indicator should reach in a fiscal year, in its own unit.</summary>
public sealed class Target
{
    private Target() { }

    internal Target(FiscalYear year, TargetLevel level, long value, int version, string source, FigureStatus status, string? reason)
        => (Id, FiscalYear, Level, Value, Version, Source, Status, Reason) = (Guid.CreateVersion7(), year, level, value, version, source, status, reason);

    public Guid Id { get; private set; }

    public IndicatorId IndicatorId { get; private set; }

    public FiscalYear FiscalYear { get; private set; }

    public TargetLevel Level { get; private set; }

    public long Value { get; private set; }

    public int Version { get; private set; }

    /// <summary>Where it is printed.</summary>
    public string Source { get; private set; } = "";

    public FigureStatus Status { get; private set; }

    public string? Reason { get; private set; }
}

/// <summary>What an indicator reached in a fiscal year, in its own unit.</summary>
public sealed class Result
{
    private Result() { }

    internal Result(FiscalYear year, long value, int version, string source, int? publishedRate, FigureStatus status, string? note)
        => (Id, FiscalYear, Value, Version, Source, PublishedRate, Status, Note) = (Guid.CreateVersion7(), year, value, version, source, publishedRate, status, note);

    public Guid Id { get; private set; }

    public IndicatorId IndicatorId { get; private set; }

    public FiscalYear FiscalYear { get; private set; }

    public long Value { get; private set; }

    public int Version { get; private set; }

    /// <summary>Where it is printed.</summary>
    public string Source { get; private set; } = "";

    /// <summary>The rate in percent as the town published it.</summary>
    public int? PublishedRate { get; private set; }

    public FigureStatus Status { get; private set; }

    public string? Note { get; private set; }
}
