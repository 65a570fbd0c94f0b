using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using KitaPortal.Data;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Sheets;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Import;

/// <summary>Choosing a file.</summary>
[RequestSizeLimit(SheetLimits.Bytes + 1024 * 1024)]
[RequestFormLimits(MultipartBodyLengthLimit = SheetLimits.Bytes + 1024 * 1024)]
public sealed class NewPage(PortalDb db, ImportKinds kinds, ImportWork work, TimeProvider clock) : FormPage
{
    [BindProperty(Name = "kind", SupportsGet = true)]
    public string KindName { get; set; } = "";

    [BindProperty]
    public UploadForm Form { get; set; } = new();

    public ImportKind Kind { get; private set; } = null!;

    /// <summary>The file; the id is made with the form, so that sending it twice makes one run.</summary>
    public sealed class UploadForm
    {
        public Guid Id { get; set; } = Guid.CreateVersion7();

        [Display(Name = "ファイル")]
        public IFormFile? File { get; set; }
    }

    public override async Task LoadAsync(CancellationToken ct)
        => Kind = (await kinds.MineAsync(User)).FirstOrDefault(k => k.Name == KindName).OrNotHere();

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        var id = ImportRunId.From(Form.Id);
        if (await db.ImportRuns.AnyAsync(r => r.Id == id, ct)) return Redirect($"/people/import/{id}");
        if (Form.File is not { Length: > 0 and <= SheetLimits.Bytes } file) throw new RuleViolation(ImportRules.File.With());

        using var content = new MemoryStream((int)file.Length);
        await file.CopyToAsync(content, ct);
        var bytes = content.ToArray();
        // What the person once said about a word holds for the next file of this kind.
        var last = await db.ImportRuns.AsNoTracking().Where(r => r.Kind == Kind.Name && r.State == ImportState.Done).OrderByDescending(r => r.Since).FirstOrDefaultAsync(ct);
        var name = Path.GetFileName(file.FileName);
        db.Add(new ImportRun(id, Kind.Name, name.Length > 200 ? name[^200..] : name, Convert.ToHexString(SHA256.HashData(bytes)), new ImportSettings { Words = last?.Settings.Words ?? new Dictionary<string, IReadOnlyDictionary<string, string>>() }, clock.GetUtcNow()));
        db.Add(new ImportFile(id, bytes));
        await db.SaveChangesAsync(ct);
        work.Begin(id);
        return Redirect($"/people/import/{id}");
    }
}
