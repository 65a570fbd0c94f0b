using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Sheets;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Import;

/// <summary>One import: its progress, its preview with all that is to be decided, and its result.</summary>
public sealed class RunPage(PortalDb db, ImportKinds kinds, ImportWork work, CurrentStaff me, TimeProvider clock) : FormPage
{
    public const int PageSize = 50;

    [BindProperty(SupportsGet = true)]
    public ImportRunId Id { get; set; }

    /// <summary>Which rows are shown: error, warn, fix, add, change, same, end, skip; empty is all.</summary>
    [BindProperty(SupportsGet = true, Name = "show")]
    public string? Show { get; set; }

    [BindProperty(SupportsGet = true, Name = "p")]
    public int PageNo { get; set; } = 1;

    public ImportRun Run { get; private set; } = null!;

    public ImportKind Kind { get; private set; } = null!;

    public ImportKind? NextKind { get; private set; }

    public IReadOnlyList<ImportRow> Rows { get; private set; } = [];

    public int Total { get; private set; }

    public IReadOnlyList<(string Key, string Word, int Count)> Tabs { get; private set; } = [];

    /// <summary>When and by whom the same file was applied before.</summary>
    public string? AppliedBefore { get; private set; }

    public ImportPace Pace => work.PaceOf(Id) ?? new(0, 0, Run.State == ImportState.Applying ? "取り込んでいます" : "ファイルを読んでいます");

    public override async Task LoadAsync(CancellationToken ct)
    {
        var mine = await kinds.MineAsync(User);
        Run = await db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == Id, ct).OrNotHere();
        Kind = mine.FirstOrDefault(k => k.Name == Run.Kind).OrNotHere();
        NextKind = mine.FirstOrDefault(k => k.Order > Kind.Order);
        if (Run.IsWorking) return;

        var rows = db.ImportRows.AsNoTracking().Where(r => r.RunId == Id);
        var fixes = await rows.CountAsync(r => r.HasFix, ct);
        var c = Run.Counts;
        (string, string, int)[] tabs = [("", "すべて", await rows.CountAsync(ct)), ("error", "エラー", c.Errors), ("warn", "注意", c.Warned), ("add", "追加", c.Added), ("change", "変更", c.Changed), ("end", "終了", c.Ended), ("same", "変更なし", c.Same), ("fix", "修正あり", fixes), ("skip", "対象外", c.Skipped)];
        Tabs = [.. tabs.Where(t => t.Item1.Length == 0 || t.Item3 > 0)];
        rows = Show switch
        {
            "error" => rows.Where(r => r.Action == ImportAction.Error),
            "warn" => rows.Where(r => r.HasWarning),
            "fix" => rows.Where(r => r.HasFix),
            "add" => rows.Where(r => r.Action == ImportAction.Add),
            "change" => rows.Where(r => r.Action == ImportAction.Change),
            "end" => rows.Where(r => r.Action == ImportAction.End),
            "same" => rows.Where(r => r.Action == ImportAction.Same),
            "skip" => rows.Where(r => r.Action == ImportAction.Skip),
            _ => rows,
        };
        Total = await rows.CountAsync(ct);
        PageNo = Math.Clamp(PageNo, 1, Math.Max(1, (Total + PageSize - 1) / PageSize));
        Rows = await rows.OrderBy(r => r.Order).Skip((PageNo - 1) * PageSize).Take(PageSize).ToListAsync(ct);
        AppliedBefore = await AppliedBeforeAsync(ct);
    }

    private async Task<string?> AppliedBeforeAsync(CancellationToken ct)
    {
        if (Run.State != ImportState.Waiting) return null;
        var earlier = await db.ImportRuns.AsNoTracking().Where(r => r.Kind == Run.Kind && r.FileHash == Run.FileHash && r.State == ImportState.Done).OrderByDescending(r => r.Since).FirstOrDefaultAsync(ct);
        if (earlier is null) return null;
        var by = await db.Staff.Where(s => s.Id == earlier.AppliedById).Select(s => s.FamilyName + "\u3000" + s.GivenName).FirstOrDefaultAsync(ct);
        return $"同じファイルを{JapaneseDate.Long(TokyoTime.DayOf(earlier.Since))}に{(by is null ? "" : $"{by}さんが")}取り込んでいます。";
    }

    public IActionResult OnGetProgress()
    {
        if (!Run.IsWorking) return new JsonResult(new { done = 1, total = 1, text = "終わりました", finished = true, href = $"/people/import/{Id}{(Show is null ? "" : $"?show={Uri.EscapeDataString(Show)}")}" });
        return new JsonResult(new { done = Pace.Done, total = Pace.Total, text = Pace.Text, finished = false });
    }

    public async Task<IActionResult> OnPostApplyAsync(bool onlyCorrect, CancellationToken ct)
    {
        var run = await MineAsync(ct);
        var basis = await ImportWork.BasisAsync(db, Kind, ct);
        if (run.State == ImportState.Waiting && basis != run.Basis)
        {
            run.ReadAgain(run.Settings, clock.GetUtcNow());
            await db.SaveChangesAsync(ct);
            work.Begin(Id);
            throw new RuleViolation(ImportRules.Changed.With()) { Status = StatusCodes.Status409Conflict };
        }
        run.AskToApply(basis, onlyCorrect, me.Id, clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        work.Begin(Id);
        return Redirect($"/people/import/{Id}");
    }

    public async Task<IActionResult> OnPostDiscardAsync(CancellationToken ct)
    {
        var run = await MineAsync(ct);
        run.Discard(clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        await db.ImportRows.Where(r => r.RunId == Id).ExecuteDeleteAsync(ct);
        await db.ImportFiles.Where(f => f.RunId == Id).ExecuteDeleteAsync(ct);
        Say("取込みをやめました。何も変わっていません。");
        return Redirect("/people/import");
    }

    /// <summary>Leaves one line out, or takes it in again.</summary>
    public Task<IActionResult> OnPostExcludeAsync(int line, CancellationToken ct)
        => ReadAgainAsync((s, _) => s with { Excluded = s.Excluded.Contains(line) ? [.. s.Excluded.Where(l => l != line)] : [.. s.Excluded, line] }, ct);

    /// <summary>A word of the file and what is meant by it.</summary>
    public sealed record Answer(string? Column, string? From, string? To);

    public Task<IActionResult> OnPostWordsAsync([FromForm(Name = "words")] List<Answer> words, CancellationToken ct)
        => ReadAgainAsync((s, _) =>
        {
            var all = s.Words.ToDictionary(c => c.Key, c => c.Value.ToDictionary(w => w.Key, w => w.Value));
            foreach (var (key, from, to) in words)
            {
                if (key is null) continue;
                if (!all.TryGetValue(key, out var column)) all[key] = column = [];
                if (string.IsNullOrWhiteSpace(to)) column.Remove(from ?? "");
                else column[from ?? ""] = to.Trim();
            }
            return s with { Words = all.ToDictionary(c => c.Key, c => (IReadOnlyDictionary<string, string>)c.Value) };
        }, ct);

    public Task<IActionResult> OnPostReadingAsync(int? sheet, SheetEncoding encoding, int? headerLine, int headerHeight, string? asOf, [FromForm(Name = "columns")] Dictionary<string, int> columns, CancellationToken ct)
        => ReadAgainAsync((s, found) =>
        {
            // Another sheet or header has other columns: they are guessed anew.
            var same = found is not null && (sheet ?? found.Sheet) == found.Sheet && (headerLine ?? found.HeaderLine) == found.HeaderLine && headerHeight == found.HeaderHeight && encoding == s.Encoding;
            var otherSheet = found is not null && sheet is not null && sheet != found.Sheet;
            return s with
            {
                Sheet = sheet ?? s.Sheet,
                Encoding = encoding,
                HeaderLine = otherSheet || headerLine is null or 0 ? null : headerLine,
                HeaderHeight = Math.Clamp(headerHeight, 1, 2),
                AsOf = string.IsNullOrWhiteSpace(asOf) ? null : JapaneseDate.Read(asOf, clock.Today()).Day ?? throw new RuleViolation(ImportRules.Day.With(asOf)),
                Columns = same ? columns : new Dictionary<string, int>(),
            };
        }, ct);

    public Task<IActionResult> OnPostMissingAsync(string? day, int? people, CancellationToken ct)
        => ReadAgainAsync((s, _) =>
        {
            if (string.IsNullOrWhiteSpace(day)) return s with { EndMissingFrom = null };
            var last = JapaneseDate.Read(day, clock.Today()).Day ?? throw new RuleViolation(ImportRules.Day.With(day));
            return s with { EndMissingFrom = last.AddDays(1), EndMissingCount = people };
        }, ct);

    private async Task<IActionResult> ReadAgainAsync(Func<ImportSettings, ImportFinding?, ImportSettings> change, CancellationToken ct)
    {
        var run = await MineAsync(ct);
        run.ReadAgain(change(run.Settings, run.Finding), clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        work.Begin(Id);
        return Redirect($"/people/import/{Id}{(Show is null ? "" : $"?show={Uri.EscapeDataString(Show)}")}");
    }

    private async Task<ImportRun> MineAsync(CancellationToken ct)
    {
        var run = await db.ImportRuns.SingleOrDefaultAsync(r => r.Id == Id, ct).OrNotHere();
        Kind = (await kinds.MineAsync(User)).FirstOrDefault(k => k.Name == run.Kind).OrNotHere();
        return run;
    }
}
