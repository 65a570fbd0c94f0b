using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Transfers;

/// <summary>移送: plan, send, receive; both desks see the same list.</summary>
[Authorize(Policies.Desk)]
public sealed class TransfersPage(PortalDb db, Transferring transfers, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty]
    public TransferForm Form { get; set; } = new();

    /// <summary>One transfer with what the person may do.</summary>
    public sealed record Row(Transfer Transfer, string Label, string Model, string From, string To, OfficeId FromOffice, OfficeId ToOffice);

    public IReadOnlyList<Row> Open { get; private set; } = [];

    public IReadOnlyList<Row> Past { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public DateTimeOffset Now { get; private set; }

    public bool MaySend(Row row) => row.Transfer.State == TransferState.Planned && me.IsDeskOf(row.FromOffice);

    public bool MayReceive(Row row) => row.Transfer.State is TransferState.Sent or TransferState.Missing && me.IsDeskOf(row.ToOffice);

    public bool IsLate(Row row) => row.Transfer.State == TransferState.Sent && row.Transfer.ArriveBy < Now;

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context) => ForgetFormOfOthers(context);

    public override async Task LoadAsync(CancellationToken ct)
    {
        Now = clock.GetUtcNow();
        Offices = [.. (await db.Offices.OrderBy(o => o.SortOrder).Select(o => new { o.Id, o.Name }).ToListAsync(ct)).Select(o => new SelectListItem(o.Name, o.Id.ToString()))];
        var rows = await (
            from transfer in db.Transfers
            join device in db.Devices on transfer.DeviceId equals device.Id
            join model in db.DeviceModels on device.ModelId equals model.Id
            join source in db.Pools on transfer.FromPoolId equals source.Id
            join target in db.Pools on transfer.ToPoolId equals target.Id
            join sourceOffice in db.Offices on source.OfficeId equals sourceOffice.Id
            join targetOffice in db.Offices on target.OfficeId equals targetOffice.Id
            orderby transfer.SendAt descending
            select new Row(transfer, device.Label, model.Name, sourceOffice.Name, targetOffice.Name, sourceOffice.Id, targetOffice.Id)).AsNoTracking().Take(200).ToListAsync(ct);
        Open = [.. rows.Where(r => r.Transfer.IsOpen || r.Transfer.State == TransferState.Missing).OrderBy(r => r.Transfer.SendAt)];
        Past = [.. rows.Where(r => r.Transfer.State is TransferState.Received or TransferState.Cancelled).Take(50)];
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var scanned = await DeskLookup.FindAsync(db, Form.Label, ct);
        if (scanned.Kind != ScannedKind.Device) throw new RuleViolation(DeskRules.NoDevice.On("Form.Label", scanned.Read));
        await transfers.PlanAsync(Form.Id, scanned.DeviceId, Form.ToOfficeId!.Value, Moment(Form.SendAt), Moment(Form.ArriveBy), string.IsNullOrWhiteSpace(Form.Note) ? null : Form.Note.Trim(), Asker.Of(me), ct);
        Say("移送の予定を登録しました。");
        return Redirect("/booking/transfers");
    }

    public async Task<IActionResult> OnPostSendAsync([FromForm] Guid transfer, CancellationToken ct)
    {
        await transfers.SendAsync(transfer, Asker.Of(me), ct);
        Say("発送を記録しました。");
        return Redirect("/booking/transfers");
    }

    public async Task<IActionResult> OnPostReceiveAsync([FromForm] Guid transfer, [FromForm] DeviceCondition condition, [FromForm] string? remark, CancellationToken ct)
    {
        await transfers.ReceiveAsync(transfer, condition, string.IsNullOrWhiteSpace(remark) ? null : remark.Trim(), Asker.Of(me), ct);
        Say("受取を記録しました。端末はこの庁舎の台帳に移りました。");
        return Redirect("/booking/transfers");
    }

    public async Task<IActionResult> OnPostCancelAsync([FromForm] Guid transfer, [FromForm] string? remark, CancellationToken ct)
    {
        await transfers.CancelAsync(transfer, remark, Asker.Of(me), ct);
        Say("移送の予定を取り消しました。");
        return Redirect("/booking/transfers");
    }

    private static DateTimeOffset Moment(DateTime? wall)
        => wall is { Year: > 1900 and < 9000 } known ? new DateTimeOffset(known, TokyoTime.Offset).ToUniversalTime() : DateTimeOffset.UnixEpoch;
}

/// <summary>The form of a transfer; times are Tokyo wall clock.</summary>
public sealed class TransferForm
{
    public Guid Id { get; set; } = Guid.CreateVersion7();

    [Display(Name = "端末"), Required(ErrorMessage = "備品番号を読み取るか入力してください。"), StringLength(60, ErrorMessage = "60字までで入力してください。")]
    public string Label { get; set; } = "";

    [Display(Name = "送り先"), Required(ErrorMessage = "送り先を選んでください。")]
    public OfficeId? ToOfficeId { get; set; }

    [Display(Name = "発送"), Required(ErrorMessage = "発送の日時を入力してください。")]
    public DateTime? SendAt { get; set; }

    [Display(Name = "到着の予定"), Required(ErrorMessage = "到着の予定を入力してください。")]
    public DateTime? ArriveBy { get; set; }

    [Display(Name = "備考"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string? Note { get; set; }
}
