namespace KitaPortal.Platform.Text;

/// <summary>
/// Keeps a spreadsheet from taking a text for a formula: such a text gets one leading apostrophe on the way out, and exactly that one
/// is taken off on the way in. Every CSV and XLSX writer and reader of the portal goes through here.
/// </summary>
public static class SafeCell
{
    public static string Escape(string text) => LooksActive(text) ? "'" + text : text;

    public static string Unescape(string text) => text.Length > 1 && text[0] == '\'' && LooksActive(text[1..]) ? text[1..] : text;

    // Quotes are skipped like blanks: a text that carries its own apostrophe before the sign is escaped too, so the way back is exact.
    private static bool LooksActive(string text)
    {
        foreach (var c in Head(text).Nfkc())
        {
            if (c is '=' or '+' or '-' or '@' or '\t' or '\r' or '\0') return true;
            if (c is not ('\'' or '"' or '\uFEFF') && !char.IsWhiteSpace(c)) return false;
        }
        return false;
    }

    // Only the beginning decides; long texts are not normalised as a whole.
    private static string Head(string text)
    {
        var end = 0;
        while (end < text.Length && (char.IsWhiteSpace(text[end]) || text[end] is '\'' or '"' or '＇' or '＂' or '\uFEFF')) end++;
        return text[..Math.Min(text.Length, end + 4)];
    }
}
