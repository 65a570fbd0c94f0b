using KitaPortal.Data;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Home;

/// <summary>Every rule the portal refuses by: its number, its sentence, what helps, and the town's own article behind it.</summary>
public sealed class RulesPage(PortalDb db, RuleBook book) : FormPage
{
    /// <summary>What the person looks for, in number, sentence or remedy.</summary>
    [BindProperty(SupportsGet = true, Name = "q")]
    public string? Sought { get; set; }

    /// <summary>The rules found, by chapter.</summary>
    public IReadOnlyList<RuleBook.Chapter> Chapters { get; private set; } = [];

    /// <summary>The town's article of a rule, by code.</summary>
    public IReadOnlyDictionary<string, string> Articles { get; private set; } = new Dictionary<string, string>();

    /// <summary>How many rules there are in all.</summary>
    public int Total { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        Articles = await db.RuleArticles.AsNoTracking().ToDictionaryAsync(a => a.Code, a => a.Article, ct);
        Total = book.All.Count();
        var words = SearchFold.Fold(Sought ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Chapters = [.. book.Chapters
            .Select(chapter => chapter with { Rules = [.. chapter.Rules.Where(rule => words.All(Haystack(rule).Contains))] })
            .Where(chapter => chapter.Rules.Count > 0)];
    }

    private static string Haystack(Rule rule) => SearchFold.Fold($"{rule.Number} {rule.Code} {rule.Sentence} {rule.Remedy}");
}
