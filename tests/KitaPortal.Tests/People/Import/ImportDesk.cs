using System.Security.Cryptography;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Imports;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.People.Import;

/// <summary>Imports as the page does them, without the page.</summary>
internal static class ImportDesk
{
    public static async Task<(ImportRun Run, List<ImportRow> Rows)> Preview(this PortalHost portal, string kind, byte[] file, ImportSettings? settings = null)
    {
        var id = ImportRunId.New();
        await portal.WriteAsync(db =>
        {
            db.Add(new ImportRun(id, kind, "ファイル", Convert.ToHexString(SHA256.HashData(file)), settings ?? new ImportSettings(), portal.Clock.GetUtcNow()));
            db.Add(new ImportFile(id, file));
            return Task.CompletedTask;
        });
        await portal.Work(id);
        return await portal.Seen(id);
    }

    public static Task Work(this PortalHost portal, ImportRunId id) => portal.InScopeAsync(async services =>
    {
        await services.GetRequiredService<ImportWork>().WorkAsync(id, CancellationToken.None);
        return true;
    });

    public static Task<(ImportRun Run, List<ImportRow> Rows)> Seen(this PortalHost portal, ImportRunId id) => portal.ReadAsync(async db =>
        (await db.ImportRuns.AsNoTracking().SingleAsync(r => r.Id == id), await db.ImportRows.AsNoTracking().Where(r => r.RunId == id).OrderBy(r => r.Order).ToListAsync()));

    public static async Task<(ImportRun Run, List<ImportRow> Rows)> Apply(this PortalHost portal, ImportRunId id, bool onlyCorrect = false)
    {
        await portal.WriteAsync(async db =>
        {
            var run = await db.ImportRuns.SingleAsync(r => r.Id == id);
            var kind = (await portal.InScopeAsync(s => Task.FromResult(s.GetServices<ImportKind>()))).Single(k => k.Name == run.Kind);
            run.AskToApply(await ImportWork.BasisAsync(db, kind, CancellationToken.None), onlyCorrect, StaffId.New(), portal.Clock.GetUtcNow());
        });
        await portal.Work(id);
        return await portal.Seen(id);
    }

    /// <summary>The lines with a message of this level whose text holds the words, in order.</summary>
    public static int[] Lines(this List<ImportRow> rows, ImportLevel level, string words)
        => [.. rows.Where(r => r.Messages.Any(m => m.Level == level && m.Text.Contains(words, StringComparison.Ordinal))).Select(r => r.Line)];

    /// <summary>All messages, one a line, for a test that failed.</summary>
    public static string Say(this List<ImportRow> rows, ImportLevel level)
        => string.Join('\n', rows.SelectMany(r => r.Messages.Where(m => m.Level == level).Select(m => $"{r.Line} {r.Subject} [{m.Column}] {m.Text}")));
}
