namespace KitaPortal.Features.Hours.Kgi;

/// <summary>How a year stands against its target.</summary>
public enum Grade { TooEarly, Reached, OnTrack, SlightlyBehind, Behind }

/// <summary>What can be said about the end of the year.</summary>
public enum Outlook { TooEarly, Reached, WillReach, WillMiss, NoPace, Over }

/// <summary>The pace of the last working days carried on to 31 March. Bookings already made for the future are not part of it.</summary>
/// <param name="On">When the target was or will be reached.</param>
/// <param name="Earliest">The same by the highest of the paces over 20, 60 and all working days.</param>
/// <param name="Latest">By the lowest; null when that pace does not reach it within the year.</param>
/// <param name="YearEndMinutes">Where the year will stand on 31 March.</param>
/// <param name="LeastMinutes">By the lowest pace.</param>
/// <param name="MostMinutes">By the highest pace.</param>
public sealed record Forecast(Outlook Outlook, DateOnly? On = null, DateOnly? Earliest = null, DateOnly? Latest = null,
    long YearEndMinutes = 0, long LeastMinutes = 0, long MostMinutes = 0, int CompletedDays = 0)
{
    public const int MinWorkingDays = 20;
    public const int PaceWorkingDays = 60;

    private readonly record struct Pace(long Minutes, int Days)
    {
        public double Mean => (double)Minutes / Days;

        public long DaysFor(long minutes) => ((minutes * Days) + Minutes - 1) / Minutes;

        public long In(int days) => Minutes * days / Days;
    }

    /// <param name="daily">Booked minutes by Tokyo day.</param>
    /// <param name="firstDay">The first day that counts when the portal began within the year.</param>
    public static Forecast Of(WorkYear year, IReadOnlyDictionary<DateOnly, long> daily, long target, DateOnly today, DateOnly? firstDay = null, int minDays = MinWorkingDays, int paceDays = PaceWorkingDays)
    {
        var begin = firstDay is { } f && f > year.Year.FirstDay ? f : year.Year.FirstDay;
        var sofar = Between(daily, year.Year.FirstDay, today.AddDays(1));
        if (target > 0 && sofar >= target) return new(Outlook.Reached, ReachedOn(year, daily, target, today), YearEndMinutes: sofar);
        if (today > year.Year.LastDay) return new(Outlook.Over, YearEndMinutes: sofar);

        var completed = year.OpenDays.Where(d => d >= begin && d < today).ToList();
        if (completed.Count < minDays || target <= 0) return new(Outlook.TooEarly, CompletedDays: completed.Count);
        var pace = Over(paceDays);
        if (pace.Minutes <= 0) return new(Outlook.NoPace, YearEndMinutes: sofar, CompletedDays: completed.Count);

        var paces = new[] { Over(minDays), pace, Over(completed.Count) };
        var (slow, fast) = (paces.MinBy(p => p.Mean), paces.MaxBy(p => p.Mean));
        var left = year.After(today);
        var on = year.Later(today, pace.DaysFor(target - sofar));
        return new(on is null ? Outlook.WillMiss : Outlook.WillReach, on,
            on is null ? null : year.Later(today, fast.DaysFor(target - sofar)),
            on is null || slow.Minutes <= 0 ? null : year.Later(today, slow.DaysFor(target - sofar)),
            sofar + pace.In(left), sofar + slow.In(left), sofar + fast.In(left), completed.Count);

        Pace Over(int days)
        {
            var window = Math.Min(days, completed.Count);
            return new(Between(daily, completed[^window], today), window);
        }
    }

    public static Grade GradeOf(WorkYear year, long sofar, long target, DateOnly today, DateOnly? firstDay = null, int behindPercent = 90, int minDays = MinWorkingDays)
    {
        if (sofar >= target) return Grade.Reached;
        var begin = firstDay is { } f && f > year.Year.FirstDay ? f : year.Year.FirstDay;
        if (today <= year.Year.LastDay && year.OpenDays.Count(d => d >= begin && d < today) < minDays) return Grade.TooEarly;
        var ideal = year.Ideal(today, target);
        return sofar >= ideal ? Grade.OnTrack : sofar * 100 >= ideal * behindPercent ? Grade.SlightlyBehind : Grade.Behind;
    }

    private static long Between(IReadOnlyDictionary<DateOnly, long> daily, DateOnly from, DateOnly toExclusive)
        => daily.Where(d => d.Key >= from && d.Key < toExclusive).Sum(d => d.Value);

    private static DateOnly? ReachedOn(WorkYear year, IReadOnlyDictionary<DateOnly, long> daily, long target, DateOnly today)
    {
        var sum = 0L;
        foreach (var (day, minutes) in daily.Where(d => year.Year.Contains(d.Key) && d.Key <= today).OrderBy(d => d.Key))
            if ((sum += minutes) >= target) return day;
        return null;
    }
}

/// <summary>What is still needed to reach the target: the remaining minutes laid on the remaining working days.</summary>
public sealed record Needed(long Minutes, int WorkingDays, IReadOnlyDictionary<DateOnly, long> ByMonth)
{
    public static Needed Of(WorkYear year, long sofar, long target, DateOnly today)
    {
        var remaining = Math.Max(0, target - sofar);
        var day = today < year.Year.FirstDay ? year.Year.FirstDay.AddDays(-1) : today;
        var left = year.After(day);
        var byMonth = new Dictionary<DateOnly, long>();
        foreach (var month in year.Year.Months.Where(m => m.AddMonths(1) > day.AddDays(1)))
        {
            // cumulative, so that the months add up to the minute
            var before = Math.Max(0, year.UpTo(month.AddDays(-1)) - year.UpTo(day));
            var until = year.UpTo(month.AddMonths(1).AddDays(-1)) - year.UpTo(day);
            if (left > 0) byMonth[month] = (remaining * until / left) - (remaining * before / left);
        }
        return new(remaining, left, byMonth);
    }

    /// <summary>Minutes needed on each working day, rounded up; null when none is left.</summary>
    public long? ADay => WorkingDays == 0 ? null : (Minutes + WorkingDays - 1) / WorkingDays;

    /// <summary>The same as devices booked all day, in tenths, rounded up.</summary>
    public long? DeviceTenthsADay(int minutesADay) => WorkingDays == 0 ? null : ((Minutes * 10) + ((long)WorkingDays * minutesADay) - 1) / ((long)WorkingDays * minutesADay);
}
