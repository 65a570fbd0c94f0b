using KitaPortal.Platform.Api;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;

namespace KitaPortal.Platform.Security;

/// <summary>Marks an endpoint whose unsafe requests carry their own proof, and says which.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
public sealed class CsrfExemptAttribute(string proof) : Attribute
{
    public string Proof { get; } = proof;
}

/// <summary>No foreign page can make a person's browser change anything: every unsafe request with a cookie must come from our own pages and carry their token.</summary>
internal sealed class CsrfGuard(RequestDelegate next, IAntiforgery antiforgery, OwnOrigins own)
{
    public const string HeaderName = "X-Kita-Csrf";

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
            var origin => own.Has(request, origin),
        };
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    // The error page is drawn for the refused request itself.
    private static bool IsErrorPage(HttpContext http)
        => http.Features.Get<IStatusCodeReExecuteFeature>() is not null || http.Features.Get<IExceptionHandlerFeature>() is not null;
}
