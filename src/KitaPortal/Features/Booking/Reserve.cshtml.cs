using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Books devices: what, when, what for, where to. The address holds the whole form, so it can be shared and survives a reload; every view of it shows what the rules say.</summary>
public sealed class ReservePage(PortalDb db, Reserving reserving, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public ReserveForm Form { get; set; } = new();

    public IReadOnlyList<SelectListItem> Choices { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Responsibles { get; private set; } = [];

    public Judgement? Judgement { get; private set; }

    public IReadOnlyList<RoutePreview> Route { get; private set; } = [];

    /// <summary>Rules that refuse the form before it can be judged (absurd dates).</summary>
    public IReadOnlyList<Broken> RefusedAtOnce { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Purposes { get; } = [.. Enum.GetValues<Purpose>().Select(p => new SelectListItem(BookingWords.Of(p), p.ToString()))];

    public IReadOnlyList<SelectListItem> Destinations { get; } = [.. Enum.GetValues<DestinationKind>().Select(d => new SelectListItem(BookingWords.Of(d), d.ToString()))];

    public IReadOnlyList<SelectListItem> InfoClasses { get; } = [.. Enum.GetValues<InfoClass>().Select(i => new SelectListItem(BookingWords.Of(i), i.ToString()))];

    public override async Task LoadAsync(CancellationToken ct)
    {
        if (HttpMethods.IsGet(Request.Method)) ModelState.Clear();
        if (Form.Id == default || HttpMethods.IsGet(Request.Method)) Form.Id = BookingId.New();
        FillInTimes();
        Choices = await ChoicesAsync(ct);
        Responsibles = await ResponsiblesAsync(ct);
        if (Form.ToRequest(me.Id) is not { } request) return;
        try
        {
            Judgement = await reserving.PreviewAsync(request, Asker.Of(me), ct);
            Route = await reserving.PreviewRouteAsync(request, Judgement, ct);
        }
        catch (RuleViolation refused)
        {
            RefusedAtOnce = refused.Broken;
        }
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (Form.ToRequest(me.Id) is not { } request)
        {
            ModelState.AddModelError("Form.Choice", "機種または端末を選んでください。");
            return Page();
        }
        var booking = await reserving.ReserveAsync(request, Asker.Of(me), ct);
        Say(booking.Lines[0].Status == LineStatus.Requested ? $"予約を申し込みました（{booking.Number}）。許可が出ると確定します。" : $"予約しました（{booking.Number}）。");
        return RedirectToPage("Detail", new { id = booking.Id });
    }

    // The next working day from opening to closing, unless the person said otherwise.
    private void FillInTimes()
    {
        var day = TokyoTime.DayOf(clock.GetUtcNow()).AddDays(1);
        while (!WorkCalendar.Plain.IsOpen(day)) day = day.AddDays(1);
        Form.From ??= day.ToDateTime(new TimeOnly(8, 30));
        Form.To ??= Form.From.Value.Date.AddHours(17).AddMinutes(15);
    }

    private async Task<List<SelectListItem>> ChoicesAsync(CancellationToken ct)
    {
        var rows = await (
            from pool in db.Pools
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            orderby office.SortOrder, kind.CountsAsMain descending, model.Name
            select new { pool.Id, Model = model.Name, Office = office.Name }).ToListAsync(ct);
        var groups = rows.Select(r => r.Office).Distinct().ToDictionary(o => o, o => new SelectListGroup { Name = o });
        List<SelectListItem> choices = [.. rows.Select(r => new SelectListItem($"{r.Model}（{r.Office}）", $"p{r.Id}") { Group = groups[r.Office] })];
        choices.InsertRange(0, await KitChoicesAsync(ct));
        if (Form.Choice is { Length: > 1 } chosen && chosen[0] == 'd' && Guid.TryParse(chosen[1..], out var id))
        {
            var device = new DeviceId(id);
            var label = await db.Devices.Where(d => d.Id == device).Select(d => d.Label).SingleOrDefaultAsync(ct);
            if (label is not null) choices.Insert(0, new SelectListItem($"{label}（この端末）", chosen));
        }
        return choices;
    }

    // Each kit at the offices that have something of it.
    private async Task<List<SelectListItem>> KitChoicesAsync(CancellationToken ct)
    {
        var group = new SelectListGroup { Name = "セット" };
        var rows = await (
            from kit in db.Kits
            where !kit.IsRetired
            from item in kit.Items
            join pool in db.Pools on item.ModelId equals pool.ModelId
            join office in db.Offices on pool.OfficeId equals office.Id
            orderby kit.Name, office.SortOrder
            select new { kit.Id, kit.Name, OfficeId = office.Id, Office = office.Name }).ToListAsync(ct);
        return [.. rows.Distinct().Select(r => new SelectListItem($"{r.Name}（{r.Office}）", $"k{r.Id}@{r.OfficeId}") { Group = group })];
    }

    private async Task<List<SelectListItem>> ResponsiblesAsync(CancellationToken ct)
    {
        var (today, departments) = (clock.Today(), me.Departments.ToList());
        return [.. (await (
            from posting in db.Postings.On(today)
            where departments.Contains(posting.DepartmentId)
            join staff in db.Staff.On(today) on posting.StaffId equals staff.Id
            orderby staff.YomiKey
            select new { staff.Id, Name = staff.FamilyName + "\u3000" + staff.GivenName }).ToListAsync(ct)).Select(s => new SelectListItem(s.Name, s.Id.ToString()))];
    }
}

/// <summary>The form of /booking/reserve; times are Tokyo wall clock.</summary>
public sealed class ReserveForm
{
    public BookingId Id { get; set; }

    /// <summary>p and a pool's id, d and a device's, or k, a kit's, @ and an office's.</summary>
    [Display(Name = "機種または端末")]
    public string? Choice { get; set; }

    [Display(Name = "セットのうち、空いている物だけ予約する")]
    public bool TakeWhatIsThere { get; set; }

    [Display(Name = "台数"), Range(1, 50, ErrorMessage = "1から50までの数を入力してください。")]
    public int Count { get; set; } = 1;

    [Display(Name = "受取")]
    public DateTime? From { get; set; }

    [Display(Name = "返却")]
    public DateTime? To { get; set; }

    [Display(Name = "目的")]
    public Purpose Purpose { get; set; } = Purpose.HomeWork;

    [Display(Name = "目的の補足"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string? PurposeNote { get; set; }

    [Display(Name = "旅行命令番号"), StringLength(40, ErrorMessage = "40字までで入力してください。")]
    public string? TravelOrderNo { get; set; }

    [Display(Name = "持出先")]
    public DestinationKind DestinationKind { get; set; }

    [Display(Name = "持出先の名前"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string? DestinationNote { get; set; }

    [Display(Name = "扱う情報")]
    public InfoClass InfoClass { get; set; } = InfoClass.Class2;

    [Display(Name = "個人情報を扱う")]
    public bool PersonalData { get; set; }

    [Display(Name = "使用責任者")]
    public StaffId? ResponsibleId { get; set; }

    [Display(Name = "許可する人への説明"), StringLength(1000, ErrorMessage = "1000字までで入力してください。")]
    public string? Reason { get; set; }

    [Display(Name = "誓約書の内容に同意し、署名します")]
    public bool SignAgreement { get; set; }

    public List<string> Acknowledged { get; set; } = [];

    /// <summary>Null while nothing (or nothing readable) is chosen.</summary>
    internal BookingRequest? ToRequest(StaffId me)
    {
        if (Choice is not { Length: > 1 } || From is not { } from || To is not { } to) return null;
        var office = Guid.Empty;
        if (!Guid.TryParse(Choice[1..].Split('@')[0], out var id) || (Choice[0] == 'k' && !Guid.TryParse(Choice.Split('@')[^1], out office))) return null;
        if (from.Year is < 1900 or > 9000 || to.Year is < 1900 or > 9000) return null;
        return new BookingRequest
        {
            Id = Id,
            BorrowerId = me,
            ResponsibleId = ResponsibleId,
            KitId = Choice[0] == 'k' ? new KitId(id) : null,
            KitOfficeId = Choice[0] == 'k' ? new OfficeId(office) : null,
            TakeWhatIsThere = Choice[0] == 'k' && TakeWhatIsThere,
            Wanted = Choice[0] == 'k' ? [] : [Choice[0] == 'd' ? new WantedDevice(null, new DeviceId(id)) : new WantedDevice(new PoolId(id), null, Count)],
            From = new DateTimeOffset(from, TokyoTime.Offset).ToUniversalTime(),
            To = new DateTimeOffset(to, TokyoTime.Offset).ToUniversalTime(),
            Aim = new BookingAim(Purpose, PurposeNote, TravelOrderNo, DestinationKind, DestinationNote, InfoClass, PersonalData),
            SignAgreement = SignAgreement,
            Reason = Reason,
            Acknowledged = Acknowledged,
        };
    }
}
