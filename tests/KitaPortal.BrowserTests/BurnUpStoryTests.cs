using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using static Microsoft.Playwright.Assertions;

namespace KitaPortal.BrowserTests;

/// <summary>The chart of the year is read by keyboard: the arrow keys go month by month, and the live region says what the table says.</summary>
public sealed class BurnUpStoryTests(Browser browser) : IClassFixture<Browser>
{
    [Theory]
    [InlineData("pc"), InlineData("phone")]
    public async Task The_chart_is_read_month_by_month_with_the_arrow_keys(string size)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-07T12:00"));
        portal.Clock.SetUtcNow(BookingTown.At("2026-06-10T09:00"));
        await using var sato = await browser.SitDownAsync(portal, portal.Town.Sato, Size.Named(size));
        await sato.OpenAsync("/hours");
        var chart = sato.Page.Locator("kita-burn-up .burnup__focus:visible");
        var live = sato.Page.Locator("kita-burn-up [aria-live=polite]");
        var here = chart.Locator(".burnup__dot--here");
        await Expect(live).ToHaveTextAsync("図を選び、左右の矢印キーで月ごとに読めます。");

        // What a screen reader is told, in order.
        await sato.Page.EvaluateAsync("""
            () => {
              globalThis.said = [];
              const live = document.querySelector('kita-burn-up [aria-live=polite]');
              new MutationObserver(() => globalThis.said.push(live.textContent)).observe(live, { childList: true, characterData: true, subtree: true });
            }
            """);
        await sato.TabToAsync(chart);
        foreach (var key in new[] { "ArrowRight", "ArrowRight", "End", "ArrowRight", "Home", "ArrowLeft", "ArrowRight" }) await PressAsync(key);

        var rows = await sato.Page.Locator("#burnup-table tbody th").AllInnerTextsAsync();
        Assert.Equal(12, rows.Count);
        var said = await sato.Page.EvaluateAsync<string[]>("globalThis.said");
        Assert.Equal([rows[0], rows[1], rows[11], rows[11], rows[0], rows[0], rows[1]], said.Select(s => s.Split('：')[0]));
        var april = await sato.Page.Locator("#burnup-table tbody tr").First.Locator("td").AllInnerTextsAsync();
        Assert.Contains($"予約 {april[1]}、累計 {april[2]}", said[0], StringComparison.Ordinal);
        await Expect(here).ToHaveCountAsync(1);
        Assert.Equal(1, await chart.Locator("[data-dots] circle").EvaluateAllAsync<int>("dots => dots.findIndex(dot => dot.classList.contains('burnup__dot--here'))"));
        await Expect(chart.Locator("[data-guide]")).ToHaveAttributeAsync("visibility", "visible");

        // Other keys stay the browser's: Tab leaves the chart.
        await sato.Page.Keyboard.PressAsync("Tab");
        Assert.False(await chart.EvaluateAsync<bool>("e => e === document.activeElement"));
        sato.HadNoTrouble();

        async Task PressAsync(string key)
        {
            var before = await sato.Page.EvaluateAsync<int>("globalThis.said.length");
            await sato.Page.Keyboard.PressAsync(key);
            await sato.Page.WaitForFunctionAsync("n => globalThis.said.length > n", before);
        }
    }
}
