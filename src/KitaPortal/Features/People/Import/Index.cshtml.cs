using KitaPortal.Data;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Import;

/// <summary>What can be imported, and what was.</summary>
public sealed class IndexPage(PortalDb db, ImportKinds kinds) : FormPage
{
    public IReadOnlyList<ImportKind> Kinds { get; private set; } = [];

    public IReadOnlyList<RunLine> Runs { get; private set; } = [];

    /// <summary>One run in the list.</summary>
    public sealed record RunLine(ImportRunId Id, string Kind, string FileName, ImportState State, ImportCounts Counts, DateTimeOffset Since, string? By);

    public override async Task LoadAsync(CancellationToken ct)
    {
        Kinds = await kinds.MineAsync(User);
        if (Kinds.Count == 0) throw new NotHereException();
        var names = Kinds.Select(k => k.Name).ToList();
        var runs = await db.ImportRuns.AsNoTracking().Where(r => names.Contains(r.Kind) && r.State != ImportState.Discarded).OrderByDescending(r => r.Since).Take(20).ToListAsync(ct);
        var people = runs.Select(r => r.AppliedById ?? r.CreatedById).OfType<Platform.Domain.StaffId>().ToList();
        var by = await db.Staff.Where(s => people.Contains(s.Id)).ToDictionaryAsync(s => s.Id, s => PersonName.Show(s.FamilyName, s.GivenName), ct);
        Runs = [.. runs.Select(r => new RunLine(r.Id, Kinds.Single(k => k.Name == r.Kind).Title, r.FileName, r.State, r.Counts, r.Since, (r.AppliedById ?? r.CreatedById) is { } id ? by.GetValueOrDefault(id) : null))];
    }
}

/// <summary>The kinds of import a person may use.</summary>
public sealed class ImportKinds(IEnumerable<ImportKind> kinds, IAuthorizationService rights)
{
    public async Task<IReadOnlyList<ImportKind>> MineAsync(System.Security.Claims.ClaimsPrincipal person)
    {
        var mine = new List<ImportKind>();
        foreach (var kind in kinds.OrderBy(k => k.Order))
            if ((await rights.AuthorizeAsync(person, kind.Policy)).Succeeded) mine.Add(kind);
        return mine;
    }
}

/// <summary>States and actions in the words of the page.</summary>
internal static class ImportWords
{
    public static (string Word, string Look) Of(ImportState state) => state switch
    {
        ImportState.Parsing => ("解析中", "wait"),
        ImportState.Waiting => ("確認待ち", "wait"),
        ImportState.Applying => ("取込中", "out"),
        ImportState.Done => ("完了", "ok"),
        ImportState.Failed => ("失敗", "late"),
        _ => ("破棄", "stop"),
    };

    public static (string Word, string Look) Of(ImportAction action) => action switch
    {
        ImportAction.Add => ("追加", "ok"),
        ImportAction.Change => ("変更", "out"),
        ImportAction.Same => ("変更なし", "done"),
        ImportAction.End => ("終了", "stop"),
        ImportAction.Error => ("エラー", "late"),
        _ => ("対象外", "draft"),
    };

    public static string Of(ImportLevel level) => level switch { ImportLevel.Fix => "修正", ImportLevel.Warn => "注意", _ => "エラー" };

    public static string When(DateTimeOffset moment) => $"{JapaneseDate.Short(TokyoTime.DayOf(moment))} {TokyoTime.TimeOf(moment):H:mm}";
}
