using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace KitaPortal.BrowserTests;

/// <summary>Somebody at a browser. Remembers everything that went wrong in it: script errors, refused scripts, failed requests.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private static readonly string Results = Path.Combine(Repository(), "tests", "results", "screens");
    private readonly List<string> trouble = [];
    private readonly Size size;
    private readonly ColorScheme colours;

    public Visitor(IPage page, Size size, ColorScheme colours)
    {
        (Page, this.size, this.colours) = (page, size, colours);
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.Contains("status of 4", StringComparison.Ordinal)) trouble.Add($"{page.Url}: {message.Text}");
        };
        page.PageError += (_, error) => trouble.Add($"{page.Url}: {error}");
        page.Response += (_, answer) =>
        {
            if (answer.Status >= 500) trouble.Add($"{answer.Status} {answer.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>Errors of the browser so far; stories end by asserting there are none.</summary>
    public IReadOnlyList<string> Trouble => trouble;

    /// <summary>Signs in as the first of the usual people whose tags name the role: 職員, 所属長, 貸出窓口 …; returns the person's name.</summary>
    public async Task<string> SignInAsync(string role)
    {
        await Page.GotoAsync("/people/sign-in");
        var choice = Page.Locator(".person-choice").Filter(new() { Has = Page.Locator(".tag").GetByText(role, new() { Exact = true }) }).First;
        var name = await choice.Locator(".person__name").InnerTextAsync();
        await choice.ClickAsync();
        await Page.WaitForURLAsync(url => !url.Contains("/sign-in", StringComparison.Ordinal));
        return name;
    }

    /// <summary>Opens an address of the portal.</summary>
    public async Task<IResponse?> OpenAsync(string path) => await Page.GotoAsync(path);

    /// <summary>
    /// Looks at the page as it stands: nothing serious for axe, nothing to scroll sideways, one heading; keeps a picture.
    /// </summary>
    public async Task LookAsync(string name)
    {
        await Page.WaitForLoadStateAsync(LoadState.Load);
        Directory.CreateDirectory(Results);
        await Page.EvaluateAsync("window.scrollTo(0, 0)");
        await Page.ScreenshotAsync(new() { Path = Path.Combine(Results, $"{name}-{size.Name}-{colours.ToString().ToLowerInvariant()}.png"), FullPage = true });

        var axe = await Page.RunAxe();
        var serious = axe.Violations.Where(v => v.Impact is "serious" or "critical").Select(Describe).ToList();
        Assert.True(serious.Count == 0, $"{Page.Url} ({size.Name}, {colours}):\n{string.Join('\n', serious)}");

        var sideways = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(sideways <= 0, $"{Page.Url} scrolls {sideways}px sideways at {size.Width}px.");
        Assert.Equal(1, await Page.Locator("h1").CountAsync());
    }

    /// <summary>Reaches a control with the Tab key alone, from wherever the focus is.</summary>
    public async Task TabToAsync(ILocator control)
    {
        await control.WaitForAsync();
        for (var presses = 0; presses < 250; presses++)
        {
            if (await control.EvaluateAsync<bool>("e => e === document.activeElement"))
            {
                Assert.True(await control.EvaluateAsync<bool>("""
                    e => {
                      const box = e.getBoundingClientRect();
                      const top = document.elementFromPoint(Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 2), Math.min(Math.max(box.y + box.height / 2, 1), innerHeight - 2));
                      return box.bottom > 0 && box.top < innerHeight && (top === null || e === top || e.contains(top) || top.contains(e) || top.closest('label')?.contains(e) === true);
                    }
                    """), $"The focus is covered: {await control.EvaluateAsync<string>("e => e.outerHTML.slice(0, 120)")}");
                return;
            }

            await Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab never reaches {control} on {Page.Url}.");
    }

    /// <summary>Presses a button or follows a link by keyboard.</summary>
    public async Task EnterAsync(ILocator control)
    {
        await TabToAsync(control);
        await Page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Chooses in a list by the arrow keys.</summary>
    public async Task ChooseAsync(ILocator select, string value)
    {
        await TabToAsync(select);
        await Page.Keyboard.PressAsync("Home");
        for (var steps = 0; steps < 60 && await select.InputValueAsync() != value; steps++) await Page.Keyboard.PressAsync("ArrowDown");
        Assert.Equal(value, await select.InputValueAsync());
    }

    /// <summary>The stories' last word: the browser had nothing to complain about.</summary>
    public void HadNoTrouble() => Assert.True(trouble.Count == 0, string.Join('\n', trouble));

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();

    private static string Describe(AxeResultItem violation)
        => $"{violation.Impact} {violation.Id}: {violation.Help} – {string.Join(" | ", violation.Nodes.Take(4).Select(n => n.Html))}";

    private static string Repository()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (here is not null && !File.Exists(Path.Combine(here.FullName, "KitaPortal.sln"))) here = here.Parent;
        return here?.FullName ?? AppContext.BaseDirectory;
    }
}
