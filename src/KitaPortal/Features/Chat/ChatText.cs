using System.Net;
using System.Text.RegularExpressions;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Text;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Parsers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace KitaPortal.Features.Chat;

/// <summary>What may be written, and how it looks: bold, lists, quotes, code, tables and links of Markdown; no HTML, no pictures from elsewhere.</summary>
public static partial class ChatText
{
    public const int MaxBody = 10_000;

    private static readonly MarkdownPipeline Pipeline = Build();

    public static IEnumerable<Broken?> Faults(string body)
    {
        var length = body.EnumerateRunes().Count();
        yield return IsBlank(body) ? ChatRules.BodyEmpty.With() : null;
        yield return length > MaxBody ? ChatRules.BodyLong.With(length, MaxBody) : null;
        yield return length <= MaxBody && IndividualNumber.IsIn(body) ? ChatRules.MyNumber.With() : null;
    }

    public static string Html(string body)
    {
        body = Bidi().Replace(Unicode.WellFormed(body), "\uFFFD");
        try
        {
            return Rendered(body);
        }
        catch (ArgumentException)
        {
            // Nested deeper than the library goes: shown as it was written.
            return $"<pre>{WebUtility.HtmlEncode(body)}</pre>";
        }
    }

    private static string Rendered(string body)
    {
        var document = Markdown.Parse(body, Pipeline);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            // A picture becomes a link to it: nothing is loaded from elsewhere.
            link.IsImage = false;
            if (link.GetDynamicUrl is not null) link.Url = link.GetDynamicUrl();
            link.GetDynamicUrl = null;
            if (IsSafe(link.Url)) Open(link);
            else link.ReplaceBy(new ContainerInline(), copyChildren: true);
        }
        foreach (var link in document.Descendants<AutolinkInline>().ToList())
        {
            if (link.IsEmail || IsSafe(link.Url)) Open(link);
            else link.ReplaceBy(new LiteralInline(link.Url));
        }
        return document.ToHtml(Pipeline).Trim();
    }

    // Space, zero-width and other characters nobody sees.
    private static bool IsBlank(string body) => body.All(c => char.IsWhiteSpace(c) || char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format || c == '\u3164');

    private static bool IsSafe(string? url)
        => url is not null && (url.StartsWith('/') && !url.StartsWith("//", StringComparison.Ordinal) && !url.Contains('\\')
            || Uri.TryCreate(url, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https" or "mailto");

    private static void Open(Inline link)
    {
        var attributes = link.GetAttributes();
        attributes.AddPropertyIfNotExist("target", "_blank");
        attributes.AddPropertyIfNotExist("rel", "noopener noreferrer");
    }

    private static MarkdownPipeline Build()
    {
        var builder = new MarkdownPipelineBuilder().DisableHtml().UseAutoLinks().UsePipeTables(new PipeTableOptions { RequireHeaderSeparator = true })
            .UseSoftlineBreakAsHardlineBreak();
        builder.BlockParsers.TryRemove<HeadingBlockParser>();
        builder.BlockParsers.TryRemove<ThematicBreakParser>();
        builder.BlockParsers.TryRemove<IndentedCodeBlockParser>();
        builder.BlockParsers.FindExact<ParagraphBlockParser>()!.ParseSetextHeadings = false;
        return builder.Build();
    }

    [GeneratedRegex("[\u202A-\u202E\u2066-\u2069]")]
    private static partial Regex Bidi();
}
