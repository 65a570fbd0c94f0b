using KitaPortal.Platform.Web;
using Microsoft.Extensions.Options;

namespace KitaPortal.Platform.Security;

/// <summary>The origins of the portal's own pages, compared exactly; on loopback (evaluation, tests) the address of the request counts.</summary>
internal sealed class OwnOrigins(IOptions<ServerOptions> server)
{
    private readonly HashSet<string> origins = [.. server.Value.Origins.Select(o => o.GetLeftPart(UriPartial.Authority))];

    public bool Has(HttpRequest request, string origin)
        => origins.Contains(origin) || (server.Value.PublicUrl.IsLoopback && IsLoopback(request.Host.Host) && origin == $"{request.Scheme}://{request.Host}");

    private static bool IsLoopback(string host) => host is "localhost" or "127.0.0.1" or "[::1]";
}

/// <summary>A browser lets any page open a socket to us, with our cookie: only our own pages may, and a socket without Origin is no browser's of ours.</summary>
internal sealed class OriginGuard(RequestDelegate next, OwnOrigins own)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase) || own.Has(http.Request, http.Request.Headers.Origin.ToString())) return next(http);
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
