using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;

namespace KitaPortal.Platform.Sheets;

/// <summary>What the number formats of a workbook make of its numbers: days, times, leading zeros.</summary>
internal sealed partial class XlsxFormats
{
    private enum Kind { General, Date, Time, DateTime, Zeros }

    private readonly List<(Kind Kind, int Digits)> styles = [];

    public static XlsxFormats Read(XmlReader? xml)
    {
        var formats = new XlsxFormats();
        if (xml is null) return formats;
        var codes = new Dictionary<int, string>();
        var inCells = false;
        while (xml.Read())
        {
            if (xml.LocalName == "cellXfs") inCells = xml.NodeType == XmlNodeType.Element;
            if (xml.NodeType != XmlNodeType.Element) continue;
            if (xml.LocalName == "numFmt" && int.TryParse(xml.GetAttribute("numFmtId"), out var id)) codes[id] = xml.GetAttribute("formatCode") ?? "";
            if (xml.LocalName == "xf" && inCells)
                formats.styles.Add(int.TryParse(xml.GetAttribute("numFmtId"), out var used) ? KindOf(used, codes.GetValueOrDefault(used)) : default);
        }
        return formats;
    }

    /// <summary>The cell a number becomes under a style.</summary>
    public Cell Show(double number, int style, bool from1904)
    {
        var (kind, digits) = style >= 0 && style < styles.Count ? styles[style] : default;
        if (kind == Kind.Zeros && number >= 0 && number == Math.Floor(number))
            return new(SheetLimits.Plain(number).PadLeft(digits, '0'), number);
        if (kind is Kind.General or Kind.Zeros || Japanese.JapaneseDate.FromExcelSerial(number + (from1904 ? 1462 : 0)) is not { } day && kind != Kind.Time)
            return new(SheetLimits.Plain(number), number);

        day = Japanese.JapaneseDate.FromExcelSerial(number + (from1904 ? 1462 : 0)) ?? default;
        var minutes = (int)Math.Round((number - Math.Floor(number)) * 1440);
        var time = $"{(kind == Kind.Time ? (int)(Math.Round(number * 1440) / 60) : minutes / 60)}:{minutes % 60:00}";
        if (kind == Kind.Time) return new(time, number);
        var iso = Japanese.JapaneseDate.Iso(day);
        return new(minutes == 0 ? iso : $"{iso} {time}", number, day);
    }

    // Built-in formats of a Japanese Excel: 14–17 and 22 are days, 18–21 and 45–47 times, 27–36 and 50–58 Japanese days (32–35 and 55–56 with 年月 or 時分).
    private static (Kind, int) KindOf(int id, string? code) => id switch
    {
        _ when code is not null => KindOf(code),
        14 or 15 or 16 or 17 or >= 27 and <= 31 or 36 or >= 50 and <= 58 => (Kind.Date, 0),
        22 => (Kind.DateTime, 0),
        >= 18 and <= 21 or >= 32 and <= 35 or >= 45 and <= 47 => (Kind.Time, 0),
        _ => (Kind.General, 0),
    };

    private static (Kind, int) KindOf(string code)
    {
        var first = Literals().Replace(code, "").Split(';')[0].Trim();
        if (first.Length > 0 && first.All(c => c == '0')) return first.Length > 1 ? (Kind.Zeros, first.Length) : default;
        if (first.Contains("General", StringComparison.OrdinalIgnoreCase) || first.Contains("標準", StringComparison.Ordinal)) return default;
        first = Exponent().Replace(first, "").ToLower(CultureInfo.InvariantCulture);
        var day = first.AsSpan().IndexOfAny("ydge") >= 0 || first.Contains('m', StringComparison.Ordinal) && first.AsSpan().IndexOfAny("hs") < 0;
        var time = first.AsSpan().IndexOfAny("hs") >= 0 || Elapsed().IsMatch(code);
        return (day, time) switch { (true, true) => (Kind.DateTime, 0), (true, false) => (Kind.Date, 0), (false, true) => (Kind.Time, 0), _ => default };
    }

    [GeneratedRegex("""\[[^\]]*\]|"[^"]*"|\\.|_.|\*.""")]
    private static partial Regex Literals();

    [GeneratedRegex("[eE][+-]")]
    private static partial Regex Exponent();

    [GeneratedRegex(@"\[[hms]+\]", RegexOptions.IgnoreCase)]
    private static partial Regex Elapsed();
}
