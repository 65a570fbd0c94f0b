using Microsoft.Playwright;

namespace KitaPortal.BrowserTests;

/// <summary>One running trial (<c>kitaportal demo</c>) that was entered with its printed token; it begins with its first visitor.</summary>
public sealed class Trial : IAsyncDisposable
{
    private readonly Browser browser = new();
    private readonly PortalProcess portal = new();
    private readonly Lazy<Task> begun;
    private string inside = "";

    public Trial() => begun = new(BeginAsync);

    private async Task BeginAsync()
    {
        if (!Browser.IsInstalled) return;
        var starting = portal.StartAsync();
        await browser.InitializeAsync();
        await starting;
        await using var first = await browser.VisitorAsync(portal.Url, Size.Pc);
        await first.Page.GotoAsync(await portal.SignInAddress);
        await first.Page.GetByRole(AriaRole.Heading, new() { Name = "おもな立場" }).WaitForAsync();
        // The token works once; whoever comes later brings the cookie of the first.
        inside = await first.Page.Context.StorageStateAsync();
    }

    /// <summary>Somebody who may choose whom to be.</summary>
    public async Task<Visitor> VisitorAsync(Size size, ColorScheme colours = ColorScheme.Light)
    {
        await begun.Value;
        return await browser.VisitorAsync(portal.Url, size, colours, inside.Length == 0 ? null : inside);
    }

    /// <summary>Signs in as somebody of the role and looks at every page the navigation offers; the pages seen, and those that did not answer well.</summary>
    public async Task<(IReadOnlyList<string> Seen, IReadOnlyList<string> Wrong)> WalkAsync(string role, Size size, ColorScheme colours)
    {
        await using var visitor = await VisitorAsync(size, colours);
        await visitor.OpenAsync("/people/sign-in");
        await visitor.LookAsync($"{role}-sign-in");
        await visitor.SignInAsync(role);

        var places = await visitor.Page.EvaluateAsync<string[]>("[...new Set([...document.querySelectorAll('.side a')].map(a => a.getAttribute('href')))]");

        var wrong = new List<string>();
        foreach (var place in places)
        {
            var answer = await visitor.OpenAsync(place);
            if (!answer!.Ok) wrong.Add($"{answer.Status} {place}");
            await visitor.LookAsync($"{role}{place.Replace('/', '-')}");
        }

        visitor.HadNoTrouble();
        return (places, wrong);
    }

    public async ValueTask DisposeAsync()
    {
        if (!begun.IsValueCreated) return;
        await browser.DisposeAsync();
        await portal.DisposeAsync();
    }
}
