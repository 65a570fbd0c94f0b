using CsCheck;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Text;

namespace KitaPortal.Tests.Platform;

public class JapaneseDateTests
{
    private static readonly DateOnly Today = new(2026, 11, 25);

    [Fact]
    public void What_is_shown_reads_back_as_the_same_day() => FiscalYearTests.Days.Sample(day =>
    {
        string[] shown =
        [
            JapaneseDate.Long(day), JapaneseDate.Short(day), JapaneseDate.Iso(day),
            JapaneseDate.Show(day, DateStyle.Western), JapaneseDate.Show(day, DateStyle.Both), JapaneseDate.Show(day, DateStyle.Japanese),
        ];
        foreach (var text in shown) Assert.Equal(new DateReading(day), JapaneseDate.Read(text, Today));
    });

    [Theory]
    [InlineData("2026-09-30")]
    [InlineData("2026/9/30")]
    [InlineData("20260930")]
    [InlineData("2026.9.30")]
    [InlineData("令和8年9月30日")]
    [InlineData("令8.9.30")]
    [InlineData("R8/9/30")]
    [InlineData("Ｒ８．９．３０")]
    [InlineData("８．９．３０")]
    [InlineData("R080930")]
    [InlineData("令和 8年 9月30日（水）")]
    [InlineData("2026/9/30 0:00")]
    [InlineData("2026−9−30")]
    public void All_typed_forms_are_read(string text) => Assert.Equal(new DateOnly(2026, 9, 30), JapaneseDate.Read(text, Today).Day);

    [Fact]
    public void Without_a_year_the_next_such_day_is_meant()
    {
        Assert.Equal(new DateReading(new(2027, 9, 30), YearAssumed: true), JapaneseDate.Read("9/30", Today));
        Assert.Equal(new DateOnly(2026, 11, 25), JapaneseDate.Read("11月25日", Today).Day);
        Assert.Equal(new DateOnly(2028, 2, 29), JapaneseDate.Read("2/29", Today).Day);
        Assert.Equal(Today.AddDays(1), JapaneseDate.Read("明日", Today).Day);
    }

    [Theory]
    [InlineData("平成32年4月1日", "2020-04-01")]
    [InlineData("H31.5.1", "2019-05-01")]
    [InlineData("昭和64年1月8日", "1989-01-08")]
    [InlineData("R1.4.30", "2019-04-30")]
    [InlineData("2026年9月30日（木）", "2026-09-30")]
    public void A_day_outside_its_era_is_refused_with_the_right_one_offered(string text, string offered)
    {
        var reading = JapaneseDate.Read(text, Today);

        Assert.Null(reading.Day);
        Assert.NotNull(reading.Problem);
        Assert.Equal(DateOnly.Parse(offered), reading.Offered);
    }

    [Theory]
    [InlineData("平成17年2月29日")]
    [InlineData("H31.4.31")]
    [InlineData("R8.2.30")]
    [InlineData("2026/13/1")]
    [InlineData("令和0年1月1日")]
    [InlineData("2026年（令和7年）9月30日")]
    [InlineData("R7年度末")]
    [InlineData("不明")]
    [InlineData("R3.2")]
    [InlineData("99999999")]
    [InlineData("")]
    [InlineData("\ud800")]
    public void What_is_no_day_is_refused(string text)
    {
        Assert.Null(JapaneseDate.Read(text, Today).Day);
        Assert.NotNull(JapaneseDate.Read(text, Today).Problem);
    }

    [Fact]
    public void Serial_numbers_of_a_spreadsheet_are_days()
    {
        Assert.Equal(new DateOnly(2019, 4, 1), JapaneseDate.FromExcelSerial(43556));
        Assert.Equal(new DateOnly(1900, 1, 1), JapaneseDate.FromExcelSerial(1));
        Assert.Equal(new DateOnly(1900, 3, 1), JapaneseDate.FromExcelSerial(61));
        Assert.Null(JapaneseDate.FromExcelSerial(60));
        Assert.Null(JapaneseDate.FromExcelSerial(-1));
        Assert.Null(JapaneseDate.FromExcelSerial(double.NaN));
    }

    [Fact]
    public void No_input_breaks_the_reader()
        => SearchFoldTests.Texts.Sample(text =>
        {
            JapaneseDate.Read(text, Today);
            JapaneseTimeInput.Read(text);
            JapaneseNumber.TryRead(text, out _);
            _ = FiscalYear.TryParse(text, out _);
        });
}

public class JapaneseTimeInputTests
{
    [Theory]
    [InlineData("830", 510)]
    [InlineData("8:30", 510)]
    [InlineData("８：３０", 510)]
    [InlineData("8時半", 510)]
    [InlineData("8時45分", 525)]
    [InlineData("8時", 480)]
    [InlineData("午後1時30分", 810)]
    [InlineData("午後1:30", 810)]
    [InlineData("午後12時30分", 750)]
    [InlineData("8:30:15", 510)]
    [InlineData("0:00", 0)]
    [InlineData("1715", 1035)]
    public void Typed_times_are_read(string text, int minute) => Assert.Equal(minute, JapaneseTimeInput.Read(text).MinuteOfDay);

    [Theory]
    [InlineData("25:00")]
    [InlineData("8:60")]
    [InlineData("24:01")]
    [InlineData("午前12時")]
    [InlineData("朝")]
    [InlineData("")]
    public void What_is_no_time_is_refused(string text) => Assert.NotNull(JapaneseTimeInput.Read(text, asEnd: true).Problem);

    [Fact]
    public void Midnight_as_24_is_only_an_end()
    {
        Assert.Equal(1440, JapaneseTimeInput.Read("24:00", asEnd: true).MinuteOfDay);
        Assert.Null(JapaneseTimeInput.Read("24:00").MinuteOfDay);
        Assert.Equal("24:00", JapaneseTimeInput.Show(1440));
    }
}

public class JapaneseNumberTests
{
    [Theory]
    [InlineData("１２，３４５", 12345)]
    [InlineData("148,500円", 148500)]
    [InlineData("▲1,000", -1000)]
    [InlineData("−5", -5)]
    [InlineData("－５", -5)]
    [InlineData("¥500-", 500)]
    public void Numbers_are_read(string text, int number)
    {
        Assert.True(JapaneseNumber.TryRead(text, out var read));
        Assert.Equal(number, read);
    }

    [Fact]
    public void Thousands_count_where_the_field_says_so()
    {
        Assert.True(JapaneseNumber.TryRead("1,234", out var thousands, thousands: true));
        Assert.Equal(1_234_000, thousands);
        Assert.False(JapaneseNumber.TryRead("1,23", out _));
        Assert.False(JapaneseNumber.TryRead("十二", out _));
    }

    [Fact]
    public void Phones_are_kept_as_digits_and_hyphens()
    {
        Assert.Equal("0826-00-2111", JapanesePhone.Read("０８２６（００）２１１１"));
        Assert.Equal("0826-00-2111", JapanesePhone.Read("+81 826-00-2111"));
        Assert.Equal("070-0000-6249", JapanesePhone.Read("070ー0000−6249"));
        Assert.Null(JapanesePhone.Read("119"));
        Assert.Equal("281", JapanesePhone.ReadExtension("内281"));
        Assert.Equal("233", JapanesePhone.ReadExtension("２３３"));
        Assert.Null(JapanesePhone.ReadExtension("374・375"));
        Assert.Null(JapanesePhone.ReadExtension("直通"));
    }
}

public class SafeTextTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("＝1+1", "'＝1+1")]
    [InlineData("  -5", "'  -5")]
    [InlineData("'=1", "''=1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("普通の文", "普通の文")]
    [InlineData("'引用", "'引用")]
    [InlineData("", "")]
    public void Formulas_are_quoted_once(string text, string written)
    {
        Assert.Equal(written, SafeCell.Escape(text));
        Assert.Equal(text, SafeCell.Unescape(written));
    }

    [Fact]
    public void Unescaping_undoes_escaping_for_any_text()
        => Gen.Select(SearchFoldTests.Texts, Gen.OneOf("", "'", "''", "=", "＝", "\t", "\"'-", " '", "＇＝").Array[0, 3].Select(string.Concat)).Sample((text, head) =>
        {
            foreach (var t in new[] { text, head + text, head })
            {
                var written = SafeCell.Escape(t);
                Assert.Equal(t, SafeCell.Unescape(written));
                var first = written.Nfkc().TrimStart('\'', '"', ' ');
                if (!written.StartsWith('\'')) Assert.False(first.Length > 0 && "=+-@".Contains(first[0]), written);
            }
        });

    [Fact]
    public void A_number_with_a_right_check_digit_is_found_in_any_spelling()
        => Gen.Int[0, 9].Array[11].Sample(digits =>
        {
            var number = string.Concat(digits);
            for (var check = 0; check <= 9; check++)
            {
                var whole = number + check;
                if (!IndividualNumber.HasRightCheckDigit(whole)) continue;
                Assert.True(IndividualNumber.IsIn($"番号は{whole}です"));
                Assert.True(IndividualNumber.IsIn($"{whole[..4]}-{whole[4..8]}－{whole[8..]}"));
                Assert.True(IndividualNumber.IsIn(string.Concat(whole.Select(c => (char)(c + 0xFEE0)))));
                Assert.False(IndividualNumber.IsIn(whole + "1"));
                return;
            }
            Assert.Fail("Every eleven digits have a check digit");
        });

    [Fact]
    public void Other_numbers_pass()
    {
        Assert.True(IndividualNumber.HasRightCheckDigit("123456789018"));
        Assert.False(IndividualNumber.IsIn("123456789012"));
        Assert.False(IndividualNumber.IsIn("0826-00-1234 内線 2111"));
        Assert.False(IndividualNumber.IsIn(null));
    }
}
