using System.Globalization;

namespace KitaPortal.Platform.Sheets;

/// <summary>One cell: its text as a person reads it and, where the file knows more than text, the number or day behind it.</summary>
public readonly record struct Cell(string Text, double? Number = null, DateOnly? Day = null, bool Merged = false)
{
    public static readonly Cell Empty = new("");

    public bool IsEmpty => string.IsNullOrWhiteSpace(Text);

    /// <summary>True for a number with more digits than a spreadsheet keeps: its last digits are invented zeros.</summary>
    public bool IsRounded => Number is { } n && Math.Abs(n) >= 1e15;

    public override string ToString() => Text ?? "";
}

/// <summary>One row with the line number a spreadsheet shows beside it.</summary>
public sealed record SheetRow(int Line, IReadOnlyList<Cell> Cells, bool Hidden = false)
{
    public Cell this[int column] => column >= 0 && column < Cells.Count ? Cells[column] : Cell.Empty;

    public bool IsEmpty => Cells.All(c => c.IsEmpty);
}

/// <summary>One sheet of a file: its rows from the first line on, empty ones included.</summary>
public sealed record Sheet(string Name, IReadOnlyList<SheetRow> Rows, bool Hidden = false)
{
    public int Columns => Rows.Count == 0 ? 0 : Rows.Max(r => r.Cells.Count);
}

/// <summary>How text was or shall be turned into characters.</summary>
public enum SheetEncoding { Auto, Utf8, Utf8Bom, Utf16Le, Utf16Be, Cp932 }

/// <summary>A file read into sheets, and how it was read.</summary>
public sealed record SheetFile(IReadOnlyList<Sheet> Sheets, bool IsWorkbook, SheetEncoding Encoding, char Delimiter)
{
    /// <summary>For the preview page: XLSX, or the encoding and the delimiter.</summary>
    public string Description => IsWorkbook ? "XLSX" : $"{EncodingName(Encoding)}・{(Delimiter switch { '\t' => "タブ", ';' => "セミコロン", _ => "カンマ" })}区切り";

    public static string EncodingName(SheetEncoding encoding) => encoding switch
    {
        SheetEncoding.Utf8 => "UTF-8",
        SheetEncoding.Utf8Bom => "UTF-8（BOM付き）",
        SheetEncoding.Utf16Le or SheetEncoding.Utf16Be => "UTF-16",
        SheetEncoding.Cp932 => "シフトJIS（CP932）",
        _ => "自動",
    };
}

/// <summary>A file that cannot be read at all; the message says in Japanese where and why.</summary>
public sealed class SheetRefusedException(string message) : Exception(message);

/// <summary>What one import may hold.</summary>
public static class SheetLimits
{
    public const int Bytes = 20 * 1024 * 1024, Rows = 20_000, Columns = 256;

    internal static void CheckRows(int rows)
    {
        if (rows > Rows) throw new SheetRefusedException($"行が多すぎます（{Rows:N0}行まで）。分けて取り込んでください。");
    }

    /// <summary>A number as a General cell shows it, without exponent and with all digits kept.</summary>
    internal static string Plain(double number)
        => Math.Abs(number) is < 1e28 and (>= 1e-9 or 0) ? ((decimal)number).ToString("0.###############", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A, B … Z, AA: the letters over a column.</summary>
    public static string Letters(int column)
    {
        var letters = "";
        for (var c = column + 1; c > 0; c = (c - 1) / 26) letters = (char)('A' + (c - 1) % 26) + letters;
        return letters;
    }
}
