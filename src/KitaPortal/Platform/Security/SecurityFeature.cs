using System.Net;
using System.Threading.RateLimiting;
using KitaPortal.Platform.Web;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace KitaPortal.Platform.Security;

/// <summary>Limits and switches of the town (<c>Security:*</c>).</summary>
public sealed class SecurityOptions
{
    /// <summary>Multiplies every rate limit.</summary>
    public double RateFactor { get; set; } = 1;

    /// <summary>Lets one person be administrator and auditor, for towns too small for two.</summary>
    public bool AllowAdminAuditor { get; set; }
}

/// <summary>The browser boundary: headers, host names, forged requests, and how often one may try.</summary>
public static class SecurityFeature
{
    private const int SignInsPerMinute = 600;
    private const int WritesPerMinute = 120;
    private const int ReportsPerMinute = 20;

    public static IServiceCollection AddBrowserBoundary(this IServiceCollection services)
    {
        services.AddOptions<SecurityOptions>().BindConfiguration("Security");
        services.AddOptions<BrowserBoundaryOptions>();
        services.AddSingleton<CspReports>();
        services.AddSingleton<OwnOrigins>();
        services.AddAntiforgery(options =>
        {
            options.HeaderName = CsrfGuard.HeaderName;
            options.Cookie.Name = "kita-csrf";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = true; // frame-ancestors says it
        });
        services.AddOptions<HostFilteringOptions>().Configure<IOptions<ServerOptions>>((filter, server) =>
        {
            filter.AllowedHosts = [.. server.Value.Origins.Select(o => o.Host), .. LoopbackHosts];
        });
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ServerOptions>>((forwarded, server) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            foreach (var proxy in server.Value.TrustedProxies)
            {
                if (IPAddress.TryParse(proxy, out var address)) forwarded.KnownProxies.Add(address);
                else forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
            }
        });
        services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(LimitOf);
        });
        return services;
    }

    /// <summary>Health checks of the machine itself reach the portal under these names.</summary>
    private static IReadOnlyList<string> LoopbackHosts { get; } = ["localhost", "127.0.0.1", "[::1]"];

    public static IEndpointRouteBuilder MapBrowserBoundary(this IEndpointRouteBuilder app)
    {
        app.MapPost("/csp-reports", (CspReports reports, HttpRequest request, CancellationToken ct) => reports.ReceiveAsync(request, ct))
            .AllowAnonymous().WithMetadata(new CsrfExemptAttribute("only counts what browsers say")).ExcludeFromDescription();
        return app;
    }

    private static RateLimitPartition<string> LimitOf(HttpContext http)
    {
        var factor = http.RequestServices.GetRequiredService<IOptions<SecurityOptions>>().Value.RateFactor;
        var address = http.Connection.RemoteIpAddress?.ToString() ?? "?";
        if (http.Request.Path.StartsWithSegments("/csp-reports", StringComparison.Ordinal)) return PerMinute("report " + address, ReportsPerMinute * factor);
        if (http.Request.Path.StartsWithSegments("/people/sign-in", StringComparison.Ordinal)) return PerMinute("sign-in " + address, SignInsPerMinute * factor);
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method)) return RateLimitPartition.GetNoLimiter("");
        return PerMinute("write " + (http.User.FindFirst("sid")?.Value ?? address), WritesPerMinute * factor);
    }

    private static RateLimitPartition<string> PerMinute(string key, double permits)
        => RateLimitPartition.GetSlidingWindowLimiter(key, _ => new SlidingWindowRateLimiterOptions { PermitLimit = Math.Max(1, (int)permits), Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6 });
}
