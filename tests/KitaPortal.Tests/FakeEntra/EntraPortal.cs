using System.Net;
using System.Text.RegularExpressions;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Tests.Host;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.FakeEntra;

/// <summary>The portal with its production sign-in code, pointed at the fake tenant. Only the trust in the throw-away certificate is given by the test.</summary>
internal static class EntraPortal
{
    public static Task<PortalHost> StartAsync(FakeEntra entra, EntraGuards? guards = null, params string[] configuration)
    {
        var address = $"https://localhost:{FakeEntra.FreePort()}";
#pragma warning disable RS0030 // the directory's tokens carry real time
        var now = TimeProvider.System.GetUtcNow();
#pragma warning restore RS0030
        return PortalHost.StartAsync(now, builder =>
        {
            builder.WebHost.ConfigureKestrel(k => k.ConfigureHttpsDefaults(h => h.ServerCertificate = FakeEntra.Certificate));
            builder.Services.Configure<OpenIdConnectOptions>(EntraSignIn.Scheme, o => o.BackchannelHttpHandler = Trusting());
            builder.Services.Configure<Microsoft.Identity.Web.AadIssuerValidatorOptions>(o => o.HttpClientName = "issuer");
            builder.Services.AddHttpClient("issuer").ConfigurePrimaryHttpMessageHandler(Trusting);
            if (guards is not null) builder.Services.AddSingleton(guards);
        },
        [
            $"--Urls={address}", $"--Server:PublicUrl={address}", "--SignIn:Mode=Entra", $"--SignIn:Entra:Instance={entra.Address}", $"--SignIn:Entra:TenantId={FakeEntra.TenantId}",
            $"--SignIn:Entra:ClientId={FakeEntra.ClientId}", $"--SignIn:Entra:ClientSecret={FakeEntra.ClientSecret}", .. configuration,
        ]);
    }

    public static HttpClientHandler Trusting() => new()
    {
        ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate?.Thumbprint == FakeEntra.Certificate.Thumbprint,
    };
}

/// <summary>A browser that walks through a sign-in: portal, directory, form post back.</summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClient http;
    private readonly Uri portal;

    public Browser(Uri portal)
    {
        this.portal = portal;
        var handler = EntraPortal.Trusting();
        (handler.CookieContainer, handler.UseCookies, handler.AllowAutoRedirect) = (Cookies, true, true);
        http = new HttpClient(handler) { BaseAddress = portal };
    }

    public CookieContainer Cookies { get; } = new();

    public HttpClient Http => http;

    /// <summary>The form with which the directory sends the browser back.</summary>
    public sealed record Callback(Uri Address, IReadOnlyList<KeyValuePair<string, string>> Fields);

    public async Task<Answer> Get(string path) => await Read(await http.GetAsync(path));

    /// <summary>From the sign-in page to the directory's answer, not yet sent back.</summary>
    public async Task<(Callback? Callback, Answer Answer)> Start(bool shared = false, string returnUrl = "/help/rules", bool again = false)
    {
        var page = await Get("/people/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl));
        var answer = await Post("/people/sign-in?handler=Entra", page.Text, new() { ["ReturnUrl"] = returnUrl, ["Shared"] = shared ? "true" : "false", ["Again"] = again ? "true" : "false" });
        if (answer.Address.Authority == portal.Authority) return (null, answer);
        var action = Regex.Match(answer.Text, "action=\"([^\"]+)\"");
        var fields = Regex.Matches(answer.Text, "<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"");
        return (new Callback(new Uri(WebUtility.HtmlDecode(action.Groups[1].Value)),
            [.. fields.Select(f => new KeyValuePair<string, string>(WebUtility.HtmlDecode(f.Groups[1].Value), WebUtility.HtmlDecode(f.Groups[2].Value)))]), answer);
    }

    public async Task<Answer> Send(Callback callback)
    {
        using var form = new FormUrlEncodedContent(callback.Fields);
        using var request = new HttpRequestMessage(HttpMethod.Post, callback.Address) { Content = form };
        request.Headers.Add("Origin", "null");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        return await Read(await http.SendAsync(request));
    }

    public async Task<Answer> SignIn(bool shared = false)
    {
        var (callback, answer) = await Start(shared);
        return callback is null ? answer : await Send(callback);
    }

    public async Task<Answer> Post(string path, string html, Dictionary<string, string> fields)
    {
        fields["__RequestVerificationToken"] = WebUtility.HtmlDecode(Regex.Match(html, "name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"").Groups[1].Value);
        using var form = new FormUrlEncodedContent(fields);
        return await Read(await http.PostAsync(path, form));
    }

    public void Dispose() => http.Dispose();

    private static async Task<Answer> Read(HttpResponseMessage response)
        => new(response.StatusCode, response.RequestMessage!.RequestUri!, await response.Content.ReadAsStringAsync(), response);
}
