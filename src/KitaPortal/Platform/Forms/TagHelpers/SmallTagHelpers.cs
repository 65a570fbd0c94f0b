using KitaPortal.Platform.Security;
using KitaPortal.Platform.Web;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace KitaPortal.Platform.Forms.TagHelpers;

/// <summary>A picture of our own set: <c>&lt;icon name="laptop" /&gt;</c>. Decoration unless it has a label.</summary>
[HtmlTargetElement("icon", Attributes = "name", TagStructure = TagStructure.NormalOrSelfClosing)]
public sealed class IconTagHelper : TagHelper
{
    /// <summary>The symbol in <c>wwwroot/img/icons.svg</c>.</summary>
    public required string Name { get; set; }

    /// <summary>What it says to people who do not see it.</summary>
    public string? Label { get; set; }

    /// <summary>The view this stands in.</summary>
    [HtmlAttributeNotBound, ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var css = output.Attributes["class"]?.Value?.ToString();
        output.TagName = "svg";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", css is null ? "icon" : "icon " + css);
        output.Attributes.SetAttribute("viewBox", "0 0 24 24");
        output.Attributes.SetAttribute("focusable", "false");
        if (Label is null)
        {
            output.Attributes.SetAttribute("aria-hidden", "true");
        }
        else
        {
            output.Attributes.SetAttribute("role", "img");
            output.Attributes.SetAttribute("aria-label", Label);
        }

        output.Content.SetHtmlContent($"<use href=\"{ViewContext.HttpContext.StaticFile("img/icons.svg")}#{Name}\"></use>");
    }
}

/// <summary>A state in a word and a pattern: <c>&lt;state kind="wait"&gt;承認待ち&lt;/state&gt;</c>. Kinds: draft, wait, ok, out, late, done, stop, free, hold.</summary>
[HtmlTargetElement("state", Attributes = "kind")]
public sealed class StateTagHelper : TagHelper
{
    /// <summary>Which pattern and colour.</summary>
    public required string Kind { get; set; }

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "span";
        output.Attributes.SetAttribute("class", $"state state--{Kind}");
    }
}

/// <summary>What stands where a list is empty: why, and the next step as child content.</summary>
[HtmlTargetElement("empty-state", Attributes = "title")]
public sealed class EmptyStateTagHelper : TagHelper
{
    /// <summary>One sentence: what is not there.</summary>
    public required string Title { get; set; }

    /// <summary>The picture.</summary>
    public string Icon { get; set; } = "inbox";

    /// <summary>One line instead of a block, where emptiness is the good news.</summary>
    public bool Slim { get; set; }

    /// <summary>The view this stands in.</summary>
    [HtmlAttributeNotBound, ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    /// <inheritdoc />
    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var next = await output.GetChildContentAsync();
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", Slim ? "empty empty--slim" : "empty");
        output.Content.SetHtmlContent($"<svg class=\"icon empty__icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><use href=\"{ViewContext.HttpContext.StaticFile("img/icons.svg")}#{Icon}\"></use></svg><p class=\"empty__title\">");
        output.Content.Append(Title).AppendHtml("</p><div class=\"empty__next\">").AppendHtml(next).AppendHtml("</div>");
    }
}

/// <summary>A script module of ours: <c>&lt;module src="js/booking/reserve.js" /&gt;</c>, with fingerprint and nonce.</summary>
[HtmlTargetElement("module", Attributes = "src", TagStructure = TagStructure.NormalOrSelfClosing)]
public sealed class ModuleTagHelper : TagHelper
{
    /// <summary>The file below <c>wwwroot</c>.</summary>
    public required string Src { get; set; }

    /// <summary>The view this stands in.</summary>
    [HtmlAttributeNotBound, ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    /// <inheritdoc />
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var http = ViewContext.HttpContext;
        output.TagName = "script";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("type", "module");
        output.Attributes.SetAttribute("src", http.StaticFile(Src));
        if (http.CspNonce() is { } nonce) output.Attributes.SetAttribute("nonce", nonce);
    }
}
