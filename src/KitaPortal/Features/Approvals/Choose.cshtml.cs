using KitaPortal.Data;
using KitaPortal.Platform.Forms;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>The forms a person can hand in; those about a record lead to the page where the record is made.</summary>
public sealed class ChoosePage(PortalDb db, Platform.Links.PortalLinks links) : FormPage
{
    public IReadOnlyList<Choice> Forms { get; private set; } = [];

    /// <summary>One form, and where it is filled in; null when nothing makes its record yet.</summary>
    public sealed record Choice(string Name, string Category, string Description, string? Href);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var forms = await db.Forms.AsNoTracking().Include(f => f.Versions).OrderBy(f => f.Category).ThenBy(f => f.Name).ToListAsync(ct);
        Forms = [.. forms.Where(f => f.Published is not null).Select(f => new Choice(f.Name, f.Category, f.Description, HrefOf(f)))];
    }

    private string? HrefOf(Form form)
        => form.Published!.Definition.SubjectKind is { } kind ? links.Kinds.FirstOrDefault(k => k.Kind == kind)?.MakeFrom : $"/approvals/new/{form.Code}";
}
