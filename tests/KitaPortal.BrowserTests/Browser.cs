using KitaPortal.Platform.Domain;
using KitaPortal.Tests.Host;
using Microsoft.Playwright;

namespace KitaPortal.BrowserTests;

/// <summary>The machine's own Chromium; nothing is downloaded. Tests are skipped, with the reason, where there is none.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string? Chromium = new[] { Environment.GetEnvironmentVariable("KITA_TEST_CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
        .FirstOrDefault(File.Exists);

    private IPlaywright? playwright;
    private IBrowser? browser;

    /// <summary>Whether there is a browser to test with.</summary>
    public static bool IsInstalled => Chromium is not null;

    public async ValueTask InitializeAsync()
    {
        if (Chromium is null) return;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--lang=ja"],
        });
    }

    /// <summary>Somebody sits down at a device.</summary>
    /// <param name="address">The portal's address.</param>
    /// <param name="state">Cookies brought along.</param>
    public async Task<Visitor> VisitorAsync(string address, Size size, ColorScheme colours = ColorScheme.Light, string? state = null)
    {
        Assert.SkipWhen(browser is null, "No Chromium on this machine (KITA_TEST_CHROMIUM may name one).");
        var context = await browser!.NewContextAsync(new()
        {
            BaseURL = address,
            StorageState = state,
            ViewportSize = new() { Width = size.Width, Height = size.Height },
            HasTouch = size.Touch,
            ColorScheme = colours,
            Locale = "ja-JP",
            TimezoneId = "Asia/Tokyo",
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(15_000);
        Assertions.SetDefaultExpectTimeout(15_000);
        return new Visitor(await context.NewPageAsync(), size, colours);
    }

    /// <summary>Somebody of the test town, signed in already.</summary>
    public async Task<Visitor> SitDownAsync(PortalHost portal, StaffId person, Size size, ColorScheme colours = ColorScheme.Light)
    {
        var visitor = await VisitorAsync(portal.Address.ToString(), size, colours);
        using var session = await portal.As(person);
        var cookie = session.Cookies.GetCookies(portal.Address)[0];
        await visitor.Page.Context.AddCookiesAsync([new Cookie { Name = cookie.Name, Value = cookie.Value, Url = portal.Address.ToString() }]);
        return visitor;
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
    }
}

/// <summary>The devices the town works on.</summary>
public sealed record Size(string Name, int Width, int Height, bool Touch)
{
    public static Size Pc { get; } = new("pc", 1366, 768, false);

    public static Size Pad { get; } = new("pad", 820, 1180, true);

    public static Size Phone { get; } = new("phone", 390, 844, true);

    /// <summary>A quarter of a PC's width: 400 % zoom.</summary>
    public static Size Zoomed { get; } = new("zoomed", 320, 640, false);

    public static IReadOnlyList<Size> All { get; } = [Pc, Pad, Phone, Zoomed];

    public static Size Named(string name) => All.Single(s => s.Name == name);
}
