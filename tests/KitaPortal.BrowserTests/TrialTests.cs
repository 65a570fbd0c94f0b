using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(KitaPortal.BrowserTests.Trial))]

namespace KitaPortal.BrowserTests;

/// <summary>The trial as somebody meets it who just started it: signing in with the printed token, every page of the navigation, at every size, light and dark.</summary>
public sealed class TrialTests(Trial trial)
{
    [Theory]
    [InlineData("pc", ColorScheme.Light), InlineData("pc", ColorScheme.Dark)]
    [InlineData("pad", ColorScheme.Light), InlineData("pad", ColorScheme.Dark)]
    [InlineData("phone", ColorScheme.Light), InlineData("phone", ColorScheme.Dark)]
    [InlineData("zoomed", ColorScheme.Light), InlineData("zoomed", ColorScheme.Dark)]
    public async Task The_building_blocks_are_accessible_and_fit(string size, ColorScheme colours)
    {
        await using var visitor = await trial.VisitorAsync(Size.Named(size), colours);

        await visitor.OpenAsync("/design?wrong=true");

        await visitor.LookAsync("design");
        visitor.HadNoTrouble();
    }

    [Theory]
    [InlineData("職員", "pc", ColorScheme.Light), InlineData("職員", "phone", ColorScheme.Light), InlineData("職員", "pad", ColorScheme.Dark)]
    [InlineData("所属長", "pc", ColorScheme.Dark), InlineData("所属長", "phone", ColorScheme.Dark)]
    public async Task Every_page_of_the_navigation_is_accessible_and_fits(string role, string size, ColorScheme colours)
    {
        var (seen, wrong) = await trial.WalkAsync(role, Size.Named(size), colours);

        Assert.Contains("/", seen);
        Assert.Empty(wrong);
    }
}

/// <summary>The same walk by those who run the portal; beside the other, because each takes minutes.</summary>
public sealed class TrialOfficeTests(Trial trial)
{
    [Theory]
    [InlineData("貸出窓口", "pc", ColorScheme.Light), InlineData("貸出窓口", "pad", ColorScheme.Light)]
    [InlineData("人事担当", "pc", ColorScheme.Light)]
    [InlineData("システム管理者", "pc", ColorScheme.Light), InlineData("システム管理者", "phone", ColorScheme.Light)]
    public async Task Every_page_of_the_navigation_is_accessible_and_fits(string role, string size, ColorScheme colours)
    {
        var (seen, wrong) = await trial.WalkAsync(role, Size.Named(size), colours);

        Assert.Contains("/", seen);
        Assert.Empty(wrong);
    }
}
