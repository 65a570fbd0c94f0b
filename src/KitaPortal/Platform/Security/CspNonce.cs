namespace KitaPortal.Platform.Security;

/// <summary>The one-time word that lets this response's own scripts run under the content security policy.</summary>
public static class CspNonceOfRequest
{
    /// <summary>The key in <see cref="HttpContext.Items"/> under which the security headers leave the nonce.</summary>
    public const string Key = "csp-nonce";

    /// <summary>This response's nonce, or null when no policy is sent.</summary>
    public static string? CspNonce(this HttpContext http) => http.Items[Key] as string;
}
