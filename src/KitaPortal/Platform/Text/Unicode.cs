using System.Text;

namespace KitaPortal.Platform.Text;

/// <summary>Normalisation that no input can break: half a surrogate pair becomes U+FFFD instead of an exception.</summary>
public static class Unicode
{
    public static string Nfkc(this string text) => WellFormed(text).Normalize(NormalizationForm.FormKC);

    public static string Nfc(this string text) => WellFormed(text).Normalize(NormalizationForm.FormC);

    /// <summary>The text with every lone surrogate replaced.</summary>
    public static string WellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1])) i++;
            else return string.Concat(text.EnumerateRunes());
        }
        return text;
    }

    /// <summary>All hyphens, dashes and minus signs as the ASCII hyphen; for numbers, dates and labels, not for words (ー is one of them).</summary>
    public static string PlainDashes(this string text)
        => string.Create(text.Length, text, static (span, from) =>
        {
            for (var i = 0; i < from.Length; i++) span[i] = from[i] is '‐' or '‑' or '‒' or '–' or '—' or '―' or '−' or 'ー' or '─' or '━' ? '-' : from[i];
        });
}
