using KitaPortal.Platform.Japanese;

namespace KitaPortal.Platform.Domain;

/// <summary>Gives a person's appointments of one feature to the calendar feed. Summaries never carry a purpose or an information class.</summary>
public interface ICalendarSource
{
    /// <summary>Appointments that lie in the window, and cancelled ones that were known to calendars and ended since <paramref name="cancelledSince"/>.</summary>
    Task<IReadOnlyList<CalendarItem>> AppointmentsAsync(StaffId person, Period window, DateTimeOffset cancelledSince, CancellationToken ct);
}
