using System.Security.Claims;

namespace KitaPortal.Features.People.SignIn;

/// <summary>What we demand of a token whose signature, issuer, audience and time are already right. Only tests can leave a demand out, to show what it keeps away; no setting can.</summary>
internal sealed class EntraGuards
{
    /// <summary>The issuer alone lets a token without a tenant through.</summary>
    public bool TenantPresent { get; init; } = true;

    /// <summary>The issuer alone lets a foreign tenant's claim through.</summary>
    public bool TenantOurs { get; init; } = true;

    /// <summary>Entra leaves claims out when there are too many; "no roles" would be the wrong reading.</summary>
    public bool Overage { get; init; } = true;

    /// <summary>One answer of the directory opens one session.</summary>
    public bool UsedOnce { get; init; } = true;

    public string? Check(ClaimsPrincipal token, SignInOptions options)
    {
        var tenant = token.FindFirst("tid")?.Value;
        if (TenantPresent && string.IsNullOrEmpty(tenant)) return SignInRefusals.Tenant;
        if (TenantOurs && !string.IsNullOrEmpty(tenant) && !tenant.Equals(options.Entra.TenantId, StringComparison.OrdinalIgnoreCase)) return SignInRefusals.Tenant;
        if (string.IsNullOrEmpty(token.FindFirst("oid")?.Value)) return SignInRefusals.Token;
        if (Overage && token.HasClaim(c => c.Type is "_claim_names" or "_claim_sources" or "hasgroups")) return SignInRefusals.Overage;
        if (options.Mfa == "RequireClaim" && !token.FindAll(options.MfaClaim).Any(c => options.MfaValues.Split(',', StringSplitOptions.TrimEntries).Contains(c.Value))) return SignInRefusals.MfaMissing;
        return null;
    }

    /// <summary>The person of a token. Guests of the directory bring an address of their own choice, so it ties them to nobody.</summary>
    public static DirectoryPerson PersonOf(ClaimsPrincipal token, SignInOptions options)
    {
        var account = token.FindFirst("preferred_username")?.Value ?? "";
        var isGuest = token.HasClaim("acct", "1") || token.HasClaim(c => c.Type == "idp");
        return new DirectoryPerson(
            new SignInKey(SignInModes.Entra, (token.FindFirst("tid")?.Value ?? options.Entra.TenantId).ToLowerInvariant(), token.FindFirst("oid")!.Value.ToLowerInvariant()),
            token.FindFirst("name")?.Value ?? account, account,
            isGuest ? null : token.FindFirst("email")?.Value ?? account,
            token.FindFirst(options.StaffNumberClaim)?.Value);
    }
}
