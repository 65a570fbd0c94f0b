using Microsoft.Playwright;

namespace KitaPortal.BrowserTests;

/// <summary>One running trial (<c>kitaportal demo</c>) that was entered with its printed token.</summary>
public sealed class Trial : IAsyncLifetime
{
    private readonly Browser browser = new();
    private readonly PortalProcess portal = new();
    private string inside = "";

    public async ValueTask InitializeAsync()
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
    public async Task<Visitor> VisitorAsync(Size size, ColorScheme colours = ColorScheme.Light) => await browser.VisitorAsync(portal.Url, size, colours, inside.Length == 0 ? null : inside);

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        await portal.DisposeAsync();
    }
}
