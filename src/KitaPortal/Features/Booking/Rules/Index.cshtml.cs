using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>The lending rules in force for the person today, numbered and in words, with the town's article: the same list that refuses.</summary>
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>A rule as it weighs for the person.</summary>
    public sealed record Row(LendingRule Rule, string Words, string Weight, string? Later, string Stages, string PassedBy, string? Article, bool IsOff);

    /// <summary>The rules of one hundred.</summary>
    public sealed record Chapter(string Title, IReadOnlyList<Row> Rows);

    [BindProperty(SupportsGet = true, Name = "class")]
    public string? ClassCode { get; set; }

    [BindProperty(SupportsGet = true, Name = "office")]
    public Guid? OfficeId { get; set; }

    public IReadOnlyList<Chapter> Chapters { get; private set; } = [];

    public RulePolicy Policy { get; private set; } = RulePolicy.Shipped;

    public IReadOnlyList<SelectListItem> Classes { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    /// <summary>Versions that apply to the person now, and published ones to come.</summary>
    public IReadOnlyList<RuleSet> Coming { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        var classes = await db.DeviceClasses.AsNoTracking().OrderByDescending(c => c.CountsAsMain).ThenBy(c => c.Code == "laptop" ? 0 : 1).ThenBy(c => c.Name).ToListAsync(ct);
        var offices = await db.Offices.AsNoTracking().OrderBy(o => o.SortOrder).ToListAsync(ct);
        ClassCode = classes.FirstOrDefault(c => c.Code == ClassCode)?.Code ?? classes.FirstOrDefault()?.Code ?? "";
        var office = offices.FirstOrDefault(o => o.Id.Value == OfficeId)?.Id ?? me.OfficeId ?? offices.FirstOrDefault()?.Id ?? default;
        OfficeId = office.Value;
        Classes = [.. classes.Select(c => new SelectListItem(c.Name, c.Code, c.Code == ClassCode))];
        Offices = [.. offices.Select(o => new SelectListItem(o.Name, o.Id.ToString(), o.Id == office))];
        var published = await PublishedRules.LoadAsync(db, ct);
        Policy = published.For(ClassCode, office, me.Roles.Select(r => r.Role).ToHashSet(), today);
        Coming = [.. published.Sets.Where(s => s.EffectiveFrom > today).OrderBy(s => s.EffectiveFrom)];
        var articles = await db.RuleArticles.AsNoTracking().ToDictionaryAsync(a => a.Code, a => a.Article, ct);
        Chapters = [.. BookingRules.Lending.GroupBy(r => r.Number / 100).Select(g => new Chapter(Title(g.Key), [.. g.Select(r => RowOf(r, articles.GetValueOrDefault(r.Text.Code)))]))];
    }

    private Row RowOf(LendingRule rule, string? article)
    {
        var first = rule.GradeAt(rule.At.HasFlag(Stage.Submit) ? Stage.Submit : Stage.HandOver, Policy);
        var later = rule.DefaultLater is null ? first : rule.GradeAt(Stage.HandOver, Policy);
        return new Row(rule, RuleWords.Of(rule, Policy), RuleWords.Weight(first), later == first ? null : $"引渡し：{RuleWords.Weight(later)}", RuleWords.StagesOf(rule), RuleWords.PassedBy(rule), article, first == Grade.Off && later == Grade.Off);
    }

    private static string Title(int hundred) => hundred switch
    {
        1 => "いつ借りられるか",
        2 => "端末があるか",
        3 => "だれが借りられるか",
        4 => "どれだけ借りられるか",
        5 => "どこへ持ち出せるか",
        6 => "端末の安全",
        7 => "窓口での受取と返却",
        _ => "繰り返しと空き待ち",
    };
}
