namespace KitaPortal.Features.People.SignIn;

/// <summary>The ways of signing in.</summary>
public static class SignInModes
{
    public const string Entra = nameof(Entra);
    public const string Evaluation = nameof(Evaluation);
}

/// <summary>How people sign in (<c>SignIn:*</c>).</summary>
public sealed class SignInOptions
{
    /// <summary>Entra or Evaluation; there is no default.</summary>
    public string Mode { get; set; } = "";

    /// <summary>What ties a first sign-in to a person by itself: Mail, StaffNumber or None.</summary>
    public string LinkBy { get; set; } = "Mail";

    /// <summary>The claim that holds the staff number, for <see cref="LinkBy"/> StaffNumber.</summary>
    public string StaffNumberClaim { get; set; } = "employeeid";

    /// <summary>Where roles are given: Portal.</summary>
    public string RolesFrom { get; set; } = "Portal";

    /// <summary>Trust (the directory enforces the second factor) or RequireClaim.</summary>
    public string Mfa { get; set; } = "Trust";

    public string MfaClaim { get; set; } = "amr";

    /// <summary>Accepted values of <see cref="MfaClaim"/>, separated by commas.</summary>
    public string MfaValues { get; set; } = "mfa";

    public SessionSettings Session { get; set; } = new();

    public EntraSettings Entra { get; set; } = new();

    public bool IsEvaluation => Mode == SignInModes.Evaluation;

    public bool IsEntra => Mode == SignInModes.Entra;
}

/// <summary>How long a session lasts (<c>SignIn:Session:*</c>).</summary>
public sealed class SessionSettings
{
    /// <summary>Absolute life.</summary>
    public int Hours { get; set; } = 10;

    public int IdleMinutes { get; set; } = 90;

    /// <summary>Idle time on a terminal that several people use (共用端末).</summary>
    public int SharedIdleMinutes { get; set; } = 15;
}

/// <summary>The town's own Entra tenant (<c>SignIn:Entra:*</c>).</summary>
public sealed class EntraSettings
{
    public string Instance { get; set; } = "https://login.microsoftonline.com/";

    public string TenantId { get; set; } = "";

    public string ClientId { get; set; } = "";

    public string ClientSecret { get; set; } = "";

    public string CallbackPath { get; set; } = "/signin-oidc";

    /// <summary>Refused: beside Instance and TenantId the library would silently let it win.</summary>
    public string Authority { get; set; } = "";
}
