using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk.Receipts;

/// <summary>受領の確認: what this person received in one hand-over, confirmed by one tap.</summary>
public sealed class ConfirmPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    [FromRoute(Name = "id")]
    public Guid Id { get; set; }

    public Receipt Receipt { get; private set; } = null!;

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    /// <summary>One device received.</summary>
    public sealed record Row(string Label, string Model, IReadOnlyList<string> Set, string RegisterNo, BookingId BookingId, DateTimeOffset Due);

    public override async Task LoadAsync(CancellationToken ct)
    {
        Receipt = await db.Receipts.AsNoTracking().SingleOrDefaultAsync(r => r.Id == Id && r.PersonId == me.Id, ct).OrNotHere();
        var (act, person) = (Receipt.HandOverId, me.Id);
        Rows = await (
            from loan in db.Loans
            where loan.HandOverId == act && loan.ReceivedBy == person
            join line in db.BookingLines on loan.LineId equals line.Id
            join device in db.Devices on loan.DeviceId equals device.Id
            join model in db.DeviceModels on device.ModelId equals model.Id
            orderby loan.RegisterSequence
            select new Row(device.Label, model.Name, loan.SetOut, loan.RegisterNo, line.BookingId, line.To)).ToListAsync(ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            var receipt = await db.Receipts.SingleOrDefaultAsync(r => r.Id == Id && r.PersonId == me.Id, ct).OrNotHere();
            receipt.Confirm(clock.GetUtcNow());
            await db.SaveChangesAsync(ct);
        }, ct);
        Say("受領を確認しました。");
        return Redirect("/booking/mine");
    }
}
