using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Series;

/// <summary>POST /bookings with a rule: every day of it or none.</summary>
internal static class SeriesApi
{
    internal sealed record DayAnswer(DateOnly Day, string State, DateOnly? HeldOn, BookingId? BookingId);

    internal sealed record SeriesAnswer(SeriesId SeriesId, string Rrule, IReadOnlyList<DayAnswer> Days, IReadOnlyList<BookingApi.BookingAnswer> Bookings);

    public static async Task<IResult> ReserveAsync(BookingApi.RequestBody body, PortalDb db, SeriesBooking bookings, CurrentStaff me, CancellationToken ct)
    {
        var id = new SeriesId(Platform.Api.Writing.Id(body.Id));
        var isThere = await db.BookingSeries.AnyAsync(s => s.Id == id, ct);
        var series = await bookings.ReserveAsync(new SeriesRequest(id, body.ToRequest(me.Id), Recurrence.Parse(body.Rrule), body.Holidays), Asker.Of(me), ct);
        var made = await db.Bookings.AsNoTracking().Include(b => b.Lines).Where(b => b.SeriesId == id).OrderBy(b => b.OccurrenceDate).ToListAsync(ct);
        var answer = new SeriesAnswer(series.Id, series.Rule, [.. series.Days.OrderBy(d => d.Day).Select(d => new DayAnswer(d.Day, d.State.ToString(), d.HeldOn, d.BookingId))], [.. made.Select(BookingApi.Answer)]);
        return isThere ? Results.Ok(answer) : Results.Created($"/booking/series/{id}", answer);
    }
}
