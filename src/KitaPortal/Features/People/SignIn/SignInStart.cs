using System.Net;
using KitaPortal.Data;
using KitaPortal.Platform.Web;

namespace KitaPortal.Features.People.SignIn;

/// <summary>What is known when the portal is asked to start.</summary>
internal sealed record StartFacts(string Environment, Installation? Installation, IReadOnlyList<string> Addresses, ServerOptions Server, DateTimeOffset Now);

/// <summary>Whether the chosen way of signing in may open here. All reasons against it are told at once.</summary>
internal static class SignInStart
{
    private const string ModeKey = "SignIn:Mode";

    public static IReadOnlyList<StartProblem> Problems(SignInOptions signIn, StartFacts facts) => [.. signIn.Mode switch
    {
        SignInModes.Evaluation => Evaluation(facts),
        SignInModes.Entra => [.. RealDatabase(facts), .. PublicAddress(facts), .. Entra(signIn)],
        "" => [new("KP-CFG-001", "サインインの方法が設定されていません。SignIn:Mode に Entra を設定してください。試すだけのときは kitaportal demo を使ってください。",
            "SignIn:Mode is not set. Set it to Entra. To only try the portal, run: kitaportal demo", ModeKey)],
        var other => [new("KP-CFG-002", $"SignIn:Mode の「{other}」は使えません。Entra を設定してください。", $"SignIn:Mode \"{other}\" is unknown. Set it to Entra.", ModeKey)],
    }];

    private static IEnumerable<StartProblem> Evaluation(StartFacts facts)
    {
        if (facts.Environment == Environments.Production)
        {
            yield return new("KP-SEC-001", "本番環境（Production）では評価用サインインを使えません。kitaportal demo で起動してください。",
                "Evaluation sign-in is refused in the Production environment. Start it with: kitaportal demo", "ASPNETCORE_ENVIRONMENT");
        }
        if (facts.Installation is { Kind: not InstallationKind.Evaluation })
        {
            yield return new("KP-SEC-002", "このデータベースは評価用として作られていません。評価には別のデータフォルダーを使ってください。",
                "This database was not created for evaluation. Use another data folder.", "Data:Folder");
        }
        if (facts.Addresses.FirstOrDefault(a => !IsLoopback(a)) is { } open)
        {
            yield return new("KP-SEC-003", $"評価用サインインは自分の機械からだけ使えます。待ち受け「{open}」を localhost にしてください。",
                $"Evaluation sign-in listens on loopback only. Change \"{open}\" to localhost.", "Urls");
        }
        if (facts.Server.TrustedProxies.Length > 0 || !facts.Server.PublicUrl.IsLoopback)
        {
            yield return new("KP-SEC-003", "評価用サインインは中継サーバーや公開アドレスと一緒には使えません。Server:TrustedProxies と Server:PublicUrl を空にしてください。",
                "Evaluation sign-in is refused behind a proxy or a public address. Empty Server:TrustedProxies and Server:PublicUrl.", "Server:TrustedProxies");
        }
        if (facts.Installation is { } trial && trial.EvaluationDaysLeft(facts.Now) == 0)
        {
            yield return new("KP-SEC-004", "評価の期間（14日）が終わりました。続けて試すときは kitaportal demo --reset で作り直してください。",
                "The evaluation period (14 days) is over. Start anew with: kitaportal demo --reset", "Data:Folder");
        }
    }

    private static IEnumerable<StartProblem> RealDatabase(StartFacts facts)
    {
        if (facts.Installation is { Kind: InstallationKind.Evaluation })
        {
            yield return new("KP-SEC-005", "評価用のデータベースでは本番のサインインを使えません。新しいデータベースを設定してください。",
                "A database made for evaluation is never used with a real sign-in. Configure a new database.", "Database:ConnectionString");
        }
    }

    private static IEnumerable<StartProblem> PublicAddress(StartFacts facts)
    {
        var url = facts.Server.PublicUrl;
        if (url.Scheme == Uri.UriSchemeHttps) yield break;
        yield return url.IsLoopback
            ? new("KP-CFG-003", "職員が開くアドレスが設定されていません。Server:PublicUrl に https:// で始まるアドレスを設定してください。",
                "Server:PublicUrl is missing. Set the https address people open.", "Server:PublicUrl")
            : new("KP-CFG-004", $"Server:PublicUrl「{url}」が https ではありません。https のアドレスを設定してください。",
                $"Server:PublicUrl \"{url}\" is not https. Set an https address.", "Server:PublicUrl");
    }

    private static IEnumerable<StartProblem> Entra(SignInOptions signIn)
    {
        var entra = signIn.Entra;
        if (entra.Authority.Length > 0)
        {
            yield return new("KP-CFG-011", "SignIn:Entra:Authority は使えません（Instance より優先されてしまうため）。Instance と TenantId だけを設定してください。",
                "SignIn:Entra:Authority is refused: it would silently win over Instance. Set Instance and TenantId only.", "SignIn:Entra:Authority");
        }
        if (!Guid.TryParseExact(entra.TenantId, "D", out _))
        {
            yield return new("KP-CFG-012", $"SignIn:Entra:TenantId が「{entra.TenantId}」です。自分のテナントの GUID を設定してください。",
                $"SignIn:Entra:TenantId is \"{entra.TenantId}\". Set the GUID of your own tenant.", "SignIn:Entra:TenantId");
        }
        if (!Uri.TryCreate(entra.Instance, UriKind.Absolute, out var instance) || instance.Scheme != Uri.UriSchemeHttps)
        {
            yield return new("KP-CFG-013", $"SignIn:Entra:Instance「{entra.Instance}」が https のアドレスではありません。",
                $"SignIn:Entra:Instance \"{entra.Instance}\" is not an https address.", "SignIn:Entra:Instance");
        }
        if (!Guid.TryParseExact(entra.ClientId, "D", out _))
        {
            yield return new("KP-CFG-014", $"SignIn:Entra:ClientId が「{entra.ClientId}」です。アプリの登録の「アプリケーション (クライアント) ID」を設定してください。",
                $"SignIn:Entra:ClientId is \"{entra.ClientId}\". Set the application (client) id.", "SignIn:Entra:ClientId");
        }
        if (entra.ClientSecret.Length == 0)
        {
            yield return new("KP-CFG-015", "SignIn:Entra:ClientSecret がありません。環境変数 SignIn__Entra__ClientSecret で渡してください。",
                "SignIn:Entra:ClientSecret is missing. Give it by the environment variable SignIn__Entra__ClientSecret.", "SignIn:Entra:ClientSecret");
        }
        if (signIn.LinkBy is not ("Mail" or "StaffNumber" or "None"))
            yield return Choice("SignIn:LinkBy", signIn.LinkBy, "Mail, StaffNumber, None");
        if (signIn.RolesFrom is not "Portal")
            yield return Choice("SignIn:RolesFrom", signIn.RolesFrom, "Portal");
        if (signIn.Mfa is not ("Trust" or "RequireClaim"))
            yield return Choice("SignIn:Mfa", signIn.Mfa, "Trust, RequireClaim");
    }

    private static StartProblem Choice(string key, string value, string allowed)
        => new("KP-CFG-016", $"{key} の「{value}」は使えません。次のどれかを設定してください：{allowed}", $"{key} \"{value}\" is unknown. Set one of: {allowed}", key);

    /// <summary>Whether only this machine itself can reach the address.</summary>
    public static bool IsLoopback(string address)
    {
        var host = BindingAddress.Parse(address).Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
