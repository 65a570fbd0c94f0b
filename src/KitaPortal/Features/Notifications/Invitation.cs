using Ical.Net;
using Ical.Net.DataTypes;
using KitaPortal.Features.Notifications.Calendar;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Mail;

namespace KitaPortal.Features.Notifications;

/// <summary>An appointment as iCalendar invitation or cancellation.</summary>
internal static class Invitation
{
    public static LetterCalendar Write(CalendarItem item, string organizer, string organizerName, string attendee, string attendeeName, DateTimeOffset at)
    {
        var method = item.Cancelled ? CalendarMethods.Cancel : CalendarMethods.Request;
        var calendar = CalendarText.New(method);
        var one = CalendarText.Event(item, at);
        one.Organizer = new Organizer($"mailto:{organizer}") { CommonName = organizerName };
        one.Attendees = [new Attendee($"mailto:{attendee}") { CommonName = attendeeName, Rsvp = false, ParticipationStatus = EventParticipationStatus.Accepted }];
        calendar.Events.Add(one);
        return new LetterCalendar(method, CalendarText.Text(calendar));
    }
}
