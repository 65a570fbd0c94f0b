using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Review;

/// <summary>One line of a booking as HR may see it: period, model, purpose and status, with all its ledger rows. Neither destination nor notes nor information class.</summary>
[Authorize(HoursPolicies.Work)]
public sealed class BookingPage(PortalDb db, PersonalLooks looks) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public Guid Id { get; set; }

    public Line Shown { get; private set; } = null!;

    public IReadOnlyList<LedgerEntry> Rows { get; private set; } = [];

    public sealed record Line(string Number, string Person, StaffId PersonId, string Model, Purpose Purpose, LineStatus Status, DateTimeOffset From, DateTimeOffset To, DateTimeOffset? OutAt, DateTimeOffset? InAt);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var id = new BookingLineId(Id);
        Shown = await (
            from line in db.BookingLines
            where line.Id == id
            join booking in db.Bookings on line.BookingId equals booking.Id
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join loaned in db.Loans on line.Id equals loaned.LineId into loans
            from loan in loans.DefaultIfEmpty()
            select new Line(booking.Number, "", booking.BorrowerId, model.Name, booking.Purpose, line.Status, line.From, line.To, loan != null ? loan.OutAt : null, loan != null ? loan.InAt : null))
            .AsNoTracking().FirstOrDefaultAsync(ct).OrNotHere();
        Shown = Shown with { Person = (await db.StandingAsync<OrganisationBook>(ct)).Find(Shown.PersonId)?.Name ?? "" };
        Rows = await db.LedgerEntries.AsNoTracking().Where(e => e.SourceKind == SourceKind.Line && e.SourceId == Id).OrderBy(e => e.Measure).ThenBy(e => e.WorkDate).ThenBy(e => e.Revision).ToListAsync(ct);
        await looks.RememberAsync([Shown.PersonId], $"予約 {Shown.Number}の時間", ct);
    }
}
