using System.Collections.Concurrent;

namespace KitaPortal.Platform.Japanese;

/// <summary>The national holidays of Japan (国民の祝日と休日), computed from the law for 1974 to 2050.</summary>
public static class NationalHolidays
{
    public const int FirstYear = 1974, LastYear = 2050;

    private static readonly ConcurrentDictionary<int, IReadOnlyDictionary<DateOnly, string>> Years = new();

    /// <summary>All holidays of a calendar year with their names; empty outside the computed years.</summary>
    public static IReadOnlyDictionary<DateOnly, string> Of(int year) => Years.GetOrAdd(year, Compute);

    /// <summary>The name of the holiday on a day, or null.</summary>
    public static string? NameOf(DateOnly day) => Of(day.Year).GetValueOrDefault(day);

    /// <summary>True while an equinox day is only computed: the government announces it on 1 February of the year before.</summary>
    public static bool IsProvisional(DateOnly day, DateOnly today)
        => NameOf(day) is "春分の日" or "秋分の日" && today < new DateOnly(day.Year - 1, 2, 1);

    private static IReadOnlyDictionary<DateOnly, string> Compute(int year)
    {
        var days = new SortedDictionary<DateOnly, string>();
        if (year is < FirstYear or > LastYear) return days;

        foreach (var (day, name) in NamedDays(year)) days[day] = name;
        // A weekday between two holidays is one too (since the end of 1985), then each holiday on a Sunday moves.
        var named = days.Keys.ToHashSet();
        foreach (var sunday in named.Where(d => d.DayOfWeek == DayOfWeek.Sunday).Order())
        {
            var moved = sunday.AddDays(1);
            if (year >= 2007)
                while (named.Contains(moved)) moved = moved.AddDays(1);
            if (!named.Contains(moved)) days[moved] = "振替休日";
        }
        if (year >= 1986)
            foreach (var day in named.Select(d => d.AddDays(1)).ToList())
                if (named.Contains(day.AddDays(1)) && !days.ContainsKey(day) && day.DayOfWeek != DayOfWeek.Sunday)
                    days[day] = "国民の休日";
        return days;
    }

    private static IEnumerable<(DateOnly, string)> NamedDays(int y)
    {
        DateOnly D(int month, int day) => new(y, month, day);

        yield return (D(1, 1), "元日");
        yield return (y < 2000 ? D(1, 15) : Monday(y, 1, 2), "成人の日");
        yield return (D(2, 11), "建国記念の日");
        if (y >= 2020) yield return (D(2, 23), "天皇誕生日");
        yield return (D(3, VernalDay(y)), "春分の日");
        yield return (D(4, 29), y < 1989 ? "天皇誕生日" : y < 2007 ? "みどりの日" : "昭和の日");
        yield return (D(5, 3), "憲法記念日");
        if (y >= 2007) yield return (D(5, 4), "みどりの日");
        yield return (D(5, 5), "こどもの日");
        if (y >= 1996)
            yield return (y switch { 2020 => D(7, 23), 2021 => D(7, 22), >= 2003 => Monday(y, 7, 3), _ => D(7, 20) }, "海の日");
        if (y >= 2016)
            yield return (y switch { 2020 => D(8, 10), 2021 => D(8, 8), _ => D(8, 11) }, "山の日");
        yield return (y < 2003 ? D(9, 15) : Monday(y, 9, 3), "敬老の日");
        yield return (D(9, AutumnalDay(y)), "秋分の日");
        yield return (y switch { 2020 => D(7, 24), 2021 => D(7, 23), >= 2000 => Monday(y, 10, 2), _ => D(10, 10) },
            y < 2020 ? "体育の日" : "スポーツの日");
        yield return (D(11, 3), "文化の日");
        yield return (D(11, 23), "勤労感謝の日");
        if (y is >= 1989 and <= 2018) yield return (D(12, 23), "天皇誕生日");

        if (y == 1989) yield return (D(2, 24), "昭和天皇の大喪の礼");
        if (y == 1990) yield return (D(11, 12), "即位礼正殿の儀");
        if (y == 1993) yield return (D(6, 9), "皇太子徳仁親王の結婚の儀");
        if (y == 2019) yield return (D(5, 1), "天皇の即位の日");
        if (y == 2019) yield return (D(10, 22), "即位礼正殿の儀");
    }

    private static DateOnly Monday(int year, int month, int number)
    {
        var first = new DateOnly(year, month, 1);
        return first.AddDays((8 - (int)first.DayOfWeek) % 7 + 7 * (number - 1));
    }

    // The usual approximation of the equinoxes; the integer division of a negative number rounds towards zero on purpose.
    private static int VernalDay(int y)
        => (int)(y < 1980 ? 20.8357 + 0.242194 * (y - 1980) - (y - 1983) / 4 : 20.8431 + 0.242194 * (y - 1980) - (y - 1980) / 4);

    private static int AutumnalDay(int y)
        => (int)(y < 1980 ? 23.2588 + 0.242194 * (y - 1980) - (y - 1983) / 4 : 23.2488 + 0.242194 * (y - 1980) - (y - 1980) / 4);
}
