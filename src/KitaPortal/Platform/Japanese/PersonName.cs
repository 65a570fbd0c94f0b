using System.Globalization;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Japanese;

/// <summary>What people's names need: parting family and given name, readings in hiragana, showing.</summary>
public static class PersonName
{
    /// <summary>Family and given name with one full-width blank between.</summary>
    public static string Show(string family, string given) => given.Length == 0 ? family : $"{family}\u3000{given}";

    /// <summary>Parts a name at its blanks of any width; null unless there are exactly two parts.</summary>
    public static (string Family, string Given)? Split(string? name)
        => (name ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is [var family, var given] ? (family, given) : null;

    /// <summary>A reading in hiragana from any kana of any width, or null when something is not kana.</summary>
    public static string? Yomi(string? text)
    {
        var yomi = Kana.ToHiragana((text ?? "").Trim());
        return yomi.Length > 0 && yomi.All(Kana.IsKana) ? yomi : null;
    }
}

/// <summary>Counts what a reader sees as one character: 𠮷, é and 👨‍👩‍👧 are one each.</summary>
public static class Graphemes
{
    public static int Count(string? text)
        => string.IsNullOrEmpty(text) ? 0 : new StringInfo(text.ReplaceLineEndings("\n").Nfc()).LengthInTextElements;
}
