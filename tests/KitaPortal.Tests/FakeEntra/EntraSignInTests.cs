using System.Net;
using System.Text.Json.Nodes;
using KitaPortal.Features.People;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Domain;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.FakeEntra;

/// <summary>The production sign-in path against a real OpenID Connect server that can lie.</summary>
public sealed class EntraSignInTests : IAsyncLifetime
{
    private FakeEntra entra = null!;
    private PortalHost portal = null!;

    public async ValueTask InitializeAsync()
    {
        entra = await FakeEntra.StartAsync();
        portal = await EntraPortal.StartAsync(entra);
    }

    public async ValueTask DisposeAsync()
    {
        await portal.DisposeAsync();
        await entra.DisposeAsync();
    }

    [Fact]
    public async Task A_person_signs_in_through_redirect_and_form_post_and_has_a_session_row_and_one_cookie()
    {
        using var browser = new Browser(portal.Address);
        var (callback, page) = await browser.Start();
        Assert.Contains("response_type=code", page.Address.Query);
        Assert.Contains("response_mode=form_post", page.Address.Query);
        Assert.Contains("code_challenge_method=S256", page.Address.Query);
        Assert.Contains("nonce=", page.Address.Query);
        Assert.Contains("scope=openid%20profile&", page.Address.Query + "&");

        var answer = await browser.Send(callback!);

        Assert.Equal("/help/rules", answer.Address.AbsolutePath);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("佐藤　花子", answer.Words);
        var cookies = browser.Cookies.GetCookies(portal.Address).Where(c => !c.Name.StartsWith("kita-csrf", StringComparison.Ordinal)).ToList();
        var cookie = Assert.Single(cookies);
        Assert.Equal("__Host-kita", cookie.Name);
        Assert.True(cookie is { Secure: true, HttpOnly: true } && cookie.Value.Length < 300);
        var (session, link) = await portal.ReadAsync(async db => (await db.PortalSessions.SingleAsync(), await db.SignInLinks.SingleAsync()));
        Assert.Equal((portal.Town.Sato, "Entra", entra.Person.Sid, link.Id), (session.StaffId, session.Mode, session.ProviderSid!, session.LinkId!.Value));
        Assert.Equal((FakeEntra.TenantId, entra.Person.Oid), (link.Tenant, link.Subject));
        Assert.Equal(TimeSpan.FromHours(10), session.EndsAt - session.StartedAt);
        Assert.Equal(90, session.IdleMinutes);
    }

    [Fact]
    public async Task Only_a_real_authentication_is_fresh_the_directory_says_when_or_was_asked_for_one()
    {
        using var browser = new Browser(portal.Address);
        await browser.SignIn();
        Assert.Equal(DateTimeOffset.UnixEpoch, await FreshAtAsync());    // it may have been silent

        var (callback, page) = await browser.Start(again: true);
        await browser.Send(callback!);
        Assert.Contains("prompt=login", page.Address.Query, StringComparison.Ordinal);
        Assert.Equal(portal.Clock.GetUtcNow(), await FreshAtAsync(), TimeSpan.FromMilliseconds(1));

        var longAgo = DateTimeOffset.FromUnixTimeSeconds(portal.Clock.GetUtcNow().AddHours(-1).ToUnixTimeSeconds());
        entra.Claims = claims => claims["auth_time"] = longAgo.ToUnixTimeSeconds();
        (callback, _) = await browser.Start(again: true);
        await browser.Send(callback!);
        Assert.Equal(longAgo, await FreshAtAsync());

        Task<DateTimeOffset> FreshAtAsync() => portal.ReadAsync(db => db.PortalSessions.Where(s => s.EndedAt == null).Select(s => s.FreshAt).SingleAsync());
    }

    [Fact]
    public async Task Roles_in_the_token_give_nothing()
    {
        using var browser = new Browser(portal.Address);
        await browser.SignIn();

        var session = await browser.Get("/api/v1/session");

        Assert.DoesNotContain("Admin", session.Text);
    }

    public static TheoryData<string, string> Lies => new()
    {
        { "tid foreign", SignInRefusals.Tenant }, { "tid missing", SignInRefusals.Tenant }, { "overage", SignInRefusals.Overage }, { "oid missing", SignInRefusals.Token },
        { "aud", SignInRefusals.Token }, { "iss", SignInRefusals.Token }, { "expired", SignInRefusals.Token }, { "nonce", SignInRefusals.Token }, { "nonce missing", SignInRefusals.Token },
        { "none", SignInRefusals.Token }, { "HS256", SignInRefusals.Token }, { "foreign", SignInRefusals.Token },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_wrong_token_is_refused_with_a_page_and_opens_no_session(string lie, string code)
    {
        Tell(lie);
        using var browser = new Browser(portal.Address);

        var answer = await browser.SignIn();

        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Contains(code, answer.Words);
        Assert.DoesNotContain(entra.Person.Oid, answer.Text);
        Assert.Equal(0, await portal.ReadAsync(db => db.PortalSessions.CountAsync()));
        (entra.Claims, entra.Signing) = (null, "RS256");
        Assert.Equal(HttpStatusCode.OK, (await browser.SignIn()).Status);
    }

    [Theory]
    [InlineData("tid foreign")]
    [InlineData("tid missing")]
    [InlineData("overage")]
    [InlineData("replayed")]
    public async Task Without_its_guard_the_same_lie_would_be_accepted(string lie)
    {
        var off = lie switch
        {
            "tid foreign" => new EntraGuards { TenantOurs = false },
            "tid missing" => new EntraGuards { TenantPresent = false },
            "overage" => new EntraGuards { Overage = false },
            _ => new EntraGuards { UsedOnce = false },
        };
        await using var open = await EntraPortal.StartAsync(entra, off);

        var guarded = await LieTo(portal, lie);
        var unguarded = await LieTo(open, lie);

        Assert.Equal(HttpStatusCode.Forbidden, guarded.Status);
        Assert.Contains(lie switch { "overage" => SignInRefusals.Overage, "replayed" => SignInRefusals.Replayed, _ => SignInRefusals.Tenant }, guarded.Words);
        Assert.Equal((HttpStatusCode.OK, "/help/rules"), (unguarded.Status, unguarded.Address.AbsolutePath));
    }

    [Fact]
    public async Task A_rotated_key_is_accepted_without_restart()
    {
        using var browser = new Browser(portal.Address);
        Assert.Equal(HttpStatusCode.OK, (await browser.SignIn()).Status);
        entra.RotateKey();
        using var second = new Browser(portal.Address);

        var answer = await second.SignIn();

        Assert.Equal((HttpStatusCode.OK, "/help/rules"), (answer.Status, answer.Address.AbsolutePath));
    }

    [Fact]
    public async Task With_the_provider_down_the_sign_in_page_says_so_and_running_sessions_go_on()
    {
        using var running = new Browser(portal.Address);
        await running.SignIn();
        await using var fresh = await EntraPortal.StartAsync(entra);
        using var early = new Browser(fresh.Address);
        using var late = new Browser(portal.Address);
        var (callback, _) = await late.Start();
        entra.Down = true;

        var refused = await early.SignIn();
        var broken = await late.Send(callback!);
        var goesOn = await running.Get("/help/rules");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Contains("利用中の方はそのまま続けて使えます", refused.Words);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, broken.Status);
        Assert.Equal("/help/rules", goesOn.Address.AbsolutePath);
        entra.Down = false;
        Assert.Equal(HttpStatusCode.OK, (await early.SignIn()).Status);
    }

    [Fact]
    public async Task The_providers_sign_out_ends_the_session_by_its_sid_without_a_cookie()
    {
        using var browser = new Browser(portal.Address);
        await browser.SignIn();
        using var frame = new Browser(portal.Address);
        Assert.Equal("/help/rules", (await browser.Get("/help/rules")).Address.AbsolutePath);

        await frame.Get("/signout-oidc?sid=" + Guid.NewGuid());
        Assert.Equal("/help/rules", (await browser.Get("/help/rules")).Address.AbsolutePath);
        var answer = await frame.Get("/signout-oidc?sid=" + entra.Person.Sid);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("/people/sign-in", (await browser.Get("/help/rules")).Address.AbsolutePath);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_goes_on_to_the_provider()
    {
        using var browser = new Browser(portal.Address);
        var page = await browser.SignIn(shared: true);

        var answer = await browser.Post("/people/sign-out", page.Text, []);

        Assert.Equal("/people/sign-in", answer.Address.AbsolutePath);
        var session = await portal.ReadAsync(db => db.PortalSessions.SingleAsync());
        Assert.Equal((SessionEnd.SignedOut, 15, true), (session.EndReason, session.IdleMinutes, session.SharedTerminal));
        Assert.Equal("/people/sign-in", (await browser.Get("/help/rules")).Address.AbsolutePath);
    }

    [Fact]
    public async Task A_stranger_waits_with_a_number_and_a_foreign_return_address_is_ignored()
    {
        entra.Person = new FakePerson(Guid.NewGuid().ToString(), "新人 太郎", "nobody@town.example.jp");
        using var browser = new Browser(portal.Address);

        var answer = await browser.SignIn();

        var waiting = await portal.ReadAsync(db => db.PendingLinks.SingleAsync());
        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Contains(waiting.Number, answer.Words);
        Assert.Contains("アカウントの確認待ち", answer.Words);
        Assert.Equal(0, await portal.ReadAsync(db => db.PortalSessions.CountAsync()));
    }

    [Fact]
    public async Task A_recycled_address_inherits_nobody_and_a_guest_is_never_tied_by_mail()
    {
        using var first = new Browser(portal.Address);
        await first.SignIn();
        entra.Person = entra.Person with { Oid = Guid.NewGuid().ToString() };
        using var second = new Browser(portal.Address);
        var recycled = await second.SignIn();
        entra.Person = new FakePerson(Guid.NewGuid().ToString(), "客", "s001002@town.example.jp");
        entra.Claims = token => token["idp"] = "https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/";
        using var third = new Browser(portal.Address);
        var guest = await third.SignIn();

        Assert.Contains("アカウントの確認待ち", recycled.Words);
        Assert.Contains("アカウントの確認待ち", guest.Words);
        Assert.Equal(1, await portal.ReadAsync(db => db.SignInLinks.CountAsync()));
    }

    [Fact]
    public async Task Two_first_sign_ins_racing_for_one_person_make_exactly_one_link()
    {
        for (var round = 0; round < 5; round++)
        {
            var number = $"77{round:0000}";
            await portal.WriteAsync(db =>
            {
                TestTown.Add(db, StaffId.New(), number, "競", "走", "きょう", "そう", portal.Town.GeneralAffairs, portal.Town.ClerkPost);
                return Task.CompletedTask;
            });
            var callbacks = new List<(Browser Browser, Browser.Callback Callback)>();
            for (var i = 0; i < 4; i++)
            {
                // Two browsers of one account, and two of another account that carries the same address.
                if (i % 2 == 0) entra.Person = new FakePerson(Guid.NewGuid().ToString(), "競 走", $"S{number}@TOWN.example.jp");
                var browser = new Browser(portal.Address);
                callbacks.Add((browser, (await browser.Start()).Callback!));
            }

            var answers = await Task.WhenAll(callbacks.Select(c => c.Browser.Send(c.Callback)));

            Assert.Equal(2, answers.Count(a => a.Address.AbsolutePath == "/help/rules"));
            Assert.Equal(2, answers.Count(a => a.Words.Contains("アカウントの確認待ち", StringComparison.Ordinal)));
            Assert.Equal(round + 1, await portal.ReadAsync(db => db.SignInLinks.CountAsync()));
            foreach (var (browser, _) in callbacks) browser.Dispose();
        }
    }

    [Fact]
    public async Task Somebody_whose_time_at_the_town_hall_is_over_is_refused_and_running_sessions_end_at_midnight()
    {
        using var browser = new Browser(portal.Address);
        await browser.SignIn();
        await portal.WriteAsync(async db => (await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato)).Leave(Platform.Today(portal)));

        var running = await browser.Get("/help/rules");
        var again = await browser.SignIn();

        Assert.Contains(SignInRefusals.Left, running.Words);
        Assert.Equal(HttpStatusCode.Forbidden, running.Status);
        Assert.Contains(SignInRefusals.Left, again.Words);
    }

    [Fact]
    public async Task Stopping_a_link_ends_its_session_at_the_next_request()
    {
        using var browser = new Browser(portal.Address);
        await browser.SignIn();
        await portal.WriteAsync(async db => (await db.SignInLinks.SingleAsync()).Stop(portal.Clock.GetUtcNow(), "試験"));

        Assert.Equal("/people/sign-in", (await browser.Get("/help/rules")).Address.AbsolutePath);
        Assert.Contains(SignInRefusals.Stopped, (await browser.SignIn()).Words);
    }

    private async Task<Answer> LieTo(PortalHost host, string lie)
    {
        using var browser = new Browser(host.Address);
        if (lie != "replayed")
        {
            Tell(lie);
            return await browser.SignIn();
        }
        var (callback, _) = await browser.Start();
        var cookies = browser.Cookies.GetCookies(callback!.Address).Select(c => new Cookie(c.Name, c.Value, c.Path, c.Domain) { Secure = c.Secure }).ToList();
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(callback)).Status);
        using var thief = new Browser(host.Address);
        foreach (var cookie in cookies) thief.Cookies.Add(cookie);
        return await thief.Send(callback);
    }

    private void Tell(string lie)
    {
        (entra.Claims, entra.Signing) = lie switch
        {
            "tid foreign" => (t => t["tid"] = "9188040d-6c67-4c5b-b112-36a304b66dad", "RS256"),
            "tid missing" => (t => t.Remove("tid"), "RS256"),
            "oid missing" => (t => t.Remove("oid"), "RS256"),
            "overage" => (t => t["_claim_names"] = new JsonObject { ["groups"] = "src1" }, "RS256"),
            "aud" => (t => t["aud"] = Guid.NewGuid().ToString(), "RS256"),
            "iss" => (t => t["iss"] = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", "RS256"),
            "expired" => (t => (t["nbf"], t["iat"], t["exp"]) = (1_700_000_000, 1_700_000_000, 1_700_003_600), "RS256"),
            "nonce" => (t => t["nonce"] = "another", "RS256"),
            "nonce missing" => (t => t.Remove("nonce"), "RS256"),
            var signing => ((Action<JsonObject>?)null, signing),
        };
    }

    private static class Platform
    {
        public static DateOnly Today(PortalHost host) => KitaPortal.Platform.Japanese.TokyoTime.DayOf(host.Clock.GetUtcNow());
    }
}
