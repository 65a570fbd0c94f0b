using System.Globalization;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Series;

/// <summary>What happens to an occurrence that falls on a closed day: 飛ばす, 前営業日, 翌営業日.</summary>
public enum HolidayPolicy { Skip, Previous, Next }

/// <summary>How a series repeats: the part of RFC 5545 the town uses (daily, weekly, monthly; until a day or a number of times).</summary>
public sealed record Recurrence
{
    /// <summary>More days are never reckoned; 貸-801 refuses far fewer.</summary>
    internal const int Most = 400;

    private Recurrence(RecurrencePattern pattern, DateOnly? until, string text) => (Pattern, Until, Text) = (pattern, until, text);

    /// <summary>The rule as it is kept: FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=10.</summary>
    public string Text { get; }

    /// <summary>The last day, included; null when a number of times is given.</summary>
    public DateOnly? Until { get; }

    private RecurrencePattern Pattern { get; }

    /// <summary>Reads a rule; refuses what is no rule or goes beyond the part the town uses.</summary>
    public static Recurrence Parse(string? text)
    {
        var parts = (text ?? "").Trim().ToUpperInvariant().Replace("RRULE:", "", StringComparison.Ordinal).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToList();
        var known = parts.DistinctBy(p => p[0]).ToDictionary(p => p[0], p => p[1]);
        if (parts.Count != known.Count || known.Keys.Except(["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT", "WKST"]).Any()
            || known.GetValueOrDefault("FREQ") is not ("DAILY" or "WEEKLY" or "MONTHLY") || known.ContainsKey("UNTIL") == known.ContainsKey("COUNT"))
            throw new RuleViolation(SeriesRules.Unreadable.With());
        DateOnly? until = null;
        if (known.TryGetValue("UNTIL", out var last))
        {
            until = LastDay(last) ?? throw new RuleViolation(SeriesRules.Unreadable.With());
            known["UNTIL"] = $"{until:yyyyMMdd}";
        }
        if (known.TryGetValue("COUNT", out var count) && (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var times) || times < 1)) throw new RuleViolation(SeriesRules.Unreadable.With());
        try
        {
            var plain = string.Join(';', known.Select(p => $"{p.Key}={p.Value}"));
            var pattern = new RecurrencePattern(string.Join(';', known.Where(p => p.Key is not ("UNTIL" or "COUNT")).Select(p => $"{p.Key}={p.Value}")));
            if (pattern.Interval is < 1 or > 99) throw new RuleViolation(SeriesRules.Unreadable.With());
            return new Recurrence(pattern, until, plain) { Times = known.TryGetValue("COUNT", out var counted) ? int.Parse(counted, CultureInfo.InvariantCulture) : null };
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new RuleViolation(SeriesRules.Unreadable.With());
        }
    }

    /// <summary>How often; null when a last day is given.</summary>
    public int? Times { get; private init; }

    /// <summary>The days from the first on; on weekdays that the rule does not name there is none.</summary>
    public IReadOnlyList<DateOnly> Days(DateOnly first)
    {
        var start = new CalDateTime(first);
        var days = new SortedSet<DateOnly>();
        foreach (var occurrence in new CalendarEvent { Start = start, RecurrenceRule = Pattern }.GetOccurrences(start))
        {
            var day = occurrence.Period.StartTime.Date;
            if (day > Until || days.Count >= (Times ?? Most) || day > first.AddYears(6)) break;
            if (Pattern.ByDay.Count == 0 || Pattern.ByDay.Any(d => d.DayOfWeek == day.DayOfWeek)) days.Add(day);
        }
        return [.. days];
    }

    /// <summary>The same rhythm up to another last day.</summary>
    public Recurrence EndingOn(DateOnly last)
        => Parse(string.Join(';', Text.Split(';').Where(p => !p.StartsWith("UNTIL", StringComparison.Ordinal) && !p.StartsWith("COUNT", StringComparison.Ordinal)).Append($"UNTIL={last:yyyyMMdd}")));

    /// <summary>In words: 2週ごと（月・水）、10回.</summary>
    public string Words
    {
        get
        {
            var every = Pattern.Interval;
            var rhythm = Pattern.Frequency switch
            {
                FrequencyType.Daily => every == 1 ? "毎日" : $"{every}日ごと",
                FrequencyType.Weekly => every == 1 ? "毎週" : $"{every}週ごと",
                _ => every == 1 ? "毎月" : $"{every}か月ごと",
            };
            var days = string.Join("・", Pattern.ByDay.Select(d => $"{(d.Offset is { } n ? n < 0 ? "最終" : $"第{n}" : "")}{"日月火水木金土"[(int)d.DayOfWeek]}").Concat(Pattern.ByMonthDay.Select(d => $"{d}日")));
            return $"{rhythm}{(days.Length > 0 ? $"（{days}）" : "")}、{(Times is { } times ? $"{times}回" : $"{JapaneseDate.Long(Until!.Value)}まで")}";
        }
    }

    // 20260731, or a moment in UTC, whose Tokyo day is meant.
    private static DateOnly? LastDay(string text)
    {
        if (DateOnly.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
        if (DateTimeOffset.TryParseExact(text, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)) return TokyoTime.DayOf(moment);
        return DateTime.TryParseExact(text, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var wall) ? DateOnly.FromDateTime(wall) : null;
    }
}

/// <summary>What is refused about series.</summary>
public static class SeriesRules
{
    public static readonly Rule Unreadable = new("貸-931", "booking.series-rule", "繰り返しの指定を読み取れません。", "毎日・毎週・毎月から選び、終わりの日か回数のどちらかを入力してください。", "Repeat.Frequency");
    public static readonly Rule NoDay = new("貸-932", "booking.series-empty", "予約する日がありません。", "1日以上を「予約」にしてください。", "Picks");
    public static readonly Rule NothingLeft = new("貸-933", "booking.series-over", "変更や取消ができる回は残っていません。", "終わった回は、それぞれの予約で確認してください。");
    public static readonly Rule NoAlternative = new("貸-934", "booking.series-alternative", "{日付}の別案は、もう空いていません。", "もう一度確かめて、選び直してください。", "Picks");

    public static IReadOnlyList<Rule> All { get; } = [Unreadable, NoDay, NothingLeft, NoAlternative];
}
