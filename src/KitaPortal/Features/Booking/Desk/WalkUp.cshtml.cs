using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>即時貸出: a device on the counter, a person, until when; booked and handed over in one act through the same rules.</summary>
public sealed class WalkUpPage(PortalDb db, CurrentStaff me, DeskActs desk, Permitting permitting, TimeProvider clock) : DeskPage(db, me)
{
    [BindProperty]
    public WalkUpForm Form { get; set; } = new();

    public Device? Device { get; private set; }

    public string Model { get; private set; } = "";

    /// <summary>This person may lend in an emergency.</summary>
    public bool MayLetGo => permitting.MayLetGo(Asker.Of(Me), [Office.Id]);

    public static IEnumerable<SelectListItem> Purposes => Enum.GetValues<Purpose>().Select(p => new SelectListItem(BookingWords.Of(p), p.ToString()));

    public static IEnumerable<SelectListItem> Destinations => Enum.GetValues<DestinationKind>().Select(d => new SelectListItem(BookingWords.Of(d), d.ToString()));

    public static IEnumerable<SelectListItem> Classes => Enum.GetValues<InfoClass>().Select(c => new SelectListItem(BookingWords.Of(c), c.ToString()));

    /// <summary>What is asked at the counter.</summary>
    public sealed class WalkUpForm
    {
        public Guid Id { get; set; } = Guid.CreateVersion7();

        public DeviceId? DeviceId { get; set; }

        [Display(Name = "借りる人の職員番号"), Required(ErrorMessage = "職員番号を入力してください。")]
        public string? Borrower { get; set; }

        [Display(Name = "返却日"), Required(ErrorMessage = "返却日を入力してください。")]
        public DateOnly? Day { get; set; }

        [Display(Name = "返却時刻"), Required(ErrorMessage = "返却時刻を入力してください。")]
        public TimeOnly? Time { get; set; }

        [Display(Name = "目的")]
        public Purpose Purpose { get; set; } = Purpose.OnlineMeeting;

        [Display(Name = "目的の説明"), StringLength(500, ErrorMessage = "500文字以内で入力してください。")]
        public string? PurposeNote { get; set; }

        [Display(Name = "使う場所")]
        public DestinationKind Destination { get; set; } = DestinationKind.InBuilding;

        [Display(Name = "場所の説明"), StringLength(200, ErrorMessage = "200文字以内で入力してください。")]
        public string? DestinationNote { get; set; }

        [Display(Name = "扱う情報の区分")]
        public InfoClass InfoClass { get; set; } = InfoClass.Class2;

        [Display(Name = "個人情報を扱う")]
        public bool PersonalData { get; set; }

        [Display(Name = "緊急貸出の理由"), StringLength(500, ErrorMessage = "500文字以内で入力してください。")]
        public string? Emergency { get; set; }

        public List<string> Acknowledged { get; set; } = [];

        public Dictionary<string, string?> Overrides { get; set; } = [];
    }

    public override async Task LoadAsync(CancellationToken ct)
    {
        await OpenDeskAsync(ct);
        if (Form.DeviceId is not { } id) return;
        Device = await Db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct);
        if (Device is not null) Model = await Db.DeviceModels.Where(m => m.Id == Device.ModelId).Select(m => m.Name).SingleAsync(ct);
    }

    public async Task OnGetAsync(DeviceId? device, string? q, CancellationToken ct)
    {
        Form.DeviceId = device;
        (Form.Day, Form.Time) = (clock.Today(), Office.ClosesAt);
        if (!string.IsNullOrWhiteSpace(q))
        {
            var scanned = await DeskLookup.FindAsync(Db, q, ct);
            if (scanned.Kind == ScannedKind.Device) Form.DeviceId = scanned.DeviceId;
            else Result = ScanResult.NotFound(scanned.Read);
        }
        await LoadAsync(ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await OpenDeskAsync(ct);
        if (Form.DeviceId is not { } device) throw new RuleViolation(DeskRules.NoDevice.On("scan-code", ""));
        var person = await DeskLookup.FindAsync(Db, Form.Borrower, ct);
        if (person.Kind != ScannedKind.Person) throw new RuleViolation(DeskRules.NobodyHasNumber.On("Form.Borrower", person.Read));
        var loans = await desk.WalkUpAsync(new WalkingUp(Form.Id, device, person.StaffId, TokyoTime.At(Form.Day!.Value, Form.Time!.Value),
            new BookingAim(Form.Purpose, Form.PurposeNote, null, Form.Destination, Form.DestinationNote, Form.InfoClass, Form.PersonalData))
        {
            Emergency = string.IsNullOrWhiteSpace(Form.Emergency) ? null : Form.Emergency,
            Acknowledged = Form.Acknowledged,
            Overrides = Form.Overrides.Where(o => !string.IsNullOrWhiteSpace(o.Value)).ToDictionary(o => o.Key, o => o.Value!.Trim()),
        }, Asker.Of(Me), ct);
        Say($"貸し出しました（整理番号 {string.Join("、", loans.Select(l => l.RegisterNo))}）。");
        return Redirect(DeskHref);
    }
}
