using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using KitaPortal.Data;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Sheets;
using KitaPortal.Platform.Text;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Platform.Imports;

/// <summary>How far a running import is, for the page that waits for it.</summary>
public sealed record ImportPace(int Done, int Total, string Text);

/// <summary>Reads, previews and applies runs, outside of any request. One at a time per process; a killed process is made good by <see cref="ImportJob"/>.</summary>
public sealed partial class ImportWork(IServiceScopeFactory scopes, IHostApplicationLifetime life, TimeProvider clock, ILogger<ImportWork> log) : IDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private readonly ConcurrentDictionary<ImportRunId, ImportPace> paces = new();

    public ImportPace? PaceOf(ImportRunId id) => paces.GetValueOrDefault(id);

    /// <summary>Begins with a run in the background.</summary>
    public void Begin(ImportRunId id) => _ = Task.Run(() => WorkAsync(id, life.ApplicationStopping));

    /// <summary>Does what the run waits for: reading, or applying.</summary>
    public async Task WorkAsync(ImportRunId id, CancellationToken ct)
    {
        if (!paces.TryAdd(id, new(0, 0, "順番を待っています"))) return;
        try
        {
            await one.WaitAsync(ct);
            try { await DoAsync(id, ct); }
            finally { one.Release(); }
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            log.LogError(e, "Import {Run} failed", id);
            await FailAsync(id, "思わぬ誤りで止まりました。何も取り込まれていません。もう一度お試しください。");
        }
        catch (OperationCanceledException) { /* the portal stops; the job takes the run up again */ }
        finally { paces.TryRemove(id, out _); }
    }

    private async Task DoAsync(ImportRunId id, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        var run = await db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, ct);
        var kind = scope.ServiceProvider.GetServices<ImportKind>().SingleOrDefault(k => k.Name == run?.Kind);
        if (run is null || kind is null || !run.IsWorking) return;
        var file = await db.ImportFiles.AsNoTracking().Where(f => f.RunId == id).Select(f => f.Bytes).SingleAsync(ct);
        // Nobody signed in: the run was started on the server.
        db.Actor = (run.AppliedById ?? run.CreatedById) is { } person ? new Actor("staff", person) : Actor.Command(Environment.UserName);
        try
        {
            if (run.State == ImportState.Parsing) await PreviewAsync(db, id, kind, file, ct);
            else await ApplyAsync(db, id, kind, file, ct);
        }
        catch (SheetRefusedException refused) { await FailAsync(id, refused.Message); }
        catch (RuleViolation refused) { await FailAsync(id, string.Join(' ', refused.Broken.Select(b => $"{b.Message}（{b.Rule.Number}）{b.Remedy}"))); }
    }

    private async Task PreviewAsync(PortalDb db, ImportRunId id, ImportKind kind, byte[] file, CancellationToken ct, string? message = null)
    {
        db.ChangeTracker.Clear();
        var settings = (await db.ImportRuns.AsNoTracking().SingleAsync(r => r.Id == id, ct)).Settings;
        var basis = await BasisAsync(db, kind, ct);
        var (finding, table) = await PlanAsync(db, id, kind, file, settings, ct);
        var lines = AllLines(table);
        // What planning loaded is not to be saved.
        db.ChangeTracker.Clear();
        paces[id] = new(lines.Count, lines.Count, "確認画面を作っています");
        await db.WriteAsync(async () =>
        {
            var run = await db.ImportRuns.SingleAsync(r => r.Id == id, ct);
            if (run.State is not (ImportState.Parsing or ImportState.Applying)) return;
            await db.ImportRows.Where(r => r.RunId == id).ExecuteDeleteAsync(ct);
            var order = 0;
            foreach (var line in lines)
                db.Add(new ImportRow(id, order++, line.Line, line.Subject, ActionOf(line), line.Excluded, line.Before, line.After, line.Messages, line.Raw));
            foreach (var other in table?.Others ?? [])
                db.Add(new ImportRow(id, order++, other.Row.Line, other.KindName, ImportAction.Skip, false, new Dictionary<string, string>(), new Dictionary<string, string>(), [], string.Join('\u241F', other.Row.Cells.Select(c => c.Text))));
            run.ShowPreview(finding, CountsOf(lines, table), basis, FingerprintOf(lines), clock.GetUtcNow(), message);
        }, ct);
    }

    private async Task ApplyAsync(PortalDb db, ImportRunId id, ImportKind kind, byte[] file, CancellationToken ct)
    {
        var stale = await db.WriteAsync(async () =>
        {
            await db.LockAsync<ImportRun>([id.Value], ct);
            var run = await db.ImportRuns.SingleAsync(r => r.Id == id, ct);
            if (run.State != ImportState.Applying) return false;
            await kind.LockAsync(db, ct);
            var (_, table) = await PlanAsync(db, id, kind, file, run.Settings, ct);
            var lines = AllLines(table);
            if (FingerprintOf(lines) != run.Fingerprint) return true;

            paces[id] = new(0, lines.Count, "取り込んでいます");
            foreach (var (line, done) in lines.Where(l => l.IsWanted).Select((l, i) => (l, i)))
            {
                try { line.Apply!(); }
                catch (RuleViolation refused) when (line.Line > 0)
                {
                    throw new RuleViolation([.. refused.Broken.Select(b => b with { Message = $"{line.Line}行目：{b.Message}" })]);
                }
                if (done % 100 == 0) paces[id] = new(done, lines.Count, "取り込んでいます");
            }
            await kind.SettleAsync(db, clock.GetUtcNow(), ct);
            run.Finish(clock.GetUtcNow());
            await db.ImportFiles.Where(f => f.RunId == id).ExecuteDeleteAsync(ct);
            return false;
        }, ct);
        if (stale) await PreviewAsync(db, id, kind, file, ct, $"{ImportRules.Changed.Sentence}{ImportRules.Changed.Remedy}");
    }

    private async Task<(ImportFinding, ImportTable?)> PlanAsync(PortalDb db, ImportRunId id, ImportKind kind, byte[] bytes, ImportSettings settings, CancellationToken ct)
    {
        paces[id] = new(0, 0, "ファイルを読んでいます");
        var file = SheetReader.Read(bytes, settings.Encoding);
        var today = clock.Today();
        var chosen = settings.Sheet ?? BestSheet(file, kind.Columns);
        var sheet = file.Sheets.ElementAtOrDefault(chosen) ?? throw new SheetRefusedException("選んだシートがありません。");
        var header = settings.HeaderLine is { } line ? SheetHeader.At(sheet, line, settings.HeaderHeight) : SheetHeader.Find(sheet, kind.Columns);
        var asOf = settings.AsOf ?? (header is null ? null : AsOfIn(sheet, header, today)) ?? today;
        var names = file.Sheets.Select(s => s.Name + (s.Hidden ? "（非表示）" : "")).ToList();
        var finding = new ImportFinding(file.Description, names, chosen, header?.Line ?? 0, header?.Height ?? 1, [], new Dictionary<string, int>(), asOf, [], [], [])
        {
            FirstLines = [.. sheet.Rows.Take(30).Select(r => $"{r.Line}行目：{Shortened(string.Join('｜', r.Cells.Where(c => !c.IsEmpty && !c.Merged).Take(8).Select(c => Repair.Trimmed(c.Text))))}")],
        };
        if (header is null) return (finding with { Problems = ["見出しの行が見つかりません。下で見出しの行を選んでください。"] }, null);

        var guessed = ColumnMap.Guess(header, kind.Columns).ToDictionary().ToDictionary(c => c.Key, c => c.Value);
        foreach (var (key, column) in settings.Columns)
            if (kind.Columns.Any(c => c.Key == key)) guessed[key] = column;
        var map = new ColumnMap(guessed);
        finding = finding with { Headings = [.. header.Headings.Select(h => h.Label)], Columns = map.ToDictionary(), Problems = [.. kind.MissingColumns(map)] };
        if (finding.Problems.Count > 0) return (finding, null);

        var table = new ImportTable(sheet, header, map, kind.Columns, settings, asOf, today, (done, total) => paces[id] = new(done, total, "行を確かめています"));
        await kind.PlanAsync(db, table, ct);
        return (finding with { Notes = table.Notes, Unknown = table.Unknown }, table);
    }

    private static int BestSheet(SheetFile file, IReadOnlyList<SheetColumn> columns)
    {
        var known = file.Sheets.Select((s, i) => (Known: SheetHeader.Find(s, columns) is { } h ? ColumnMap.Guess(h, columns).Count : 0, s.Hidden, Index: i)).ToList();
        return known.OrderBy(k => k.Hidden).ThenByDescending(k => k.Known).ThenBy(k => k.Index).First().Index;
    }

    /// <summary>The day in 「令和8年3月16日現在」 above the table.</summary>
    internal static DateOnly? AsOfIn(Sheet sheet, SheetHeader header, DateOnly today)
    {
        foreach (var cell in sheet.Rows.Take(header.Line + header.Height - 1).SelectMany(r => r.Cells).Where(c => !c.IsEmpty))
            if (AsOf().Match(cell.Text.Nfkc()) is { Success: true } match && JapaneseDate.Read(match.Groups["day"].Value, today).Day is { } day)
                return day;
        return null;
    }

    /// <summary>How much the audit knows of the records a preview depends on; a change of any of them changes it.</summary>
    public static async Task<string> BasisAsync(PortalDb db, ImportKind kind, CancellationToken ct)
    {
        var subjects = kind.Subjects.ToList();
        var entries = db.Set<AuditEntry>().Where(e => subjects.Contains(e.SubjectKind));
        return $"{await entries.CountAsync(ct)}:{await entries.MaxAsync(e => (DateTimeOffset?)e.At, ct):O}";
    }

    private static List<ImportLine> AllLines(ImportTable? table) => table is null ? [] : [.. table.Lines, .. table.Extra];

    private static ImportAction ActionOf(ImportLine line) => line.HasErrors ? ImportAction.Error : line.Excluded ? ImportAction.Skip : line.Action;

    private static ImportCounts CountsOf(List<ImportLine> lines, ImportTable? table)
    {
        int Of(ImportAction action) => lines.Count(l => ActionOf(l) == action);
        return new(Of(ImportAction.Add), Of(ImportAction.Change), Of(ImportAction.Same), Of(ImportAction.End), Of(ImportAction.Error), Of(ImportAction.Skip) + (table?.Others.Count ?? 0),
            lines.Count(l => l.Messages.Any(m => m.Level == ImportLevel.Warn)));
    }

    private static string FingerprintOf(List<ImportLine> lines)
    {
        var text = JsonSerializer.Serialize(lines.Select(l => new { l.Line, l.Subject, Action = ActionOf(l), l.Before, l.After }), ImportRun.Json);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private async Task FailAsync(ImportRunId id, string message)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        await db.WriteAsync(async () =>
        {
            if (await db.ImportRuns.SingleOrDefaultAsync(r => r.Id == id) is { IsWorking: true } run) run.Fail(message, clock.GetUtcNow());
        }, CancellationToken.None);
    }

    private static string Shortened(string text) => text.Length > 80 ? text[..80] + "…" : text;

    public void Dispose() => one.Dispose();

    [GeneratedRegex(@"(?<day>[^\s(（]*[0-9元]+\s*[年./-]\s*[0-9]+\s*[月./-]\s*[0-9]+日?)\s*現在")]
    private static partial Regex AsOf();
}
