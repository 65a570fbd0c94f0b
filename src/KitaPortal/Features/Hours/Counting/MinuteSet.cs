using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Hours.Counting;

/// <summary>A half-open stretch of whole minutes, counted on the Tokyo wall clock since day 0.</summary>
public readonly record struct MinuteSpan(long From, long To);

/// <summary>Whole minutes on one Tokyo day.</summary>
public readonly record struct DayMinutes(DateOnly Day, int Minutes);

/// <summary>A set of whole minutes: sorted stretches that do not touch. Seconds are floored at both ends.</summary>
public sealed class MinuteSet
{
    internal const int PerDay = 24 * 60;

    private readonly IReadOnlyList<MinuteSpan> spans;

    private MinuteSet(IReadOnlyList<MinuteSpan> spans) => this.spans = spans;

    public static MinuteSet Empty { get; } = new([]);

    public IReadOnlyList<MinuteSpan> Spans => spans;

    public long Minutes => spans.Sum(s => s.To - s.From);

    public static MinuteSet Of(DateTimeOffset from, DateTimeOffset to) => Of(MinuteOf(from), MinuteOf(to));

    public static MinuteSet Of(long from, long to) => from < to ? new([new(from, to)]) : Empty;

    /// <summary>Every minute that is in any of the sets.</summary>
    public static MinuteSet Union(IEnumerable<MinuteSet> sets)
    {
        var joined = new List<MinuteSpan>();
        foreach (var span in sets.SelectMany(s => s.spans).OrderBy(s => s.From))
        {
            if (joined.Count > 0 && span.From <= joined[^1].To) joined[^1] = joined[^1] with { To = Math.Max(joined[^1].To, span.To) };
            else joined.Add(span);
        }
        return new(joined);
    }

    public MinuteSet Intersect(MinuteSet other)
    {
        var common = new List<MinuteSpan>();
        for (int i = 0, j = 0; i < spans.Count && j < other.spans.Count;)
        {
            var (from, to) = (Math.Max(spans[i].From, other.spans[j].From), Math.Min(spans[i].To, other.spans[j].To));
            if (from < to) common.Add(new(from, to));
            if (spans[i].To < other.spans[j].To) i++; else j++;
        }
        return new(common);
    }

    public MinuteSet Except(MinuteSet other)
    {
        var left = new List<MinuteSpan>();
        foreach (var span in spans)
        {
            var from = span.From;
            foreach (var taken in other.spans.Where(t => t.From < span.To && t.To > span.From))
            {
                if (from < taken.From) left.Add(new(from, taken.From));
                from = Math.Max(from, taken.To);
            }
            if (from < span.To) left.Add(span with { From = from });
        }
        return new(left);
    }

    /// <summary>The minutes of each Tokyo day, in order, days without any left out.</summary>
    public IEnumerable<DayMinutes> ByDay()
        => spans.SelectMany(Cut).GroupBy(p => p.Day).Select(g => new DayMinutes(g.Key, g.Sum(p => p.Minutes)));

    internal static DateOnly DayOf(long minute) => DateOnly.FromDayNumber((int)(minute / PerDay));

    internal static long Midnight(DateOnly day) => (long)day.DayNumber * PerDay;

    private static long MinuteOf(DateTimeOffset moment) => (moment.UtcTicks + TokyoTime.Offset.Ticks) / TimeSpan.TicksPerMinute;

    private static IEnumerable<DayMinutes> Cut(MinuteSpan span)
    {
        for (var from = span.From; from < span.To;)
        {
            var to = Math.Min(span.To, from - (from % PerDay) + PerDay);
            yield return new(DayOf(from), (int)(to - from));
            from = to;
        }
    }
}
