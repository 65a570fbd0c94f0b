using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Availability;
using KitaPortal.Features.Booking.Rules;
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

/// <summary>Books devices: what, when, what for, where to, for whom. The address holds the whole form, so it can be shared and survives a reload; every view of it shows what the rules say and what could be booked instead.</summary>
public sealed class ReservePage(PortalDb db, Reserving reserving, Alternatives alternatives, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public ReserveForm Form { get; set; } = new();

    /// <summary>A device by its label, and a time, as short links name them; see <see cref="ReserveLink"/>.</summary>
    [BindProperty(SupportsGet = true)]
    public string? D { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? T { get; set; }

    public IReadOnlyList<SelectListItem> Choices { get; private set; } = [];

    /// <summary>Whom else the person may book for.</summary>
    public IReadOnlyList<SelectListItem> Borrowers { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Responsibles { get; private set; } = [];

    public Judgement? Judgement { get; private set; }

    public IReadOnlyList<RoutePreview> Route { get; private set; } = [];

    /// <summary>What could be booked instead; empty while nothing refuses.</summary>
    public IReadOnlyList<Alternative> Instead { get; private set; } = [];

    /// <summary>Rules that refuse the form before it can be judged (absurd dates).</summary>
    public IReadOnlyList<Broken> RefusedAtOnce { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Purposes { get; } = People.PeopleChoices.Of<Purpose>(BookingWords.Of);

    public IReadOnlyList<SelectListItem> Destinations { get; } = People.PeopleChoices.Of<DestinationKind>(BookingWords.Of);

    public IReadOnlyList<SelectListItem> InfoClasses { get; } = People.PeopleChoices.Of<InfoClass>(BookingWords.Of);

    /// <summary>Rules the form already gives a reason for, with what the reason is.</summary>
    public IEnumerable<(LendingRule Rule, string Reason)> Passed
        => BookingRules.Lending.Where(r => !string.IsNullOrWhiteSpace(Form.Overrides.GetValueOrDefault(r.Text.Code))).Select(r => (r, Form.Overrides[r.Text.Code]!));

    /// <summary>Whether the person may pass the broken rule with a reason.</summary>
    public bool MayPass(Broken broken) => Judgement is { } judged && judged.MayBePassedBy(broken, Asker.Of(me)) && string.IsNullOrWhiteSpace(Form.Overrides.GetValueOrDefault(broken.Rule.Code));

    public override async Task LoadAsync(CancellationToken ct)
    {
        if (HttpMethods.IsGet(Request.Method)) ModelState.Clear();
        if (Form.Id == default || HttpMethods.IsGet(Request.Method)) Form.Id = BookingId.New();
        await ReadShortLinkAsync(ct);
        await FillInTimesAsync(ct);
        Form.PadLines();
        var today = clock.Today();
        Choices = await ReserveChoices.DevicesAsync(db, [Form.Choice, .. Form.More.Select(w => w.Choice)], today, ct);
        Borrowers = await ReserveChoices.BorrowersAsync(db, me, today, ct);
        Responsibles = await ReserveChoices.ResponsiblesAsync(db, me, Form.BorrowerId, today, ct);
        if (Form.ToRequest(me.Id) is not { } request) return;
        try
        {
            Judgement = await reserving.PreviewAsync(request, Asker.Of(me), ct);
            Route = await reserving.PreviewRouteAsync(request, Judgement, ct);
            Instead = await alternatives.FindAsync(request, Judgement, Asker.Of(me), ct);
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

    private async Task ReadShortLinkAsync(CancellationToken ct)
    {
        if (ReserveLink.ReadTime(T) is { } time) (Form.From, Form.To) = (Form.From ?? time.From, Form.To ?? time.To);
        if (D is { Length: > 0 } label && Form.Choice is null && await db.Devices.Where(d => d.Label == label).Select(d => (DeviceId?)d.Id).SingleOrDefaultAsync(ct) is { } device) Form.Choice = $"d{device}";
    }

    // The own office's next open day from opening to closing, unless the person said otherwise.
    private async Task FillInTimesAsync(CancellationToken ct)
    {
        var offices = (await db.StandingAsync<OrganisationBook>(ct)).Offices.ToList();
        if ((offices.Find(o => o.Id == me.OfficeId) ?? offices.FirstOrDefault()) is not { } office) return;
        var opening = new DeskHours(office, await db.WorkCalendarAsync(ct)).NextOpening(TokyoTime.Midnight(clock.Today().AddDays(1)));
        Form.From ??= TokyoTime.DayOf(opening).ToDateTime(office.OpensAt);
        Form.To ??= Form.From.Value.Date + office.ClosesAt.ToTimeSpan();
    }
}
