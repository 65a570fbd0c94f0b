using System.Text;

namespace KitaPortal.Platform.Japanese;

/// <summary>
/// The sort key of a reading (よみ), compared byte by byte so that every database agrees. Three levels, parted by a blank: the bare
/// syllables (ー as the vowel before it), then dakuten, then long marks, small and repeated kana. Hiragana before Latin before digits;
/// kanji never count.
/// </summary>
public static class YomiKey
{
    private const string Vowels = "あいうえお";
    private const string Plain = "うかきくけこさしすせそたちつてとはひふへほ", Voiced = "ゔがぎぐげござじずぜぞだぢづでどばびぶべぼ";
    private const string HalfVoicedPlain = "はひふへほ", HalfVoiced = "ぱぴぷぺぽ";

    // By bytes ! sorts above the blank that parts the levels and below every syllable: さとう いちろう comes before さとうだ.
    private const char WordBreak = '!', LevelBreak = ' ';
    private const char Last = '\uFFFD', FirstDigit = '\uFF70';

    /// <summary>The key of a person: family name first, then given name.</summary>
    public static string Of(string? familyYomi, string? givenYomi) => Of($"{familyYomi} {givenYomi}");

    /// <summary>The key of any reading; what has no reading at all sorts last.</summary>
    public static string Of(string? yomi)
    {
        StringBuilder syllables = new(), voices = new(), forms = new();
        foreach (var c in Kana.ToHiragana(yomi ?? "").Trim().ToLowerInvariant())
        {
            if (Split(c, syllables.Length == 0 ? '\0' : syllables[^1]) is not var (syllable, voice, form))
                continue;
            if (syllable == WordBreak && (syllables.Length == 0 || syllables[^1] == WordBreak)) continue;
            syllables.Append(syllable);
            voices.Append(voice);
            forms.Append(form);
        }
        return syllables.Length == 0 ? Last.ToString() : $"{syllables}{LevelBreak}{voices}{LevelBreak}{forms}";
    }

    // Forms: 0 long mark, 1 small, 2 repeated, 3 as it is.
    private static (char Syllable, char Voice, char Form)? Split(char c, char before)
    {
        if (char.IsWhiteSpace(c)) return (WordBreak, '0', '3');
        if (c == 'ー') return VowelOf(before) is { } vowel ? (vowel, '0', '0') : null;
        if (c == 'ゝ') return before >= 'あ' ? (before, '0', '2') : null;
        if (c == 'ゞ') return before >= 'あ' ? (before, '1', '2') : null;
        if (c is >= 'a' and <= 'z') return ((char)(c + 0xFEE0), '0', '3');
        if (c is >= '0' and <= '9') return ((char)(FirstDigit + (c - '0')), '0', '3');
        if (c is < 'ぁ' or > 'ゖ') return null;

        var form = Kana.IsSmall(c) ? '1' : '3';
        c = (char)Kana.ToLarge(c);
        if (Voiced.IndexOf(c, StringComparison.Ordinal) is >= 0 and var i) return (Plain[i], '1', form);
        if (HalfVoiced.IndexOf(c, StringComparison.Ordinal) is >= 0 and var h) return (HalfVoicedPlain[h], '2', form);
        return (c, '0', form);
    }

    private static char? VowelOf(char syllable)
    {
        string[] rows = ["あかさたなはまやらわ", "いきしちにひみりゐ", "うくすつぬふむゆる", "えけせてねへめれゑ", "おこそとのほもよろを"];
        for (var i = 0; i < rows.Length; i++)
            if (rows[i].Contains(syllable, StringComparison.Ordinal)) return Vowels[i];
        return syllable == 'ん' ? 'ん' : null;
    }
}
