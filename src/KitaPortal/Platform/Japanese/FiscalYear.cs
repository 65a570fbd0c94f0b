using System.Globalization;
using System.Text.RegularExpressions;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Japanese;

/// <summary>A fiscal year (年度), April to March, named by the western year it begins in.</summary>
public readonly partial record struct FiscalYear(int Value) : IComparable<FiscalYear>
{
    /// <summary>The fiscal year a Tokyo day lies in.</summary>
    public static FiscalYear From(DateOnly day) => new(day.Month >= 4 ? day.Year : day.Year - 1);

    /// <summary>The fiscal year a moment lies in, cut at Tokyo midnight.</summary>
    public static FiscalYear Of(DateTimeOffset moment) => From(TokyoTime.DayOf(moment));

    public DateOnly FirstDay => new(Value, 4, 1);

    public DateOnly LastDay => new(Value + 1, 3, 31);

    /// <summary>The year as UTC moments, half-open.</summary>
    public Period Period => new(TokyoTime.Midnight(FirstDay), TokyoTime.Midnight(FirstDay.AddYears(1)));

    public FiscalYear Next => new(Value + 1);

    public FiscalYear Previous => new(Value - 1);

    /// <summary>The first days of the twelve months, April first.</summary>
    public IEnumerable<DateOnly> Months => TokyoTime.Months(FirstDay, LastDay);

    public bool Contains(DateOnly day) => From(day) == this;

    /// <summary>The era counted in: the one of 1 April, but 2019 is 令和元年度.</summary>
    private Era Era => Era.Of(Value == 2019 ? new DateOnly(2019, 5, 1) : FirstDay);

    /// <summary>令和8年度.</summary>
    public string Label
    {
        get
        {
            var year = Era.YearOf(FirstDay);
            return $"{Era.Name}{(year == 1 ? "元" : year.ToString(CultureInfo.InvariantCulture))}年度";
        }
    }

    /// <summary>R8.</summary>
    public string ShortLabel => $"{Era.Letter}{Era.YearOf(FirstDay)}";

    public override string ToString() => Label;

    /// <summary>The quarter a day lies in: 1 is April to June.</summary>
    public static int QuarterOf(DateOnly day) => (day.Month + 8) % 12 / 3 + 1;

    /// <summary>One quarter of the year as UTC moments, half-open.</summary>
    public Period Quarter(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, 4);
        var first = FirstDay.AddMonths(3 * (number - 1));
        return new(TokyoTime.Midnight(first), TokyoTime.Midnight(first.AddMonths(3)));
    }

    public int CompareTo(FiscalYear other) => Value.CompareTo(other.Value);

    public static bool operator <(FiscalYear left, FiscalYear right) => left.Value < right.Value;

    public static bool operator >(FiscalYear left, FiscalYear right) => left.Value > right.Value;

    public static bool operator <=(FiscalYear left, FiscalYear right) => left.Value <= right.Value;

    public static bool operator >=(FiscalYear left, FiscalYear right) => left.Value >= right.Value;

    /// <summary>Reads <c>令和8年度 R8 R8年度 令8 2026 2026年度 平成31年度 令和8年度（2026年度）</c>; refuses years outside the era and pairs that disagree.</summary>
    public static bool TryParse(string? text, out FiscalYear year)
    {
        year = default;
        var match = Form().Match((text ?? "").Nfkc().Replace(" ", "", StringComparison.Ordinal));
        if (!match.Success) return false;

        int? western = match.Groups["w"].Success ? Number(match.Groups["w"].Value) : null;
        if (match.Groups["era"].Success)
        {
            var era = Era.Named(match.Groups["era"].Value)!;
            var value = era.WesternYear(match.Groups["n"].Value == "元" ? 1 : Number(match.Groups["n"].Value));
            if (value is < 1900 or > 2999) return false;
            // 平成31年度 was said until the new era began, 昭和64年度 or 平成32年度 never.
            var inEra = new FiscalYear(value).Era == era || value == 2019 && era.Letter == 'H';
            if (!inEra) return false;
            if (western is not null && western != value) return false;
            western = value;
        }
        if (western is null or < 1900 or > 2999) return false;
        year = new(western.Value);
        return true;
    }

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?:(?<era>明治|大正|昭和|平成|令和|[明大昭平令MTSHRmtshr])\.?(?<n>元|[0-9]{1,3})(?:年度?)?(?:\((?:西暦)?(?<w>[0-9]{4})(?:年度?)?\))?|(?:西暦)?(?<w>[0-9]{4})(?:年度?)?(?:\((?<era>明治|大正|昭和|平成|令和|[明大昭平令MTSHRmtshr])(?<n>元|[0-9]{1,3})(?:年度?)?\))?)$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
