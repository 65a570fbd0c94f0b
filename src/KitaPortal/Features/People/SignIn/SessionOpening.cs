using KitaPortal.Data;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.People.SignIn;

/// <summary>What every way of signing in ends with: the browser's old session ends, a new one with a new id begins.</summary>
public sealed class SessionOpening(PortalDb db, TimeProvider clock, IOptions<SignInOptions> options)
{
    /// <param name="authenticatedAt">When the person really authenticated; null is now.</param>
    public async Task OpenAsync(HttpContext http, StaffId staffId, bool sharedTerminal, string? providerSid, Guid? linkId, CancellationToken ct, DateTimeOffset? authenticatedAt = null)
    {
        var now = clock.GetUtcNow();
        var rules = options.Value.Session;
        var address = http.Connection.RemoteIpAddress?.ToString();
        db.Actor = new Actor("staff", staffId, Address: address, TraceId: http.TraceIdentifier);
        var key = await db.WriteAsync(async () =>
        {
            if (SessionAuthentication.KeyHashOf(http) is { } hash && await db.PortalSessions.SingleOrDefaultAsync(s => s.KeyHash == hash, ct) is { } before)
                before.End(now, SessionEnd.SignedInAgain);
            var idle = TimeSpan.FromMinutes(sharedTerminal ? rules.SharedIdleMinutes : rules.IdleMinutes);
            var (session, newKey) = PortalSession.Start(staffId, options.Value.Mode, now, TimeSpan.FromHours(rules.Hours), idle);
            session.Describe(address, http.Request.Headers.UserAgent, sharedTerminal, providerSid, linkId);
            if (authenticatedAt < now) session.Authenticated(authenticatedAt.Value);
            db.Add(session);
            return newKey;
        }, ct);
        SessionAuthentication.SetCookie(http, key);
    }
}

/// <summary>Why a session ended, as its row says it.</summary>
public static class SessionEnd
{
    public const string SignedOut = "サインアウト";
    public const string SignedInAgain = "サインインし直した";
    public const string OtherDevice = "別の端末から終了";
    public const string Provider = "認証サーバーでサインアウト";
    public const string LinkStopped = "サインインの停止";
    public const string TimedOut = "時間切れ";
}
