using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace KitaPortal.Platform.Forms.TagHelpers;

/// <summary>The part of a field that takes the answer.</summary>
internal sealed class FieldControl(
    string name, string id, string kind, ModelMetadata metadata, IReadOnlyList<TagHelperAttribute> passed, string describedBy, bool wrong, bool required)
{
    public IHtmlContent Input(string? value, string? unit)
    {
        var input = Control("input", "input");
        // Numbers are typed as text: full-width digits are welcome, and a turn of the mouse wheel changes nothing.
        input.Attributes["type"] = kind == "number" ? "text" : kind;
        if (kind == "number") input.MergeAttribute("inputmode", "numeric");
        if (value is not null) input.Attributes["value"] = value;
        if (kind == "file" && metadata.IsEnumerableType) input.Attributes["multiple"] = "multiple";
        if (kind == "date") return WithEra(input, value);
        if (unit is null) return input;
        var line = new HtmlContentBuilder();
        line.AppendHtml("<span class=\"field__with-unit\">").AppendHtml(input).AppendHtml("<span class=\"field__unit\">").Append(unit).AppendHtml("</span></span>");
        return line;
    }

    /// <summary>The browser shows a date in western years; the reading beside it says the era and the weekday.</summary>
    private static IHtmlContent WithEra(TagBuilder input, string? value)
    {
        var reading = DateOnly.TryParseExact(value, "yyyy-MM-dd", out var day) ? JapaneseDate.Long(day) : "";
        var line = new HtmlContentBuilder();
        return line.AppendHtml("<kita-wareki class=\"field__with-unit\">").AppendHtml(input).AppendHtml("<span class=\"field__unit\">").Append(reading).AppendHtml("</span></kita-wareki>");
    }

    public IHtmlContent TextArea(string? value, int rows)
    {
        var area = Control("textarea", "input input--area");
        area.MergeAttribute("rows", rows.ToString(System.Globalization.CultureInfo.InvariantCulture));
        area.InnerHtml.AppendHtml("\n").Append(value ?? "");
        return area;
    }

    public IHtmlContent Select(IEnumerable<SelectListItem> choices, HashSet<string> chosen, string? empty)
    {
        var select = Control("select", "input input--select");
        if (metadata.IsEnumerableType) select.Attributes["multiple"] = "multiple";
        if (empty is not null) select.InnerHtml.AppendHtml(Option("", empty, false, false));
        foreach (var group in Adjacent(choices))
        {
            var into = select.InnerHtml;
            TagBuilder? optgroup = null;
            if (group.Name is not null)
            {
                optgroup = new TagBuilder("optgroup");
                optgroup.Attributes["label"] = group.Name;
                into = optgroup.InnerHtml;
            }

            foreach (var c in group.Items) into.AppendHtml(Option(c.Value ?? c.Text, c.Text, chosen.Count == 0 ? c.Selected : chosen.Contains(c.Value ?? c.Text), c.Disabled));
            if (optgroup is not null) select.InnerHtml.AppendHtml(optgroup);
        }

        var frame = new HtmlContentBuilder();
        return frame.AppendHtml("<span class=\"select\">").AppendHtml(select).AppendHtml("</span>");
    }

    public IHtmlContent Checkbox(bool on, string label)
    {
        var box = Control("input", "choice__box");
        box.Attributes["type"] = "checkbox";
        box.Attributes["value"] = "true";
        if (on) box.Attributes["checked"] = "checked";
        var line = new HtmlContentBuilder();
        line.AppendHtml("<label class=\"choice\">").AppendHtml(box).AppendHtml("<span class=\"choice__text\">").Append(label);
        if (required) line.AppendHtml(" <span class=\"mark\">必須</span>");
        line.AppendHtml("</span></label>");
        return line;
    }

    public IHtmlContent Choices(string type, IEnumerable<SelectListItem> choices, HashSet<string> chosen)
    {
        var list = new HtmlContentBuilder();
        list.AppendHtml("<div class=\"choices\">");
        var number = 0;
        foreach (var c in choices)
        {
            var box = new TagBuilder("input") { TagRenderMode = TagRenderMode.SelfClosing };
            box.AddCssClass("choice__box");
            box.Attributes["type"] = type;
            box.Attributes["name"] = name;
            box.Attributes["id"] = $"{id}_{++number}";
            box.Attributes["value"] = c.Value ?? c.Text;
            if (chosen.Count == 0 ? c.Selected : chosen.Contains(c.Value ?? c.Text)) box.Attributes["checked"] = "checked";
            if (c.Disabled) box.Attributes["disabled"] = "disabled";
            list.AppendHtml("<label class=\"choice\">").AppendHtml(box).AppendHtml("<span class=\"choice__text\">").Append(c.Text).AppendHtml("</span></label>");
        }

        return list.AppendHtml("</div>");
    }

    private TagBuilder Control(string tag, string css)
    {
        var control = new TagBuilder(tag);
        if (tag == "input") control.TagRenderMode = TagRenderMode.SelfClosing;
        control.Attributes["class"] = css;
        control.Attributes["id"] = id;
        control.Attributes["name"] = name;
        if (required) control.Attributes["aria-required"] = "true";
        if (wrong) control.Attributes["aria-invalid"] = "true";
        if (describedBy.Length > 0) control.Attributes["aria-describedby"] = describedBy;
        foreach (var attribute in passed) control.Attributes[attribute.Name] = Text(attribute.Value);
        return control;
    }

    private static string Text(object? value)
    {
        if (value is not IHtmlContent html) return value?.ToString() ?? "";
        using var writer = new StringWriter();
        html.WriteTo(writer, NullHtmlEncoder.Default);
        return System.Net.WebUtility.HtmlDecode(writer.ToString());
    }

    private static TagBuilder Option(string value, string text, bool selected, bool disabled)
    {
        var option = new TagBuilder("option");
        option.Attributes["value"] = value;
        if (selected) option.Attributes["selected"] = "selected";
        if (disabled) option.Attributes["disabled"] = "disabled";
        option.InnerHtml.Append(text);
        return option;
    }

    private static IEnumerable<(string? Name, List<SelectListItem> Items)> Adjacent(IEnumerable<SelectListItem> choices)
    {
        List<SelectListItem>? run = null;
        string? running = null;
        foreach (var choice in choices)
        {
            if (run is not null && choice.Group?.Name != running)
            {
                yield return (running, run);
                run = null;
            }

            running = choice.Group?.Name;
            (run ??= []).Add(choice);
        }

        if (run is not null) yield return (running, run);
    }
}
