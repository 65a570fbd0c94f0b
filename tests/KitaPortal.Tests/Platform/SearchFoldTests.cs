using System.Globalization;
using CsCheck;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Tests.Platform;

public class SearchFoldTests
{
    internal static readonly Gen<string> Texts = Gen.OneOf(
            Gen.Char['\u0020', '\u007e'].Select(c => c.ToString()),
            Gen.Char['\u3041', '\u30ff'].Select(c => c.ToString()),
            Gen.Char['\u4e00', '\u9fa0'].Select(c => c.ToString()),
            Gen.Char['\uff01', '\uff9f'].Select(c => c.ToString()),
            Gen.Char['\u3200', '\u33ff'].Select(c => c.ToString()),
            Gen.Char['\u00a0', '\u03ff'].Select(c => c.ToString()),
            Gen.OneOf("ー", "゙", "゚", "\u200b", "\ufe00", "\U000e0100", "𠮷", "〜", "−", "\ud800", "ﾞ", "ヶ", "々", "\u0301", "Å", "İ", "ﬁ"))
        .Array[0, 12].Select(string.Concat);

    [Fact]
    public void Folding_twice_changes_nothing() => Texts.Sample(text => Assert.Equal(SearchFold.Fold(text), SearchFold.Fold(SearchFold.Fold(text))));

    [Theory]
    [InlineData("ｻﾄｳ", "さとう")]
    [InlineData("サトウ", "さとう")]
    [InlineData("ｶﾞｷﾞ", "がぎ")]
    [InlineData("サーバー", "サーバ")]
    [InlineData("ﾃﾞｼﾞﾀﾙ推進課", "デジタル推進課")]
    [InlineData("髙橋", "高橋")]
    [InlineData("齋藤", "斉藤")]
    [InlineData("山﨑", "山崎")]
    [InlineData("渡邉", "渡辺")]
    [InlineData("渡邊\U000e0101", "渡辺")]
    [InlineData("𠮷田", "吉田")]
    [InlineData("豐平支所", "豊平支所")]
    [InlineData("藝北", "芸北")]
    [InlineData("ＡＢＣ１２３", "abc123")]
    [InlineData("NB−0012", "nb-0012")]
    [InlineData("NB‐0012", "NB－0012")]
    [InlineData("10〜12", "10～12")]
    [InlineData("霞ヶ関", "霞ケ関")]
    [InlineData("きょう", "きよう")]
    [InlineData("お知らせ\u200b板", "お知らせ板")]
    public void Spellings_that_mean_the_same_fold_equal(string a, string b) => Assert.Equal(SearchFold.Fold(a), SearchFold.Fold(b));

    [Theory]
    [InlineData("さとう", "さどう")]
    [InlineData("田中", "中田")]
    [InlineData("1", "l")]
    public void What_differs_stays_different(string a, string b) => Assert.NotEqual(SearchFold.Fold(a), SearchFold.Fold(b));

    [Fact]
    public void A_name_is_found_with_any_blank_or_none()
    {
        Assert.Equal(SearchFold.Key("高橋　一郎"), SearchFold.Key(" 髙橋 一郎"));
        Assert.Equal(SearchFold.Key("高橋一郎"), SearchFold.Key("髙橋　 一郎"));
        Assert.Contains(SearchFold.Key("佐佐木"), SearchFold.NameForms("佐々木"));
        Assert.Contains(SearchFold.Key("佐々木"), SearchFold.NameForms("佐々木"));
    }

    [Fact]
    public void Highlights_lie_inside_the_original() => Gen.Select(Texts, Texts).Sample((before, word) =>
    {
        var text = before + word + before;
        var folded = SearchFold.FoldWithMap(text);

        Assert.Equal(folded.Text.Length, folded.Starts.Count);
        Assert.Equal(SearchFold.Fold(text), folded.Text);
        var last = 0;
        foreach (var range in folded.Find(word))
        {
            Assert.InRange(range.Start.Value, last, text.Length - 1);
            Assert.InRange(range.End.Value, range.Start.Value + 1, text.Length);
            last = range.End.Value;
        }
    });

    [Fact]
    public void A_highlight_covers_what_the_reader_sees()
    {
        var text = "本日、ｻｰﾊﾞｰの点検";

        var range = Assert.Single(SearchFold.FoldWithMap(text).Find("サーバ"));

        Assert.Equal("ｻｰﾊﾞ", text[range]);
    }
}

public class YomiKeyTests
{
    private static readonly Gen<string> Readings = Gen.OneOf(Gen.Char['ぁ', 'ゖ'], Gen.OneOf('ー', 'か', 'が', 'は', 'ば', 'ぱ', 'つ', 'っ', 'や', 'ゃ'))
        .Array[1, 5].Select(c => new string(c)).Where(t => t[0] != 'ー' && !t.Contains("ーー") && !t.Contains("んー") && !t.Contains("っー"));

    [Fact]
    public void The_order_agrees_with_Japanese_collation()
    {
        var japanese = CultureInfo.GetCultureInfo("ja-JP").CompareInfo;

        Gen.Select(Readings, Readings).Sample((a, b) =>
            Assert.Equal(Math.Sign(japanese.Compare(a, b)), Math.Sign(string.CompareOrdinal(YomiKey.Of(a), YomiKey.Of(b)))));
    }

    [Fact]
    public void People_are_ordered_as_a_phone_book_does()
    {
        string[] expected = ["あーと", "かとう", "がとう", "さとう いちろう", "さとう じろう", "さとうだ あい", "はら", "ばら", "ぱら", "anna", "2ばん", ""];

        Assert.Equal(expected, expected.Reverse().OrderBy(YomiKey.Of, StringComparer.Ordinal));
        Assert.Equal(YomiKey.Of("サトウ", "ｲﾁﾛｳ"), YomiKey.Of("さとう", "いちろう"));
        Assert.Equal(YomiKey.Of("佐藤さとう"), YomiKey.Of("さとう"));
    }
}

public class PersonNameTests
{
    [Fact]
    public void Names_part_at_any_blank()
    {
        Assert.Equal(("宮田", "真吾"), PersonName.Split("宮田　　真吾"));
        Assert.Equal(("大野", "美香"), PersonName.Split("　大野 美香 "));
        Assert.Null(PersonName.Split("宮田舞"));
        Assert.Null(PersonName.Split("山 田 太"));
    }

    [Fact]
    public void Readings_become_hiragana()
    {
        Assert.Equal("どい", PersonName.Yomi("ﾄﾞｲ"));
        Assert.Equal("せーら", PersonName.Yomi("セーラ"));
        Assert.Null(PersonName.Yomi("上田"));
        Assert.Null(PersonName.Yomi(" "));
    }

    [Fact]
    public void Characters_are_counted_as_seen()
    {
        Assert.Equal(3, Graphemes.Count("𠮷é👨‍👩‍👧"));
        Assert.Equal(2, Graphemes.Count("ガ\r\n"));
        Assert.Equal(0, Graphemes.Count(null));
    }
}
