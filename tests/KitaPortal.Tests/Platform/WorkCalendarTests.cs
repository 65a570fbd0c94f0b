using CsCheck;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Tests.Platform;

public class WorkCalendarTests
{
    // As published by the Cabinet Office.
    private static readonly Dictionary<int, string> Published = new()
    {
        [2018] = "1/1 1/8 2/11 2/12 3/21 4/29 4/30 5/3 5/4 5/5 7/16 8/11 9/17 9/23 9/24 10/8 11/3 11/23 12/23 12/24",
        [2019] = "1/1 1/14 2/11 3/21 4/29 4/30 5/1 5/2 5/3 5/4 5/5 5/6 7/15 8/11 8/12 9/16 9/23 10/14 10/22 11/3 11/4 11/23",
        [2020] = "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/23 7/24 8/10 9/21 9/22 11/3 11/23",
        [2021] = "1/1 1/11 2/11 2/23 3/20 4/29 5/3 5/4 5/5 7/22 7/23 8/8 8/9 9/20 9/23 11/3 11/23",
        [2022] = "1/1 1/10 2/11 2/23 3/21 4/29 5/3 5/4 5/5 7/18 8/11 9/19 9/23 10/10 11/3 11/23",
        [2023] = "1/1 1/2 1/9 2/11 2/23 3/21 4/29 5/3 5/4 5/5 7/17 8/11 9/18 9/23 10/9 11/3 11/23",
        [2024] = "1/1 1/8 2/11 2/12 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/15 8/11 8/12 9/16 9/22 9/23 10/14 11/3 11/4 11/23",
        [2025] = "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/21 8/11 9/15 9/23 10/13 11/3 11/23 11/24",
        [2026] = "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/20 8/11 9/21 9/22 9/23 10/12 11/3 11/23",
        [2027] = "1/1 1/11 2/11 2/23 3/21 3/22 4/29 5/3 5/4 5/5 7/19 8/11 9/20 9/23 10/11 11/3 11/23",
        // 1 January 1989 fell on a Sunday; the funeral of the Showa emperor was in February.
        [1989] = "1/1 1/2 1/15 1/16 2/11 2/24 3/21 4/29 5/3 5/4 5/5 9/15 9/23 10/10 11/3 11/23 12/23",
        [1986] = "1/1 1/15 2/11 3/21 4/29 5/3 5/5 9/15 9/23 10/10 11/3 11/23 11/24",
        [2009] = "1/1 1/12 2/11 3/20 4/29 5/3 5/4 5/5 5/6 7/20 9/21 9/22 9/23 10/12 11/3 11/23 12/23",
    };

    [Fact]
    public void Computed_holidays_equal_the_published_list()
    {
        foreach (var (year, days) in Published)
            Assert.Equal(days, string.Join(' ', NationalHolidays.Of(year).Keys.Select(d => $"{d.Month}/{d.Day}")));
    }

    [Theory]
    [InlineData("1974-09-23", "秋分の日")]
    [InlineData("1975-09-24", "秋分の日")]
    [InlineData("1976-03-20", "春分の日")]
    [InlineData("1979-09-24", "秋分の日")]
    [InlineData("1988-05-04", "国民の休日")]
    [InlineData("1990-11-12", "即位礼正殿の儀")]
    [InlineData("1993-06-09", "皇太子徳仁親王の結婚の儀")]
    [InlineData("2019-04-30", "国民の休日")]
    [InlineData("2019-05-01", "天皇の即位の日")]
    [InlineData("2019-05-02", "国民の休日")]
    [InlineData("2026-09-22", "国民の休日")]
    [InlineData("2027-03-22", "振替休日")]
    [InlineData("2032-09-21", "国民の休日")]
    public void Special_days_carry_their_name(string day, string name) => Assert.Equal(name, NationalHolidays.NameOf(DateOnly.Parse(day)));

    [Fact]
    public void An_equinox_is_provisional_until_it_is_announced()
    {
        var day = new DateOnly(2028, 3, 20);

        Assert.True(NationalHolidays.IsProvisional(day, new(2027, 1, 31)));
        Assert.False(NationalHolidays.IsProvisional(day, new(2027, 2, 1)));
        Assert.False(NationalHolidays.IsProvisional(new(2028, 5, 3), new(2026, 1, 1)));
    }

    [Fact]
    public void Office_beats_town_beats_computed()
    {
        var (geihoku, oasa) = (Guid.NewGuid(), Guid.NewGuid());
        var monday = new DateOnly(2026, 6, 1);
        var calendar = new WorkCalendar(
        [
            new(monday, null, HolidayKind.Closed, "臨時閉庁"),
            new(monday, geihoku, HolidayKind.Open, "開庁"),
            new(new(2026, 5, 3), null, HolidayKind.Open, "祭り"),
        ]);

        Assert.Equal("臨時閉庁", calendar.ClosedBecause(monday));
        Assert.Equal("臨時閉庁", calendar.ClosedBecause(monday, oasa));
        Assert.True(calendar.IsOpen(monday, geihoku));
        Assert.True(calendar.IsOpen(new(2026, 5, 3), oasa));
        Assert.Equal("憲法記念日", WorkCalendar.Plain.ClosedBecause(new(2026, 5, 3)));
    }

    [Fact]
    public void Weekends_and_the_year_end_are_closed()
    {
        var calendar = WorkCalendar.Plain;

        Assert.Equal("土曜日", calendar.ClosedBecause(new(2026, 4, 4)));
        Assert.Equal("日曜日", calendar.ClosedBecause(new(2026, 4, 5)));
        Assert.Equal("年末年始", calendar.ClosedBecause(new(2026, 12, 29)));
        Assert.True(calendar.IsOpen(new(2026, 12, 28)));
        Assert.Equal(new DateOnly(2027, 1, 4), calendar.NextOpen(new(2026, 12, 29)));
        Assert.Equal(new DateOnly(2026, 12, 28), calendar.PreviousOpen(new(2027, 1, 3)));
        Assert.True(new WorkCalendar(yearEnd: new(30, 3)).IsOpen(new(2026, 12, 29)));
    }

    [Fact]
    public void Adding_working_days_can_be_undone_and_never_runs_backwards()
        => Gen.Select(FiscalYearTests.Days, Gen.Int[-60, 60]).Sample((any, count) =>
        {
            var calendar = WorkCalendar.Plain;
            var day = calendar.NextOpen(any);
            var moved = calendar.AddWorkingDays(day, count);

            Assert.True(calendar.IsOpen(moved));
            Assert.Equal(day, calendar.AddWorkingDays(moved, -count));
            Assert.True(calendar.AddWorkingDays(day, count + 1) > moved);
            Assert.Equal(Math.Abs(count), calendar.CountWorkingDays(day < moved ? day : moved, day < moved ? moved : day));
        });
}
