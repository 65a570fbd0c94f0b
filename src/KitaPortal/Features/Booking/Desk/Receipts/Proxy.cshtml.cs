using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk.Receipts;

/// <summary>代理受取: who besides the borrower may receive the devices of a booking.</summary>
public sealed class ProxyPage(PortalDb db, CurrentStaff me) : FormPage
{
    [FromRoute(Name = "id")]
    public Guid Id { get; set; }

    [BindProperty, Display(Name = "代わりに受け取る人の職員番号"), Required(ErrorMessage = "職員番号を入力してください。")]
    public string? Person { get; set; }

    public Booking Booking { get; private set; } = null!;

    public IReadOnlyList<(Guid Id, string Name, string Number)> Proxies { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var id = new BookingId(Id);
        Booking = await db.Bookings.AsNoTracking().Include(b => b.Lines).ChangeableBy(me).SingleOrDefaultAsync(b => b.Id == id, ct).OrNotHere();
        var rows = await (
            from proxy in db.ReceiptProxies
            where proxy.BookingId == id && !proxy.IsWithdrawn
            join person in db.Staff on proxy.PersonId equals person.Id
            orderby proxy.CreatedAt
            select new { proxy.Id, person }).AsNoTracking().ToListAsync(ct);
        Proxies = [.. rows.Select(r => (r.Id, r.person.Name, r.person.StaffNumber))];
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        var found = await DeskLookup.FindAsync(db, Person, ct);
        if (found.Kind != ScannedKind.Person) throw new RuleViolation(DeskRules.NobodyHasNumber.On("Person", found.Read));
        await db.WriteAsync(async () =>
        {
            if (found.StaffId == Booking.BorrowerId || await db.ReceiptProxies.AnyAsync(p => p.BookingId == Booking.Id && p.PersonId == found.StaffId && !p.IsWithdrawn, ct)) return;
            db.Add(new ReceiptProxy(Booking, found.StaffId, me.Id));
            await db.SaveChangesAsync(ct);
        }, ct);
        Say("代理の受取人を登録しました。");
        return Redirect($"/booking/{Id}/proxy");
    }

    public async Task<IActionResult> OnPostWithdrawAsync(Guid proxy, CancellationToken ct)
    {
        ModelState.Clear();
        await LoadAsync(ct);
        await db.WriteAsync(async () =>
        {
            var one = await db.ReceiptProxies.SingleOrDefaultAsync(p => p.Id == proxy && p.BookingId == Booking.Id && !p.IsWithdrawn, ct).OrNotHere();
            one.Withdraw();
            await db.SaveChangesAsync(ct);
        }, ct);
        Say("代理の受取人を取り消しました。");
        return Redirect($"/booking/{Id}/proxy");
    }
}
