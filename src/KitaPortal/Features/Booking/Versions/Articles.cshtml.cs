using KitaPortal.Data;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Versions;

/// <summary>根拠の条項: which article of the town's own by-laws stands behind each lending rule.</summary>
[Authorize(Policy = BookingPolicies.Rules)]
public sealed class ArticlesPage(PortalDb db) : FormPage
{
    private const int Longest = 200;

    /// <summary>Rule code to the article.</summary>
    [BindProperty]
    public Dictionary<string, string?> Articles { get; set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        if (HttpMethods.IsGet(Request.Method)) Articles = await db.RuleArticles.AsNoTracking().ToDictionaryAsync(a => a.Code, a => (string?)a.Article, ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        foreach (var (code, _) in Articles.Where(a => a.Value?.Trim().Length > Longest)) ModelState.AddModelError($"Articles[{code}]", $"条項は{Longest}字までで入力してください。");
        if (!ModelState.IsValid) return Page();
        var changed = await db.WriteAsync(async () =>
        {
            var known = await db.RuleArticles.ToDictionaryAsync(a => a.Code, ct);
            var count = 0;
            foreach (var rule in BookingRules.Lending.Where(r => Articles.ContainsKey(r.Text.Code)))
            {
                var (code, article) = (rule.Text.Code, Articles[rule.Text.Code]?.Trim() ?? "");
                var before = known.GetValueOrDefault(code);
                if ((before?.Article ?? "") == article) continue;
                db.Audit(new AuditNote("rule.article", nameof(RuleArticle), code, new { before?.Article }, new { article }));
                if (article.Length == 0) db.Remove(before!);
                else if (before is null) db.Add(new RuleArticle(code, article));
                else before.Cite(article);
                count++;
            }
            return count;
        }, ct);
        Say(changed == 0 ? "変わったところはありません。" : $"{changed}件の条項を登録しました。");
        return Redirect("/booking/rules");
    }
}
