using System.Globalization;
using System.Text;

namespace KitaPortal.Features.Hours.Kgi;

/// <summary>The burn-up chart of a year as numbers of an SVG: everything a view needs to draw it without style or script.</summary>
public sealed class BurnUpChart
{
    private readonly KgiYear year;
    private readonly int days;
    private readonly double top;

    private BurnUpChart(KgiYear year, bool isNarrow)
    {
        (this.year, IsNarrow) = (year, isNarrow);
        (Width, Height) = isNarrow ? (400, 330) : (1040, 400);
        (Left, Right, Top, Bottom) = isNarrow ? (58, 12, 30, 34) : (62, 168, 26, 36);
        days = year.Year.LastDay.DayNumber - year.Year.FirstDay.DayNumber;
        var most = new[] { year.Target, year.Booked + year.Coming, year.LastDaily.Values.Sum(), 60 * 60L }.Max() / 60.0;
        var step = Step(most / (isNarrow ? 4 : 5));
        top = Math.Ceiling(most * 1.02 / step) * step;
        Ticks = [.. Enumerable.Range(0, (int)(top / step) + 1).Select(i => new Tick(Num(Y(i * step * 60)), (i * step).ToString("N0", CultureInfo.InvariantCulture)))];
    }

    /// <summary>A line of the grid with its label.</summary>
    public sealed record Tick(string At, string Text);

    /// <summary>The first day of a month on the time axis.</summary>
    public sealed record MonthTick(string At, string Middle, string Text);

    /// <summary>What stands at the right end of a line.</summary>
    public sealed record EndLabel(string Y, string Text, string Kind);

    /// <summary>The state at the end of a month, for the dots and for reading by arrow keys.</summary>
    public sealed record Dot(string X, string Y);

    public static BurnUpChart Wide(KgiYear year) => new(year, isNarrow: false);

    public static BurnUpChart Narrow(KgiYear year) => new(year, isNarrow: true);

    public bool IsNarrow { get; }

    public int Width { get; }

    public int Height { get; }

    public int Left { get; }

    public int Right { get; }

    public int Top { get; }

    public int Bottom { get; }

    public int Floor => Height - Bottom;

    public int End => Width - Right;

    public string Sentence => year.ChartSentence;

    public IReadOnlyList<Tick> Ticks { get; }

    public IEnumerable<MonthTick> Months => year.Year.Months.Select(m => new MonthTick(Num(X(m)), Num((X(m) + X(m.AddMonths(1).AddDays(-1))) / 2), IsNarrow && m.Month % 2 != 0 ? "" : $"{m.Month}月"));

    public bool HasTarget => year.Target > 0;

    public bool HasLastYear => year.LastDaily.Count > 0;

    public bool HasComing => year.Coming > 0 && !year.IsOver;

    public string TargetY => Num(Y(year.Target));

    public bool ShowsToday => !year.IsOver && year.Until >= year.Year.FirstDay;

    public string TodayX => Num(X(year.Until));

    /// <summary>Left of the middle the word stands right of its line.</summary>
    public bool IsTodayLate => X(year.Until) > (Left + End) / 2.0;

    public string Ideal => Points(year.Year.FirstDay, year.Year.LastDay, day => year.Work.Ideal(day, year.Target));

    public string Actual => Cumulative(year.Daily, year.Year.FirstDay, year.Until, 0);

    public string ActualArea => $"{Num(X(year.Year.FirstDay))},{Floor} {Actual} {Num(X(year.Until))},{Floor}";

    public string Coming => Cumulative(year.Daily, year.Until, year.Year.LastDay, year.Booked, skipFirst: true);

    public string LastYear => Cumulative(year.LastMoved, year.Year.FirstDay, year.Year.LastDay, 0);

    public IEnumerable<Dot> Dots => year.Months.Where(m => m.Cumulative is not null)
        .Select(m => Earlier(m.First.AddMonths(1).AddDays(-1), year.Until)).Select(day => new Dot(Num(X(day)), Num(Y(year.Daily.Where(d => d.Key <= day).Sum(d => d.Value)))));

    /// <summary>Labels at the ends of the lines, moved apart where they would touch.</summary>
    public IReadOnlyList<EndLabel> EndLabels
    {
        get
        {
            var wanted = new List<(double Y, string Text, string Kind)>();
            if (HasTarget) wanted.Add((Y(year.Target), $"{(year.IsProvisional ? "暫定目標" : "目標")} {year.Goal!.Hours:N0}", "target"));
            if (HasLastYear) wanted.Add((Y(year.LastDaily.Values.Sum()), $"前年度 {HoursText.Whole(year.LastDaily.Values.Sum())}", "last"));
            if (HasComing) wanted.Add((Y(year.Booked + year.Coming), $"予約済 {HoursText.Whole(year.Booked + year.Coming)}", "coming"));
            else if (year.IsOver) wanted.Add((Y(year.Booked), $"実績 {HoursText.Whole(year.Booked)}", "actual"));
            var placed = new List<EndLabel>();
            var free = double.MinValue;
            foreach (var (y, text, kind) in wanted.OrderBy(w => w.Y))
            {
                var at = Math.Max(y, free);
                placed.Add(new(Num(at + 5), text, kind));
                free = at + 20;
            }
            return placed;
        }
    }

    private double X(DateOnly day) => Left + ((double)(day.DayNumber - year.Year.FirstDay.DayNumber) / days * (End - Left));

    private double Y(double minutes) => Floor - (minutes / 60.0 / top * (Floor - Top));

    private string Cumulative(IReadOnlyDictionary<DateOnly, long> daily, DateOnly from, DateOnly to, long start, bool skipFirst = false)
    {
        var sum = start;
        return Points(from, to, day => sum += skipFirst && day == from ? 0 : daily.GetValueOrDefault(day));
    }

    // A point only where the line bends.
    private string Points(DateOnly from, DateOnly to, Func<DateOnly, long> at)
    {
        var text = new StringBuilder();
        (DateOnly Day, long Value)? held = null;
        long? before = null;
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            var value = at(day);
            if (before == value && day != to)
            {
                held = (day, value);
                continue;
            }
            if (held is { } last && before != value) Add(last.Day, last.Value);
            Add(day, value);
            (held, before) = (null, value);
        }
        return text.ToString();

        void Add(DateOnly day, long value) => text.Append(text.Length > 0 ? " " : "").Append(Num(X(day))).Append(',').Append(Num(Y(value)));
    }

    private static DateOnly Earlier(DateOnly a, DateOnly b) => a < b ? a : b;

    private static double Step(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(rough, 1))));
        return new[] { 1, 2, 2.5, 5, 10 }.Select(m => m * power).First(s => s >= rough);
    }

    private static string Num(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
