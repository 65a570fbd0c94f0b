using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Mail;

namespace KitaPortal.Features.Notifications;

/// <summary>Writes an appointment as iCalendar invitation or cancellation, in Tokyo time.</summary>
internal static class Invitation
{
    private const string Tokyo = "Asia/Tokyo";

    public static LetterCalendar Write(CalendarItem item, string organizer, string organizerName, string attendee, string attendeeName, DateTimeOffset at)
    {
        var method = item.Cancelled ? CalendarMethods.Cancel : CalendarMethods.Request;
        var calendar = new Ical.Net.Calendar { Method = method, ProductId = "-//KitaPortal//JA" };
        calendar.AddTimeZone(VTimeZone.FromDateTimeZone(Tokyo, new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Unspecified), includeHistoricalData: false));
        calendar.Events.Add(new CalendarEvent
        {
            Uid = item.Uid,
            Sequence = item.Sequence,
            DtStamp = new CalDateTime(at.UtcDateTime),
            Start = Wall(item.From),
            End = Wall(item.To),
            Summary = item.Summary,
            Location = item.Location,
            Status = item.Cancelled ? EventStatus.Cancelled : EventStatus.Confirmed,
            Organizer = new Organizer($"mailto:{organizer}") { CommonName = organizerName },
            Attendees = [new Attendee($"mailto:{attendee}") { CommonName = attendeeName, Rsvp = false, ParticipationStatus = EventParticipationStatus.Accepted }],
        });
        return new LetterCalendar(method, new CalendarSerializer().SerializeToString(calendar)!);
    }

    private static CalDateTime Wall(DateTimeOffset moment) => new(TokyoTime.Shown(moment).DateTime, Tokyo);
}
