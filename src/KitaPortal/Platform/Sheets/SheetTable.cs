using System.Globalization;
using System.Text;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Sheets;

/// <summary>A character that the chosen encoding lacks, and where it stands (row 1 is the header).</summary>
public sealed record UnfitCharacter(int Row, string Column, string Character)
{
    public string CodePoint => string.Join(' ', Character.EnumerateRunes().Select(r => $"U+{r.Value:X4}"));
}

/// <summary>
/// A table on its way out, as CSV or XLSX. Values are text, numbers, <see cref="DateOnly"/>, <see cref="DateTimeOffset"/> (shown in Tokyo time),
/// <see cref="bool"/> (はい・いいえ) or null.
/// </summary>
public sealed record SheetTable(string Name, IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<object?>> Rows)
{
    /// <summary>The lines of the second sheet 「説明」: what it is, the filter, made when and by whom.</summary>
    public IReadOnlyList<(string Word, string Text)> About { get; init; } = [];

    /// <summary>UTF-8 with BOM, CRLF: what Excel opens right the first time.</summary>
    public byte[] ToCsv() => [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Unicode.WellFormed(CsvText()))];

    /// <summary>Every character that CP932 lacks, to be shown before the download.</summary>
    public IReadOnlyList<UnfitCharacter> UnfitForCp932()
    {
        var unfit = new List<UnfitCharacter>();
        foreach (var (row, line) in Lines().Select((row, i) => (row, i + 1)))
            for (var c = 0; c < row.Count; c++)
                foreach (var rune in Cp932Twins(row[c]).EnumerateRunes())
                    if (!FitsCp932(rune)) unfit.Add(new(line, Headings.ElementAtOrDefault(c) ?? SheetLimits.Letters(c), rune.ToString()));
        return unfit;
    }

    /// <summary>CP932; characters it lacks become 〓, which the person has agreed to. There is never a ?.</summary>
    public byte[] ToCp932Csv()
    {
        var text = new StringBuilder();
        foreach (var rune in Cp932Twins(CsvText()).EnumerateRunes()) text.Append(FitsCp932(rune) ? rune.ToString() : "〓");
        return TextDecoding.StrictCp932.GetBytes(text.ToString());
    }

    public byte[] ToXlsx() => XlsxWriter.Write(this);

    private string CsvText()
    {
        var csv = new StringBuilder();
        foreach (var row in Lines()) csv.AppendJoin(',', row.Select(Quoted)).Append("\r\n");
        return csv.ToString();

        static string Quoted(string text)
            => text.AsSpan().IndexOfAny(",\"\r\n") >= 0 || text.Length > 0 && (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private IEnumerable<IReadOnlyList<string>> Lines()
        => Rows.Select(row => (IReadOnlyList<string>)row.Select(CsvCell).ToList()).Prepend(Headings.Select(SafeCell.Escape).ToList());

    private static string CsvCell(object? value) => value switch
    {
        null => "",
        string text => SafeCell.Escape(text),
        DateOnly day => JapaneseDate.Iso(day),
        DateTimeOffset moment => TokyoTime.Shown(moment).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        bool yes => yes ? "はい" : "いいえ",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => SafeCell.Escape(value.ToString() ?? ""),
    };

    // The three characters that Windows and the standard map differently.
    private static string Cp932Twins(string text) => text.Replace('〜', '～').Replace('−', '－').Replace('‖', '∥');

    // The encoder's own table is many-to-one for some (best fit): only what comes back the same fits.
    private static bool FitsCp932(Rune rune)
    {
        if (rune.Value < 0x80) return true;
        var text = rune.ToString();
        try { return TextDecoding.StrictCp932.GetString(TextDecoding.StrictCp932.GetBytes(text)) == text; }
        catch (ArgumentException) { return false; }
    }
}
