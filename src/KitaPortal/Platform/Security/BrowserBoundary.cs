using System.Security.Cryptography;
using System.Text;
using KitaPortal.Platform.Api;
using Microsoft.Extensions.Options;

namespace KitaPortal.Platform.Security;

/// <summary>What features add to the browser's rules.</summary>
public sealed class BrowserBoundaryOptions
{
    /// <summary>Origins besides our own to which a form may lead, for example the identity provider after sign-out.</summary>
    public List<string> FormTargets { get; } = [];
}

/// <summary>Gives every answer its security headers: one content security policy with a fresh nonce, and the others.</summary>
internal sealed class BrowserBoundary(RequestDelegate next, IOptions<BrowserBoundaryOptions> options)
{
    private static readonly CompositeFormat Policy = CompositeFormat.Parse(string.Join("; ",
        "default-src 'none'", "script-src 'self' 'nonce-{0}'", "style-src 'self' 'nonce-{0}'", "img-src 'self' blob: data:", "media-src 'self' blob:", "font-src 'self'",
        "connect-src 'self'", "worker-src 'self'", "manifest-src 'self'", "form-action 'self'{1}", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'",
        "report-to csp", "report-uri /csp-reports"));

    private readonly string formTargets = string.Concat(options.Value.FormTargets.Distinct().Select(t => " " + t));

    public Task InvokeAsync(HttpContext http)
    {
        http.Items[CspNonceOfRequest.Key] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        http.Response.OnStarting(Write, (this, http));
        return next(http);
    }

    private static Task Write(object state)
    {
        var (boundary, http) = ((BrowserBoundary, HttpContext))state;
        var headers = http.Response.Headers;
        // A delivered file has set a narrower policy of its own.
        if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = string.Format(null, Policy, http.CspNonce(), boundary.formTargets);
        headers["Reporting-Endpoints"] = "csp=\"/csp-reports\"";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(self), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), "
            + "magnetometer=(), microphone=(self), midi=(), payment=(), picture-in-picture=(), publickey-credentials-create=(self), publickey-credentials-get=(self), screen-wake-lock=(), usb=(), xr-spatial-tracking=()";
        if (http.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
        if (IsPage(http) || ApiProblems.IsApi(http)) headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }

    private static bool IsPage(HttpContext http) => http.Response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) == true;
}
