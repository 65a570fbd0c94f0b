using System.Text;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Japanese;

/// <summary>Conversions between the two kana scripts and between small and large kana.</summary>
public static class Kana
{
    private const string Small = "ぁぃぅぇぉっゃゅょゎゕゖ", Large = "あいうえおつやゆよわかけ";

    // ㇰ … ㇿ: the small katakana of Ainu words.
    private const string Phonetic = "くしすとぬはひふへほむらりるれろ";

    public static int ToHiragana(int c) => c switch
    {
        >= 0x30A1 and <= 0x30F6 or 0x30FD or 0x30FE => c - 0x60,
        >= 0x31F0 and <= 0x31FF => Phonetic[c - 0x31F0],
        _ => c,
    };

    public static int ToLarge(int c) => c <= 0xFFFF && Small.IndexOf((char)c, StringComparison.Ordinal) is >= 0 and var i ? Large[i] : c;

    public static bool IsSmall(char c) => Small.Contains(c, StringComparison.Ordinal);

    /// <summary>Width normalised (NFKC), katakana as hiragana; everything else as it is.</summary>
    public static string ToHiragana(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text.Nfkc()) result.Append((char)ToHiragana(c));
        return result.ToString();
    }

    /// <summary>True for hiragana, katakana and the long mark.</summary>
    public static bool IsKana(char c) => c is >= 'ぁ' and <= 'ゖ' or 'ゝ' or 'ゞ' or >= 'ァ' and <= 'ヺ' or 'ー' or 'ヽ' or 'ヾ';
}
