using KitaPortal.Features.Chat;
using KitaPortal.Tests.Chat;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KitaPortal.BrowserTests;

/// <summary>Two people in two branches talk: live, across a lost connection and a closed browser, with an input method, and on plain pages.</summary>
public sealed class ChatStoryTests(Browser browser) : IClassFixture<Browser>
{
    [Theory]
    [InlineData("pc", ColorScheme.Light), InlineData("pad", ColorScheme.Dark), InlineData("phone", ColorScheme.Light)]
    public async Task Two_people_in_two_branches_talk(string size, ColorScheme colours)
    {
        await using var portal = await PortalHost.StartAsync();
        var channel = await SeedAsync(portal);
        await using var sato = await browser.SitDownAsync(portal, portal.Town.Sato, Size.Named(size), colours);
        await using var tanaka = await browser.SitDownAsync(portal, portal.Town.Tanaka, Size.Named(size), colours);

        await tanaka.OpenAsync("/chat");
        await Expect(tanaka.Page.Locator($"[data-channel='{channel}'] [data-number]")).ToHaveTextAsync("3");
        await tanaka.LookAsync("chat-1-list");
        await tanaka.OpenAsync($"/chat/{channel}");
        await Expect(tanaka.Page.GetByText("ここから未読")).ToBeVisibleAsync();
        await tanaka.LookAsync("chat-2-channel");
        await Expect(tanaka.Page.Locator($"[data-channel='{channel}'] [data-count]")).ToBeHiddenAsync();

        await sato.OpenAsync($"/chat/{channel}");
        await SendAsync(sato.Page, "芸北は雪ですか。");
        await Expect(Row(tanaka.Page, "芸北は雪ですか。")).ToBeVisibleAsync();
        await Expect(tanaka.Page.Locator("[data-live]")).ToContainTextAsync("佐藤　花子、芸北は雪ですか。");
        await SendAsync(tanaka.Page, "はい、**10cm**ほど積もりました。");
        await Expect(Row(sato.Page, "10cm").Locator("strong")).ToHaveTextAsync("10cm");

        await Row(sato.Page, "10cm").Locator("summary").First.ClickAsync();
        await Row(sato.Page, "10cm").GetByRole(AriaRole.Button, new() { Name = "了解" }).ClickAsync();
        await Expect(Row(tanaka.Page, "10cm").Locator(".msg__reaction")).ToHaveTextAsync("了解 1");
        await Row(sato.Page, "芸北は雪ですか。").Locator("[data-own] summary").ClickAsync();
        await Row(sato.Page, "芸北は雪ですか。").GetByRole(AriaRole.Link, new() { Name = "編集する" }).ClickAsync();
        await sato.Page.Locator("#edit-body").FillAsync("芸北の積雪を教えてください。");
        await sato.Page.GetByRole(AriaRole.Button, new() { Name = "保存する" }).ClickAsync();
        await Expect(Row(tanaka.Page, "芸北の積雪を教えてください。").GetByText("編集済み")).ToBeVisibleAsync();
        await tanaka.LookAsync("chat-3-talk");

        await Row(tanaka.Page, "芸北の積雪を教えてください。").GetByRole(AriaRole.Link, new() { Name = "返信", Exact = true }).ClickAsync();
        await SendAsync(tanaka.Page, "役場前は12cmです。");
        await Expect(Row(sato.Page, "芸北の積雪を教えてください。").GetByText("返信 1件")).ToBeVisibleAsync();
        await tanaka.LookAsync("chat-4-thread");
        await tanaka.OpenAsync("/chat/new");
        await tanaka.LookAsync("chat-5-new");

        Assert.Null(await portal.FaultAsync(channel));
        foreach (var visitor in (Visitor[])[sato, tanaka]) visitor.HadNoTrouble();
    }

    [Fact]
    public async Task What_is_written_without_connection_arrives_once_after_the_browser_was_closed()
    {
        await using var portal = await PortalHost.StartAsync();
        var channel = await SeedAsync(portal);
        await using var sato = await browser.SitDownAsync(portal, portal.Town.Sato, Size.Pc);
        await sato.OpenAsync($"/chat/{channel}");
        var context = sato.Page.Context;

        await context.SetOfflineAsync(true);
        await SendAsync(sato.Page, "圏外で書きました。");
        await Expect(sato.Page.Locator(".msg--waiting")).ToContainTextAsync("送信待ち");
        await sato.Page.CloseAsync();
        Assert.Equal(3, await CountAsync(portal));
        await context.SetOfflineAsync(false);
        var first = await context.NewPageAsync();
        var second = await context.NewPageAsync();
        await Task.WhenAll(first.GotoAsync($"/chat/{channel}"), second.GotoAsync($"/chat/{channel}"));

        foreach (var page in (IPage[])[first, second])
        {
            await Expect(Row(page, "圏外で書きました。").And(page.Locator("[data-no='4']"))).ToBeVisibleAsync();
            await Expect(page.Locator(".msg--waiting")).ToHaveCountAsync(0);
            await Expect(Row(page, "圏外で書きました。")).ToHaveCountAsync(1);
        }
        Assert.Equal(4, await CountAsync(portal));
    }

    [Fact]
    public async Task The_input_method_never_sends_by_accident()
    {
        await using var portal = await PortalHost.StartAsync();
        var channel = await SeedAsync(portal);
        await using var sato = await browser.SitDownAsync(portal, portal.Town.Sato, Size.Pc);
        await sato.OpenAsync($"/chat/{channel}");
        await sato.Page.Locator("#Form_Body").FillAsync("変換中");

        var refused = await sato.Page.EvaluateAsync<bool[]>("""
            () => {
              const text = document.getElementById('Form_Body');
              const press = (more) => text.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true, ...more }));
              const first = press({ isComposing: true });
              const second = press({ keyCode: 229 });
              text.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
              return [first, second, press({})];
            }
            """);

        Assert.Equal([true, true, true], refused);
        await Expect(sato.Page.Locator("#Form_Body")).ToHaveValueAsync("変換中");
        await sato.Page.Locator("#Form_Body").FillAsync("確定した文");
        await sato.Page.Locator("#Form_Body").PressAsync("Control+Enter");
        await Expect(Row(sato.Page, "確定した文").And(sato.Page.Locator("[data-no='4']"))).ToBeVisibleAsync();
        Assert.Equal(4, await CountAsync(portal));
        sato.HadNoTrouble();
    }

    private static async Task<Guid> SeedAsync(PortalHost portal)
    {
        using var head = await portal.As(portal.Town.GeneralHead);
        using var admin = await portal.As(portal.Town.Admin);
        await portal.DepartmentAsync(portal.Town.GeneralAffairs, "総務課");
        await portal.DepartmentAsync(portal.Town.GeihokuBranch, "芸北支所");
        await admin.OpenAsync("全庁連絡", "Announcement");
        var channel = await head.OpenAsync("防災・除雪", "Public", portal.Town.Sato, portal.Town.Tanaka);
        await head.PostJson("/api/v1/chat/direct", new { staffIds = new[] { portal.Town.Tanaka.Value } });
        await head.SaidAsync(channel, "おはようございます。今朝の状況を共有してください。");
        await head.SaidAsync(channel, "- 道路\n- 停電\n- 休校の連絡");
        await head.SaidAsync(channel, "詳しくは[利用の決まり](/help/rules)を見てください。");
        return channel;
    }

    private static Task<int> CountAsync(PortalHost portal) => portal.ReadAsync(db => db.Messages.CountAsync());

    private static async Task SendAsync(IPage page, string text)
    {
        await page.Locator("#Form_Body").FillAsync(text);
        await page.GetByRole(AriaRole.Button, new() { Name = "送信", Exact = true }).ClickAsync();
        await Expect(page.Locator("#Form_Body")).ToHaveValueAsync("");
    }

    private static ILocator Row(IPage page, string text) => page.Locator(".msg").Filter(new() { HasText = text });
}
