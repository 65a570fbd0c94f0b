using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Versions;

/// <summary>規程の版: every version of the rules, drafts first, with whom it is for and who wrote and published it.</summary>
public sealed class IndexPage(PortalDb db, TimeProvider clock) : FormPage
{
    /// <summary>One version of the list.</summary>
    public sealed record Row(Guid Id, int Number, DateOnly EffectiveFrom, string Scope, string Note, string State, string Look, string Authors, string Publisher, int Changes);

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        var sets = await db.RuleSets.AsNoTracking().Where(r => r.DiscardedAt == null).OrderBy(r => r.PublishedAt != null).ThenByDescending(r => r.Number).Take(200).ToListAsync(ct);
        var words = await ScopeWords.LoadAsync(db, ct);
        var named = sets.SelectMany(r => new[] { r.DraftedBy, r.EditedBy, r.PublishedBy }).OfType<StaffId>().Distinct().ToList();
        var people = await db.Staff.AsNoTracking().Where(s => named.Contains(s.Id)).ToDictionaryAsync(s => s.Id, s => s.Name, ct);
        string Name(StaffId? id) => id is { } known ? people.GetValueOrDefault(known, "") : "";
        Rows = [.. sets.Select(r => new Row(r.Id, r.Number, r.EffectiveFrom, words.Of(r), r.Note,
            r.PublishedAt is null ? "下書き" : r.EffectiveFrom > today ? "公開済み（適用前）" : "適用中", r.PublishedAt is null ? "draft" : r.EffectiveFrom > today ? "wait" : "ok",
            string.Join("、", new[] { Name(r.DraftedBy), Name(r.EditedBy) }.Where(n => n.Length > 0).Distinct()), Name(r.PublishedBy), r.Parameters.Count + r.Grades.Count))];
    }
}

/// <summary>Whom a version is for, in words.</summary>
public sealed class ScopeWords(IReadOnlyDictionary<string, string> classes, IReadOnlyDictionary<OfficeId, string> offices)
{
    public static async Task<ScopeWords> LoadAsync(PortalDb db, CancellationToken ct)
        => new(await db.DeviceClasses.AsNoTracking().ToDictionaryAsync(c => c.Code, c => c.Name, ct), await db.Offices.AsNoTracking().ToDictionaryAsync(o => o.Id, o => o.Name, ct));

    public string Of(RuleSet set)
    {
        var parts = new[]
        {
            set.ClassCode is { } code ? classes.GetValueOrDefault(code, code) : null,
            set.OfficeId is { } office ? offices.GetValueOrDefault(office, "") : null,
            set.Role is { } role ? People.Roles.RoleNames.Japanese(role) : null,
        }.Where(p => !string.IsNullOrEmpty(p)).ToList();
        return parts.Count == 0 ? "すべて" : string.Join("・", parts);
    }
}
