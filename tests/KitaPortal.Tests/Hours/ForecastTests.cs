using CsCheck;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Tests.Hours;

/// <summary>Rate, ideal line, forecast and what is still needed.</summary>
public sealed class ForecastTests
{
    private const long Target = 420_000;
    private static readonly WorkYear R8 = new(new FiscalYear(2026), WorkCalendar.Plain);

    [Theory]
    [InlineData(6153, 2750, "223 %（223.7 %）")]
    [InlineData(2475, 1500, "165 %（165.0 %）")]
    [InlineData(102591, 130000, "78 %（78.9 %）")]
    [InlineData(4812, 7000, "68 %（68.7 %）")]
    [InlineData(0, 7000, "0 %（0.0 %）")]
    [InlineData(70000, 7000, "1,000 %（1,000.0 %）")]
    public void A_rate_is_truncated_in_both_forms(long result, long target, string expected) => Assert.Equal(expected, AchievementRate.Of(result, target)!.Value.Text);

    [Fact]
    public void Half_up_rounds_and_without_target_there_is_no_rate()
    {
        Assert.Equal(79, AchievementRate.Of(102591, 130000, RateRounding.HalfUp)!.Value.Percent);
        Assert.Null(AchievementRate.Of(100, 0));
        Assert.Null(AchievementRate.Of(100, null));
    }

    [Theory]
    [InlineData(2026)]
    [InlineData(2027)]
    public void The_ideal_line_never_falls_begins_at_0_and_ends_exactly_at_the_target(int value)
    {
        var year = new WorkYear(new FiscalYear(value), WorkCalendar.Plain);

        Gen.Long[0, 10_000_000].Sample(target =>
        {
            var line = Enumerable.Range(-3, 375).Select(i => year.Ideal(year.Year.FirstDay.AddDays(i), target)).ToList();
            Assert.Equal(line.Order(), line);
            Assert.Equal(0, year.Ideal(year.Year.FirstDay.AddDays(-1), target));
            Assert.Equal(target, year.Ideal(year.Year.LastDay, target));
        }, iter: 50);
    }

    [Fact]
    public void The_months_of_a_year_hold_all_its_working_days()
    {
        // 261 weekdays less 16 holidays and 4 days of the year-end closing
        Assert.Equal(241, R8.OpenDays.Count);
        Assert.Equal(R8.OpenDays.Count, R8.Year.Months.Sum(R8.InMonth));
        Assert.Equal(21, R8.InMonth(new(2026, 4, 1)));
    }

    [Fact]
    public void No_forecast_after_19_working_days_one_after_20()
    {
        var steady = Steady(R8.Year.FirstDay, R8.Year.LastDay, 1800);

        Assert.Equal(Outlook.TooEarly, Forecast.Of(R8, steady, Target, R8.OpenDays[19]).Outlook);
        Assert.Equal(Outlook.WillReach, Forecast.Of(R8, steady, Target, R8.OpenDays[20]).Outlook);
        Assert.Equal(Grade.TooEarly, Forecast.GradeOf(R8, 36_000, Target, R8.OpenDays[19]));
        Assert.Equal(Grade.OnTrack, Forecast.GradeOf(R8, 37_800, Target, R8.OpenDays[20]));
    }

    [Fact]
    public void A_steady_pace_reaches_the_target_on_a_known_day()
    {
        // 2,000 minutes a day: the 210th working day of the year completes 420,000.
        var forecast = Forecast.Of(R8, Steady(R8.Year.FirstDay, R8.Year.LastDay, 2000), Target, R8.OpenDays[99]);

        Assert.Equal(Outlook.WillReach, forecast.Outlook);
        Assert.Equal(R8.OpenDays[209], forecast.On);
        Assert.Equal((forecast.On, forecast.On), (forecast.Earliest, forecast.Latest));
        Assert.Equal(2000L * 241, forecast.YearEndMinutes);
    }

    [Fact]
    public void A_pace_that_quickened_gives_a_range_from_the_slowest_to_the_fastest()
    {
        var daily = R8.OpenDays.Take(101).Select((day, i) => (day, minutes: i < 40 ? 1000L : i < 80 ? 2000L : 3000L)).ToDictionary(d => d.day, d => d.minutes);

        var forecast = Forecast.Of(R8, daily, Target, R8.OpenDays[100]);

        // to date 40×1,000 + 40×2,000 + 21×3,000 = 183,000; 237,000 left; paces 3,000, 2,333.3 (60), 1,800 (all)
        Assert.Equal(R8.OpenDays[100 + 102], forecast.On);
        Assert.Equal(R8.OpenDays[100 + 79], forecast.Earliest);
        Assert.Equal(R8.OpenDays[100 + 132], forecast.Latest);
    }

    [Fact]
    public void A_pace_that_is_too_slow_says_where_the_year_ends()
    {
        var forecast = Forecast.Of(R8, Steady(R8.Year.FirstDay, R8.Year.LastDay, 1500), Target, R8.OpenDays[99]);

        Assert.Equal(Outlook.WillMiss, forecast.Outlook);
        Assert.Null(forecast.On);
        Assert.Equal(1500L * 241, forecast.YearEndMinutes);
    }

    [Fact]
    public void Zero_pace_and_a_reached_target_have_no_coming_date()
    {
        Assert.Equal(Outlook.NoPace, Forecast.Of(R8, new Dictionary<DateOnly, long>(), Target, R8.OpenDays[99]).Outlook);

        var reached = Forecast.Of(R8, new Dictionary<DateOnly, long> { [new(2026, 4, 1)] = 400_000, [new(2026, 5, 1)] = 20_000 }, Target, R8.OpenDays[99]);
        Assert.Equal((Outlook.Reached, new DateOnly(2026, 5, 1)), (reached.Outlook, reached.On!.Value));

        var last = Forecast.Of(R8, new Dictionary<DateOnly, long> { [new(2027, 3, 31)] = Target }, Target, new(2027, 3, 31));
        Assert.Equal((Outlook.Reached, new DateOnly(2027, 3, 31)), (last.Outlook, last.On!.Value));
    }

    [Fact]
    public void A_portal_that_began_in_October_waits_for_its_own_20_days()
    {
        var golive = new DateOnly(2026, 10, 1);
        var steady = Steady(golive, R8.Year.LastDay, 4000);
        var nineteen = R8.OpenDays.Where(d => d >= golive).ElementAt(19);

        Assert.Equal(Outlook.TooEarly, Forecast.Of(R8, steady, Target, nineteen, golive).Outlook);
        Assert.NotEqual(Outlook.TooEarly, Forecast.Of(R8, steady, Target, nineteen, R8.Year.FirstDay).Outlook);
        Assert.Equal(Outlook.WillReach, Forecast.Of(R8, steady, Target, R8.OpenDays.Where(d => d >= golive).ElementAt(20), golive).Outlook);
    }

    [Theory]
    [InlineData(420_000, Grade.Reached)]
    [InlineData(174_274, Grade.OnTrack)]
    [InlineData(174_273, Grade.OnTrack)]
    [InlineData(174_272, Grade.SlightlyBehind)]
    [InlineData(156_846, Grade.SlightlyBehind)]
    [InlineData(156_845, Grade.Behind)]
    public void The_grade_compares_with_the_ideal_of_the_day(long minutes, Grade expected)
    {
        // the 100th of 241 working days: ideal 174,273
        Assert.Equal(174_273, R8.Ideal(R8.OpenDays[99], Target));
        Assert.Equal(expected, Forecast.GradeOf(R8, minutes, Target, R8.OpenDays[99]));
    }

    [Fact]
    public void What_is_needed_adds_up_to_what_is_missing()
        => Gen.Select(Gen.Int[-5, 370], Gen.Long[0, 500_000]).Sample((offset, sofar) =>
        {
            var today = R8.Year.FirstDay.AddDays(offset);
            var needed = Needed.Of(R8, sofar, Target, today);

            Assert.Equal(Math.Max(0, Target - sofar), needed.Minutes);
            if (needed.WorkingDays > 0) Assert.Equal(needed.Minutes, needed.ByMonth.Values.Sum());
            Assert.All(needed.ByMonth.Values, m => Assert.True(m >= 0));
            if (needed.ADay is { } aDay) Assert.InRange(aDay * needed.WorkingDays, needed.Minutes, needed.Minutes + needed.WorkingDays);
        });

    [Fact]
    public void On_the_last_day_nothing_can_be_needed_any_more()
    {
        var needed = Needed.Of(R8, 0, Target, R8.Year.LastDay);

        Assert.Equal((0, null, null), (needed.WorkingDays, needed.ADay, needed.DeviceTenthsADay(465)));
        Assert.Equal(38, Needed.Of(R8, Target - 1745, Target, R8.OpenDays[^2]).DeviceTenthsADay(465));
    }

    private static Dictionary<DateOnly, long> Steady(DateOnly first, DateOnly last, long minutes)
        => R8.OpenDays.Where(d => d >= first && d <= last).ToDictionary(d => d, _ => minutes);
}
