using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Life;

/// <summary>延長: keeps devices that are out for longer; every view of it shows what the rules say.</summary>
public sealed class ExtensionPage(PortalDb db, LineLife life, Reserving reserving, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public BookingId Id { get; set; }

    [BindProperty(SupportsGet = true)]
    public ExtensionForm Form { get; set; } = new();

    /// <summary>A line that is out.</summary>
    public sealed record Row(BookingLineId Id, string Model, string? Label, DateTimeOffset To, DateTimeOffset Due, int Extensions);

    public Booking Booking { get; private set; } = null!;

    public IReadOnlyList<Row> Lines { get; private set; } = [];

    /// <summary>An extension is being asked for already.</summary>
    public DateTimeOffset? WaitsFor => Booking.WaitingForExtension.Select(l => l.PendingTo).FirstOrDefault();

    public JudgementView Said { get; private set; } = null!;

    /// <summary>Rules that the person may pass with a reason.</summary>
    public IEnumerable<Broken> Passable => isDesk ? Said.Blocks.Concat(Broken.Where(b => b.Severity != Severity.Warn)) : [];

    private bool isDesk;

    public override async Task LoadAsync(CancellationToken ct)
    {
        if (HttpMethods.IsGet(Request.Method)) ModelState.Clear();
        Booking = await db.Bookings.AsNoTracking().Include(b => b.Lines).ChangeableBy(me).SingleOrDefaultAsync(b => b.Id == Id, ct).OrNotHere();
        isDesk = me.Is(Role.Desk) || me.Is(Role.LendingManager);
        var calendar = await db.WorkCalendarAsync(ct);
        var ids = Booking.Lines.Where(l => l.Status == LineStatus.OnLoan).Select(l => l.Id).ToList();
        var rows = await (
            from line in db.BookingLines
            where ids.Contains(line.Id)
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            join device in db.Devices on line.DeviceId equals device.Id into devices
            from device in devices.DefaultIfEmpty()
            orderby model.Name, device.Label
            select new { line, model.Name, Label = device == null ? null : device.Label, office }).AsNoTracking().ToListAsync(ct);
        Lines = [.. rows.Select(r => new Row(r.line.Id, r.Name, r.Label, r.line.To, new DeskHours(r.office, calendar).EffectiveDue(r.line.To), r.line.Extensions))];
        if (Lines.Count > 0) await JudgeAsync(rows[0].office, calendar, ct);
        Said ??= new JudgementView("延長", null, [], [], [], "");
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await db.Bookings.ChangeableBy(me).Where(b => b.Id == Id).Select(b => b.Number).SingleOrDefaultAsync(ct).OrNotHere();
        var done = await life.ExtendAsync(Act(), Asker.Of(me), ct);
        Say(done ? "返却の予定を延ばしました。" : "延長を申し込みました。許可が決まるまで、端末は確保されています。");
        return Redirect($"/booking/{Id}");
    }

    // Until closing of the day it is due, or of the next working day, unless the person said otherwise.
    private async Task JudgeAsync(People.Office office, WorkCalendar calendar, CancellationToken ct)
    {
        var due = Lines.Max(l => l.To);
        var desk = new DeskHours(office, calendar);
        var from = due > clock.GetUtcNow() ? due : clock.GetUtcNow();
        var open = Enumerable.Range(0, 366).Select(d => desk.On(TokyoTime.DayOf(from).AddDays(d))).OfType<Period>().First(d => d.To > from);
        Form.To ??= TokyoTime.Shown(open.To).DateTime;
        try
        {
            var judgement = await life.PreviewExtensionAsync(Act(), Asker.Of(me), ct);
            var route = judgement.Conditions.Count == 0 ? [] : await reserving.PreviewRouteAsync(Booking.BorrowerId, judgement, ct);
            Said = new JudgementView("延長", judgement, route, [], Form.Acknowledged, "すぐに延長できます。");
        }
        catch (RuleViolation refused)
        {
            Said = new JudgementView("延長", null, [], refused.Broken, Form.Acknowledged, "");
        }
    }

    private Extending Act() => new(Id, Form.Lines.Count > 0 ? Form.Lines : null, Form.To is { Year: > 1900 and < 9000 } to ? new DateTimeOffset(to, TokyoTime.Offset).ToUniversalTime() : DateTimeOffset.MinValue)
    {
        Acknowledged = Form.Acknowledged,
        Reason = Form.Reason,
        Overrides = Form.Overrides.Where(o => !string.IsNullOrWhiteSpace(o.Value)).ToDictionary(o => o.Key, o => o.Value!.Trim()),
    };
}

/// <summary>The form of an extension; the time is Tokyo wall clock.</summary>
public sealed class ExtensionForm
{
    /// <summary>Empty: all that are out.</summary>
    public List<BookingLineId> Lines { get; set; } = [];

    [Display(Name = "新しい返却の日時")]
    public DateTime? To { get; set; }

    [Display(Name = "許可する人への説明"), StringLength(1000, ErrorMessage = "1000字までで入力してください。")]
    public string? Reason { get; set; }

    public List<string> Acknowledged { get; set; } = [];

    public Dictionary<string, string?> Overrides { get; set; } = [];
}
