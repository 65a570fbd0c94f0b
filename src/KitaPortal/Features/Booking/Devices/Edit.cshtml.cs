using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Inventory;
using KitaPortal.Features.Booking.Rules;
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
public sealed class EditPage(PortalDb db, Reserving reserving, TimeProvider clock) : FormPage
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
        if (Id is not { } id || !HttpMethods.IsGet(Request.Method)) return;
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
        await db.WriteAsync(async () =>
        {
            var now = clock.GetUtcNow();
            var pool = await Transferring.PoolAtAsync(db, Form.OfficeId!.Value, Form.ModelId!.Value, ct);
            var device = await OpenAsync(pool, ct);
            await reserving.LockPoolsAsync(new[] { device.PoolId, pool }.Distinct().OrderBy(p => p.Value), ct);
            var wasLendable = device.IsLendable;
            if (device.PoolId != pool && await HasOpenLinesAsync(device.Id, now, ct)) throw new RuleViolation(DeviceRules.Elsewhere.Text.On("Form.OfficeId", device.Label, "別の庁舎"));
            if (Form.Status == DeviceStatus.Retired && device.Status != DeviceStatus.Retired) await Retiring.DemandAsync(db, device, ct);
            device.Relabel(Form.Label.Trim());
            device.MoveTo(pool, Form.ModelId!.Value);
            device.Identify(Form.Serial, device.OtherCodes, device.SimIccid, device.PhoneNumber, Form.Note);
            device.SetStatus(Form.Status, "台帳の変更");
            var found = device.Compliance with { Encrypted = Form.Encrypted, MdmEnrolled = Form.MdmEnrolled, PatchedOn = Form.PatchedOn, AntivirusOn = Form.AntivirusOn };
            if (Form.Checked || found != device.Compliance) device.Check(found with { CheckedAt = now, Source = "台帳" });
            await db.SaveChangesAsync(ct);
            if (wasLendable && !device.IsLendable) await Settling.EmptyAsync(db, device, now, ct);
            else if (!wasLendable && device.IsLendable) await Settling.GiveToWaitingAsync(db, device.PoolId, now, ct);
        }, ct);
        Say($"{Form.Label}を登録しました。");
        return RedirectToPage("Index");
    }

    private async Task<Device> OpenAsync(PoolId pool, CancellationToken ct)
    {
        if (Id is not { } id)
        {
            var made = new Device(DeviceId.New(), Form.Label.Trim(), Form.ModelId!.Value, pool);
            db.Add(made);
            return made;
        }
        var device = await db.Devices.SingleOrDefaultAsync(d => d.Id == new DeviceId(id), ct).OrNotHere();
        db.Entry(device).Property(d => d.Version).OriginalValue = Form.Version;
        return device;
    }

    // A device that is out or promised stays in its pool until a transfer.
    private Task<bool> HasOpenLinesAsync(DeviceId device, DateTimeOffset now, CancellationToken ct)
        => db.Occupancies.AnyAsync(o => o.DeviceId == device && o.Active && o.To > now, ct);
}

/// <summary>The form of a device.</summary>
public sealed class DeviceForm
{
    public int Version { get; set; }

    [Display(Name = "備品番号"), Required(ErrorMessage = "備品番号を入力してください。"), StringLength(40, ErrorMessage = "40字までで入力してください。")]
    public string Label { get; set; } = "";

    [Display(Name = "機種"), Required(ErrorMessage = "機種を選んでください。")]
    public DeviceModelId? ModelId { get; set; }

    [Display(Name = "庁舎"), Required(ErrorMessage = "庁舎を選んでください。")]
    public OfficeId? OfficeId { get; set; }

    [Display(Name = "シリアル番号"), StringLength(60, ErrorMessage = "60字までで入力してください。")]
    public string? Serial { get; set; }

    [Display(Name = "状態")]
    public DeviceStatus Status { get; set; }

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
