using KitaPortal.Platform.Api;
using KitaPortal.Platform.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace KitaPortal.Platform.Security;

/// <summary>Marks an endpoint whose unsafe requests carry their own proof, and says which.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
public sealed class CsrfExemptAttribute(string proof) : Attribute
{
    public string Proof { get; } = proof;
}

/// <summary>No foreign page can make a person's browser change anything: every unsafe request with a cookie must come from our own pages and carry their token.</summary>
internal sealed class CsrfGuard(RequestDelegate next, IAntiforgery antiforgery, IOptions<ServerOptions> server)
{
    public const string HeaderName = "X-Kita-Csrf";

    private readonly HashSet<string> origins = [.. server.Value.Origins.Select(o => o.GetLeftPart(UriPartial.Authority))];

    public async Task InvokeAsync(HttpContext http)
    {
        if (IsSafe(http.Request.Method) || http.Request.Cookies.Count == 0 || IsErrorPage(http)
            || http.GetEndpoint()?.Metadata.GetMetadata<CsrfExemptAttribute>() is not null
            || (IsOurs(http.Request) && await antiforgery.IsRequestValidAsync(http)))
        {
            await next(http);
            return;
        }

        if (ApiProblems.IsApi(http)) await ApiProblems.WriteAsync(http, StatusCodes.Status400BadRequest, "csrf.stale", "画面を開いてから時間がたったか、別のタブでサインインし直した可能性があります。もう一度お試しください。");
        else http.Response.StatusCode = StatusCodes.Status400BadRequest;
    }

    // Under Referrer-Policy: no-referrer a browser posts our own forms with "Origin: null"; then Sec-Fetch-Site must vouch for them.
    private bool IsOurs(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site is not ("" or "same-origin" or "none")) return false;
        return request.Headers.Origin.ToString() switch
        {
            "" => true,
            "null" => site == "same-origin",
            var origin when origins.Contains(origin) => true,
            var origin => server.Value.PublicUrl.IsLoopback && IsLoopback(request.Host.Host) && origin == $"{request.Scheme}://{request.Host}",
        };
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    private static bool IsLoopback(string host) => host is "localhost" or "127.0.0.1" or "[::1]";

    // The error page is drawn for the refused request itself.
    private static bool IsErrorPage(HttpContext http)
        => http.Features.Get<IStatusCodeReExecuteFeature>() is not null || http.Features.Get<IExceptionHandlerFeature>() is not null;
}
