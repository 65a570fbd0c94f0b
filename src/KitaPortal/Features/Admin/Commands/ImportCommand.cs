using System.CommandLine;
using System.Security.Cryptography;
using KitaPortal.Data;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Admin.Commands;

/// <summary><c>kitaportal import KIND FILE</c>: what the import pages do, on the command line, with the same preview, rules and all-or-nothing.</summary>
internal static class ImportCommand
{
    public static Command Make()
    {
        var kind = new Argument<string>("KIND") { Description = "organisation, roster or devices." };
        var file = new Argument<FileInfo>("FILE") { Description = "A CSV or XLSX file." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Shows what would happen and changes nothing." };
        var onlyCorrect = new Option<bool>("--only-correct") { Description = "Imports the correct rows although others have errors." };
        var command = new Command("import", "Imports a file of an office.") { kind, file, dryRun, onlyCorrect };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, ct) =>
        {
            await using var app = Portal.Build([.. parsed.UnmatchedTokens]);
            Directory.CreateDirectory(app.Services.GetRequiredService<IOptions<DataOptions>>().Value.Folder);
            await StartupWork.PrepareAsync(app.Services, ct);
            return await RunAsync(app.Services, parsed.GetValue(kind)!, parsed.GetValue(file)!, parsed.GetValue(dryRun), parsed.GetValue(onlyCorrect), Console.Out, ct);
        });
        return command;
    }

    /// <summary>0 when done (or, dry, when it could be), 1 when the file has errors, 2 when it cannot be read.</summary>
    public static async Task<int> RunAsync(IServiceProvider services, string kindName, FileInfo file, bool dryRun, bool onlyCorrect, TextWriter console, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var (db, work, clock) = (scope.ServiceProvider.GetRequiredService<PortalDb>(), scope.ServiceProvider.GetRequiredService<ImportWork>(), scope.ServiceProvider.GetRequiredService<TimeProvider>());
        var kinds = scope.ServiceProvider.GetServices<ImportKind>().OrderBy(k => k.Order).ToList();
        var kind = kinds.FirstOrDefault(k => k.Name == kindName);
        if (kind is null || !file.Exists)
        {
            console.WriteLine(kind is null ? $"Kinds of import: {string.Join(", ", kinds.Select(k => k.Name))}" : $"No such file: {file.FullName}");
            return 2;
        }

        db.Actor = Actor.Command(Environment.UserName);
        var bytes = await File.ReadAllBytesAsync(file.FullName, ct);
        var id = ImportRunId.New();
        db.Add(new ImportRun(id, kind.Name, file.Name, Convert.ToHexString(SHA256.HashData(bytes)), new ImportSettings(), clock.GetUtcNow()));
        db.Add(new ImportFile(id, bytes));
        await db.SaveChangesAsync(ct);
        await work.WorkAsync(id, ct);

        var run = await ShowAsync(db, id, console, ct);
        if (run.State == ImportState.Failed || run.Finding is not { Problems.Count: 0 }) return 2;
        if (dryRun || !run.CanApply || run.Counts.Errors > 0 && !onlyCorrect)
        {
            if (!dryRun) console.WriteLine(run.CanApply ? "エラーがあるため取り込んでいません（--only-correct で正しい行だけ取り込めます）。" : "取り込む変更はありません。");
            await DiscardAsync(db, id, clock, ct);
            return run.Counts.Errors > 0 ? 1 : 0;
        }
        await db.WriteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            (await db.ImportRuns.SingleAsync(r => r.Id == id, ct)).AskToApply(run.Basis, onlyCorrect, null, clock.GetUtcNow());
        }, ct);
        await work.WorkAsync(id, ct);
        db.ChangeTracker.Clear();
        run = await db.ImportRuns.AsNoTracking().SingleAsync(r => r.Id == id, ct);
        console.WriteLine(run.State == ImportState.Done ? "取り込みました。" : run.Message);
        return run.State == ImportState.Done ? 0 : 1;
    }

    private static async Task<ImportRun> ShowAsync(PortalDb db, ImportRunId id, TextWriter console, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        var run = await db.ImportRuns.AsNoTracking().SingleAsync(r => r.Id == id, ct);
        foreach (var sentence in new[] { run.Message }.OfType<string>().Concat(run.Finding?.Problems ?? []).Concat(run.Finding?.Notes ?? [])) console.WriteLine(sentence);
        await foreach (var row in db.ImportRows.AsNoTracking().Where(r => r.RunId == id && (r.Action == ImportAction.Error || r.HasWarning)).OrderBy(r => r.Order).AsAsyncEnumerable().WithCancellation(ct))
            foreach (var said in row.Messages.Where(m => m.Level != ImportLevel.Fix))
                console.WriteLine($"{row.Line}行目\t{(said.Level == ImportLevel.Error ? "エラー" : "注意")}\t{row.Subject}\t{said.Column}\t{said.Text}");
        var c = run.Counts;
        console.WriteLine($"追加 {c.Added}、変更 {c.Changed}、終了 {c.Ended}、変更なし {c.Same}、エラー {c.Errors}、注意 {c.Warned}、対象外 {c.Skipped}");
        return run;
    }

    private static Task DiscardAsync(PortalDb db, ImportRunId id, TimeProvider clock, CancellationToken ct) => db.WriteAsync(async () =>
    {
        (await db.ImportRuns.SingleAsync(r => r.Id == id, ct)).Discard(clock.GetUtcNow());
        await db.ImportRows.Where(r => r.RunId == id).ExecuteDeleteAsync(ct);
        await db.ImportFiles.Where(f => f.RunId == id).ExecuteDeleteAsync(ct);
    }, ct);
}
