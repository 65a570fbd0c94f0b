using CsCheck;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Tests.Platform;

public class FiscalYearTests
{
    internal static readonly Gen<DateOnly> Days = Gen.Int[0, new DateOnly(2099, 12, 31).DayNumber - new DateOnly(1926, 12, 25).DayNumber]
        .Select(n => new DateOnly(1926, 12, 25).AddDays(n));

    [Fact]
    public void Fiscal_years_tile_all_days() => Days.Sample(day =>
    {
        var year = FiscalYear.From(day);
        Assert.InRange(day, year.FirstDay, year.LastDay);
        Assert.Equal(year.LastDay.AddDays(1), year.Next.FirstDay);
        Assert.Equal(year.Period.To, year.Next.Period.From);
        Assert.Equal(year, FiscalYear.Of(TokyoTime.Midnight(day)));
        Assert.Equal(year, FiscalYear.Of(TokyoTime.Midnight(day.AddDays(1)).AddTicks(-1)));
    });

    [Fact]
    public void Quarters_tile_the_year() => Days.Sample(day =>
    {
        var year = FiscalYear.From(day);
        Assert.Equal(year.Period.From, year.Quarter(1).From);
        for (var q = 1; q < 4; q++) Assert.Equal(year.Quarter(q).To, year.Quarter(q + 1).From);
        Assert.Equal(year.Period.To, year.Quarter(4).To);
        Assert.True(year.Quarter(FiscalYear.QuarterOf(day)).Contains(TokyoTime.Midnight(day)));
        Assert.Equal(12, year.Months.Count());
    });

    [Fact]
    public void A_label_reads_back_as_the_same_year() => Days.Sample(day =>
    {
        var year = FiscalYear.From(day);
        foreach (var text in new[] { year.Label, year.ShortLabel, $"{year.Value}", $"{year.Value}年度", $"{year.Label}（{year.Value}年度）", $"{year.Value}年度({year.Label})" })
        {
            Assert.True(FiscalYear.TryParse(text, out var read), text);
            Assert.Equal(year, read);
        }
    });

    [Theory]
    [InlineData("令和8年度", 2026)]
    [InlineData("R8", 2026)]
    [InlineData("R8年度", 2026)]
    [InlineData("2026年度", 2026)]
    [InlineData("令８", 2026)]
    [InlineData("　Ｒ ８ 年度", 2026)]
    [InlineData("令和元年度", 2019)]
    [InlineData("平成31年度", 2019)]
    [InlineData("昭和63年度", 1988)]
    [InlineData("平成元年度", 1989)]
    public void Years_are_read_as_people_write_them(string text, int value)
    {
        Assert.True(FiscalYear.TryParse(text, out var year));
        Assert.Equal(value, year.Value);
    }

    [Theory]
    [InlineData("平成32年度")]
    [InlineData("昭和64年度")]
    [InlineData("令和0年度")]
    [InlineData("令和8年度（2025年度）")]
    [InlineData("8")]
    [InlineData("今年")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_fiscal_year_is_refused(string? text) => Assert.False(FiscalYear.TryParse(text, out _));

    [Fact]
    public void The_year_of_the_new_era_is_shown_as_its_first()
    {
        Assert.Equal("令和8年度", new FiscalYear(2026).Label);
        Assert.Equal("令和元年度", new FiscalYear(2019).Label);
        Assert.Equal("平成30年度", new FiscalYear(2018).Label);
        Assert.Equal(1, FiscalYear.QuarterOf(new(2026, 4, 1)));
        Assert.Equal(4, FiscalYear.QuarterOf(new(2026, 3, 31)));
    }
}

public class TokyoTimeTests
{
    [Fact]
    public void The_day_changes_at_Tokyo_midnight()
    {
        var midnight = TokyoTime.Midnight(new(2026, 4, 1));

        Assert.Equal(new DateTimeOffset(2026, 3, 31, 15, 0, 0, TimeSpan.Zero), midnight);
        Assert.Equal(TimeSpan.Zero, midnight.Offset);
        Assert.Equal(new DateOnly(2026, 4, 1), TokyoTime.DayOf(midnight));
        Assert.Equal(new DateOnly(2026, 3, 31), TokyoTime.DayOf(midnight.AddTicks(-1)));
        Assert.Equal(TokyoTime.Midnight(new(2026, 4, 2)), TokyoTime.At(new(2026, 4, 1), 1440));
    }

    [Fact]
    public void Cutting_by_day_loses_nothing_and_crosses_no_midnight()
        => Gen.Select(FiscalYearTests.Days, Gen.Int[0, 1439], Gen.Int[0, 20000]).Sample((day, minute, length) =>
        {
            var from = TokyoTime.At(day, minute);
            var parts = TokyoTime.CutByDay(from, from.AddMinutes(length)).ToList();

            Assert.Equal(length, parts.Sum(p => p.Period.Minutes));
            Assert.Equal(length == 0, parts.Count == 0);
            foreach (var p in parts)
            {
                Assert.True(p.Period.IsForward);
                Assert.Equal(p.Day, TokyoTime.DayOf(p.Period.From));
                Assert.Equal(p.Day, TokyoTime.DayOf(p.Period.To.AddTicks(-1)));
            }
            foreach (var (a, b) in parts.Zip(parts.Skip(1))) Assert.Equal(a.Period.To, b.Period.From);
        });

    [Fact]
    public void Half_open_periods_that_touch_do_not_overlap()
    {
        var morning = new Period(TokyoTime.At(new(2026, 4, 1), 480), TokyoTime.At(new(2026, 4, 1), 720));
        var afternoon = new Period(morning.To, morning.To.AddHours(4));

        Assert.False(morning.Overlaps(afternoon));
        Assert.Null(morning.Intersect(afternoon));
        Assert.True(morning.Overlaps(new(morning.To.AddMinutes(-1), afternoon.To)));
        Assert.Equal(1, morning.Intersect(new(morning.To.AddMinutes(-1), afternoon.To))!.Value.Minutes);
    }
}
