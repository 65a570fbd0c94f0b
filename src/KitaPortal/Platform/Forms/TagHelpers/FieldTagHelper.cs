using System.Globalization;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace KitaPortal.Platform.Forms.TagHelpers;

/// <summary>
/// One question of a form: label, mark, hint, error and control, tied together for eyes, keyboard and reader.
/// <c>&lt;field for="Form.Purpose" label="使用目的" hint="…" required /&gt;</c>; child content replaces the control.
/// </summary>
[HtmlTargetElement("field", Attributes = "for")]
public sealed class FieldTagHelper : TagHelper
{
    /// <summary>The property the answer is bound to.</summary>
    public required ModelExpression For { get; set; }

    /// <summary>The question; the property's display name when missing.</summary>
    public string? Label { get; set; }

    /// <summary>One line under the label: what is meant, in which form.</summary>
    public string? Hint { get; set; }

    /// <summary>Marks the question as one that must be answered.</summary>
    public bool Required { get; set; }

    /// <summary>text, email, tel, search, password, number, date, time, datetime-local, month, file, textarea, select, checkbox, checks or radios; by the property's type when missing.</summary>
    public string? Kind { get; set; }

    /// <summary>The choices of a select, of radio buttons or of check boxes.</summary>
    public IEnumerable<SelectListItem>? Items { get; set; }

    /// <summary>The first, empty choice of a select.</summary>
    public string? Empty { get; set; }

    /// <summary>A word after the control: 時間, 台.</summary>
    public string? Unit { get; set; }

    /// <summary>How wide an answer is expected: s, m, l; the whole line when missing.</summary>
    public string? Width { get; set; }

    /// <summary>Rows of a textarea.</summary>
    public int Rows { get; set; } = 4;

    /// <summary>The view this stands in.</summary>
    [HtmlAttributeNotBound, ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    private string Name => ViewContext.ViewData.TemplateInfo.GetFullHtmlFieldName(For.Name);

    private string Id => TagBuilder.CreateSanitizedId(Name, "_");

    /// <inheritdoc />
    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var own = await output.GetChildContentAsync();
        var kind = Kind ?? KindOf(For.Metadata);
        var errors = ViewContext.ViewData.ModelState.TryGetValue(Name, out var entry) ? entry.Errors : [];
        var passed = output.Attributes.Where(a => a.Name != "class").ToList();
        var css = output.Attributes["class"]?.Value;
        output.Attributes.Clear();
        output.TagName = kind is "checks" or "radios" ? "fieldset" : "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", Classes(kind, errors.Count > 0) + (css is null ? "" : " " + css));
        var describedBy = string.Join(' ', new[] { Hint is null ? null : Id + "-hint", errors.Count == 0 ? null : Id + "-error" }.Where(s => s is not null));

        if (kind is "checks" or "radios")
        {
            output.Attributes.SetAttribute("id", Id);
            output.Attributes.SetAttribute("tabindex", "-1");
            if (describedBy.Length > 0) output.Attributes.SetAttribute("aria-describedby", describedBy);
        }

        var box = new HtmlContentBuilder();
        if (kind != "checkbox") box.AppendHtml(LabelOf(kind));
        if (Hint is not null && kind != "checkbox") box.AppendHtml(Line("field__hint", Id + "-hint", Hint));
        if (errors.Count > 0) box.AppendHtml(ErrorOf(errors));
        if (!own.IsEmptyOrWhiteSpace)
        {
            box.AppendHtml(own);
        }
        else
        {
            var control = new FieldControl(Name, Id, kind, For.Metadata, passed, describedBy, errors.Count > 0, Required);
            box.AppendHtml(kind switch
            {
                "textarea" => control.TextArea(Value(), Rows),
                "select" => control.Select(Choices(), Values(), Empty),
                "checkbox" => control.Checkbox(Checked(), Label ?? For.Metadata.GetDisplayName()),
                "checks" => control.Choices("checkbox", Choices(), Values()),
                "radios" => control.Choices("radio", Choices(), Values()),
                _ => control.Input(kind is "password" or "file" ? null : Value(), Unit),
            });
            if (Hint is not null && kind == "checkbox") box.AppendHtml(Line("field__hint field__hint--after", Id + "-hint", Hint));
        }

        output.Content.SetHtmlContent(box);
    }

    private string Classes(string kind, bool wrong)
        => "field field--" + kind + (Width is null ? "" : " field--" + Width) + (wrong ? " field--wrong" : "");

    private TagBuilder LabelOf(string kind)
    {
        var label = new TagBuilder(kind is "checks" or "radios" ? "legend" : "label");
        label.AddCssClass("field__label");
        if (label.TagName == "label") label.Attributes["for"] = Id;
        label.InnerHtml.Append(Label ?? For.Metadata.GetDisplayName());
        if (Required) label.InnerHtml.AppendHtml(" <span class=\"mark\">必須</span>");
        return label;
    }

    private TagBuilder ErrorOf(ModelErrorCollection errors)
    {
        var line = new TagBuilder("p");
        line.AddCssClass("field__error");
        line.Attributes["id"] = Id + "-error";
        line.InnerHtml.AppendHtml("<span class=\"sr-only\">エラー：</span>");
        line.InnerHtml.Append(string.Join(' ', errors.Select(e => e.ErrorMessage)));
        return line;
    }

    private static TagBuilder Line(string css, string id, string text)
    {
        var line = new TagBuilder("p");
        line.Attributes["class"] = css;
        line.Attributes["id"] = id;
        line.InnerHtml.Append(text);
        return line;
    }

    private string? Value()
        => ViewContext.ViewData.ModelState.TryGetValue(Name, out var entry) && entry.RawValue is not null
            ? entry.AttemptedValue
            : Written(For.Model);

    private HashSet<string> Values()
    {
        if (ViewContext.ViewData.ModelState.TryGetValue(Name, out var entry) && entry.RawValue is not null)
        {
            return entry.RawValue is string[] many ? [.. many] : [.. (entry.AttemptedValue ?? "").Split(',')];
        }

        return For.Model is System.Collections.IEnumerable list and not string
            ? [.. list.Cast<object?>().Select(Written).OfType<string>()]
            : Written(For.Model) is { } one ? [one] : [];
    }

    private bool Checked()
        => ViewContext.ViewData.ModelState.TryGetValue(Name, out var entry) && entry.RawValue is not null
            ? (entry.RawValue as string?[] ?? [entry.AttemptedValue]).Contains("true", StringComparer.OrdinalIgnoreCase)
            : For.Model is true;

    private IEnumerable<SelectListItem> Choices()
        => Items ?? For.Metadata.EnumGroupedDisplayNamesAndValues?.Select(pair => new SelectListItem(
            pair.Key.Name,
            Enum.Parse(For.Metadata.UnderlyingOrModelType, pair.Value).ToString())) ?? [];

    private static string? Written(object? value) => value switch
    {
        null => null,
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm", CultureInfo.InvariantCulture),
        DateTime moment => moment.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture),
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static string KindOf(ModelMetadata metadata)
    {
        var type = metadata.UnderlyingOrModelType;
        if (metadata.IsEnum) return "select";
        if (metadata.DataTypeName == "MultilineText") return "textarea";
        if (metadata.DataTypeName == "EmailAddress") return "email";
        if (type == typeof(bool)) return "checkbox";
        if (type == typeof(DateOnly)) return "date";
        if (type == typeof(TimeOnly)) return "time";
        if (type == typeof(DateTime)) return "datetime-local";
        if (type == typeof(int) || type == typeof(long) || type == typeof(decimal)) return "number";
        return typeof(IFormFile).IsAssignableFrom(type) ? "file" : "text";
    }
}
