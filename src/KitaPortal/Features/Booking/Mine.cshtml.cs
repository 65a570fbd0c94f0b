using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>A person's own bookings: now out, coming, past.</summary>
public sealed class MinePage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>One line of a booking with its device.</summary>
    public sealed record Row(BookingId BookingId, string Number, BookingLineId LineId, string Model, string Office, string? Label, DateTimeOffset From, DateTimeOffset To, LineStatus Status, Purpose Purpose, bool IsLate, string Again)
    {
        /// <summary>When it must be back: a closed desk moves it.</summary>
        public DateTimeOffset Due { get; init; }

        /// <summary>The end an extension asks for.</summary>
        public DateTimeOffset? PendingTo { get; init; }

        /// <summary>Its device cannot be given and another was not found yet.</summary>
        public bool NeedsSubstitute { get; init; }

        public string? Reason { get; init; }
    }

    public IReadOnlyList<Row> Out { get; private set; } = [];

    public IReadOnlyList<Row> Coming { get; private set; } = [];

    public IReadOnlyList<Row> Past { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var (id, now) = (me.Id, clock.GetUtcNow());
        var calendar = await db.WorkCalendarAsync(ct);
        var rows = (await (
            from booking in db.Bookings
            where booking.BorrowerId == id
            from line in booking.Lines
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            join device in db.Devices on line.DeviceId equals device.Id into devices
            from device in devices.DefaultIfEmpty()
            orderby line.From descending
            select new { booking.Id, booking.Number, LineId = line.Id, line.PoolId, Model = model.Name, Office = office, Label = device == null ? null : device.Label, line.From, line.To, line.Status, line.PendingTo, line.NeedsSubstitute, line.CancelReason, booking.Purpose, booking.DestinationKind })
            .AsNoTracking().Take(200).ToListAsync(ct))
            .Select(r => new Row(r.Id, r.Number, r.LineId, r.Model, r.Office.Name, r.Label, r.From, r.To, r.Status, r.Purpose,
                r.Status == LineStatus.OnLoan && now > new DeskHours(r.Office, calendar).EffectiveDue(r.To),
                $"/booking/reserve?Form.Choice=p{r.PoolId}&Form.Purpose={r.Purpose}&Form.DestinationKind={r.DestinationKind}")
            {
                Due = new DeskHours(r.Office, calendar).EffectiveDue(r.To),
                PendingTo = r.PendingTo,
                NeedsSubstitute = r.NeedsSubstitute,
                Reason = r.CancelReason,
            }).ToList();
        Out = [.. rows.Where(r => r.Status == LineStatus.OnLoan).OrderBy(r => r.To)];
        Coming = [.. rows.Where(r => r.Status is LineStatus.Requested or LineStatus.Approved or LineStatus.Ready).OrderBy(r => r.From)];
        Past = [.. rows.Where(r => r.Status is not (LineStatus.OnLoan or LineStatus.Requested or LineStatus.Approved or LineStatus.Ready)).Take(50)];
    }
}
