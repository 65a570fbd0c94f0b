using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>準備: the device is laid ready for its line; scanning another fit one of the pool takes that.</summary>
public sealed class PreparePage(PortalDb db, CurrentStaff me, DeskActs desk) : DeskPage(db, me)
{
    [BindProperty(SupportsGet = true, Name = "line")]
    public BookingLineId LineId { get; set; }

    public DeskLine Line { get; private set; } = null!;

    public IReadOnlyList<Accessory> Set { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var office = await OpenDeskAsync(ct);
        Line = await Db.DeskLinesOf().SingleOrDefaultAsync(l => l.LineId == LineId && l.OfficeId == office.Id, ct).OrNotHere();
        Set = (await Db.DeviceModels.AsNoTracking().Include(m => m.Accessories).SingleAsync(m => m.Id == Line.ModelId, ct)).Accessories;
    }

    /// <summary>Prepares with the device that was read, or with the line's own when the box is empty.</summary>
    public async Task<IActionResult> OnPostAsync(string? q, CancellationToken ct)
    {
        await OpenDeskAsync(ct);
        DeviceId? device = null;
        if (!string.IsNullOrWhiteSpace(q))
        {
            var scanned = await DeskLookup.FindAsync(Db, q, ct);
            device = scanned.Kind == ScannedKind.Device ? scanned.DeviceId : throw new RuleViolation(DeskRules.NoDevice.On("scan-code", scanned.Read));
        }
        await desk.PrepareAsync(LineId, device, Asker.Of(Me), ct);
        await LoadAsync(ct);
        Say($"{Line.Label}を準備しました（{Line.Borrower}）。");
        return Redirect($"{DeskHref}?tab=prepare");
    }
}
