using System.Diagnostics;
using System.Text.RegularExpressions;

namespace KitaPortal.Tests.Home;

/// <summary>What the content security policy and the browser rules ask of every page and script, seen without a browser.</summary>
public sealed partial class MarkupTests
{
    private static readonly string Repository = Find();

    [Fact]
    public void No_page_carries_inline_styles_or_handlers()
    {
        Assert.NotEmpty(Offences("<p style=\"color:red\">"));
        Assert.NotEmpty(Offences("<button type=\"button\" onclick=\"go()\">"));

        var pages = Directory.EnumerateFiles(Path.Combine(Repository, "src", "KitaPortal", "Features"), "*.cshtml", SearchOption.AllDirectories).ToList();
        var wrong = pages.SelectMany(page => Offences(File.ReadAllText(page)).Select(o => $"{Path.GetFileName(page)}: {o}")).ToList();

        Assert.NotEmpty(pages);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_icon_that_a_page_names_is_in_the_sprite()
    {
        var sprite = File.ReadAllText(Path.Combine(Repository, "wwwroot", "img", "icons.svg"));
        var there = SymbolId().Matches(sprite).Select(m => m.Groups[1].Value).ToHashSet();
        var source = Directory.EnumerateFiles(Path.Combine(Repository, "src", "KitaPortal", "Features"), "*.cs*", SearchOption.AllDirectories);

        var named = source.SelectMany(file => IconName().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value)).ToHashSet();

        Assert.NotEmpty(named);
        Assert.Subset(there, named);
    }

    [Fact]
    public async Task The_scripts_pass_the_type_checker()
    {
        var folder = Path.Combine(Repository, "src", "KitaPortal");
        var checker = Path.Combine(folder, "node_modules", "typescript", "bin", "tsc");
        Assert.True(File.Exists(checker), "The build runs npm ci, so the checker is there.");

        var run = new ProcessStartInfo("node") { WorkingDirectory = folder, RedirectStandardOutput = true, ArgumentList = { checker, "-p", "jsconfig.json" } };
        using var tsc = Process.Start(run)!;
        var said = await tsc.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tsc.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(tsc.ExitCode == 0, said);
    }

    private static IEnumerable<string> Offences(string markup) => Inline().Matches(markup).Select(m => m.Value);

    private static string Find()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (here is not null && !File.Exists(Path.Combine(here.FullName, "KitaPortal.sln"))) here = here.Parent;
        return here?.FullName ?? throw new InvalidOperationException("The tests run outside the repository.");
    }

    [GeneratedRegex(@"<[a-z][^<>]*?\s(?:style|on(?:click|change|submit|input|load|error|key\w+|mouse\w+|focus|blur))\s*=\s*[""']", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();

    [GeneratedRegex(@"<symbol id=""([^""]+)""")]
    private static partial Regex SymbolId();

    [GeneratedRegex(@"<icon name=""([a-z-]+)""")]
    private static partial Regex IconName();
}
