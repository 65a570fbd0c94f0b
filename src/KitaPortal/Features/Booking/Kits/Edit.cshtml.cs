using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Kits;

/// <summary>Makes a kit or changes what is in it; bookings made before keep what they have.</summary>
[Authorize(Policy = Policies.Admin)]
public sealed class EditPage(PortalDb db) : FormPage
{
    /// <summary>A model to choose.</summary>
    public sealed record ModelRow(DeviceModelId Id, string Name, string Class);

    [BindProperty(SupportsGet = true)]
    public Guid? Id { get; set; }

    [BindProperty]
    public KitForm Form { get; set; } = new();

    public IReadOnlyList<ModelRow> Models { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        Models = await (from model in db.DeviceModels join kind in db.DeviceClasses on model.ClassId equals kind.Id orderby kind.CountsAsMain descending, kind.Name, model.Name select new ModelRow(model.Id, model.Name, kind.Name)).ToListAsync(ct);
        if (Id is not { } id || !HttpMethods.IsGet(Request.Method)) return;
        var kit = await db.Kits.AsNoTracking().Include(k => k.Items).SingleOrDefaultAsync(k => k.Id == new KitId(id), ct).OrNotHere();
        Form = new KitForm { Version = kit.Version, Name = kit.Name, Note = kit.Note, Retired = kit.IsRetired, Counts = kit.Items.ToDictionary(i => i.ModelId.ToString(), i => (int?)i.Count) };
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var items = Form.Counts.Where(c => c.Value > 0 && Guid.TryParse(c.Key, out _)).Select(c => (new DeviceModelId(Guid.Parse(c.Key)), c.Value!.Value)).ToList();
        await db.WriteAsync(async () =>
        {
            if (Id is not { } id)
            {
                db.Add(new Kit(KitId.New(), Form.Name, Form.Note, items));
                return;
            }
            var kit = await db.Kits.Include(k => k.Items).SingleOrDefaultAsync(k => k.Id == new KitId(id), ct).OrNotHere();
            db.ChangeFrom(kit, Form.Version);
            kit.Describe(Form.Name, Form.Note, items);
            kit.Retire(Form.Retired);
        }, ct);
        Say($"{Form.Name.Trim()}を登録しました。");
        return RedirectToPage("Index");
    }
}

/// <summary>The form of a kit.</summary>
public sealed class KitForm
{
    public int Version { get; set; }

    [Display(Name = "名前"), Required(ErrorMessage = "名前を入力してください。"), StringLength(Kit.NameLength, ErrorMessage = "60字までで入力してください。")]
    public string Name { get; set; } = "";

    [Display(Name = "説明"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string? Note { get; set; }

    /// <summary>Model to count.</summary>
    public Dictionary<string, int?> Counts { get; set; } = [];

    [Display(Name = "もう予約に出さない")]
    public bool Retired { get; set; }
}
