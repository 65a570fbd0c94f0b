using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Closures;

/// <summary>整備 of one device: what was and will be done, and 使用停止. For the desk of its office, administrators and the security manager.</summary>
public sealed class MaintenancePage(PortalDb db, Maintaining maintaining, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public DeviceId Id { get; set; }

    [BindProperty]
    public MaintenanceForm Form { get; set; } = new();

    public Device Device { get; private set; } = null!;

    public string Model { get; private set; } = "";

    public string Office { get; private set; } = "";

    public IReadOnlyList<Maintenance> Open { get; private set; } = [];

    public IReadOnlyList<Maintenance> Past { get; private set; } = [];

    public bool MayMaintain { get; private set; }

    public bool MayRecall => me.Is(Role.SecurityManager);

    public DateTimeOffset Now { get; private set; }

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context) => ForgetFormOfOthers(context);

    public override async Task LoadAsync(CancellationToken ct)
    {
        Now = clock.GetUtcNow();
        await AllowAsync(ct);
        var all = await db.Maintenances.AsNoTracking().Where(m => m.DeviceId == Id).OrderByDescending(m => m.From).Take(100).ToListAsync(ct);
        Open = [.. all.Where(m => m.EndedAt is null && m.To > Now).OrderBy(m => m.From)];
        Past = [.. all.Except(Open)];
        if (HttpMethods.IsGet(Request.Method)) Form.From ??= TokyoTime.Shown(Now.AddTicks(-(Now.Ticks % TimeSpan.FromMinutes(15).Ticks))).DateTime;
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await AllowAsync(ct);
        if (!MayMaintain) return NotFound();
        await maintaining.EnterAsync(Form.Id, Id, Moment(Form.From!.Value), Form.To is { } to ? Moment(to) : null, Form.Reason.Trim(), string.IsNullOrWhiteSpace(Form.Vendor) ? null : Form.Vendor.Trim(), ct);
        Say($"{Device.Label}の整備を登録しました。");
        return Redirect($"/booking/devices/{Id}/maintenance");
    }

    public async Task<IActionResult> OnPostEndAsync([FromForm] Guid maintenance, [FromForm] string? result, [FromForm] bool isFit, CancellationToken ct)
    {
        await AllowAsync(ct);
        if (!MayMaintain || !await db.Maintenances.AnyAsync(m => m.Id == maintenance && m.DeviceId == Id, ct)) return NotFound();
        await maintaining.EndAsync(maintenance, string.IsNullOrWhiteSpace(result) ? null : result.Trim(), isFit, ct);
        Say(isFit ? $"{Device.Label}の整備を終えました。また貸し出せます。" : $"{Device.Label}の整備を終えました。貸出はまだできません。");
        return Redirect($"/booking/devices/{Id}/maintenance");
    }

    public async Task<IActionResult> OnPostRecallAsync([FromForm] string? reason, CancellationToken ct)
    {
        if (!MayRecall) return NotFound();
        if (string.IsNullOrWhiteSpace(reason))
        {
            ModelState.AddModelError("reason", "使用を停止する理由を入力してください。");
            return Page();
        }
        await maintaining.RecallAsync(Id, reason.Trim(), ct);
        Say("使用を停止しました。借りている人には返却を、予約した人には差替えを知らせました。");
        return Redirect($"/booking/devices/{Id}/maintenance");
    }

    public async Task<IActionResult> OnPostLiftRecallAsync(CancellationToken ct)
    {
        if (!MayRecall) return NotFound();
        await maintaining.LiftRecallAsync(Id, ct);
        Say("使用停止を解除しました。");
        return Redirect($"/booking/devices/{Id}/maintenance");
    }

    private async Task AllowAsync(CancellationToken ct)
    {
        Device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == Id, ct).OrNotHere();
        var place = await (
            from pool in db.Pools
            where pool.Id == Device.PoolId
            join office in db.Offices on pool.OfficeId equals office.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            select new { office.Id, Office = office.Name, Model = model.Name }).SingleAsync(ct);
        (Office, Model, MayMaintain) = (place.Office, place.Model, me.IsDeskOf(place.Id) || me.Is(Role.Admin));
        if (!MayMaintain && !MayRecall) throw new NotHereException();
    }

    private static DateTimeOffset Moment(DateTime wall)
        => wall.Year is > 1900 and < 9000 ? new DateTimeOffset(wall, TokyoTime.Offset).ToUniversalTime() : DateTimeOffset.UnixEpoch;
}

/// <summary>The form of a maintenance; times are Tokyo wall clock.</summary>
public sealed class MaintenanceForm
{
    public Guid Id { get; set; } = Guid.CreateVersion7();

    [Display(Name = "始まり"), Required(ErrorMessage = "始まりの日時を入力してください。")]
    public DateTime? From { get; set; }

    [Display(Name = "終わり")]
    public DateTime? To { get; set; }

    [Display(Name = "内容"), Required(ErrorMessage = "内容を入力してください。"), StringLength(200, ErrorMessage = "200字までで入力してください。")]
    public string Reason { get; set; } = "";

    [Display(Name = "業者"), StringLength(100, ErrorMessage = "100字までで入力してください。")]
    public string? Vendor { get; set; }
}
