using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Inventory;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Devices;

/// <summary>Registers a device, or changes its label, place, state and security check.</summary>
[Authorize(Policy = Policies.Admin)]
public sealed class EditPage(PortalDb db, InventoryBook inventory) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public Guid? Id { get; set; }

    [BindProperty]
    public DeviceForm Form { get; set; } = new();

    public IReadOnlyList<SelectListItem> Models { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Statuses { get; } = [.. Enum.GetValues<DeviceStatus>().Select(s => new SelectListItem(BookingWords.Of(s), s.ToString()))];

    public override async Task LoadAsync(CancellationToken ct)
    {
        Models = [.. (await db.DeviceModels.OrderBy(m => m.Name).Select(m => new { m.Id, m.Name }).ToListAsync(ct)).Select(m => new SelectListItem(m.Name, m.Id.ToString()))];
        Offices = [.. (await db.Offices.OrderBy(o => o.SortOrder).Select(o => new { o.Id, o.Name }).ToListAsync(ct)).Select(o => new SelectListItem(o.Name, o.Id.ToString()))];
        if (!HttpMethods.IsGet(Request.Method)) return;
        if (Id is not { } id)
        {
            Form.Status = DeviceStatus.InService;
            return;
        }
        var device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == new DeviceId(id), ct).OrNotHere();
        var office = await db.Pools.Where(p => p.Id == device.PoolId).Select(p => p.OfficeId).SingleAsync(ct);
        Form = new DeviceForm
        {
            Version = device.Version,
            Label = device.Label,
            ModelId = device.ModelId,
            OfficeId = office,
            Serial = device.Serial,
            Status = device.Status,
            Note = device.Note,
            Encrypted = device.Compliance.Encrypted,
            MdmEnrolled = device.Compliance.MdmEnrolled,
            PatchedOn = device.Compliance.PatchedOn,
            AntivirusOn = device.Compliance.AntivirusOn,
        };
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (Id is { } id) await inventory.ChangeAsync(new DeviceId(id), Form, ct);
        else await inventory.RegisterAsync(DeviceId.New(), Form, ct);
        Say($"{Form.Label}を登録しました。");
        return RedirectToPage("Index");
    }
}

/// <summary>The form of a device.</summary>
public class DeviceForm
{
    /// <summary>The version that was read; empty for a new one.</summary>
    public int? Version { get; set; }

    [Display(Name = "備品番号"), Required(ErrorMessage = "備品番号を入力してください。"), StringLength(40, ErrorMessage = "40字までで入力してください。")]
    public string Label { get; set; } = "";

    [Display(Name = "機種"), Required(ErrorMessage = "機種を選んでください。")]
    public DeviceModelId? ModelId { get; set; }

    [Display(Name = "庁舎"), Required(ErrorMessage = "庁舎を選んでください。")]
    public OfficeId? OfficeId { get; set; }

    [Display(Name = "シリアル番号"), StringLength(60, ErrorMessage = "60字までで入力してください。")]
    public string? Serial { get; set; }

    [Display(Name = "状態"), Required(ErrorMessage = "状態を選んでください。")]
    public DeviceStatus? Status { get; set; }

    [Display(Name = "暗号化されている")]
    public bool Encrypted { get; set; }

    [Display(Name = "遠隔消去の対象")]
    public bool MdmEnrolled { get; set; }

    [Display(Name = "更新適用日")]
    public DateOnly? PatchedOn { get; set; }

    [Display(Name = "ウイルス対策の更新日")]
    public DateOnly? AntivirusOn { get; set; }

    [Display(Name = "今日、点検した")]
    public bool Checked { get; set; }

    [Display(Name = "備考"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string? Note { get; set; }
}
