using System.Globalization;
using System.Text.RegularExpressions;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Japanese;

/// <summary>What a typed time means: minutes since midnight, or the reason why not.</summary>
public readonly record struct TimeReading(int? MinuteOfDay, string? Problem = null);

/// <summary>Times as people type them: <c>830 8:30 ８：３０ 8時半 8時45分 午後1時30分 24:00</c>.</summary>
public static partial class JapaneseTimeInput
{
    public const string Unreadable = "時刻として読めません（例：8:30、830、8時半、午後1時30分）。";

    /// <summary>Reads a time; 24:00 is allowed only where an end is asked for. Seconds are dropped.</summary>
    public static TimeReading Read(string? text, bool asEnd = false)
    {
        var plain = Blanks().Replace((text ?? "").Nfkc(), "");
        if (plain.Length == 0) return new(null, "時刻が入力されていません。");
        if (plain == "正午") return new(12 * 60);
        var match = Form().Match(plain);
        if (!match.Success) return new(null, Unreadable);

        var hour = Number(match.Groups["h"].Value);
        var minute = match.Groups["half"].Success ? 30 : match.Groups["m"].Success ? Number(match.Groups["m"].Value) : 0;
        if (match.Groups["ampm"] is { Success: true, Value: var half })
        {
            var afternoon = half is "午後" or "PM" or "pm";
            // 午前12時 is noon to some and midnight to others.
            if (hour > 12 || hour == 12 && !afternoon) return new(null, "午前・午後を付けるときは0時から11時で入力してください。");
            hour = afternoon && hour < 12 ? hour + 12 : hour;
        }
        if (minute > 59 || hour > 24 || hour == 24 && minute > 0) return new(null, $"{hour}:{minute:00}という時刻はありません。");
        if (hour == 24 && !asEnd) return new(null, "24:00は終わりの時刻にだけ使えます。");
        return new(hour * 60 + minute);
    }

    /// <summary>8:30; 1440 is 24:00.</summary>
    public static string Show(int minuteOfDay) => $"{minuteOfDay / 60}:{minuteOfDay % 60:00}";

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<ampm>午前|午後|AM|PM|am|pm)?(?:(?<h>[0-9]{1,2})(?::(?<m>[0-9]{2})(?::[0-9]{2})?|時(?:(?<half>半)|(?<m>[0-9]{1,2})分?)?)?|(?<h>[0-9]{1,2})(?<m>[0-9]{2}))$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks();
}
