using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>A person's confirmed lines as appointments: model and place, never purpose or information class.</summary>
internal sealed class BookingCalendar(PortalDb db) : ICalendarSource
{
    public async Task<IReadOnlyList<CalendarItem>> AppointmentsAsync(StaffId person, Period window, DateTimeOffset cancelledSince, CancellationToken ct)
    {
        var (start, end) = (window.From, window.To);
        var rows = await (
            from booking in db.Bookings
            where booking.BorrowerId == person
            from line in booking.Lines
            where line.ConfirmedAt != null && ((line.CancelledAt == null && line.From < end && line.To > start) || line.CancelledAt >= cancelledSince)
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            select new { line.Id, line.Sequence, line.From, line.To, line.CancelledAt, Model = model.Name, Office = office.Name }).AsNoTracking().ToListAsync(ct);
        return [.. rows.Select(r => new CalendarItem(r.Id.ToString(), r.Sequence, r.From, r.To, $"端末の予約 {r.Model}", $"{r.Office}の貸出窓口", r.CancelledAt is not null))];
    }
}
