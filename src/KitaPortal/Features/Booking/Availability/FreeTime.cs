using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Availability;

/// <summary>The opening hours of one day of a timeline, worked out once for all devices; null when the desk is closed.</summary>
internal readonly record struct TimelineDay(DateOnly Date, Period Whole, Period? Open, string? ClosedBecause);

/// <summary>Finds the free spans of devices inside the desk's opening hours, on the quarter-hour grid.</summary>
internal sealed class FreeTime(Timeline timeline, DateTimeOffset now)
{
    private const int ShortestMinutes = 30;
    private static readonly long Quarter = TimeSpan.FromMinutes(15).Ticks;

    public IReadOnlyList<TimelineDay> Days { get; } =
        [.. timeline.Dates.Select(d => new TimelineDay(d, TokyoTime.DayPeriod(d), timeline.Desk.On(d), timeline.Desk.Calendar.ClosedBecause(d, timeline.Office.Id.Value)))];

    /// <summary>Free spans of a device on a day; what follows leaves room for the turnaround.</summary>
    /// <param name="next">Where the device's bars were left on the day before; bars are ordered by start.</param>
    public void SpansOf(TimelinePool pool, TimelineDevice device, TimelineDay day, int next, List<Period> into)
    {
        into.Clear();
        if (!device.IsLendable || day.Open is not { } open || open.To <= now) return;
        var from = open.From > now ? open.From : now.AddTicks((Quarter - (now.Ticks % Quarter)) % Quarter);
        var bars = device.Bars;
        for (var i = next; i < bars.Count && from < open.To; i++)
        {
            var busy = bars[i].Period;
            if (busy.To <= from) continue;
            Add(into, pool, new Period(from, busy.From < open.To ? busy.From : open.To), busy.From);
            from = OnGrid(busy.To);
            if (busy.From >= open.To) return;
        }
        if (from < open.To) Add(into, pool, new Period(from, open.To), null);
    }

    private void Add(List<Period> into, TimelinePool pool, Period span, DateTimeOffset? nextBusy)
    {
        span = new Period(span.From, span.To.AddTicks(-(span.To.Ticks % Quarter)));
        if (nextBusy is { } limit && pool.TurnaroundMinutes > 0)
            while (span.IsForward && timeline.Desk.AddOpenMinutes(span.To, pool.TurnaroundMinutes) > limit) span = new Period(span.From, span.To.AddMinutes(-15));
        if (span.IsForward && span.Minutes >= ShortestMinutes) into.Add(span);
    }

    private static DateTimeOffset OnGrid(DateTimeOffset moment) => moment.AddTicks((Quarter - (moment.Ticks % Quarter)) % Quarter);
}
