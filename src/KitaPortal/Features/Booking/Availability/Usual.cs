using KitaPortal.Data;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Availability;

/// <summary>いつもの: one of the person's last bookings, as a link that asks for the same again on the next open day.</summary>
public sealed record Usual(string Model, string Office, int Count, string Aim, string Href)
{
    private const int Shown = 3;

    /// <summary>The last three that differ from each other, in one statement.</summary>
    public static async Task<IReadOnlyList<Usual>> LoadAsync(PortalDb db, StaffId person, DeskHours desk, DateOnly from, CancellationToken ct)
    {
        var recent = await (
            from booking in db.Bookings
            where booking.BorrowerId == person
            orderby booking.CreatedAt descending
            from line in booking.Lines
            select new
            {
                Booking = booking.Id,
                booking.Purpose,
                booking.DestinationKind,
                booking.DestinationNote,
                booking.InfoClass,
                booking.PersonalData,
                booking.CreatedAt,
                Pool = line.PoolId,
                line.From,
                line.To,
            }).Take(60).ToListAsync(ct);
        var book = await db.StandingAsync<LendingBook>(ct);
        while (!desk.IsOpenDay(from) && from < DateOnly.MaxValue.AddDays(-2)) from = from.AddDays(1);
        return
        [
            .. recent.Where(r => book.Find(r.Pool) is { Model.RetiredOn: null }).OrderByDescending(r => r.CreatedAt).GroupBy(r => r.Booking).Select(g => g.GroupBy(r => r.Pool).OrderByDescending(p => p.Count()).First().ToList())
                .DistinctBy(lines => (lines[0].Pool, lines.Count, lines[0].Purpose, lines[0].DestinationKind)).Take(Shown)
                .Select(lines => Of(book.Find(lines[0].Pool)!, lines.Count, new Period(lines[0].From, lines[0].To),
                    new BookingAim(lines[0].Purpose, null, null, lines[0].DestinationKind, lines[0].DestinationNote, lines[0].InfoClass, lines[0].PersonalData), from)),
        ];
    }

    // The clock times of last time, and as many days.
    private static Usual Of(PoolFacts pool, int count, Period last, BookingAim aim, DateOnly day)
    {
        var days = TokyoTime.DayOf(last.To).DayNumber - TokyoTime.DayOf(last.From).DayNumber;
        var again = new Period(TokyoTime.At(day, TokyoTime.TimeOf(last.From)), TokyoTime.At(day.AddDays(days), TokyoTime.TimeOf(last.To)));
        var rest = $"&Form.Purpose={aim.Purpose}&Form.DestinationKind={aim.DestinationKind}&Form.InfoClass={aim.InfoClass}{(aim.PersonalData ? "&Form.PersonalData=true" : "")}"
            + (string.IsNullOrEmpty(aim.DestinationNote) ? "" : $"&Form.DestinationNote={Uri.EscapeDataString(aim.DestinationNote)}");
        return new Usual(pool.Model.Name, pool.Office.Name, count, $"{BookingWords.Of(aim.Purpose)}・{BookingWords.Of(aim.DestinationKind)}", ReserveLink.OfPool(pool.Pool.Id, count, again, rest));
    }
}
