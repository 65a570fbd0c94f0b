using System.Globalization;
using System.Reflection;
using System.Text;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Japanese;

/// <summary>
/// The one folding behind every search and every comparison of names: width, case, kana, small kana, long marks, dashes and variant
/// kanji disappear. Change the rules or the list and raise <see cref="Version"/>, then the indexes are rebuilt.
/// </summary>
public static class SearchFold
{
    public const int Version = 1;

    private static readonly Dictionary<int, string> Variants = ReadVariants();

    /// <summary>The folded text.</summary>
    public static string Fold(string? text) => string.IsNullOrEmpty(text) ? "" : FoldWithMap(text).Text;

    /// <summary>The folded text without any blank: what two spellings of one name or heading have in common.</summary>
    public static string Key(string? text)
    {
        var folded = Fold(text);
        return folded.Any(char.IsWhiteSpace) ? string.Concat(folded.Where(c => !char.IsWhiteSpace(c))) : folded;
    }

    /// <summary>True when two texts differ only in what folding and blanks take away.</summary>
    public static bool Same(string? a, string? b) => Key(a) == Key(b);

    /// <summary>The forms a name is indexed under: as written, and with 々 repeated (佐々木 = 佐佐木).</summary>
    public static IReadOnlyList<string> NameForms(string name)
    {
        var written = Key(name);
        var repeated = RepeatKanji(written);
        return written == repeated ? [written] : [written, repeated];
    }

    /// <summary>Writes 々 out as the character before it.</summary>
    public static string RepeatKanji(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value != '々' || result.Length == 0) { result.Append(rune); continue; }
            var last = result.Length >= 2 && char.IsLowSurrogate(result[^1]) ? result.ToString(result.Length - 2, 2) : result[^1].ToString();
            result.Append(last);
        }
        return result.ToString();
    }

    /// <summary>The folded text and, for each of its characters, where it came from in the original.</summary>
    public static FoldedText FoldWithMap(string text)
    {
        var folded = new StringBuilder(text.Length);
        List<int> starts = [], ends = [];
        foreach (var (piece, start, end) in Pieces(text))
        {
            foreach (var c in FoldPiece(piece))
            {
                folded.Append(c);
                starts.Add(start);
                ends.Add(end);
            }
        }
        return new FoldedText(text, folded.ToString(), starts, ends);
    }

    // A piece is one character with the marks that combine with it; what folding drops anyway is skipped first,
    // so that it cannot keep a base and its mark apart.
    private static IEnumerable<(string Piece, int Start, int End)> Pieces(string text)
    {
        var piece = new StringBuilder();
        int start = 0, end = 0;
        for (var i = 0; i < text.Length;)
        {
            var length = 1;
            var value = (int)text[i];
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                (length, value) = (2, char.ConvertToUtf32(text[i], text[i + 1]));
            else if (char.IsSurrogate(text[i]))
                value = 0xFFFD;

            if (!IsDropped(value))
            {
                if (piece.Length > 0 && !Combines(value))
                {
                    yield return (piece.ToString(), start, end);
                    piece.Clear();
                }
                if (piece.Length == 0) start = i;
                piece.Append(char.ConvertFromUtf32(value));
                end = i + length;
            }
            i += length;
        }
        if (piece.Length > 0) yield return (piece.ToString(), start, end);
    }

    private static string FoldPiece(string piece)
    {
        if (piece.Length == 1 && piece[0] < 0x80) return char.ToLowerInvariant(piece[0]).ToString();

        var result = new StringBuilder(piece.Length);
        foreach (var rune in piece.Nfkc().ToLowerInvariant().Nfkc().EnumerateRunes())
        {
            if (IsDropped(rune.Value) || Combines(rune.Value)) continue;
            var c = FoldRune(rune.Value);
            if (Variants.TryGetValue(c, out var representative)) result.Append(representative);
            else result.Append(char.ConvertFromUtf32(c));
        }
        return result.ToString();
    }

    private static int FoldRune(int c) => Kana.ToLarge(Kana.ToHiragana(c)) switch
    {
        0x301C or 0x223C or 0x223E => '~',
        0x2212 => '-',
        0x3000 => ' ',
        var d when CharUnicodeInfo.GetUnicodeCategory(d) == UnicodeCategory.DashPunctuation => '-',
        var d => d,
    };

    private static bool IsDropped(int c)
        => c is 'ー' or 0xFF70 or >= 0xFE00 and <= 0xFE0F or >= 0xE0100 and <= 0xE01EF or >= 0x180B and <= 0x180F
            || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format;

    private static bool Combines(int c)
        => c is 0xFF9E or 0xFF9F || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;

    private static Dictionary<int, string> ReadVariants()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("KitaPortal.Platform.Japanese.variant-kanji.tsv")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var variants = new Dictionary<int, string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            var cells = line.Split('\t');
            foreach (var variant in cells[1].EnumerateRunes()) variants.Add(variant.Value, cells[0]);
        }
        return variants;
    }
}

/// <summary>A folded text that remembers where each character came from.</summary>
public sealed record FoldedText(string Original, string Text, IReadOnlyList<int> Starts, IReadOnlyList<int> Ends)
{
    /// <summary>The places in the original that match a query after folding; never overlapping, for highlighting.</summary>
    public IEnumerable<Range> Find(string query)
    {
        var folded = SearchFold.Fold(query);
        if (folded.Length == 0) yield break;
        var after = 0;
        for (var at = 0; (at = Text.IndexOf(folded, at, StringComparison.Ordinal)) >= 0; at += folded.Length)
        {
            var (start, end) = (Math.Max(Starts[at], after), Ends[at + folded.Length - 1]);
            if (start < end) yield return start..end;
            after = Math.Max(after, end);
        }
    }
}
