using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Indicators;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.Hours;

/// <summary>The published history of the strategy, as printed.</summary>
public sealed class IndicatorTests
{
    // code, R3 result, R4 target, R4 result, published, computed, R5 target, R5 result, published, computed, R6 goal
    private static readonly (string Code, long? R3, long R4Target, long R4, int R4Rate, string R4Computed, long R5Target, long R5, int R5Rate, string R5Computed, long Goal)[] Printed =
    [
        ("paper", null, 46_000, 74_240, 161, "161.3", 130_000, 102_591, 79, "78.9", 184_800),
        ("online-forms", 17, 30, 34, 113, "113.3", 40, 54, 135, "135.0", 60),
        ("online-count", 0, 50, 18, 36, "36.0", 150, 15, 10, "10.0", 300),
        ("line", 4_306, 4_350, 4_743, 109, "109.0", 4_900, 5_107, 104, "104.2", 5_400),
        ("app", 2_694, 2_800, 2_842, 101, "101.5", 3_000, 3_082, 102, "102.7", 3_100),
        ("hours", 1_317, 1_500, 2_475, 165, "165.0", 2_750, 6_153, 223, "223.7", 7_000),
    ];

    private static readonly FiscalYear R3 = new(2021), R4 = new(2022), R5 = new(2023), R6 = new(2024);

    [Fact]
    public async Task The_indicator_table_equals_what_the_strategy_prints()
    {
        await using var portal = await PortalHost.StartAsync();

        var indicators = await LoadAsync(portal);

        Assert.Equal(Printed.Select(p => p.Code), indicators.OrderBy(i => i.SortOrder).Select(i => i.Code));
        foreach (var (row, indicator) in Printed.Zip(indicators.OrderBy(i => i.SortOrder)))
        {
            Assert.Equal(row.R3, indicator.ResultOf(R3)?.Value);
            Assert.Equal((row.R4Target, row.R4, row.R4Rate), (indicator.TargetOf(R4, TargetLevel.Kpi)!.Value, indicator.ResultOf(R4)!.Value, indicator.ResultOf(R4)!.PublishedRate!.Value));
            Assert.Equal((row.R5Target, row.R5, row.R5Rate), (indicator.TargetOf(R5, TargetLevel.Kpi)!.Value, indicator.ResultOf(R5)!.Value, indicator.ResultOf(R5)!.PublishedRate!.Value));
            Assert.Equal((row.R4Computed, row.R5Computed), (indicator.RateOf(R4)!.Value.TenthsText, indicator.RateOf(R5)!.Value.TenthsText));
            Assert.Equal(row.Goal, indicator.TargetOf(R6, TargetLevel.Kgi)!.Value);
        }
    }

    [Fact]
    public async Task Truncation_gives_eleven_of_the_twelve_published_rates_and_half_up_nine()
    {
        await using var portal = await PortalHost.StartAsync();

        var rates = (await LoadAsync(portal)).SelectMany(i => new[] { R4, R5 }.Select(year => (i.Code, Year: year, i.ResultOf(year)!.PublishedRate,
            Truncated: i.RateOf(year)!.Value.Percent, HalfUp: AchievementRate.Of(i.ResultOf(year)!.Value, i.TargetOf(year, TargetLevel.Kpi)!.Value, RateRounding.HalfUp)!.Value.Percent))).ToList();

        Assert.Equal(12, rates.Count);
        Assert.Equal(9, rates.Count(r => r.PublishedRate == r.HalfUp));
        var odd = Assert.Single(rates, r => r.PublishedRate != r.Truncated);
        Assert.Equal(("paper", R5, 79, 78L), (odd.Code, odd.Year, odd.PublishedRate!.Value, odd.Truncated));
    }

    [Fact]
    public async Task Figures_printed_elsewhere_are_kept_and_never_count()
    {
        await using var portal = await PortalHost.StartAsync();

        var indicators = (await LoadAsync(portal)).ToDictionary(i => i.Code);

        Assert.Equal(74_240, Assert.Single(indicators["paper"].Targets, t => t.Status == FigureStatus.Variant).Value);
        Assert.Equal(4_347, Assert.Single(indicators["line"].Results, r => r.Status == FigureStatus.Variant).Value);
        Assert.Equal([50L, 60L], indicators["online-forms"].Targets.Where(t => t.Level == TargetLevel.Kgi).OrderBy(t => t.Version).Select(t => t.Value));
        Assert.Equal(2, indicators.Values.Sum(i => i.Targets.Count(t => t.Status == FigureStatus.Variant) + i.Results.Count(r => r.Status == FigureStatus.Variant)));
    }

    [Fact]
    public async Task Loading_the_history_again_changes_nothing()
    {
        await using var portal = await PortalHost.StartAsync();
        var before = await CountsAsync(portal);

        await portal.InScopeAsync(async services =>
        {
            foreach (var work in services.GetServices<IStartupWork>().OfType<StrategyHistory>()) await work.RunAsync(CancellationToken.None);
            return true;
        });

        Assert.Equal((3, 6, 20, 18, 1), before);
        Assert.Equal(before, await CountsAsync(portal));
    }

    [Fact]
    public async Task The_opening_balances_are_whole_years_of_1317_2475_and_6153_hours()
    {
        await using var portal = await PortalHost.StartAsync();

        var openings = await portal.ReadAsync(db => db.LedgerEntries.Where(e => e.Kind == EntryKind.Opening).OrderBy(e => e.WorkDate).ToListAsync());

        Assert.Equal([(R3, 79_020), (R4, 148_500), (R5, 369_180)], openings.Select(o => (o.FiscalYear, o.Minutes)));
        Assert.All(openings, o => Assert.Equal((Grain.Year, (int?)null, "紙・旧集計"), (o.Grain, o.CountedMonth, o.Reason)));
    }

    [Fact]
    public async Task The_database_refuses_changing_or_deleting_ledger_rows()
    {
        await using var portal = await PortalHost.StartAsync();
        Assert.NotEqual(0, await portal.ReadAsync(db => db.LedgerEntries.CountAsync()));

        var updating = await Record.ExceptionAsync(() => portal.ReadAsync(db => db.LedgerEntries.ExecuteUpdateAsync(s => s.SetProperty(e => e.Minutes, 0))));
        var deleting = await Record.ExceptionAsync(() => portal.ReadAsync(db => db.LedgerEntries.ExecuteDeleteAsync()));

        Assert.Contains("ledger_append_only", updating!.GetBaseException().Message, StringComparison.Ordinal);
        Assert.Contains("ledger_append_only", deleting!.GetBaseException().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_shows_published_and_computed_rates_and_where_they_differ()
    {
        await using var portal = await PortalHost.StartAsync();
        var sato = await portal.As(portal.Town.Sato);

        var page = (await sato.Get("/hours/indicators")).Words;

        Assert.Contains("223 % 計算 223.7", page, StringComparison.Ordinal);
        Assert.Contains("79 % 計算 78.9 公表値と計算値が 異なります", page, StringComparison.Ordinal);
        Assert.Contains("12個の率のうち 11個", page, StringComparison.Ordinal);
        Assert.Contains("60 はじめは 50", page, StringComparison.Ordinal);
    }

    private static Task<List<Indicator>> LoadAsync(PortalHost portal)
        => portal.ReadAsync(db => db.Indicators.AsNoTracking().Include(i => i.Targets).Include(i => i.Results).ToListAsync());

    private static Task<(int, int, int, int, int)> CountsAsync(PortalHost portal) => portal.ReadAsync(async db => (
        await db.LedgerEntries.CountAsync(), await db.Indicators.CountAsync(), await db.Indicators.SelectMany(i => i.Targets).CountAsync(),
        await db.Indicators.SelectMany(i => i.Results).CountAsync(), await db.CountingPolicies.CountAsync()));
}
