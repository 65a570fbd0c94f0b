using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace KitaPortal.Tests.FakeEntra;

/// <summary>Somebody in the fake tenant.</summary>
public sealed record FakePerson(string Oid, string Name, string Account)
{
    /// <summary>The directory's session, for its sign-out.</summary>
    public string Sid { get; init; } = Guid.NewGuid().ToString();
}

/// <summary>An Entra tenant as far as sign-in goes: a real OpenID Connect server with its own keys and certificate, which can lie on demand.</summary>
public sealed class FakeEntra : IAsyncDisposable
{
    public const string TenantId = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";
    public const string ClientId = "1f3b5c9e-0d2a-4a3e-9b1c-2d4e6f8a0b1c";
    public const string ClientSecret = "a secret only the test knows";
    private readonly WebApplication app;

    private FakeEntra(WebApplication app, Uri address) => (this.app, Address) = (app, address);

    public static X509Certificate2 Certificate { get; } = MakeCertificate();

    public Uri Address { get; }

    /// <summary>Who is at the keyboard.</summary>
    public FakePerson Person { get; set; } = new(Guid.NewGuid().ToString(), "佐藤 花子", "s001001@town.example.jp");

    /// <summary>Changes the claims of the next identity tokens.</summary>
    public Action<JsonObject>? Claims { get; set; }

    /// <summary>How the changed token is signed: RS256, none, HS256, or foreign (a key nobody published).</summary>
    public string Signing { get; set; } = "RS256";

    /// <summary>The server drops every connection.</summary>
    public bool Down { get; set; }

    public static async Task<FakeEntra> StartAsync()
    {
        var port = FreePort();
        var address = new Uri($"https://localhost:{port}/");
        FakeEntra? fake = null;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address.ToString()).ConfigureKestrel(k => k.ConfigureHttpsDefaults(h => h.ServerCertificate = Certificate));
        builder.Services.AddOpenIddict().AddServer(server =>
        {
            Uri At(string path) => new(address, $"{TenantId}/{path}");
            server.EnableDegradedMode().SetIssuer(At("v2.0"))
                .SetConfigurationEndpointUris(At("v2.0/.well-known/openid-configuration")).SetJsonWebKeySetEndpointUris(At("discovery/v2.0/keys"))
                .SetAuthorizationEndpointUris(At("oauth2/v2.0/authorize")).SetTokenEndpointUris(At("oauth2/v2.0/token")).SetEndSessionEndpointUris(At("oauth2/v2.0/logout"));
            server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().RegisterScopes("openid", "profile");
            server.AddSigningKey(FirstKey).AddEncryptionKey(CodesKey).DisableAccessTokenEncryption();
            server.AddEventHandler<ValidateAuthorizationRequestContext>(h => h.UseInlineHandler(context =>
            {
                if (context.ClientId != ClientId || context.RedirectUri?.EndsWith("/signin-oidc", StringComparison.Ordinal) != true) context.Reject("invalid_client");
                return ValueTask.CompletedTask;
            }));
            server.AddEventHandler<ValidateTokenRequestContext>(h => h.UseInlineHandler(context =>
            {
                if (context.ClientId != ClientId || context.ClientSecret != ClientSecret) context.Reject("invalid_client");
                return ValueTask.CompletedTask;
            }));
            server.AddEventHandler<ValidateEndSessionRequestContext>(h => h.UseInlineHandler(_ => ValueTask.CompletedTask));
            server.AddEventHandler<HandleEndSessionRequestContext>(h => h.UseInlineHandler(context =>
            {
                context.SignOut();
                return ValueTask.CompletedTask;
            }));
            server.AddEventHandler<HandleAuthorizationRequestContext>(h => h.UseInlineHandler(context =>
            {
                context.SignIn(fake!.PrincipalFor(context.Request));
                return ValueTask.CompletedTask;
            }));
            server.AddEventHandler<ApplyTokenResponseContext>(h => h.SetOrder(int.MinValue).UseInlineHandler(context =>
            {
                if (context.Response.IdToken is { } token) context.Response.IdToken = fake!.Bend(token);
                return ValueTask.CompletedTask;
            }));
            server.UseAspNetCore();
        });
        var app = builder.Build();
        fake = new FakeEntra(app, address);
        app.Use(async (http, next) =>
        {
            if (fake.Down) http.Abort();
            else await next(http);
        });
        app.UseRouting();
        app.UseAuthentication();
        await app.StartAsync();
        return fake;
    }

    /// <summary>The directory changes its signing key, as it does without notice.</summary>
    public void RotateKey()
    {
        var options = app.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue;
        options.SigningCredentials.Clear();
        options.SigningCredentials.Add(new SigningCredentials(NewKey(), SecurityAlgorithms.RsaSha256));
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    internal static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private ClaimsPrincipal PrincipalFor(OpenIddictRequest request)
    {
        var identity = new ClaimsIdentity("Fake");
        foreach (var (type, value) in new (string, string)[]
        {
            ("sub", "sub-" + Person.Oid), ("tid", TenantId), ("oid", Person.Oid), ("name", Person.Name), ("preferred_username", Person.Account), ("sid", Person.Sid), ("roles", "Portal.Admin"), ("ver", "2.0"),
        })
        {
            var claim = new Claim(type, value);
            claim.SetDestinations(OpenIddictConstants.Destinations.IdentityToken);
            identity.AddClaim(claim);
        }
        var principal = new ClaimsPrincipal(identity);
        principal.SetScopes(request.GetScopes());
        return principal;
    }

    private string Bend(string token)
    {
        if (Claims is null && Signing == "RS256") return token;
        var payload = JsonNode.Parse(Base64UrlEncoder.Decode(token.Split('.')[1]))!.AsObject();
        Claims?.Invoke(payload);
        var json = payload.ToJsonString();
        var own = app.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue.SigningCredentials.First(c => c.Key is AsymmetricSecurityKey);
        return Signing switch
        {
            "none" => $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{Base64UrlEncoder.Encode(json)}.",
            "HS256" => Sign(json, new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(ClientSecret.PadRight(32))), SecurityAlgorithms.HmacSha256)),
            "foreign" => Sign(json, new SigningCredentials(NewKey(), SecurityAlgorithms.RsaSha256)),
            _ => Sign(json, own),
        };
    }

    private static string Sign(string json, SigningCredentials credentials) => new JsonWebTokenHandler().CreateToken(json, credentials);

    private static readonly RsaSecurityKey FirstKey = NewKey(), CodesKey = NewKey();

    private static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    private static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2046, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
