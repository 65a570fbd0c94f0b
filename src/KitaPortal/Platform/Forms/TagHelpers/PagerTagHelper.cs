using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace KitaPortal.Platform.Forms.TagHelpers;

/// <summary>The pages of a long list, with the total: <c>&lt;pager page="Model.PageNo" total="Model.Total" /&gt;</c>. Keeps the address's other filters.</summary>
[HtmlTargetElement("pager", Attributes = "page,total", TagStructure = TagStructure.NormalOrSelfClosing)]
public sealed class PagerTagHelper : TagHelper
{
    /// <summary>The page shown, from 1.</summary>
    public int Page { get; set; }

    /// <summary>How many rows there are in all.</summary>
    public int Total { get; set; }

    /// <summary>Rows on one page.</summary>
    public int Size { get; set; } = 50;

    /// <summary>The query parameter that carries the page.</summary>
    public string Parameter { get; set; } = "page";

    /// <summary>The view this stands in.</summary>
    [HtmlAttributeNotBound, ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var pages = Math.Max(1, (Total + Size - 1) / Size);
        var here = Math.Clamp(Page, 1, pages);
        output.TagName = "nav";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "pager");
        output.Attributes.SetAttribute("aria-label", "ページ");
        var from = Total == 0 ? 0 : ((here - 1) * Size) + 1;
        output.Content.AppendHtml($"<p class=\"pager__total\">全{Total:N0}件{(pages > 1 ? $"のうち {from:N0}～{Math.Min(Total, here * Size):N0}件" : "")}</p>");
        if (pages == 1) return;
        output.Content.AppendHtml("<ul class=\"pager__pages\">");
        output.Content.AppendHtml(Step(here - 1, "前へ", here > 1, "prev"));
        var last = 0;
        foreach (var number in Shown(here, pages))
        {
            if (number > last + 1) output.Content.AppendHtml("<li class=\"pager__gap\" aria-hidden=\"true\">…</li>");
            output.Content.AppendHtml(number == here
                ? $"<li><a class=\"pager__page\" aria-current=\"page\" href=\"{Href(number)}\"><span class=\"sr-only\">ページ </span>{number}</a></li>"
                : $"<li><a class=\"pager__page\" href=\"{Href(number)}\"><span class=\"sr-only\">ページ </span>{number}</a></li>");
            last = number;
        }

        output.Content.AppendHtml(Step(here + 1, "次へ", here < pages, "next"));
        output.Content.AppendHtml("</ul>");
    }

    private static IEnumerable<int> Shown(int here, int pages)
        => new[] { 1, here - 1, here, here + 1, pages }.Where(n => n >= 1 && n <= pages).Distinct();

    private string Step(int to, string text, bool open, string rel)
        => open
            ? $"<li><a class=\"pager__step\" rel=\"{rel}\" href=\"{Href(to)}\">{text}</a></li>"
            : $"<li><span class=\"pager__step\" aria-disabled=\"true\">{text}</span></li>";

    private string Href(int page)
    {
        var request = ViewContext.HttpContext.Request;
        var query = new QueryBuilder(request.Query
            .Where(q => !string.Equals(q.Key, Parameter, StringComparison.OrdinalIgnoreCase))
            .SelectMany(q => q.Value, (q, value) => KeyValuePair.Create(q.Key, value ?? "")))
        {
            { Parameter, page.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        };
        return System.Text.Encodings.Web.HtmlEncoder.Default.Encode($"{request.PathBase}{request.Path}{query.ToQueryString()}");
    }
}
