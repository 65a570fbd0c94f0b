using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.People.SignIn;

/// <summary>Checks the session of every request against its row, without cache, so that ending a session takes effect at once.</summary>
internal sealed class SessionAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder,
    PortalDb db, CurrentStaff me, TimeProvider clock)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder), IAuthenticationSignOutHandler
{
    public const string Scheme_ = "Kita";
    private const string Ended = "session.ended";
    private const string Left = SignInRefusals.Left;

    /// <summary>Marks requests a page makes by itself; they do not keep a session awake.</summary>
    public const string BackgroundHeader = "X-Kita-Background";

    /// <summary>On http loopback (evaluation, tests) the __Host- prefix is impossible.</summary>
    public static string CookieName(bool https) => https ? "__Host-kita" : "kita-eval";

    /// <summary>The hash under which the row of this request's cookie is found; null without a usable cookie.</summary>
    public static byte[]? KeyHashOf(HttpContext http)
        => http.Request.Cookies[CookieName(http.Request.IsHttps)] is { Length: > 0 } key ? PortalSession.HashOf(key) : null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (KeyHashOf(Context) is not { } hash) return AuthenticateResult.NoResult();

        var ct = Context.RequestAborted;
        var now = clock.GetUtcNow();
        var today = TokyoTime.DayOf(now);
        var links = db.SignInLinks;
        var found = await (
            from session in db.PortalSessions
            where session.KeyHash == hash
            where session.LinkId == null || !links.Any(l => l.Id == session.LinkId && l.StoppedAt != null)
            join staff in db.Staff on session.StaffId equals staff.Id
            select new { Session = session, staff.FamilyName, staff.GivenName, staff.FormerName, staff.UsesFormerName, staff.EmployedFrom, staff.EmployedTo })
            .SingleOrDefaultAsync(ct);
        if (found is null || !found.Session.IsLiveAt(now)) return AuthenticateResult.Fail(Ended);
        if (today < found.EmployedFrom || (found.EmployedTo is { } left && today >= left)) return AuthenticateResult.Fail(Left);

        if (now - found.Session.LastSeenAt >= TimeSpan.FromMinutes(1) && !Request.Headers.ContainsKey(BackgroundHeader))
        {
            await db.PortalSessions.Where(s => s.Id == found.Session.Id).ExecuteUpdateAsync(s => s.SetProperty(x => x.LastSeenAt, now), ct);
        }
        db.Entry(found.Session).State = EntityState.Detached;

        var name = $"{(found.UsesFormerName && found.FormerName is not null ? found.FormerName : found.FamilyName)}\u3000{found.GivenName}";
        var facts = await CurrentStaff.LoadAsync(db, found.Session.StaffId, name, today, ct);
        me.Become(facts);
        db.Actor = new Actor("staff", facts.Id, SessionId: found.Session.Id, Address: Context.Connection.RemoteIpAddress?.ToString(), TraceId: Context.TraceIdentifier);

        var identity = new ClaimsIdentity(Scheme.Name, ClaimTypes.Name, Policies.RoleClaim);
        identity.AddClaim(new Claim("sub", facts.Id.ToString()));
        identity.AddClaim(new Claim("sid", found.Session.Id.ToString()));
        identity.AddClaim(new Claim(FreshSignIn.Claim, found.Session.FreshAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        identity.AddClaim(new Claim(ClaimTypes.Name, name));
        identity.AddClaims(facts.Roles.Select(r => r.Role).Distinct().Select(r => new Claim(Policies.RoleClaim, r.ToString())));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var failure = (await HandleAuthenticateOnceSafeAsync()).Failure?.Message;
        if (ApiProblems.IsApi(Context))
        {
            await ApiProblems.WriteAsync(Context, StatusCodes.Status401Unauthorized, failure ?? "session.none", "サインインしてください。");
        }
        else if (Request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase))
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else if (failure == Left)
        {
            Response.Redirect($"/people/sign-in/refused?why={Left}");
        }
        else
        {
            var ended = failure is null ? "" : "&ended=true";
            Response.Redirect($"/people/sign-in?returnUrl={Uri.EscapeDataString(Request.PathBase + Request.Path + Request.QueryString)}{ended}");
        }
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        if (ApiProblems.IsApi(Context)) await ApiProblems.WriteAsync(Context, StatusCodes.Status403Forbidden, "forbidden", "この操作の権限がありません。");
        else Response.StatusCode = StatusCodes.Status403Forbidden;
    }

    public async Task SignOutAsync(AuthenticationProperties? properties)
    {
        if (KeyHashOf(Context) is { } hash && await db.PortalSessions.SingleOrDefaultAsync(s => s.KeyHash == hash) is { } session)
        {
            session.End(clock.GetUtcNow(), SessionEnd.SignedOut);
            await db.SaveChangesAsync();
            if (session.SharedTerminal) Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
        }
        Response.Cookies.Delete(CookieName(Request.IsHttps), CookieOf(Context));
    }

    /// <summary>Puts a started session's key into the browser.</summary>
    public static void SetCookie(HttpContext http, string key) => http.Response.Cookies.Append(CookieName(http.Request.IsHttps), key, CookieOf(http));

    private static CookieOptions CookieOf(HttpContext http)
        => new() { HttpOnly = true, Secure = http.Request.IsHttps, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };
}
