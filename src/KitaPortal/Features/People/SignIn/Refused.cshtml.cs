using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace KitaPortal.Features.People.SignIn;

/// <summary>Why a sign-in was refused, in plain words: what the directory sent, what is needed, whom to tell. Never any content of a token.</summary>
[AllowAnonymous]
public sealed class RefusedPage : PageModel
{
    private static readonly Dictionary<string, (int Status, string Title, string Advice)> Reasons = new()
    {
        [SignInRefusals.NotStaff] = (403, "職員名簿に見つかりません", "サインインはできましたが、職員名簿にあなたの登録がありません。人事担当または管理者に連絡してください。"),
        [SignInRefusals.Left] = (403, "在籍期間外です", "名簿の在籍期間に今日が含まれていません。人事担当に連絡してください。"),
        [SignInRefusals.Stopped] = (403, "利用停止中です", "このサインインは管理者が止めています。システム管理者に連絡してください。"),
        [SignInRefusals.Tenant] = (403, "別の組織のアカウントです", "この役場のアカウントでサインインし直してください。別の組織のアカウントやゲストは使えません。"),
        [SignInRefusals.Overage] = (403, "アカウントの情報が多すぎて確認できません", "所属グループが多く、認証サーバーが役割を省略しました。システム管理者に、アプリの登録で「グループ」の要求を外すよう伝えてください。"),
        [SignInRefusals.MfaMissing] = (403, "2段階の確認が必要です", "認証アプリなどによる2段階の確認をしてから、サインインし直してください。"),
        [SignInRefusals.Replayed] = (403, "このサインインはすでに使われています", "もう一度、はじめからサインインしてください。"),
        [SignInRefusals.Token] = (403, "認証サーバーの返事を確認できません", "もう一度サインインしてください。続くときは、下の受付番号をシステム管理者に知らせてください。"),
        [SignInRefusals.Stale] = (403, "サインインの途中で時間がたちました", "サインインの画面を開いてから時間がたったか、別のタブで続けた可能性があります。もう一度サインインしてください。"),
        [SignInRefusals.ProviderDown] = (503, "認証サーバーに接続できません", "利用中の方はそのまま続けて使えます。新しくサインインする方は、数分後にもう一度お試しください。"),
    };

    [BindProperty(SupportsGet = true)]
    public string? Why { get; set; }

    public string Title => Reason.Title;

    public string Advice => Reason.Advice;

    public string Code => Reasons.ContainsKey(Why ?? "") ? Why! : SignInRefusals.Token;

    public string TraceId => Activity.Current?.TraceId.ToString() ?? HttpContext.TraceIdentifier;

    private (int Status, string Title, string Advice) Reason => Reasons[Code];

    public void OnGet() => Response.StatusCode = Reason.Status;
}

/// <summary>The codes of refused sign-ins.</summary>
public static class SignInRefusals
{
    public const string NotStaff = "signin.not_staff";
    public const string Left = "signin.left";
    public const string Stopped = "signin.stopped";
    public const string Tenant = "signin.tenant";
    public const string Overage = "signin.overage";
    public const string MfaMissing = "signin.mfa_missing";
    public const string Replayed = "signin.replayed";
    public const string Token = "signin.token";
    public const string Stale = "signin.stale";
    public const string ProviderDown = "signin.provider_down";
}
