using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Hours.Kgi;

/// <summary>The working days of the town in one fiscal year, and the ideal line that follows them.</summary>
public sealed class WorkYear
{
    private readonly List<DateOnly> open = [];
    private readonly int[] upTo;

    public WorkYear(FiscalYear year, WorkCalendar calendar)
    {
        Year = year;
        upTo = new int[year.LastDay.DayNumber - year.FirstDay.DayNumber + 1];
        for (var day = year.FirstDay; day <= year.LastDay; day = day.AddDays(1))
        {
            if (calendar.IsOpen(day)) open.Add(day);
            upTo[day.DayNumber - year.FirstDay.DayNumber] = open.Count;
        }
    }

    public FiscalYear Year { get; }

    public IReadOnlyList<DateOnly> OpenDays => open;

    /// <summary>Working days from 1 April to the day, the day included.</summary>
    public int UpTo(DateOnly day)
        => day < Year.FirstDay ? 0 : day >= Year.LastDay ? open.Count : upTo[day.DayNumber - Year.FirstDay.DayNumber];

    /// <summary>Working days after the day up to 31 March.</summary>
    public int After(DateOnly day) => open.Count - UpTo(day);

    public int InMonth(DateOnly firstOfMonth) => UpTo(firstOfMonth.AddMonths(1).AddDays(-1)) - UpTo(firstOfMonth.AddDays(-1));

    /// <summary>The working day that comes so many working days after the day; null when the year has no more.</summary>
    public DateOnly? Later(DateOnly day, long count)
        => UpTo(day) + count is var at && at >= 1 && at <= open.Count ? open[(int)at - 1] : null;

    /// <summary>Where the year should stand in the evening of the day: the target by working days, exactly the target on 31 March.</summary>
    public long Ideal(DateOnly day, long target)
        => day < Year.FirstDay ? 0 : day >= Year.LastDay ? target : open.Count == 0 ? 0 : target * UpTo(day) / open.Count;
}
