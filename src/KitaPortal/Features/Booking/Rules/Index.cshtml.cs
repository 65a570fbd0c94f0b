using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>The lending rules in force for the person today, numbered and in words: the same list that refuses.</summary>
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>A rule as it weighs for the person.</summary>
    public sealed record Row(LendingRule Rule, string Weight);

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    public RulePolicy Policy { get; private set; } = RulePolicy.Shipped;

    public override async Task LoadAsync(CancellationToken ct)
    {
        var published = await db.RuleSets.AsNoTracking().Where(r => r.PublishedAt != null).ToListAsync(ct);
        Policy = RulePolicy.For(published, "", me.OfficeId ?? default, me.Roles.Select(r => r.Role).ToHashSet(), clock.Today());
        Rows = [.. BookingRules.Lending.Select(r => new Row(r, Weight(r.GradeAt(r.At.HasFlag(Stage.Submit) ? Stage.Submit : r.At, Policy))))];
    }

    private static string Weight(Grade grade) => grade switch
    {
        Grade.Block => "できません",
        Grade.Warn => "確認が要ります",
        Grade.Head => "所属長の許可が要ります",
        Grade.Sec => "情報セキュリティ管理者の許可が要ります",
        _ => "使っていません",
    };
}
