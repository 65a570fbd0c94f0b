using System.Diagnostics;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace KitaPortal.Features.Home;

/// <summary>What a person sees when a page cannot be shown: what happened, what to do, and the number to tell the administrator.</summary>
[AllowAnonymous, IgnoreAntiforgeryToken, ResponseCache(NoStore = true)]
public sealed class ErrorPage : PageModel
{
    /// <summary>The answer's status.</summary>
    public int Status => int.TryParse(Request.Query["status"], out var asked) && asked is >= 400 and <= 599 ? asked
        : Response.StatusCode >= 400 ? Response.StatusCode
        : StatusCodes.Status404NotFound;

    /// <summary>What happened.</summary>
    public string Title => Status switch
    {
        400 => "送信を受け付けられませんでした",
        401 => "サインインしてください",
        403 => "このページを開く権限がありません",
        404 => "ページが見つかりません",
        409 => "ほかの人が先に変更しました",
        413 => "送ったファイルが大きすぎます",
        429 => "操作が続いたため、少しお待ちください",
        503 => "ただいま利用できません",
        _ => "処理の途中で問題が起きました",
    };

    /// <summary>Why, and what helps.</summary>
    public string Advice => Status switch
    {
        400 => "ページを開いてから時間がたったか、別のタブでサインインし直した可能性があります。前のページを開き直して、もう一度送信してください。",
        401 => "時間がたったため、サインインが終わっています。",
        403 => "必要なときは、所属長または管理者に相談してください。",
        404 => "アドレスが正しくないか、終わったか、あなたには公開されていないページです。",
        409 => "前のページを開き直して、いまの内容を確認してください。",
        413 => "ファイルを小さくするか、分けて送ってください。",
        429 => "しばらくしてから、もう一度お試しください。",
        503 => "保守の作業中か、混み合っています。数分後にもう一度お試しください。",
        _ => "入力した内容は保存されていない可能性があります。もう一度試しても同じときは、下の受付番号を管理者に知らせてください。",
    };

    /// <summary>The number under which the log knows this request; told only where an administrator can help.</summary>
    public string? TraceId => Status >= 500 ? Activity.Current?.TraceId.ToString() ?? HttpContext.TraceIdentifier : null;
}
