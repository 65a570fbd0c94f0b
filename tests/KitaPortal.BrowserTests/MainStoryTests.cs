using KitaPortal.Features.Hours;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KitaPortal.BrowserTests;

/// <summary>The portal's main job as three people do it: a terminal is booked, permitted, lent, returned, and its hours stand in the ledger and on the KGI page.</summary>
public sealed class MainStoryTests(Browser browser) : IClassFixture<Browser>
{
    [Theory]
    [InlineData("pc", ColorScheme.Light), InlineData("pad", ColorScheme.Dark), InlineData("phone", ColorScheme.Light)]
    public async Task A_terminal_is_booked_permitted_lent_returned_and_counted(string size, ColorScheme colours)
    {
        await using var portal = await PortalHost.StartAsync();
        await BookingTown.SeedAsync(portal);
        await using var sato = await browser.SitDownAsync(portal, portal.Town.Sato, Size.Named(size), colours);
        await using var head = await browser.SitDownAsync(portal, portal.Town.GeneralHead, Size.Named(size), colours);
        await using var desk = await browser.SitDownAsync(portal, portal.Town.Desk, Size.Named(size), colours);

        await sato.OpenAsync("/");
        await sato.LookAsync("story-1-home");
        await sato.Page.GetByRole(AriaRole.Link, new() { Name = "機器を予約する" }).First.ClickAsync();
        await FillBookingAsync(sato.Page);
        await Expect(sato.Page.Locator("#judgement .route")).ToBeVisibleAsync();
        await sato.LookAsync("story-2-reserve");
        await sato.Page.GetByRole(AriaRole.Button, new() { Name = "この内容で予約する" }).ClickAsync();
        await Expect(sato.Page.Locator(".message--success")).ToBeVisibleAsync();
        await sato.LookAsync("story-3-booked");

        await head.OpenAsync("/");
        await head.LookAsync("story-4-head-home");
        await head.Page.GetByRole(AriaRole.Link, new() { NameRegex = new("端末持出許可申請") }).First.ClickAsync();
        await head.LookAsync("story-5-request");
        await head.Page.Locator("a[data-open].button:not(.button--danger):not(.button--secondary)").ClickAsync();
        await head.Page.Locator("dialog[open] button[type=submit]").ClickAsync();
        await Expect(head.Page.Locator(".message--success")).ToBeVisibleAsync();
        await head.LookAsync("story-6-decided");

        portal.Clock.SetUtcNow(BookingTown.At("2026-04-07T08:30"));
        await desk.OpenAsync("/");
        await desk.LookAsync("story-7-desk-home");
        await desk.Page.GetByRole(AriaRole.Link, new() { Name = "窓口を開く" }).ClickAsync();
        await desk.LookAsync("story-8-desk");
        await desk.Page.Locator("table a.button").GetByText("引渡し").First.ClickAsync();
        await desk.LookAsync("story-9-hand-over");
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "引き渡す" }).ClickAsync();
        await Expect(desk.Page.Locator(".message--success")).ToBeVisibleAsync();
        await sato.OpenAsync("/");
        await Expect(sato.Page.GetByText("貸出中")).ToBeVisibleAsync();
        await sato.LookAsync("story-10-on-loan");

        portal.Clock.SetUtcNow(BookingTown.At("2026-04-07T17:00"));
        await desk.Page.GotoAsync(desk.Page.Url.Split('?')[0].Replace("/hand-over", "", StringComparison.Ordinal) + "?tab=back");
        await desk.Page.Locator("table a.button").GetByText("返却").First.ClickAsync();
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "返却を受け付ける" }).WaitForAsync();
        foreach (var thing in await desk.Page.Locator("input[name$='.Set']").AllAsync()) await thing.CheckAsync();
        await desk.LookAsync("story-11-take-back");
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "返却を受け付ける" }).ClickAsync();
        await Expect(desk.Page.Locator(".message--success")).ToBeVisibleAsync();

        await sato.OpenAsync("/booking/mine");
        await Expect(sato.Page.GetByText("返却済").First).ToBeVisibleAsync();
        await sato.LookAsync("story-12-mine");
        await head.OpenAsync("/hours");
        var booked = await portal.ReadAsync(async db => await db.LedgerEntries.AsNoTracking().Where(e => e.Measure == KitaPortal.Features.Hours.Ledger.Measure.Booked && e.WorkDate == new DateOnly(2026, 4, 7)).SumAsync(e => e.Minutes));
        Assert.True(booked > 0, "Nothing stands in the ledger.");
        await Expect(head.Page.Locator("main")).ToContainTextAsync($"令和8年度は{booked / 60}時間");
        await head.LookAsync("story-13-kgi");

        foreach (var visitor in (Visitor[])[sato, head, desk]) visitor.HadNoTrouble();
    }

    [Fact]
    public async Task The_same_is_done_by_keyboard_alone()
    {
        await using var portal = await PortalHost.StartAsync();
        await BookingTown.SeedAsync(portal);
        await using var sato = await browser.SitDownAsync(portal, portal.Town.Sato, Size.Pc, ColorScheme.Light);
        await using var head = await browser.SitDownAsync(portal, portal.Town.GeneralHead, Size.Pc, ColorScheme.Light);
        await using var desk = await browser.SitDownAsync(portal, portal.Town.Desk, Size.Pc, ColorScheme.Light);

        // The free time of a laptop fills in device and period; the rest is chosen with the arrow keys.
        await sato.OpenAsync("/booking?day=2026-04-07");
        await sato.EnterAsync(sato.Page.Locator("tbody").Filter(new() { HasText = "持出用ノートPC" }).First.Locator("td a").First);
        await sato.Page.WaitForURLAsync("**/booking/reserve?**");
        await sato.ChooseAsync(sato.Page.Locator("#Form_Purpose"), "HomeWork");
        await sato.ChooseAsync(sato.Page.Locator("#Form_DestinationKind"), "Home");
        await sato.TabToAsync(sato.Page.Locator("#Form_Reason"));
        await sato.Page.Keyboard.TypeAsync("予算資料の作成を自宅で行うため。");
        await sato.EnterAsync(sato.Page.GetByRole(AriaRole.Button, new() { Name = "この内容で予約する" }));
        await Expect(sato.Page.Locator(".message--success")).ToBeVisibleAsync();

        await head.OpenAsync("/");
        await head.EnterAsync(head.Page.GetByRole(AriaRole.Link, new() { NameRegex = new("端末持出許可申請") }).First);
        await head.EnterAsync(head.Page.Locator("a[data-open].button:not(.button--danger):not(.button--secondary)"));
        await head.EnterAsync(head.Page.Locator("dialog[open] button[type=submit]"));
        await Expect(head.Page.Locator(".message--success")).ToBeVisibleAsync();

        portal.Clock.SetUtcNow(BookingTown.At("2026-04-07T08:30"));
        await desk.OpenAsync("/");
        await desk.EnterAsync(desk.Page.GetByRole(AriaRole.Link, new() { Name = "窓口を開く" }));
        await desk.EnterAsync(desk.Page.Locator("table a.button").GetByText("引渡し").First);
        await desk.EnterAsync(desk.Page.GetByRole(AriaRole.Button, new() { Name = "引き渡す" }));
        await Expect(desk.Page.Locator(".message--success")).ToBeVisibleAsync();

        portal.Clock.SetUtcNow(BookingTown.At("2026-04-07T17:00"));
        await desk.OpenAsync("/");
        await desk.EnterAsync(desk.Page.GetByRole(AriaRole.Link, new() { Name = "窓口を開く" }));
        await desk.EnterAsync(desk.Page.Locator(".tabs__tab").GetByText("返却").First);
        await desk.EnterAsync(desk.Page.Locator("table a.button").GetByText("返却").First);
        await desk.Page.GetByRole(AriaRole.Button, new() { Name = "返却を受け付ける" }).WaitForAsync();
        foreach (var thing in await desk.Page.Locator("input[name$='.Set']").AllAsync())
        {
            if (await thing.IsCheckedAsync()) continue;
            await desk.TabToAsync(thing);
            await desk.Page.Keyboard.PressAsync("Space");
        }

        await desk.EnterAsync(desk.Page.GetByRole(AriaRole.Button, new() { Name = "返却を受け付ける" }));
        await Expect(desk.Page.Locator(".message--success")).ToBeVisibleAsync();

        await sato.OpenAsync("/booking/mine");
        await Expect(sato.Page.GetByText("返却済").First).ToBeVisibleAsync();
        foreach (var visitor in (Visitor[])[sato, head, desk]) visitor.HadNoTrouble();
    }

    private static async Task FillBookingAsync(IPage page)
    {
        await page.Locator("#Form_Choice").SelectOptionAsync(new SelectOptionValue { Label = await LaptopAsync(page) });
        await page.Locator("#Form_From").FillAsync("2026-04-07T08:30");
        await page.Locator("#Form_To").FillAsync("2026-04-07T17:15");
        await page.Locator("#Form_Purpose").SelectOptionAsync("HomeWork");
        await page.Locator("#Form_DestinationKind").SelectOptionAsync("Home");
        await page.Locator("#Form_Reason").FillAsync("予算資料の作成を自宅で行うため。");
    }

    private static async Task<string> LaptopAsync(IPage page)
        => (await page.Locator("#Form_Choice option").AllInnerTextsAsync()).First(text => text.Contains("持出用ノートPC", StringComparison.Ordinal));
}
