using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Platform.Imports;

/// <summary>Takes up runs whose process was killed while it read or applied them; an apply that did not commit has changed nothing.</summary>
public sealed class ImportJob(PortalDb db, ImportWork work) : IPortalJob
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), Kept = TimeSpan.FromDays(30);

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var (stuck, old) = (now - Patience, now - Kept);
        var waiting = await db.ImportRuns.Where(r => (r.State == ImportState.Parsing || r.State == ImportState.Applying) && r.Since < stuck).Select(r => r.Id).ToListAsync(ct);
        foreach (var id in waiting) await work.WorkAsync(id, ct);
        // Uploaded files that nobody came back to hold personal data.
        var runs = db.ImportRuns.Where(r => r.Since < old);
        var left = await db.ImportFiles.Where(f => runs.Any(r => r.Id == f.RunId)).ExecuteDeleteAsync(ct);
        await db.ImportRows.Where(f => runs.Any(r => r.Id == f.RunId)).ExecuteDeleteAsync(ct);
        return waiting.Count + left == 0 ? null : $"取込みを再開 {waiting.Count}件、古いファイルを削除 {left}件";
    }
}

public static class ImportFeature
{
    /// <summary>The machinery of imports; features add their kinds with <see cref="AddImportKind{TKind}"/>.</summary>
    public static IServiceCollection AddImports(this IServiceCollection services)
        => services.AddSingleton<ImportWork>().AddRules("取込み", ImportRules.All).AddPortalJob<ImportJob>(TimeSpan.FromMinutes(1))
            .AddSingleton(new NewsKind("import.done", "取込みの完了", MailAtOnce: false));

    public static IServiceCollection AddImportKind<TKind>(this IServiceCollection services) where TKind : ImportKind => services.AddScoped<ImportKind, TKind>();
}
