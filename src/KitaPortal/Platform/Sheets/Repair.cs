using System.Globalization;
using System.Text.RegularExpressions;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Sheets;

/// <summary>A cell read by an import: the value, what was changed on the way (there was one sensible reading), or what is wrong.</summary>
public readonly record struct Fixed<T>(T? Value, string? Note = null, string? Problem = null)
{
    public bool Ok => Problem is null;
}

/// <summary>The readings offices' cells need everywhere. What has one sensible reading is repaired and says so; the rest is a problem.</summary>
public static partial class Repair
{
    /// <summary>The text without blanks around it and with one blank of any width inside.</summary>
    public static string Trimmed(string? text) => Blanks().Replace(text ?? "", " ").Trim();

    /// <summary>True for the ways to write "nothing": empty, － ー - なし 無 該当なし.</summary>
    public static bool IsNone(string? text)
        => Trimmed(text).Nfkc().PlainDashes() is "" or "-" or "--" or "なし" or "無し" or "無" or "該当なし" or "ナシ";

    /// <summary>True for 〃, 同上 and the quotes typed instead.</summary>
    public static bool IsDitto(string? text) => Trimmed(text) is "〃" or "″" or "”" or "\"" or "''" or "々" or "同上" or "同" or "仝";

    /// <summary>True where a character was lost on the way: ?, 〓, □, U+FFFD.</summary>
    public static bool HasLostCharacter(string text) => text.AsSpan().IndexOfAny("?？〓□�") >= 0;

    /// <summary>A user-defined character (外字), which only the computer it was made on can show.</summary>
    public static bool HasPrivateCharacter(string text)
        => text.EnumerateRunes().Any(r => CharUnicodeInfo.GetUnicodeCategory(r.Value) == UnicodeCategory.PrivateUse);

    /// <summary>A code of digits with a fixed width: full width and blanks repaired, lost leading zeros put back.</summary>
    public static Fixed<string> Digits(Cell cell, int width)
    {
        var digits = Trimmed(cell.Text).Nfkc().Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length == 0) return new(null, Problem: "空です");
        if (!digits.All(char.IsAsciiDigit) || digits.Length > width) return new(null, Problem: $"「{cell.Text.Trim()}」は{width}桁の数字ではありません");
        var padded = digits.PadLeft(width, '0');
        return new(padded, padded == cell.Text ? null : digits.Length < width ? $"先頭の0を補いました（{cell.Text.Trim()}→{padded}）" : $"数字の表記を直しました（{cell.Text}→{padded}）");
    }

    /// <summary>A label such as a 備品番号: width, case, dashes and blanks made one.</summary>
    public static Fixed<string> Label(Cell cell)
    {
        var label = Trimmed(cell.Text).Nfkc().PlainDashes().ToUpperInvariant().Replace(" ", "", StringComparison.Ordinal);
        return label.Length == 0 ? new(null, Problem: "空です") : new(label, label == cell.Text ? null : $"表記をそろえました（{cell.Text}→{label}）");
    }

    /// <summary>A day from a date cell, a serial number with or without format, or any typed form.</summary>
    public static Fixed<DateOnly?> Day(Cell cell, DateOnly today)
    {
        if (cell.Day is { } day) return new(day);
        var text = Trimmed(cell.Text);
        if (SerialForm().IsMatch(text.Nfkc()) && double.Parse(text.Nfkc(), CultureInfo.InvariantCulture) is var serial && JapaneseDate.FromExcelSerial(serial) is { } counted)
            return new(counted, $"表計算の通し番号を日付にしました（{text}→{JapaneseDate.Iso(counted)}）");
        var reading = JapaneseDate.Read(text, today);
        if (reading.Day is not { } read) return new(null, Problem: $"「{text}」：{reading.Problem?.TrimEnd('。')}");
        var plain = text == JapaneseDate.Iso(read) || text == $"{read.Year}/{read.Month}/{read.Day}";
        return new(read, plain ? null : $"{text}→{JapaneseDate.Iso(read)}");
    }

    /// <summary>Yes or no from ○ 〇 ◯ 済 有 レ and × 未 無 欠; empty is neither.</summary>
    public static Fixed<bool?> Mark(Cell cell) => Trimmed(cell.Text).Nfkc() switch
    {
        "" => new(null),
        "済" => new(true),
        "○" or "〇" or "◯" or "◎" or "O" or "o" or "有" or "あり" or "レ" or "✓" or "✔" or "済み" or "はい" or "1" => new(true, $"「{cell.Text.Trim()}」を「済」と読みました"),
        "×" or "✕" or "x" or "X" or "未" or "無" or "なし" or "欠" or "いいえ" => new(false),
        var other => new(null, Problem: $"「{other}」は済・未のどちらでもありません"),
    };

    /// <summary>A mail address in small letters with a half-width ＠.</summary>
    public static Fixed<string> Mail(Cell cell)
    {
        var text = Trimmed(cell.Text);
        var mail = text.Nfkc().ToLowerInvariant();
        if (!MailForm().IsMatch(mail)) return new(null, Problem: $"「{text}」はメールアドレスの形ではありません");
        return new(mail, mail == cell.Text ? null : $"表記を直しました（{cell.Text}→{mail}）");
    }

    /// <summary>An amount in yen from a number cell or from text with commas and 円.</summary>
    public static Fixed<decimal?> Amount(Cell cell)
    {
        if (cell.Number is { } n) return new((decimal)n);
        var text = Trimmed(cell.Text);
        return JapaneseNumber.TryRead(text, out var amount) ? new(amount, $"文字を金額にしました（{text}→{amount:0.##}）") : new(null, Problem: $"「{text}」は金額ではありません");
    }

    [GeneratedRegex(@"[\s\u200B\uFEFF]+")]
    private static partial Regex Blanks();

    // Five digits, 1954 to 2064: everything else of this length is no day an office means.
    [GeneratedRegex(@"^[2-5][0-9]{4}(\.0+)?$")]
    private static partial Regex SerialForm();

    [GeneratedRegex(@"^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$")]
    private static partial Regex MailForm();
}
