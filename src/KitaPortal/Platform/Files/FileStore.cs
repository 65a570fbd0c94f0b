using System.Security.Cryptography;
using KitaPortal.Data;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Platform.Files;

/// <summary>Takes files in and keeps them by content. A row is written only when the bytes are safely on disk, so no record ever points at nothing.</summary>
public sealed class FileStore(IServiceScopeFactory scopes, IOptions<DataOptions> data, TimeProvider clock)
{
    private string Folder => Path.Combine(data.Value.Folder, "files");

    /// <summary>Checks, cleans and keeps the files of a form, before the transaction that links them. All broken rules are told at once.</summary>
    public async Task<IReadOnlyList<TakenFile>> TakeInAsync(IEnumerable<IFormFile> uploads, FileRules rules, string field, CancellationToken ct)
    {
        var (taken, broken) = (new List<TakenFile>(), new List<Broken>());
        foreach (var upload in uploads.Where(u => u.Length > 0))
        {
            try
            {
                taken.Add(await TakeInAsync(upload, rules, ct));
            }
            catch (RuleViolation refused)
            {
                broken.AddRange(refused.Broken.Select(b => b with { Field = field }));
            }
        }
        return broken.Count > 0 ? throw new RuleViolation(broken) : taken;
    }

    /// <summary>Opens kept content for reading.</summary>
    public Stream Open(string sha256) => new FileStream(PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 81920, useAsync: true);

    private async Task<TakenFile> TakeInAsync(IFormFile upload, FileRules rules, CancellationToken ct)
    {
        var name = SafeName.Of(upload.FileName);
        if (upload.Length > rules.MaxMb * 1024L * 1024L) throw new RuleViolation(FileRules.Size.With(name, rules.MaxMb));
        using var memory = new MemoryStream((int)upload.Length);
        await upload.CopyToAsync(memory, ct);
        var content = memory.ToArray();
        var type = rules.Check(name, content);
        return new TakenFile(type.IsImage ? await KeepImageAsync(name, content, type, ct) : await KeepAsync(content, type.MediaType, null, ct), name);
    }

    private async Task<Guid> KeepImageAsync(string name, byte[] content, FileType type, CancellationToken ct)
    {
        var clean = ImageCleaner.Make(name, content, type);
        var (thumbnail, view) = (await WriteAsync(clean.Thumbnail, ct), await WriteAsync(clean.View, ct));
        return await KeepAsync(clean.Content, type.MediaType, file => file.IsImage(clean.Width, clean.Height, thumbnail, view), ct);
    }

    private async Task<Guid> KeepAsync(byte[] content, string mediaType, Action<StoredFile>? describe, CancellationToken ct)
    {
        var sha256 = await WriteAsync(content, ct);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        if (await IdOfAsync() is { } known) return known;
        var file = new StoredFile(sha256, content.Length, mediaType, clock.GetUtcNow());
        describe?.Invoke(file);
        db.Add(file);
        try
        {
            await db.SaveChangesAsync(ct);
            return file.Id;
        }
        catch (Exception e) when (DatabaseErrors.IsUnique(e))
        {
            return await IdOfAsync() ?? throw new InvalidOperationException("The same content was taken in and vanished again.");
        }

        Task<Guid?> IdOfAsync() => db.StoredFiles.Where(f => f.Sha256 == sha256).Select(f => (Guid?)f.Id).SingleOrDefaultAsync(ct);
    }

    private async Task<string> WriteAsync(byte[] content, CancellationToken ct)
    {
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        var path = PathOf(sha256);
        if (File.Exists(path)) return sha256;
        var work = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, "work")).FullName, Guid.NewGuid().ToString("N"));
        await using (var file = new FileStream(work, FileMode.CreateNew, FileAccess.Write, FileShare.None, 81920, useAsync: true))
        {
            await file.WriteAsync(content, ct);
            file.Flush(flushToDisk: true);
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(work, path, overwrite: true);
        return sha256;
    }

    private string PathOf(string sha256) => Path.Combine(Folder, sha256[..2], sha256[2..4], sha256);
}
