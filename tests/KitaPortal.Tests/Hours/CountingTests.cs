using System.Globalization;
using CsCheck;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Tests.Hours;

/// <summary>Which minutes count, and on which Tokyo day they lie.</summary>
public sealed class CountingTests
{
    private static readonly CountableTime Countable = new(WorkCalendar.Plain);
    private static readonly DateTimeOffset Start = TokyoTime.Midnight(new(2026, 3, 25));

    private static readonly Gen<MinuteSet> SomeTime = Gen.Select(Gen.Int[0, 20_000], Gen.Int[0, 6_000])
        .Select(p => MinuteSet.Of(Start.AddMinutes(p.Item1), Start.AddMinutes(p.Item1 + p.Item2)));

    [Theory]
    [InlineData("one working day", "2026-04-06 08:30", "2026-04-06 17:15", "4/6 465")]
    [InlineData("half a day", "2026-04-06 13:00", "2026-04-06 17:15", "4/6 255")]
    [InlineData("over lunch", "2026-04-06 11:00", "2026-04-06 14:00", "4/6 120")]
    [InlineData("ends where the break begins", "2026-04-06 09:00", "2026-04-06 12:00", "4/6 180")]
    [InlineData("the break alone", "2026-04-06 12:00", "2026-04-06 13:00", "")]
    [InlineData("before and after hours", "2026-04-06 06:00", "2026-04-06 22:00", "4/6 465")]
    [InlineData("over a weekend", "2026-04-10 13:00", "2026-04-13 12:00", "4/10 255 4/13 210")]
    [InlineData("a holiday between two holidays", "2026-09-22 08:30", "2026-09-22 17:15", "")]
    [InlineData("over silver week", "2026-09-18 16:15", "2026-09-24 09:30", "9/18 60 9/24 60")]
    [InlineData("over the end of the fiscal year", "2026-03-31 13:00", "2026-04-01 12:00", "3/31 255 4/1 210")]
    [InlineData("over a leap day", "2028-02-28 08:30", "2028-03-01 17:15", "2/28 465 2/29 465 3/1 465")]
    [InlineData("around midnight", "2026-04-06 23:59", "2026-04-07 00:01", "")]
    [InlineData("year-end closing", "2026-12-28 08:30", "2027-01-04 17:15", "12/28 465 1/4 465")]
    public void Working_hours_of_working_days_count(string what, string from, string to, string expected)
    {
        _ = what;
        Assert.Equal(expected, Text(Countable.Of(Of(from, to), null, WorkingTime.Usual, outsideHoursAllowed: false)));
    }

    [Theory]
    [InlineData("2026-04-06 23:59", "2026-04-07 00:01", "4/6 1 4/7 1")]
    [InlineData("2026-04-06 17:15", "2026-04-06 20:00", "4/6 165")]
    [InlineData("2026-04-06 08:30", "2026-04-06 20:00", "4/6 630")]
    [InlineData("2026-04-11 09:00", "2026-04-11 15:00", "4/11 360")]
    [InlineData("2026-09-22 08:30", "2026-09-22 17:15", "9/22 525")]
    public void Time_outside_counts_where_the_permission_allowed_it(string from, string to, string expected)
    {
        Assert.Equal(expected, Text(Countable.Of(Of(from, to), null, WorkingTime.Usual, outsideHoursAllowed: true)));
        Assert.NotEqual(expected, Text(Countable.Of(Of(from, to), null, WorkingTime.Usual, outsideHoursAllowed: false)));
    }

    [Fact]
    public void A_whole_night_between_two_working_days_never_counts_but_a_weekend_that_was_allowed_does()
    {
        Assert.Equal("4/6 465 4/7 465 4/8 465", Text(Countable.Of(Of("2026-04-06 08:30", "2026-04-08 17:15"), null, WorkingTime.Usual, outsideHoursAllowed: true)));
        Assert.Equal("4/10 660 4/11 1440 4/12 1440 4/13 720", Text(Countable.Of(Of("2026-04-10 12:15", "2026-04-13 12:00"), null, WorkingTime.Usual, outsideHoursAllowed: true)));
    }

    [Fact]
    public void An_office_closed_for_a_day_counts_nothing_while_the_others_do()
    {
        var branch = Guid.CreateVersion7();
        var calendar = new CountableTime(new WorkCalendar([new HolidayOverride(new(2026, 4, 6), branch, HolidayKind.Closed, "臨時閉庁")]));
        var day = Of("2026-04-06 08:30", "2026-04-06 17:15");

        Assert.Equal(0, calendar.Of(day, branch, WorkingTime.Usual, false).Minutes);
        Assert.Equal(465, calendar.Of(day, Guid.CreateVersion7(), WorkingTime.Usual, false).Minutes);
    }

    [Fact]
    public void Seconds_are_floored_at_both_ends()
    {
        var at = TokyoTime.At(new(2026, 4, 6), new TimeOnly(9, 0));

        Assert.Equal(10, MinuteSet.Of(at.AddSeconds(59), at.AddMinutes(10).AddSeconds(59)).Minutes);
        Assert.Equal(0, MinuteSet.Of(at.AddSeconds(1), at.AddSeconds(59)).Minutes);
        Assert.Equal(1, MinuteSet.Of(at.AddSeconds(59), at.AddSeconds(60)).Minutes);
    }

    [Fact]
    public void A_span_is_read_as_the_policy_writes_it()
    {
        Assert.Equal(465, WorkingTime.Parse("08:30-17:15", "12:00-13:00").MinutesADay);
        Assert.Equal(450, WorkingTime.Parse("08:30-17:15", "12:00-13:00,15:00-15:15").MinutesADay);
    }

    [Fact]
    public void Any_stretch_cut_by_day_sums_to_itself_and_to_the_days_of_the_calendar()
        => SomeTime.Sample(time =>
        {
            var days = time.ByDay().ToList();
            Assert.Equal(time.Minutes, days.Sum(d => d.Minutes));
            Assert.All(days, d => Assert.InRange(d.Minutes, 1, MinuteSet.PerDay));
            Assert.Equal(time.Minutes, days.GroupBy(d => FiscalYear.From(d.Day)).Sum(y => y.Sum(d => d.Minutes)));
        });

    [Fact]
    public void Countable_time_is_never_more_than_the_time_itself_nor_more_than_a_day_holds()
        => SomeTime.Sample(time =>
        {
            var usual = Countable.Of(time, null, WorkingTime.Usual, false);
            var outside = Countable.Of(time, null, WorkingTime.Usual, true);
            Assert.True(usual.Minutes <= outside.Minutes && outside.Minutes <= time.Minutes);
            Assert.All(usual.ByDay(), d => Assert.InRange(d.Minutes, 1, 465));
        });

    [Fact]
    public void Sets_of_minutes_do_what_counting_minute_by_minute_does()
        => Gen.Select(SomeTime.List[0, 4], SomeTime.List[0, 4]).Sample((left, right) =>
        {
            var (a, b) = (MinuteSet.Union(left), MinuteSet.Union(right));
            var (x, y) = (left.SelectMany(One).ToHashSet(), right.SelectMany(One).ToHashSet());

            Assert.Equal(x.Count, a.Minutes);
            Assert.Equal(x.Order(), One(a));
            Assert.Equal(x.Intersect(y).Order(), One(a.Intersect(b)));
            Assert.Equal(x.Except(y).Order(), One(a.Except(b)));
            if (left.Count > 0) Assert.InRange(a.Minutes, left.Max(s => s.Minutes), left.Sum(s => s.Minutes));
        }, iter: 60);

    private static IEnumerable<long> One(MinuteSet set)
    {
        foreach (var span in set.Spans)
            for (var minute = span.From; minute < span.To; minute++) yield return minute;
    }

    private static MinuteSet Of(string from, string to) => MinuteSet.Of(At(from), At(to));

    private static DateTimeOffset At(string text)
    {
        var local = DateTime.ParseExact(text, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return TokyoTime.At(DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local));
    }

    private static string Text(MinuteSet set) => string.Join(' ', set.ByDay().Select(d => $"{d.Day.Month}/{d.Day.Day} {d.Minutes}"));
}
