using System.Globalization;
using System.Text.RegularExpressions;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Japanese;

/// <summary>How a person wants dates shown (和暦・西暦・併記).</summary>
public enum DateStyle { Japanese, Western, Both }

/// <summary>What a typed date means: a day, or the reason why not and, where there is one, the day probably meant.</summary>
public readonly record struct DateReading(DateOnly? Day, string? Problem = null, DateOnly? Offered = null, bool YearAssumed = false);

/// <summary>Dates as a town hall writes and reads them.</summary>
public static partial class JapaneseDate
{
    private const string Weekdays = "日月火水木金土";
    public const string Unreadable = "日付として読めません（例：令和8年9月30日、R8.9.30、2026/9/30）。";

    /// <summary>令和8年9月30日（水）.</summary>
    public static string Long(DateOnly day) => $"{EraYear(day)}年{day.Month}月{day.Day}日{Weekday(day)}";

    /// <summary>R8.9.30; the first year of an era is 1.</summary>
    public static string Short(DateOnly day)
    {
        var era = Era.Of(day);
        return $"{era.Letter}{era.YearOf(day)}.{day.Month}.{day.Day}";
    }

    /// <summary>2026-09-30, for API, files and the datetime attribute.</summary>
    public static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The long form in the person's style: 令和8年…, 2026年… or 2026年（令和8年）….</summary>
    public static string Show(DateOnly day, DateStyle style) => style switch
    {
        DateStyle.Western => $"{day.Year}年{day.Month}月{day.Day}日{Weekday(day)}",
        DateStyle.Both => $"{day.Year}年（{EraYear(day)}年）{day.Month}月{day.Day}日{Weekday(day)}",
        _ => Long(day),
    };

    /// <summary>（水）.</summary>
    public static string Weekday(DateOnly day) => $"（{Weekdays[(int)day.DayOfWeek]}）";

    private static string EraYear(DateOnly day)
    {
        var era = Era.Of(day);
        var year = era.YearOf(day);
        return era.Name + (year == 1 ? "元" : year.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Reads every form people type. Without an era the present one is meant, without a year the next such day.</summary>
    public static DateReading Read(string? text, DateOnly today)
    {
        var plain = ZeroTime().Replace((text ?? "").Nfkc().PlainDashes().Trim(), "");
        plain = Blanks().Replace(plain, "");
        switch (plain)
        {
            case "": return new(null, "日付が入力されていません。");
            case "今日" or "本日": return new(today);
            case "明日": return new(today.AddDays(1));
            case "明後日": return new(today.AddDays(2));
        }

        if (Full().Match(plain) is { Success: true } full) return Checked(full, Number(full, "y"));
        if (EraForm().Match(plain) is { Success: true } inEra) return ReadInEra(inEra, Era.Named(inEra.Groups["era"].Value)!);
        if (NoEra().Match(plain) is { Success: true } noEra) return ReadInEra(noEra, Era.Of(today));
        if (NoYear().Match(plain) is { Success: true } noYear) return NextSuchDay(noYear, today);
        return new(null, Unreadable);
    }

    /// <summary>The day behind a spreadsheet's serial number (1900 system; 43556 is 2019-04-01), or null when it is none. For imports only.</summary>
    public static DateOnly? FromExcelSerial(double serial)
        => serial is >= 1 and < 2_958_466 && serial != 60 ? new DateOnly(1899, 12, 30).AddDays((int)serial + (serial < 60 ? 1 : 0)) : null;

    private static DateReading ReadInEra(Match match, Era era)
    {
        var year = match.Groups["n"].Value == "元" ? 1 : Number(match, "n");
        if (year == 0) return new(null, $"{era.Name}0年はありません。");
        var reading = Checked(match, era.WesternYear(year));
        if (reading.Day is not { } day) return reading;
        if (day < Era.All[0].FirstDay) return new(null, Unreadable);

        var right = Era.Of(day);
        return right == era ? reading : new(null, $"{era.Name}{(year == 1 ? "元" : year)}年{day.Month}月{day.Day}日はありません。{EraYear(day)}年{day.Month}月{day.Day}日ではありませんか。", day);
    }

    private static DateReading Checked(Match match, int year)
    {
        var (month, number) = (Number(match, "m"), Number(match, "d"));
        if (year is < 1868 or > 2999) return new(null, $"{year}年は扱えません。");
        if (month is < 1 or > 12 || number < 1 || number > DateTime.DaysInMonth(year, month))
            return new(null, $"{year}年{month}月{number}日という日はありません。");
        var day = new DateOnly(year, month, number);

        if (match.Groups["paren"] is { Success: true } && Era.Named(match.Groups["e2"].Value) is { } era
            && era.WesternYear(match.Groups["n2"].Value == "元" ? 1 : Number(match, "n2")) != year)
            return new(null, "西暦と和暦の年が合いません。");
        if (match.Groups["w"] is { Success: true, Value: var weekday } && Weekdays[(int)day.DayOfWeek] != weekday[0])
            return new(null, $"{day.Year}年{day.Month}月{day.Day}日は{Weekdays[(int)day.DayOfWeek]}曜日です。", day);
        return new(day);
    }

    private static DateReading NextSuchDay(Match match, DateOnly today)
    {
        var (month, number) = (Number(match, "m"), Number(match, "d"));
        // Eight years reach over a century without leap day.
        for (var year = today.Year; month is >= 1 and <= 12 && number >= 1 && year <= today.Year + 8; year++)
        {
            if (number > DateTime.DaysInMonth(year, month)) continue;
            var day = new DateOnly(year, month, number);
            if (day >= today) return new(day, YearAssumed: true);
        }
        return new(null, $"{month}月{number}日という日はありません。");
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private const string Eras = "明治|大正|昭和|平成|令和|[明大昭平令MTSHRmtshr]";
    private const string Tail = @"(?:\(?(?<w>[日月火水木金土])(?:曜日?)?\)?)?$";
    private const string MonthDay = @"(?:[-/.](?<m>[0-9]{1,2})[-/.](?<d>[0-9]{1,2})|年(?:(?<paren>\((?<e2>" + Eras + @")(?<n2>元|[0-9]{1,2})年?\)))?(?<m>[0-9]{1,2})月(?<d>[0-9]{1,2})日)";

    [GeneratedRegex(@"^(?:(?:西暦)?(?<y>[0-9]{4})" + MonthDay + @"|(?<y>[0-9]{4})(?<m>[0-9]{2})(?<d>[0-9]{2}))" + Tail, RegexOptions.CultureInvariant)]
    private static partial Regex Full();

    [GeneratedRegex(@"^(?<era>" + Eras + @")\.?(?:(?<n>元|[0-9]{1,2})" + MonthDay + @"|(?<n>[0-9]{2})(?<m>[0-9]{2})(?<d>[0-9]{2}))" + Tail, RegexOptions.CultureInvariant)]
    private static partial Regex EraForm();

    [GeneratedRegex(@"^(?<n>元|[0-9]{1,2})" + MonthDay + Tail, RegexOptions.CultureInvariant)]
    private static partial Regex NoEra();

    [GeneratedRegex(@"^(?:(?<m>[0-9]{1,2})/(?<d>[0-9]{1,2})|(?<m>[0-9]{1,2})月(?<d>[0-9]{1,2})日)" + Tail, RegexOptions.CultureInvariant)]
    private static partial Regex NoYear();

    [GeneratedRegex(@"[T\s]+0{1,2}:00(:00)?$", RegexOptions.CultureInvariant)]
    private static partial Regex ZeroTime();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks();
}
