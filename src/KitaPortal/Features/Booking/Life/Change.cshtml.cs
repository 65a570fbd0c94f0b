using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Life;

/// <summary>変更: another time, place, number or model before the devices are collected; every view of it shows what the rules say.</summary>
public sealed class ChangePage(PortalDb db, LineLife life, Reserving reserving, CurrentStaff me) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public BookingId Id { get; set; }

    [BindProperty(SupportsGet = true)]
    public ChangeForm Form { get; set; } = new();

    public Booking Booking { get; private set; } = null!;

    public IReadOnlyList<SelectListItem> Choices { get; private set; } = [];

    public JudgementView Said { get; private set; } = null!;

    public IReadOnlyList<SelectListItem> Purposes { get; } = [.. Enum.GetValues<Purpose>().Select(p => new SelectListItem(BookingWords.Of(p), p.ToString()))];

    public IReadOnlyList<SelectListItem> Destinations { get; } = [.. Enum.GetValues<DestinationKind>().Select(d => new SelectListItem(BookingWords.Of(d), d.ToString()))];

    public IReadOnlyList<SelectListItem> InfoClasses { get; } = [.. Enum.GetValues<InfoClass>().Select(i => new SelectListItem(BookingWords.Of(i), i.ToString()))];

    /// <summary>Rules that the person may pass with a reason.</summary>
    public IEnumerable<Broken> Passable => me.Is(Role.Desk) || me.Is(Role.LendingManager) ? Said.Blocks.Concat(Broken.Where(b => b.Severity != Severity.Warn)) : [];

    public bool CanChange => Booking.Lines.Any(l => l.IsComing);

    /// <summary>Some devices are out: only the time of the others may change.</summary>
    public bool IsPartlyOut => Booking.Lines.Any(l => l.Status is LineStatus.OnLoan or LineStatus.Returned or LineStatus.Lost);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var isFirst = HttpMethods.IsGet(Request.Method) && Form.From is null;
        if (HttpMethods.IsGet(Request.Method)) ModelState.Clear();
        Booking = await db.Bookings.AsNoTracking().Include(b => b.Lines).ChangeableBy(me).SingleOrDefaultAsync(b => b.Id == Id, ct).OrNotHere();
        if (isFirst) Form = ChangeForm.Of(Booking);
        Choices = await ChoicesAsync(ct);
        Said = new JudgementView("変更", null, [], [], [], "");
        if (isFirst || !CanChange) return;
        try
        {
            var judgement = await life.PreviewChangeAsync(Form.ToAct(Booking), Asker.Of(me), ct);
            var route = judgement.Conditions.Count == 0 ? [] : await reserving.PreviewRouteAsync(Booking.BorrowerId, judgement, ct);
            Said = Said with { Judgement = judgement, Route = route, Acknowledged = Form.Acknowledged, WhenFree = Booking.Lines.Any(l => l.Status == LineStatus.Requested) ? "今の許可申請のまま変更できます。" : "すぐに変更できます。" };
        }
        catch (RuleViolation refused)
        {
            Said = Said with { Refused = refused.Broken };
        }
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var booking = await db.Bookings.AsNoTracking().Include(b => b.Lines).ChangeableBy(me).SingleOrDefaultAsync(b => b.Id == Id, ct).OrNotHere();
        var changed = await life.ChangeAsync(Form.ToAct(booking), Asker.Of(me), ct);
        Say(changed.Lines.Any(l => l.Status == LineStatus.Requested) ? "予約を変更しました。許可が出ると確定します。" : "予約を変更しました。");
        return Redirect($"/booking/{Id}");
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
        return [.. rows.Select(r => new SelectListItem($"{r.Model}（{r.Office}）", $"{r.Id}") { Group = groups[r.Office] })];
    }
}

/// <summary>The form of a change; times are Tokyo wall clock.</summary>
public sealed class ChangeForm
{
    /// <summary>The booking as the person saw it.</summary>
    public int? Version { get; set; }

    [Display(Name = "機種")]
    public PoolId? PoolId { get; set; }

    [Display(Name = "台数"), Range(1, 50, ErrorMessage = "1から50までの数を入力してください。")]
    public int Count { get; set; } = 1;

    [Display(Name = "受取"), Required(ErrorMessage = "受取の日時を入力してください。")]
    public DateTime? From { get; set; }

    [Display(Name = "返却"), Required(ErrorMessage = "返却の日時を入力してください。")]
    public DateTime? To { get; set; }

    [Display(Name = "目的")]
    public Purpose Purpose { get; set; }

    [Display(Name = "目的の補足"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string? PurposeNote { get; set; }

    [Display(Name = "旅行命令番号"), StringLength(40, ErrorMessage = "40字までで入力してください。")]
    public string? TravelOrderNo { get; set; }

    [Display(Name = "持出先")]
    public DestinationKind DestinationKind { get; set; }

    [Display(Name = "持出先の名前"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string? DestinationNote { get; set; }

    [Display(Name = "扱う情報")]
    public InfoClass InfoClass { get; set; }

    [Display(Name = "個人情報を扱う")]
    public bool PersonalData { get; set; }

    [Display(Name = "許可する人への説明"), StringLength(1000, ErrorMessage = "1000字までで入力してください。")]
    public string? Reason { get; set; }

    public List<string> Acknowledged { get; set; } = [];

    /// <summary>Rule code to the reason for passing it.</summary>
    public Dictionary<string, string?> Overrides { get; set; } = [];

    internal static ChangeForm Of(Booking b)
    {
        var lines = Open(b);
        return new ChangeForm
        {
            Version = b.Version,
            PoolId = lines.Select(l => l.PoolId).Distinct().Count() == 1 ? lines[0].PoolId : null,
            Count = Math.Max(1, lines.Count),
            From = TokyoTime.Shown(lines.Count > 0 ? lines.Min(l => l.From) : b.From).DateTime,
            To = TokyoTime.Shown(lines.Count > 0 ? lines.Max(l => l.To) : b.To).DateTime,
            Purpose = b.Purpose,
            PurposeNote = b.PurposeNote,
            TravelOrderNo = b.TravelOrderNo,
            DestinationKind = b.DestinationKind,
            DestinationNote = b.DestinationNote,
            InfoClass = b.InfoClass,
            PersonalData = b.PersonalData,
        };
    }

    internal Changing ToAct(Booking b)
    {
        var lines = Open(b);
        var isSame = PoolId is null || (lines.Count == Count && lines.All(l => l.PoolId == PoolId));
        return new Changing(b.Id, Moment(From), Moment(To), new BookingAim(Purpose, PurposeNote, TravelOrderNo, DestinationKind, DestinationNote, InfoClass, PersonalData))
        {
            Version = Version,
            Wanted = isSame ? null : [new WantedDevice(PoolId, null, Count)],
            Acknowledged = Acknowledged,
            Overrides = Overrides.Where(o => !string.IsNullOrWhiteSpace(o.Value)).ToDictionary(o => o.Key, o => o.Value!.Trim()),
            Reason = Reason,
        };
    }

    private static List<BookingLine> Open(Booking b) => [.. b.Lines.Where(l => l.IsComing)];

    private static DateTimeOffset Moment(DateTime? wall)
        => wall is { Year: > 1900 and < 9000 } known ? new DateTimeOffset(known, TokyoTime.Offset).ToUniversalTime() : DateTimeOffset.UnixEpoch;
}
