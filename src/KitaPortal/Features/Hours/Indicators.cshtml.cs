using KitaPortal.Data;
using KitaPortal.Features.Hours.Indicators;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours;

/// <summary>The indicators of the strategy with targets, results, and the published beside the computed rates.</summary>
public sealed class IndicatorsPage(PortalDb db) : FormPage
{
    public IReadOnlyList<AreaRows> Areas { get; private set; } = [];

    public StrategyPlan? Plan { get; private set; }

    public IReadOnlyList<FiscalYear> Years { get; private set; } = [];

    /// <summary>The year whose goal stands in the last column.</summary>
    public FiscalYear GoalYear { get; private set; }

    /// <summary>Targets and results printed elsewhere, kept but never counted.</summary>
    public IReadOnlyList<Discrepancy> Discrepancies { get; private set; } = [];

    public int Rates { get; private set; }

    public int RatesThatAgree { get; private set; }

    public sealed record AreaRows(ActionArea Area, IReadOnlyList<Row> Rows);

    public sealed record Row(Indicator Indicator, IReadOnlyList<YearCells> Years, Target? Goal, Target? EarlierGoal);

    public sealed record YearCells(FiscalYear Year, Target? Target, Result? Result, AchievementRate? Computed)
    {
        /// <summary>The town printed another whole number than the printed figures give.</summary>
        public bool Differs => Result?.PublishedRate is { } published && Computed is { } rate && published != rate.Percent;
    }

    public sealed record Discrepancy(Indicator Indicator, string What, string Said, string Adopted, string? Why);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var areas = await db.ActionAreas.AsNoTracking().OrderBy(a => a.No).ToListAsync(ct);
        var indicators = await db.Indicators.AsNoTracking().Include(i => i.Targets).Include(i => i.Results).AsSplitQuery().OrderBy(i => i.SortOrder).ToListAsync(ct);
        Plan = await db.StrategyPlans.AsNoTracking().FirstOrDefaultAsync(ct);
        Years = [.. indicators.SelectMany(i => i.Results).Select(r => r.FiscalYear).Distinct().Order()];
        GoalYear = Plan?.To ?? (Years.Count > 0 ? Years[^1] : default);
        Areas = [.. areas.Select(area => new AreaRows(area, [.. indicators.Where(i => i.AreaNo == area.No).Select(RowOf)]))];
        Discrepancies = [.. indicators.SelectMany(Disagreements)];
        var rates = Areas.SelectMany(a => a.Rows).SelectMany(r => r.Years).Where(y => y is { Result.PublishedRate: not null, Computed: not null }).ToList();
        (Rates, RatesThatAgree) = (rates.Count, rates.Count(r => !r.Differs));
    }

    private Row RowOf(Indicator indicator)
    {
        var goal = indicator.TargetOf(GoalYear, TargetLevel.Kgi);
        var earlier = indicator.Targets.SingleOrDefault(t => t.FiscalYear == GoalYear && t.Level == TargetLevel.Kgi && t.Status == FigureStatus.Adopted && t.Version == goal?.Version - 1);
        return new(indicator, [.. Years.Select(year => new YearCells(year, indicator.TargetOf(year, TargetLevel.Kpi), indicator.ResultOf(year), indicator.RateOf(year)))], goal, earlier);
    }

    private static IEnumerable<Discrepancy> Disagreements(Indicator indicator)
    {
        foreach (var target in indicator.Targets.Where(t => t.Status == FigureStatus.Variant))
            yield return new(indicator, $"{target.FiscalYear.Label}の目標", $"{target.Value:N0}（{target.Source}）", Kept(indicator.TargetOf(target.FiscalYear, target.Level)?.Value), target.Reason);
        foreach (var result in indicator.Results.Where(r => r.Status == FigureStatus.Variant))
            yield return new(indicator, $"{result.FiscalYear.Label}の実績", $"{result.Value:N0}（{result.Source}）", Kept(indicator.ResultOf(result.FiscalYear)?.Value), result.Note);
    }

    private static string Kept(long? value) => value is { } v ? $"{v:N0}" : "—";
}
