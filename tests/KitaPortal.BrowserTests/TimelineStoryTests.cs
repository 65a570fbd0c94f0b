using KitaPortal.Features.Booking;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KitaPortal.BrowserTests;

/// <summary>Finding a device: by mouse on the chart, by keyboard from its table twin, at every size.</summary>
public sealed class TimelineStoryTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_drag_over_free_time_of_the_chart_fills_the_form_and_not_over_a_booking()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T13:00", "2026-04-07T15:00"));
        await using var sato = await browser.SitDownAsync(portal, portal.Town.Sato, Size.Pc);

        await sato.OpenAsync("/booking?day=2026-04-07");
        await sato.Page.GetByText("図で見る").ClickAsync();
        await Expect(sato.Page.Locator(".ec-event")).ToContainTextAsync("予約確定 鈴木　一郎（総務）");
        Assert.True(await sato.Page.EvaluateAsync<bool>("!!(document.querySelector('table.twin').compareDocumentPosition(document.querySelector('[data-chart]')) & Node.DOCUMENT_POSITION_FOLLOWING)"), "The table stands before the chart.");
        await sato.LookAsync("timeline-chart");

        var left = new List<string>();
        sato.Page.Request += (_, request) => { if (request.IsNavigationRequest) left.Add(request.Url); };
        await DragAsync(sato.Page, "iPad-001", 11, 14);    // from free time onto the booking: the page stays
        await DragAsync(sato.Page, "iPad-001", 10, 12);

        await sato.Page.WaitForURLAsync("**/booking/reserve?**");
        Assert.Contains("202604071000-202604071200", Assert.Single(left), StringComparison.Ordinal);
        Assert.Equal("2026-04-07T10:00", await sato.Page.Locator("#Form_From").InputValueAsync());
        Assert.Equal("2026-04-07T12:00", await sato.Page.Locator("#Form_To").InputValueAsync());
        await Expect(sato.Page.Locator("#Form_Choice option:checked")).ToContainTextAsync("iPad-001");
        await sato.OpenAsync("/booking?day=2026-04-07");
        await Expect(sato.Page.Locator(".ec-event")).ToBeVisibleAsync();    // remembered
        sato.HadNoTrouble();
    }

    [Fact]
    public async Task A_device_is_booked_by_keyboard_from_the_table_while_the_preview_follows_and_the_address_keeps_the_form()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T13:00", "2026-04-07T15:00"));
        await using var sato = await browser.SitDownAsync(portal, portal.Town.Sato, Size.Pc);

        await sato.OpenAsync("/booking?view=Week&day=2026-04-07");
        await sato.EnterAsync(sato.Page.Locator("tbody").Filter(new() { HasText = "会議用iPad" }).Locator("a.free").GetByText("8:30～13:00").First);
        await sato.Page.WaitForURLAsync("**/booking/reserve?**");
        await sato.ChooseAsync(sato.Page.Locator("#Form_Purpose"), "OnlineMeeting");
        await Expect(sato.Page.Locator("#judgement")).ToContainTextAsync("すぐに確定します");
        await sato.TabToAsync(sato.Page.Locator("#Form_PurposeNote"));
        await sato.Page.Keyboard.TypeAsync("課内会議");
        await sato.Page.Locator("#Form_To").FillAsync("2026-04-07T14:00");
        await Expect(sato.Page.Locator("#judgement")).ToContainTextAsync("代わりに予約できるもの");
        Assert.Contains("Form.PurposeNote=", sato.Page.Url, StringComparison.Ordinal);
        await sato.LookAsync("reserve-alternatives");
        await sato.EnterAsync(sato.Page.Locator("#judgement .list a").First);
        await Expect(sato.Page.Locator("#Form_PurposeNote")).ToHaveValueAsync("課内会議");
        await sato.EnterAsync(sato.Page.GetByRole(AriaRole.Button, new() { Name = "この内容で予約する" }));

        await Expect(sato.Page.Locator(".message--success")).ToBeVisibleAsync();
        Assert.Equal(1, await portal.ReadAsync(db => db.Bookings.CountAsync(b => b.BorrowerId == portal.Town.Sato)));
        sato.HadNoTrouble();
    }

    [Theory]
    [InlineData("pc"), InlineData("pad"), InlineData("phone"), InlineData("zoomed")]
    public async Task Day_week_and_month_are_readable_at_every_size(string size)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T13:00", "2026-04-07T15:00"));
        await using var sato = await browser.SitDownAsync(portal, portal.Town.Sato, Size.Named(size));

        foreach (var view in new[] { "Day", "Week", "Month" })
        {
            await sato.OpenAsync($"/booking?view={view}&day=2026-04-07&Find.From=2026-04-07T08:30&Find.To=2026-04-07T17:15");
            await sato.LookAsync($"timeline-{view}");
        }
        sato.HadNoTrouble();
    }

    // Along the device's row, hours by the place of the chart's slots.
    private static async Task DragAsync(IPage page, string label, double fromHour, double toHour)
    {
        var head = page.Locator(".ec-row-head").Filter(new() { HasText = label });
        await head.ScrollIntoViewIfNeededAsync();
        var row = (await head.BoundingBoxAsync())!;
        var slots = (await page.Locator(".ec-slots").First.BoundingBoxAsync())!;
        float At(double hour) => (float)(slots.X + (hour - 8) * 88 + 2);
        var y = row.Y + row.Height / 2;
        await page.Mouse.MoveAsync(At(fromHour), y);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(At((fromHour + toHour) / 2), y, new() { Steps = 6 });
        await page.Mouse.MoveAsync(At(toHour) - 8, y, new() { Steps = 6 });
        await page.Mouse.UpAsync();
    }
}
