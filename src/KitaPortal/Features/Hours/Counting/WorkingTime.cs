using System.Globalization;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Hours.Counting;

/// <summary>The part of a working day that counts, in minutes of the Tokyo day: a span less its breaks.</summary>
public sealed record WorkingTime(int From, int To, IReadOnlyList<(int From, int To)> Breaks)
{
    /// <summary>8:30–17:15 less 12:00–13:00, 465 minutes.</summary>
    public static WorkingTime Usual { get; } = new(510, 1035, [(720, 780)]);

    /// <summary>What one device can be booked on one working day.</summary>
    public int MinutesADay => To - From - Breaks.Sum(b => b.To - b.From);

    /// <summary>Reads <c>08:30-17:15</c> and breaks like <c>12:00-13:00,15:00-15:15</c>.</summary>
    public static WorkingTime Parse(string span, string breaks)
    {
        var (from, to) = Stretch(span);
        return new(from, to, [.. breaks.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Stretch)]);
    }

    private static (int, int) Stretch(string text)
    {
        var ends = text.Split('-');
        return (Minute(ends[0]), Minute(ends[1]));
    }

    private static int Minute(string text)
    {
        var time = TimeOnly.ParseExact(text, "HH:mm", CultureInfo.InvariantCulture);
        return (time.Hour * 60) + time.Minute;
    }
}

/// <summary>
/// Which minutes count (可算時間): those of the office's working days inside the working time; time outside only where the permission allowed it.
/// A break of a working day never counts, nor does a night between two working days that the device merely spent outside (no permission is asked for it, 貸-109).
/// </summary>
public sealed class CountableTime(WorkCalendar calendar)
{
    public MinuteSet Of(MinuteSet planned, DateOnly day, Guid? officeId, WorkingTime time, bool outsideHoursAllowed)
    {
        var midnight = MinuteSet.Midnight(day);
        var open = calendar.IsOpen(day, officeId);
        if (!open && !outsideHoursAllowed) return MinuteSet.Empty;
        var whole = outsideHoursAllowed ? MinuteSet.Of(midnight, midnight + MinuteSet.PerDay) : MinuteSet.Of(midnight + time.From, midnight + time.To);
        var breaks = open ? MinuteSet.Union(time.Breaks.Select(b => MinuteSet.Of(midnight + b.From, midnight + b.To))) : MinuteSet.Empty;
        var counted = planned.Intersect(whole).Except(breaks);
        return open && outsideHoursAllowed ? counted.Except(MinuteSet.Union([Night(day.AddDays(-1)), Night(day)])) : counted;

        MinuteSet Night(DateOnly evening)
        {
            var night = MinuteSet.Of(MinuteSet.Midnight(evening) + time.To, MinuteSet.Midnight(evening.AddDays(1)) + time.From);
            return calendar.IsOpen(evening, officeId) && calendar.IsOpen(evening.AddDays(1), officeId) && planned.Intersect(night).Minutes == night.Minutes ? night : MinuteSet.Empty;
        }
    }

    /// <summary>The same for every day the minutes touch, by one working time.</summary>
    public MinuteSet Of(MinuteSet planned, Guid? officeId, WorkingTime time, bool outsideHoursAllowed)
        => MinuteSet.Union(planned.ByDay().Select(d => Of(planned, d.Day, officeId, time, outsideHoursAllowed)));
}
