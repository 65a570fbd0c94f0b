using System.Globalization;
using System.Text.RegularExpressions;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Japanese;

/// <summary>Numbers and amounts as people type them: full width, commas, 円, minus as <c>- − － ▲ △</c>.</summary>
public static partial class JapaneseNumber
{
    /// <summary>Reads a number; with <paramref name="thousands"/> the field counts in 千円.</summary>
    public static bool TryRead(string? text, out decimal number, bool thousands = false)
    {
        number = 0;
        var plain = (text ?? "").Nfkc().PlainDashes().Replace('△', '-').Replace('▲', '-');
        var match = Form().Match(Blanks().Replace(plain, ""));
        if (!match.Success || !decimal.TryParse(match.Groups["n"].Value.Replace(",", "", StringComparison.Ordinal),
                NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number))
            return false;
        if (match.Groups["minus"].Success) number = -number;
        if (match.Groups["unit"].Value == "千円" || thousands && match.Groups["unit"].Value != "円") number *= 1000;
        return true;
    }

    [GeneratedRegex(@"^(?<minus>-)?[¥\\]?(?<n>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,9})?)(?<unit>千円|円)?-?$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Blanks();
}

/// <summary>Telephone numbers, kept as digits and hyphens, and extensions (内線).</summary>
public static partial class JapanesePhone
{
    /// <summary>0826-00-1234 from any width, brackets, blanks and +81; null when it is no telephone number.</summary>
    public static string? Read(string? text)
    {
        var plain = (text ?? "").Nfkc().PlainDashes().Trim();
        plain = International().Replace(plain, "0");
        plain = Separators().Replace(plain, "-").Trim('-');
        var digits = plain.Count(char.IsAsciiDigit);
        return digits is >= 10 and <= 11 && plain[0] == '0' && plain.All(c => char.IsAsciiDigit(c) || c == '-') ? plain : null;
    }

    /// <summary>2 to 6 digits, also behind 内 or 内線; null when it is no extension.</summary>
    public static string? ReadExtension(string? text)
        => Extension().Match((text ?? "").Nfkc().Replace(" ", "", StringComparison.Ordinal)) is { Success: true } match ? match.Groups["n"].Value : null;

    [GeneratedRegex(@"^\+81[- ]?(\(0\))?0?", RegexOptions.CultureInvariant)]
    private static partial Regex International();

    [GeneratedRegex(@"[\s()-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Separators();

    [GeneratedRegex(@"^(?:内線?)?[:.]?(?<n>[0-9]{2,6})番?$", RegexOptions.CultureInvariant)]
    private static partial Regex Extension();
}
