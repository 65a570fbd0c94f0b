using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using KitaPortal.Platform.Security;
using KitaPortal.Tests.Host;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.Platform;

/// <summary>What stands between the portal and foreign pages: headers, tokens, origins, and a right on every door.</summary>
public sealed class BrowserBoundaryTests : IAsyncLifetime
{
    private static readonly string[] Anonymous =
        ["people/sign-in", "people/sign-out", "people/sign-in/refused", "people/sign-in/waiting", "health/live", "health/ready", "csp-reports", "error", "design", "css/", "js/", "img/", "lib/", "notifications/calendar/{secret:length(48)}.ics"];

    private PortalHost portal = null!;

    public async ValueTask InitializeAsync() => portal = await PortalHost.StartAsync();

    public ValueTask DisposeAsync() => portal.DisposeAsync();

    [Fact]
    public async Task Every_page_carries_one_policy_with_a_fresh_nonce_and_the_other_headers()
    {
        using var browser = await portal.As(portal.Town.Sato);

        var first = await browser.Get("/help/rules");
        var second = await browser.Get("/help/rules");

        var policy = Assert.Single(first.Response.Headers.GetValues("Content-Security-Policy"));
        var nonce = Regex.Match(policy, "script-src 'self' 'nonce-([^']+)'").Groups[1].Value;
        Assert.Equal(16, Convert.FromBase64String(nonce).Length);
        Assert.Contains($"nonce=\"{nonce}\"", WebUtility.HtmlDecode(first.Text));
        Assert.DoesNotContain(nonce, second.Response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.StartsWith("default-src 'none';", policy);
        Assert.Contains("frame-ancestors 'none'; base-uri 'none'; object-src 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal("no-store", first.Response.Headers.GetValues("Cache-Control").Single());
        Assert.Equal("nosniff", first.Response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", first.Response.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", first.Response.Headers.GetValues("Cross-Origin-Opener-Policy").Single());
        Assert.Equal("same-origin", first.Response.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
        Assert.Contains("microphone=(self)", first.Response.Headers.GetValues("Permissions-Policy").Single());
        Assert.False(first.Response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/api/v1/session")]
    [InlineData("/css/base.css")]
    public async Task Refusals_and_files_carry_the_policy_too(string path)
    {
        using var browser = portal.Anonymous();

        var answer = await browser.Get(path);

        Assert.Single(answer.Response.Headers.GetValues("Content-Security-Policy"));
    }

    [Fact]
    public async Task Static_files_may_be_kept_by_the_browser()
    {
        using var browser = portal.Anonymous();

        var answer = await browser.Get("/css/base.css");

        Assert.DoesNotContain("no-store", answer.Response.Headers.CacheControl?.ToString() ?? "");
    }

    [Fact]
    public async Task The_API_answers_401_and_404_as_problem_details_and_never_redirects()
    {
        using var stranger = portal.Anonymous();
        using var sato = await portal.As(portal.Town.Sato);

        var nobody = await stranger.Get("/api/v1/session");
        var nothing = await sato.Get("/api/v1/nothing");

        Assert.Equal(HttpStatusCode.Unauthorized, nobody.Status);
        Assert.Equal("application/problem+json", nobody.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, nothing.Status);
        Assert.Equal("application/problem+json", nothing.Response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task The_session_tells_who_how_long_and_the_token_for_the_next_write()
    {
        using var sato = await portal.As(portal.Town.Sato);

        var answer = await sato.Get("/api/v1/session");

        using var json = JsonDocument.Parse(answer.Text);
        Assert.Equal("佐藤　花子", json.RootElement.GetProperty("staff").GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await sato.PostJson("/api/v1/session/touch", new { }, json.RootElement.GetProperty("csrf").GetString())).Status);
    }

    [Fact]
    public void Every_endpoint_asks_for_a_right_or_stands_on_the_list_of_anonymous_ones()
    {
        var open = Endpoints().Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(PathOf).Where(p => p.Length > 0)
            .Where(p => !Anonymous.Any(a => p.Equals(a, StringComparison.OrdinalIgnoreCase) || (a.EndsWith('/') && p.StartsWith(a, StringComparison.OrdinalIgnoreCase)))).ToList();

        Assert.Contains(Endpoints(), e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null);
        Assert.Empty(open);
    }

    [Fact]
    public async Task A_page_without_attribute_is_still_only_for_staff()
    {
        using var stranger = portal.Anonymous();

        var answer = await stranger.Get("/help/rules");

        Assert.Equal("/people/sign-in", answer.Address.AbsolutePath);
    }

    [Fact]
    public async Task Every_unsafe_endpoint_refuses_a_request_without_token()
    {
        using var admin = await portal.As(portal.Town.Admin);
        var tried = 0;
        foreach (var endpoint in Endpoints())
        {
            var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];
            var unsafeMethods = endpoint.Metadata.GetMetadata<PageActionDescriptor>() is not null ? ["POST"] : methods.Where(m => m is not ("GET" or "HEAD" or "OPTIONS")).ToArray();
            if (endpoint.Metadata.GetMetadata<CsrfExemptAttribute>() is { } exempt)
            {
                Assert.NotEmpty(exempt.Proof);
                continue;
            }
            foreach (var method in unsafeMethods)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), "/" + Filled(PathOf(endpoint))) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };

                var answer = await admin.Http.SendAsync(request, TestContext.Current.CancellationToken);

                Assert.True(answer.StatusCode is HttpStatusCode.BadRequest, $"{method} {PathOf(endpoint)} answered {answer.StatusCode}");
                tried++;
            }
        }

        Assert.True(tried > 3);
    }

    [Theory]
    [InlineData("same-origin", "own", true)]
    [InlineData("none", "own", true)]
    [InlineData(null, "own", true)]
    [InlineData(null, null, true)]
    [InlineData("same-origin", "null", true)]
    [InlineData(null, "null", false)]
    [InlineData("cross-site", "own", false)]
    [InlineData("same-site", "own", false)]
    [InlineData("same-origin", "https://evil.example", false)]
    [InlineData(null, "http://127.0.0.1:1", false)]
    public async Task A_write_is_taken_only_from_our_own_pages(string? site, string? origin, bool taken)
    {
        using var sato = await portal.As(portal.Town.Sato);
        var token = await sato.ScriptToken();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/session/touch");
        request.Headers.Add("X-Kita-Csrf", token);
        sato.Http.DefaultRequestHeaders.Remove("Origin");
        if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);
        if (origin is not null) request.Headers.Add("Origin", origin == "own" ? portal.Address.GetLeftPart(UriPartial.Authority) : origin);

        var answer = await sato.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(taken ? HttpStatusCode.NoContent : HttpStatusCode.BadRequest, answer.StatusCode);
        if (!taken) Assert.Contains("csrf.stale", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_refused_form_shows_the_error_page()
    {
        using var sato = await portal.As(portal.Town.Sato);

        var answer = await sato.Post("/people/sign-out", "stale");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("送信を受け付けられませんでした", answer.Words);
    }

    [Fact]
    public async Task An_unknown_host_name_is_refused()
    {
        using var browser = portal.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/people/sign-in") { Headers = { Host = "evil.example" } };

        var answer = await browser.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Policy_reports_are_counted_and_limited()
    {
        await using var strict = await PortalHost.StartAsync(null, null, "--Security:RateFactor=1");
        using var browser = strict.Anonymous();
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 25; i++)
        {
            using var report = new StringContent("""[{"type":"csp-violation","body":{"effectiveDirective":"script-src-elem","sourceFile":"https://portal/js/x.js","sample":"secret"}}]""", Encoding.UTF8, "application/reports+json");
            answers.Add((await browser.Http.PostAsync("/csp-reports", report, TestContext.Current.CancellationToken)).StatusCode);
        }

        var counted = await strict.InScopeAsync(s => Task.FromResult(s.GetRequiredService<CspReports>().Counts));

        Assert.Equal(20, counted[("script-src-elem", "/js/x.js")]);
        Assert.Equal(5, answers.Count(a => a == HttpStatusCode.TooManyRequests));
    }

    private IEnumerable<RouteEndpoint> Endpoints()
        => portal.InScopeAsync(s => Task.FromResult(s.GetRequiredService<EndpointDataSource>())).Result.Endpoints.OfType<RouteEndpoint>();

    private static string PathOf(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText?.TrimStart('/') ?? "";

    private static string Filled(string pattern) => Regex.Replace(pattern, @"\{[^}]*\}", m => m.Value.Contains(":int", StringComparison.Ordinal) ? "1" : Guid.NewGuid().ToString());
}
