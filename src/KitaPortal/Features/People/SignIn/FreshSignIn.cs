using System.Globalization;
using KitaPortal.Platform.Api;

namespace KitaPortal.Features.People.SignIn;

/// <summary>Some acts ask who is there once more: taking personal records out wants a sign-in of the last ten minutes. An endpoint asks <see cref="IsFresh"/> and answers <see cref="Refuse"/>.</summary>
public static class FreshSignIn
{
    internal const string Claim = "fresh";
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);

    /// <summary>Whether the person of this request really signed in within the last ten minutes.</summary>
    public static bool IsFresh(HttpContext http)
        => long.TryParse(http.User.FindFirst(Claim)?.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at)
            && http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(at) <= Lasts;

    /// <summary>A person signs in again and comes back; a program is told what is missing.</summary>
    public static IResult Refuse(HttpContext http) => ApiProblems.IsApi(http)
        ? TypedResults.Problem("人の記録を書き出すには、10分以内のサインインが必要です。サインインし直してから、もう一度お試しください。", statusCode: StatusCodes.Status403Forbidden,
            title: "もう一度サインインしてください。", extensions: new Dictionary<string, object?> { ["code"] = "session.not-fresh" })
        : TypedResults.LocalRedirect(AddressOf(http));

    /// <summary>Where a page sends the person to sign in again and come back.</summary>
    public static string AddressOf(HttpContext http) => $"~/people/sign-in?again=true&returnUrl={Uri.EscapeDataString(http.Request.PathBase + http.Request.Path + http.Request.QueryString)}";
}
