using System.Globalization;
using System.Text;

namespace KitaPortal.Platform.Files;

/// <summary>File names as every system takes them: no paths, no control or direction characters, nothing Windows reserves.</summary>
public static class SafeName
{
    public const int Longest = 120;

    private const string Forbidden = "/\\:*?\"<>|";
    private static readonly HashSet<string> Reserved = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(1, 9).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })], StringComparer.OrdinalIgnoreCase);

    public static string Of(string? given)
    {
        var last = (given ?? "")[((given ?? "").LastIndexOfAny(['/', '\\']) + 1)..];
        var kept = new StringBuilder();
        foreach (var rune in last.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) continue;
            if (rune.Value == 0xFFFD || (rune.IsAscii && Forbidden.Contains((char)rune.Value, StringComparison.Ordinal))) continue;
            kept.Append(rune);
        }
        var name = kept.ToString().Normalize(NormalizationForm.FormC).Trim().TrimEnd('.', ' ');
        if (name.Length == 0 || name.StartsWith('.')) name = "file" + name;
        var extension = Path.GetExtension(name);
        var stem = name[..^extension.Length];
        if (Reserved.Contains(stem.Split('.')[0])) stem = "_" + stem;
        while (stem.Length + extension.Length > Longest) stem = stem[..^(char.IsLowSurrogate(stem[^1]) ? 2 : 1)];
        return stem + extension;
    }
}
