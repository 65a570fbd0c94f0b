using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Waiting;

/// <summary>Queues what the booking form asked for, with how far it may bend.</summary>
public sealed class NewPage(PortalDb db, Reserving reserving, WaitingLine line, CurrentStaff me) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public ReserveForm Form { get; set; } = new();

    [BindProperty]
    public WaitForm Wait { get; set; } = new();

    public string What { get; private set; } = "";

    public DateTimeOffset From { get; private set; }

    public DateTimeOffset To { get; private set; }

    public IReadOnlyList<SelectListItem> Others { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Flexes { get; } = [new("ずらさない", "0"), .. new[] { 30, 60, 120, 240 }.Select(m => new SelectListItem($"前後{m}分", $"{m}"))];

    public string BackHref => $"/booking/reserve{FormInside.Query(Request, "Form.")}";

    public override async Task LoadAsync(CancellationToken ct)
    {
        if (HttpMethods.IsGet(Request.Method)) ModelState.Clear();
        if (Form.ToRequest(me.Id) is not { } asked) throw new NotHereException();
        if (Form.Id == default) Form.Id = BookingId.New();
        var request = await asked.UnpackedAsync(db, ct);
        (From, To) = (request.From, request.To);
        var pools = await reserving.PoolsOfAsync(request, ct);
        var rows = await (
            from pool in db.Pools
            where pools.Contains(pool.Id)
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            select new { pool.Id, model.Name, pool.ModelId, Office = office.Name }).ToListAsync(ct);
        What = string.Join("、", rows.Select(r => $"{r.Name}（{r.Office}）"));
        if (request is not { KitId: null, Wanted: [{ DeviceId: null }] }) return;
        var (wished, alike) = (rows[0].Id, rows[0].ModelId);
        Others = [.. (await (
            from pool in db.Pools
            where pool.ModelId == alike && pool.Id != wished
            join office in db.Offices on pool.OfficeId equals office.Id
            orderby office.SortOrder
            select new { pool.Id, office.Name }).ToListAsync(ct)).Select(p => new SelectListItem(p.Name, p.Id.ToString()))];
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var request = Form.ToRequest(me.Id) ?? throw new NotHereException();
        var entry = await line.QueueAsync(new WaitlistEntryId(Form.Id.Value), request, Wait.FlexMinutes, Wait.OrPools, Asker.Of(me), ct);
        Say(entry.Status == WaitlistStatus.Offered ? "空きがありました。期限までに受けてください。" : "空き待ちに入りました。空きが出ると案内が届きます。");
        return RedirectToPage("Index");
    }
}

/// <summary>How far a wish may bend.</summary>
public sealed class WaitForm
{
    [Display(Name = "始まりをずらせる時間")]
    public int FlexMinutes { get; set; }

    [Display(Name = "ほかの庁舎でもよい")]
    public List<PoolId> OrPools { get; set; } = [];
}
