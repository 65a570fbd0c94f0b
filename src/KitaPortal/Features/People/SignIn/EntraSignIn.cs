using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KitaPortal.Data;
using KitaPortal.Platform.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace KitaPortal.Features.People.SignIn;

/// <summary>Sign-in with the town's own Entra tenant. What comes of it is a row in our session table, never a cookie with claims.</summary>
internal static class EntraSignIn
{
    public const string Scheme = "Entra";
    public const string SharedItem = "shared";
    public const string AgainItem = "again";

    public static void Add(IServiceCollection services, EntraSettings entra)
    {
        // A key the directory began to use a moment ago is fetched before the token is judged, not after.
        AppContext.SetSwitch("Switch.Microsoft.IdentityModel.UpdateConfigAsBlocking", true);
        services.AddSingleton<EntraGuards>();
        services.AddScoped<Linking>();
        services.Configure<BrowserBoundaryOptions>(boundary =>
        {
            if (Uri.TryCreate(entra.Instance, UriKind.Absolute, out var instance)) boundary.FormTargets.Add(instance.GetLeftPart(UriPartial.Authority));
        });
        services.AddAuthentication().AddMicrosoftIdentityWebApp(
            microsoft =>
            {
                (microsoft.Instance, microsoft.TenantId, microsoft.ClientId, microsoft.ClientSecret) = (entra.Instance, entra.TenantId, entra.ClientId, entra.ClientSecret);
                microsoft.CallbackPath = entra.CallbackPath;
            },
            configureCookieAuthenticationOptions: null, openIdConnectScheme: Scheme, cookieScheme: null);
        services.PostConfigure<OpenIdConnectOptions>(Scheme, Secure);
    }

    // What the library would leave weaker, fixed here and by no setting: the code flow instead of the implicit one, PKCE, our own names of claims.
    private static void Secure(OpenIdConnectOptions options)
    {
        options.ResponseType = OpenIdConnectResponseType.Code;
        options.ResponseMode = OpenIdConnectResponseMode.FormPost;
        options.UsePkce = true;
        options.SaveTokens = false;
        options.MapInboundClaims = false;
        options.UseSecurityTokenValidator = false;
        options.TokenHandler = new JsonWebTokenHandler { MapInboundClaims = false }; // the library brings one that renames tid and oid
        options.GetClaimsFromUserInfoEndpoint = false;
        options.DisableTelemetry = true;
        options.Scope.Clear();
        options.Scope.Add("openid");
        options.Scope.Add("profile");
        options.RemoteAuthenticationTimeout = TimeSpan.FromMinutes(15);
        options.ProtocolValidator.RequireNonce = true;
        options.TokenValidationParameters.NameClaimType = "preferred_username";
        options.TokenValidationParameters.RoleClaimType = "roles";
        options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256];
        options.Events.OnTokenValidated = DemandAsync;
        options.Events.OnTicketReceived = OpenSessionAsync;
        options.Events.OnRemoteFailure = Explain;
        options.Events.OnRemoteSignOut = EndByProviderAsync;
    }

    private static async Task DemandAsync(TokenValidatedContext context)
    {
        var services = context.HttpContext.RequestServices;
        var options = services.GetRequiredService<IOptions<SignInOptions>>().Value;
        var guards = services.GetRequiredService<EntraGuards>();
        var refusal = guards.Check(context.Principal!, options);
        if (refusal is null && guards.UsedOnce && !await TakeAsync(context, services)) refusal = SignInRefusals.Replayed;
        if (refusal is not null) context.Fail(new SignInRefusedException(refusal));
    }

    // The nonce is made anew for every attempt, so one answer of the directory opens one session, on whichever node it comes in.
    private static async Task<bool> TakeAsync(TokenValidatedContext context, IServiceProvider services)
    {
        var db = services.GetRequiredService<PortalDb>();
        db.Add(new UsedSignIn(SHA256.HashData(Encoding.UTF8.GetBytes(context.Nonce ?? "")), services.GetRequiredService<TimeProvider>().GetUtcNow()));
        try
        {
            await db.SaveChangesAsync(context.HttpContext.RequestAborted);
            return true;
        }
        catch (Exception e) when (DatabaseErrors.IsUnique(e))
        {
            db.ChangeTracker.Clear();
            return false;
        }
    }

    private static async Task OpenSessionAsync(TicketReceivedContext context)
    {
        var http = context.HttpContext;
        var person = EntraGuards.PersonOf(context.Principal!, http.RequestServices.GetRequiredService<IOptions<SignInOptions>>().Value);
        var linked = await http.RequestServices.GetRequiredService<Linking>().FindAsync(person, http.RequestAborted);
        context.HandleResponse();
        if (linked.StaffId is not { } staff)
        {
            context.Response.Redirect(linked.WaitingNumber is { } number ? $"/people/sign-in/waiting?number={number}" : RefusedAt(linked.Refusal!));
            return;
        }
        var shared = context.Properties?.Items.ContainsKey(SharedItem) == true;
        await http.RequestServices.GetRequiredService<SessionOpening>().OpenAsync(http, staff, shared, context.Principal!.FindFirst("sid")?.Value, linked.LinkId, http.RequestAborted, AuthenticatedAt(context));
        context.Response.Redirect(context.ReturnUri is { Length: > 0 } there ? there : "/");
    }

    // What the directory tells of it; without a word, only an answer to prompt=login is known to be more than a silent sign-in.
    private static DateTimeOffset? AuthenticatedAt(TicketReceivedContext context)
        => long.TryParse(context.Principal!.FindFirst("auth_time")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? DateTimeOffset.FromUnixTimeSeconds(at)
            : context.Properties?.Items.ContainsKey(AgainItem) == true ? null : DateTimeOffset.UnixEpoch;

    private static Task Explain(RemoteFailureContext context)
    {
        var why = context.Failure switch
        {
            SignInRefusedException refused => refused.Code,
            { InnerException: SignInRefusedException refused } => refused.Code,
            { } failure when IsUnreachable(failure) => SignInRefusals.ProviderDown,
            AuthenticationFailureException { Message: var m } when m.Contains("orrelation", StringComparison.Ordinal) || m.Contains("state", StringComparison.OrdinalIgnoreCase) => SignInRefusals.Stale,
            _ => SignInRefusals.Token,
        };
        context.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(EntraSignIn))
            .LogWarning("Sign-in refused: {Code} ({Reason})", why, context.Failure?.GetType().Name);
        context.Response.Redirect(RefusedAt(why));
        context.HandleResponse();
        return Task.CompletedTask;
    }

    /// <summary>Whether the provider could not be reached, anywhere in the chain of reasons.</summary>
    public static bool IsUnreachable(Exception failure)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
            if (e is HttpRequestException or IOException or TaskCanceledException) return true;
        return false;
    }

    // Entra tells the session by its id alone, in a hidden frame to which browsers send no cookie.
    private static async Task EndByProviderAsync(RemoteSignOutContext context)
    {
        context.HandleResponse();
        if (context.ProtocolMessage?.Sid is not { Length: > 0 } sid) return;
        var services = context.HttpContext.RequestServices;
        var db = services.GetRequiredService<PortalDb>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        await db.WriteAsync(async () =>
        {
            foreach (var session in await db.PortalSessions.Where(s => s.ProviderSid == sid && s.Mode == SignInModes.Entra && s.EndedAt == null).ToListAsync(context.HttpContext.RequestAborted))
                session.End(now, SessionEnd.Provider);
        }, context.HttpContext.RequestAborted);
    }

    private static string RefusedAt(string why) => $"/people/sign-in/refused?why={why}";
}

/// <summary>A sign-in that the directory allowed and we do not.</summary>
internal sealed class SignInRefusedException(string code) : Exception(code)
{
    public string Code { get; } = code;
}
