namespace KitaPortal.Platform.Japanese;

/// <summary>A half-open stretch of time <c>[From, To)</c> between two moments.</summary>
public readonly record struct Period(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>False when the end is not after the start.</summary>
    public bool IsForward => From < To;

    /// <summary>Whole minutes, rounded down.</summary>
    public int Minutes => (int)Math.Floor((To - From).TotalMinutes);

    public bool Contains(DateTimeOffset moment) => From <= moment && moment < To;

    public bool Overlaps(Period other) => From < other.To && other.From < To;

    /// <summary>The common part, or null when the two only touch or lie apart.</summary>
    public Period? Intersect(Period other)
    {
        var common = new Period(From > other.From ? From : other.From, To < other.To ? To : other.To);
        return common.IsForward ? common : null;
    }
}

/// <summary>The part of a period that lies on one Tokyo day.</summary>
public readonly record struct DayPart(DateOnly Day, Period Period);

/// <summary>The one place that knows the wall clock of the town: Asia/Tokyo, without summer time, UTC+9.</summary>
public static class TokyoTime
{
    public static readonly TimeSpan Offset = TimeSpan.FromHours(9);

    /// <summary>The Tokyo calendar day a moment falls on.</summary>
    public static DateOnly DayOf(DateTimeOffset moment) => DateOnly.FromDateTime(moment.ToOffset(Offset).DateTime);

    /// <summary>What the wall clock shows at a moment.</summary>
    public static TimeOnly TimeOf(DateTimeOffset moment) => TimeOnly.FromDateTime(moment.ToOffset(Offset).DateTime);

    /// <summary>The same moment written with the Tokyo offset, for showing only; never store it.</summary>
    public static DateTimeOffset Shown(DateTimeOffset moment) => moment.ToOffset(Offset);

    /// <summary>The UTC moment a Tokyo day begins.</summary>
    public static DateTimeOffset Midnight(DateOnly day) => At(day, TimeOnly.MinValue);

    /// <summary>The UTC moment of a wall-clock time.</summary>
    public static DateTimeOffset At(DateOnly day, TimeOnly time)
        => new DateTimeOffset(day.ToDateTime(time), Offset).ToUniversalTime();

    /// <summary>The UTC moment so many minutes after the day began; 1440 is 24:00, the next midnight.</summary>
    public static DateTimeOffset At(DateOnly day, int minuteOfDay) => Midnight(day).AddMinutes(minuteOfDay);

    /// <summary>The Tokyo day of now.</summary>
    public static DateOnly Today(this TimeProvider clock) => DayOf(clock.GetUtcNow());

    /// <summary>The whole of one day.</summary>
    public static Period DayPeriod(DateOnly day) => new(Midnight(day), Midnight(day.AddDays(1)));

    /// <summary>The whole of the days from the first to the last, both included.</summary>
    public static Period DaysPeriod(DateOnly first, DateOnly last) => new(Midnight(first), Midnight(last.AddDays(1)));

    /// <summary>The whole calendar month a day lies in.</summary>
    public static Period MonthPeriod(DateOnly day)
        => new(Midnight(FirstOfMonth(day)), Midnight(FirstOfMonth(day).AddMonths(1)));

    public static DateOnly FirstOfMonth(DateOnly day) => new(day.Year, day.Month, 1);

    /// <summary>Cuts a period at every Tokyo midnight; the parts join without gap.</summary>
    public static IEnumerable<DayPart> CutByDay(DateTimeOffset from, DateTimeOffset to)
    {
        while (from < to)
        {
            var day = DayOf(from);
            var next = Midnight(day.AddDays(1));
            var end = next < to ? next : to;
            yield return new DayPart(day, new Period(from.ToUniversalTime(), end.ToUniversalTime()));
            from = end;
        }
    }

    /// <summary>The first days of all months that a span of days touches, both ends included.</summary>
    public static IEnumerable<DateOnly> Months(DateOnly first, DateOnly last)
    {
        for (var month = FirstOfMonth(first); month <= last; month = month.AddMonths(1))
            yield return month;
    }
}
