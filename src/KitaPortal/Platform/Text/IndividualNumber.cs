namespace KitaPortal.Platform.Text;

/// <summary>The guard against 個人番号 (マイナンバー) in free text: twelve digits of any width, parted by blanks or by hyphens, with a right check digit.</summary>
public static class IndividualNumber
{
    public static bool IsIn(string? text)
    {
        if (text is null || text.Length < 12) return false;
        var plain = text.Nfkc().PlainDashes();
        for (var i = 0; i < plain.Length; i++)
            if (char.IsAsciiDigit(plain[i]) && (i == 0 || !char.IsAsciiDigit(plain[i - 1])) && TwelveFrom(plain, i) is { } digits && HasRightCheckDigit(digits))
                return true;
        return false;
    }

    /// <summary>True when the last of twelve digits is the check digit of the eleven before it.</summary>
    public static bool HasRightCheckDigit(ReadOnlySpan<char> digits)
    {
        if (digits.Length != 12) return false;
        var sum = 0;
        for (var n = 1; n <= 11; n++) sum += (digits[11 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
        return digits[11] - '0' == (sum % 11 <= 1 ? 0 : 11 - sum % 11);
    }

    // Groups of digits parted by one and the same separator, ending exactly after the twelfth digit.
    private static string? TwelveFrom(string text, int start)
    {
        var digits = new char[12];
        var (count, separator) = (0, '\0');
        for (var i = start; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i]))
            {
                digits[count++] = text[i];
                if (count == 12) return i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]) ? null : new string(digits);
                continue;
            }
            if (text[i] is not (' ' or '-') || separator != '\0' && text[i] != separator) return null;
            if (text[i - 1] is ' ' or '-') return null;
            separator = text[i];
        }
        return null;
    }
}
