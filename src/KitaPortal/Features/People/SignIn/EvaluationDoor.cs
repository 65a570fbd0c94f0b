using System.Net;
using System.Security.Cryptography;
using System.Text;
using KitaPortal.Data;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace KitaPortal.Features.People.SignIn;

/// <summary>The way in for people who try the portal (評価用サインイン). It stays shut until the start checks have passed, opens by a one-time
/// token from the console, and only for a browser on this machine.</summary>
public sealed class EvaluationDoor(TimeProvider clock, IDataProtectionProvider protection)
{
    private const string Cookie = "kita-eval-door";
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Stay = TimeSpan.FromHours(12);
    private readonly Lock gate = new();
    private readonly IDataProtector protector = protection.CreateProtector("evaluation-door");
    private Installation? trial;
    private byte[]? tokenHash;
    private DateTimeOffset tokenUntil;

    /// <summary>Days that remain; null when this is no trial.</summary>
    public int? DaysLeft => trial?.EvaluationDaysLeft(clock.GetUtcNow());

    /// <summary>Opens the door of a database whose start checks have passed.</summary>
    internal void Open(Installation installation) => trial = installation;

    /// <summary>A new one-time token for the console; the one before is void. Only its hash stays here.</summary>
    internal string NewToken()
    {
        var token = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(16));
        lock (gate) (tokenHash, tokenUntil) = (HashOf(token), clock.GetUtcNow() + TokenLife);
        return token;
    }

    /// <summary>Whether this request may see the door at all.</summary>
    public bool IsOpenFor(HttpContext http) => DaysLeft > 0 && IsLocal(http.Connection.RemoteIpAddress) && IsLocal(http.Connection.LocalIpAddress);

    /// <summary>Lets the browser in when the token is the right one, unused and not older than ten minutes.</summary>
    public bool TryEnter(HttpContext http, string token)
    {
        if (!IsOpenFor(http)) return false;
        lock (gate)
        {
            if (tokenHash is null || clock.GetUtcNow() >= tokenUntil || !CryptographicOperations.FixedTimeEquals(tokenHash, HashOf(token))) return false;
            tokenHash = null;
        }
        var until = clock.GetUtcNow() + Stay;
        http.Response.Cookies.Append(Cookie, protector.Protect($"{trial!.CreatedAt.UtcTicks} {until.UtcTicks}"),
            new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/people/sign-in", Secure = http.Request.IsHttps, IsEssential = true });
        return true;
    }

    /// <summary>Whether this browser came in by a token of this trial.</summary>
    public bool IsInside(HttpContext http)
    {
        if (!IsOpenFor(http) || http.Request.Cookies[Cookie] is not { Length: > 0 } cookie) return false;
        try
        {
            var parts = protector.Unprotect(cookie).Split(' ');
            return parts is [var born, var until]
                && born == trial!.CreatedAt.UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture)
                && long.Parse(until, System.Globalization.CultureInfo.InvariantCulture) > clock.GetUtcNow().UtcTicks;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static bool IsLocal(IPAddress? address) => address is not null && IPAddress.IsLoopback(address);
}
