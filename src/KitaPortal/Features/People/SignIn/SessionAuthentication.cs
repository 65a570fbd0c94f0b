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

    /// <summary>On http loopback (evaluation, tests) the __Host- prefix is impossible.</summary>
    public static string CookieName(bool https) => https ? "__Host-kita" : "kita-eval";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var key = Request.Cookies[CookieName(Request.IsHttps)];
        if (string.IsNullOrEmpty(key) || PortalSession.HashOf(key) is not { } hash) return AuthenticateResult.NoResult();

        var ct = Context.RequestAborted;
        var now = clock.GetUtcNow();
        var today = TokyoTime.DayOf(now);
        var found = await (
            from session in db.PortalSessions
            where session.KeyHash == hash
            join staff in db.Staff on session.StaffId equals staff.Id
            select new { Session = session, staff.FamilyName, staff.GivenName, staff.FormerName, staff.UsesFormerName, staff.EmployedFrom, staff.EmployedTo })
            .SingleOrDefaultAsync(ct);
        if (found is null || !found.Session.IsLiveAt(now)) return AuthenticateResult.Fail("session.ended");
        if (today < found.EmployedFrom || (found.EmployedTo is { } left && today >= left)) return AuthenticateResult.Fail("signin.left");

        if (now - found.Session.LastSeenAt >= TimeSpan.FromMinutes(1))
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
        identity.AddClaim(new Claim(ClaimTypes.Name, name));
        identity.AddClaims(facts.Roles.Select(r => r.Role).Distinct().Select(r => new Claim(Policies.RoleClaim, r.ToString())));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (ApiProblems.IsApi(Context)) Response.StatusCode = StatusCodes.Status401Unauthorized;
        else Response.Redirect($"/people/sign-in?returnUrl={Uri.EscapeDataString(Request.Path + Request.QueryString)}");
        return Task.CompletedTask;
    }

    public async Task SignOutAsync(AuthenticationProperties? properties)
    {
        var key = Request.Cookies[CookieName(Request.IsHttps)];
        if (!string.IsNullOrEmpty(key) && PortalSession.HashOf(key) is { } hash
            && await db.PortalSessions.SingleOrDefaultAsync(s => s.KeyHash == hash) is { } session)
        {
            session.End(clock.GetUtcNow(), "サインアウト");
            await db.SaveChangesAsync();
        }
        Response.Cookies.Delete(CookieName(Request.IsHttps));
    }

    /// <summary>Puts a started session's key into the browser.</summary>
    public static void SetCookie(HttpContext http, string key)
        => http.Response.Cookies.Append(CookieName(http.Request.IsHttps), key, new CookieOptions
        {
            HttpOnly = true,
            Secure = http.Request.IsHttps,
            SameSite = SameSiteMode.Lax,
            Path = "/",
            IsEssential = true,
        });
}
