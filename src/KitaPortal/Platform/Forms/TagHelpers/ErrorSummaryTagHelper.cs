using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace KitaPortal.Platform.Forms.TagHelpers;

/// <summary>Everything that is wrong with the form, on top of it, each line leading to its field. Nothing when nothing is wrong.</summary>
[HtmlTargetElement("error-summary", TagStructure = TagStructure.NormalOrSelfClosing)]
public sealed class ErrorSummaryTagHelper : TagHelper
{
    /// <summary>The heading.</summary>
    public string Title { get; set; } = "入力内容を確認してください";

    /// <summary>The view this stands in.</summary>
    [HtmlAttributeNotBound, ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var rules = (ViewContext.ViewData.Model as FormPage)?.Broken ?? [];
        var said = rules.Select(FormPageFilter.Sentence).ToHashSet();
        var wrong = ViewContext.ViewData.ModelState
            .Where(entry => entry.Value is { Errors.Count: > 0 })
            .SelectMany(entry => entry.Value!.Errors.Select(error => (Field: entry.Key, error.ErrorMessage)))
            .Where(line => !said.Contains(line.ErrorMessage))
            .ToList();
        if (wrong.Count + rules.Count == 0)
        {
            output.SuppressOutput();
            return;
        }

        output.TagName = "section";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "error-summary");
        output.Attributes.SetAttribute("role", "alert");
        output.Attributes.SetAttribute("tabindex", "-1");
        output.Attributes.SetAttribute("autofocus", "");
        output.Attributes.SetAttribute("aria-labelledby", "error-summary-title");
        output.Content.AppendHtml("<h2 class=\"error-summary__title\" id=\"error-summary-title\">").Append(Title).AppendHtml($"<span class=\"error-summary__count\">{wrong.Count + rules.Count}件</span></h2><ul class=\"error-summary__list\">");
        foreach (var broken in rules) output.Content.AppendHtml(LineOf(broken));
        foreach (var (field, message) in wrong) output.Content.AppendHtml(LineOf(field, message));
        output.Content.AppendHtml("</ul>");
    }

    /// <summary>A broken rule: its number, what it says, and where its remedy is done.</summary>
    private static TagBuilder LineOf(Broken broken)
    {
        var line = new TagBuilder("li");
        line.AddCssClass("rule");
        var number = Part("span", "rule__number", broken.Rule.Number);
        var message = Part(broken.Field is null ? "span" : "a", "rule__message", broken.Message);
        if (broken.Field is not null) message.Attributes["href"] = "#" + TagBuilder.CreateSanitizedId(broken.Field, "_");
        var remedy = Part("span", "rule__remedy", broken.RemedyHref is null ? broken.Remedy : "");
        if (broken.RemedyHref is not null)
        {
            var way = Part("a", "rule__way", broken.Remedy);
            way.Attributes["href"] = broken.RemedyHref;
            remedy.InnerHtml.AppendHtml(way);
        }

        line.InnerHtml.AppendHtml(number).AppendHtml(message);
        if (broken.Remedy.Length > 0) line.InnerHtml.AppendHtml(remedy);
        return line;
    }

    private static TagBuilder Part(string tag, string css, string text)
    {
        var part = new TagBuilder(tag);
        part.AddCssClass(css);
        part.InnerHtml.Append(text);
        return part;
    }

    private static TagBuilder LineOf(string field, string message)
    {
        var line = new TagBuilder("li");
        if (field.Length == 0)
        {
            line.InnerHtml.Append(message);
            return line;
        }

        var link = new TagBuilder("a");
        link.Attributes["href"] = "#" + TagBuilder.CreateSanitizedId(field, "_");
        link.InnerHtml.Append(message);
        line.InnerHtml.AppendHtml(link);
        return line;
    }
}
