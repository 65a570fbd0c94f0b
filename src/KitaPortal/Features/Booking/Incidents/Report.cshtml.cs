using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Incidents;

/// <summary>事故を届ける: which device, what happened in one sentence; everything else can follow.</summary>
public sealed class ReportPage(PortalDb db, CurrentStaff me, IncidentDesk desk) : FormPage
{
    [BindProperty]
    public ReportForm Form { get; set; } = new();

    /// <summary>Devices the person has out now, to choose from.</summary>
    public IReadOnlyList<SelectListItem> Mine { get; private set; } = [];

    public Device? Device { get; private set; }

    public string Model { get; private set; } = "";

    public bool IsDesk => me.DeskOffices.Count > 0 || me.Is(Role.LendingManager) || me.Is(Role.SecurityManager);

    public static IEnumerable<SelectListItem> Kinds => Enum.GetValues<IncidentKind>().Select(k => new SelectListItem(IncidentWords.Of(k), k.ToString()));

    /// <summary>What is told.</summary>
    public sealed class ReportForm
    {
        public Guid Id { get; set; } = Guid.CreateVersion7();

        [Display(Name = "端末")]
        public DeviceId? DeviceId { get; set; }

        [Display(Name = "備品番号")]
        public string? Code { get; set; }

        [Display(Name = "何が起きましたか")]
        public IncidentKind Kind { get; set; }

        [Display(Name = "状況"), StringLength(2000, ErrorMessage = "2,000文字以内で入力してください。")]
        public string? Story { get; set; }

        [Display(Name = "場所"), StringLength(200, ErrorMessage = "200文字以内で入力してください。")]
        public string? Place { get; set; }

        [Display(Name = "起きた日")]
        public DateOnly? Day { get; set; }

        [Display(Name = "時刻")]
        public TimeOnly? Time { get; set; }

        [Display(Name = "電話をかけてきた人の職員番号")]
        public string? Caller { get; set; }
    }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var rows = await (
            from loan in db.Loans
            where loan.InAt == null
            join line in db.BookingLines on loan.LineId equals line.Id
            join booking in db.Bookings on line.BookingId equals booking.Id
            where booking.BorrowerId == me.Id
            join device in db.Devices on loan.DeviceId equals device.Id
            join model in db.DeviceModels on device.ModelId equals model.Id
            orderby loan.OutAt
            select new { device.Id, device.Label, model.Name }).ToListAsync(ct);
        Mine = [.. rows.Select(r => new SelectListItem($"{r.Label}　{r.Name}", r.Id.ToString()))];
        if (Form.DeviceId is not { } id) return;
        Device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct);
        if (Device is not null) Model = await db.DeviceModels.Where(m => m.Id == Device.ModelId).Select(m => m.Name).SingleAsync(ct);
    }

    public async Task OnGetAsync(DeviceId? device, IncidentKind? kind, bool other, CancellationToken ct)
    {
        Form.Kind = kind ?? IncidentKind.Loss;
        Form.DeviceId = device ?? (Mine.Count == 1 && !other ? DeviceId.From(Guid.Parse(Mine[0].Value)) : null);
        await LoadAsync(ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var device = Form.DeviceId ?? (await DeskLookup.FindAsync(db, Form.Code, ct) is { Kind: ScannedKind.Device } scanned ? scanned.DeviceId : throw new RuleViolation(DeskRules.NoDevice.On("Form.Code", Form.Code ?? "")));
        StaffId? caller = null;
        if (IsDesk && !string.IsNullOrWhiteSpace(Form.Caller))
            caller = await DeskLookup.FindAsync(db, Form.Caller, ct) is { Kind: ScannedKind.Person } person ? person.StaffId : throw new RuleViolation(DeskRules.NobodyHasNumber.On("Form.Caller", Form.Caller));
        var incident = await desk.ReportAsync(new IncidentReport(Form.Id, Form.Kind, device, Form.Story ?? "")
        {
            OccurredAt = Form.Day is { } day ? TokyoTime.At(day, Form.Time ?? TimeOnly.MinValue) : null,
            Place = Form.Place,
            Via = caller is null ? IncidentVia.Portal : IncidentVia.Telephone,
            CallerId = caller,
        }, Asker.Of(me), ct);
        Say($"届け出を受け付けました（{incident.Number}）。{(incident.Kind == IncidentKind.Damage ? "窓口に知らせました。" : "所属長・情報セキュリティ管理者・窓口に知らせました。")}");
        return Redirect($"/booking/incidents/{incident.Id}");
    }
}
