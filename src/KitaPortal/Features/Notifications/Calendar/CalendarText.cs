using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Serialization;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Notifications.Calendar;

/// <summary>The one writer of iCalendar text: feeds, invitations and cancellations, in Tokyo time.</summary>
internal static class CalendarText
{
    private const string Tokyo = "Asia/Tokyo";

    /// <summary>Appointments without a method, as a calendar subscribes to them.</summary>
    public static string Feed(IEnumerable<CalendarItem> items, string name, DateTimeOffset at)
    {
        var calendar = New();
        calendar.AddProperty("X-WR-CALNAME", name);
        calendar.AddProperty("X-WR-TIMEZONE", Tokyo);
        calendar.AddProperty("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
        calendar.AddProperty("X-PUBLISHED-TTL", "PT1H");
        foreach (var item in items) calendar.Events.Add(Event(item, at));
        return Text(calendar);
    }

    public static Ical.Net.Calendar New(string? method = null)
    {
        var calendar = new Ical.Net.Calendar { Method = method, ProductId = "-//KitaPortal//JA" };
        calendar.AddTimeZone(VTimeZone.FromDateTimeZone(Tokyo, new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Unspecified), includeHistoricalData: false));
        return calendar;
    }

    public static CalendarEvent Event(CalendarItem item, DateTimeOffset at) => new()
    {
        Uid = item.Uid,
        Sequence = item.Sequence,
        DtStamp = new CalDateTime(at.UtcDateTime),
        Start = Wall(item.From),
        End = Wall(item.To),
        Summary = item.Summary,
        Location = item.Location,
        Status = item.Cancelled ? EventStatus.Cancelled : EventStatus.Confirmed,
    };

    public static string Text(Ical.Net.Calendar calendar) => new CalendarSerializer().SerializeToString(calendar)!;

    private static CalDateTime Wall(DateTimeOffset moment) => new(TokyoTime.Shown(moment).DateTime, Tokyo);
}
