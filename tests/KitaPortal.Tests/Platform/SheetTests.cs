using System.IO.Compression;
using System.Text;
using CsCheck;
using KitaPortal.Platform.Sheets;

namespace KitaPortal.Tests.Platform;

public class SheetTests
{
    private static readonly Encoding Cp932 = TextDecoding.StrictCp932;

    // Any text a cell may hold; spreadsheets know no lone surrogates.
    private static readonly Gen<string> CellTexts = Gen.OneOf(
            SearchFoldTests.Texts,
            Gen.OneOf("＝1+1", "=1+1", "'", "\"", "a\"b", "行1\r\n行2", "行1\n行2", "〜−‖", "𠮷", " 前後 ", "\t", ",", ";", "_x000D_", "_x005F_", "\u0001", "0012", "1e5", "'=1", "\r"))
        .Select(t => KitaPortal.Platform.Text.Unicode.WellFormed(t).Replace("\0", "", StringComparison.Ordinal));

    private static readonly Gen<SheetTable> Tables = CellTexts.Array[3].Array[1, 6]
        .Select(rows => new SheetTable("表", ["一", "二", "三"], [.. rows.Select(r => (IReadOnlyList<object?>)[.. r.Append("末")])]));

    private static string[][] Texts(Sheet sheet) => [.. sheet.Rows.Select(r => r.Cells.Select(c => c.Text).ToArray())];

    private static string[][] Expected(SheetTable table) => [.. table.Rows.Select(r => r.Select(c => c?.ToString() ?? "").ToArray())];

    [Fact]
    public void Csv_out_and_in_is_lossless() => Tables.Sample(table =>
    {
        var file = SheetReader.Read(table.ToCsv());

        Assert.Equal(SheetEncoding.Utf8Bom, file.Encoding);
        Assert.Equal(Expected(table), Texts(file.Sheets[0]).Skip(1));
    });

    [Fact]
    public void Xlsx_out_and_in_is_lossless() => Tables.Sample(table =>
    {
        var file = SheetReader.Read(table.ToXlsx());

        Assert.True(file.IsWorkbook);
        Assert.Equal(["表", "説明"], file.Sheets.Select(s => s.Name));
        Assert.Equal(Expected(table), Texts(file.Sheets[0]).Skip(1));
    });

    [Fact]
    public void Cp932_names_what_does_not_fit_and_never_writes_a_question_mark() => Tables.Sample(table =>
    {
        var unfit = table.UnfitForCp932();
        var file = SheetReader.Read(table.ToCp932Csv(), SheetEncoding.Cp932);

        var before = Expected(table).Sum(r => r.Sum(t => t.Count(c => c == '?')));
        Assert.Equal(before, Texts(file.Sheets[0]).Sum(r => r.Sum(t => t.Count(c => c == '?'))));
        if (unfit.Count == 0)
            Assert.Equal(Expected(table).Select(r => r.Select(t => t.Replace('〜', '～').Replace('−', '－').Replace('‖', '∥')).ToArray()), Texts(file.Sheets[0]).Skip(1));
    });

    [Fact]
    public void A_character_that_does_not_fit_is_listed_with_its_place()
    {
        var table = new SheetTable("名簿", ["氏名", "備考"], [["吉田", "可"], ["𠮷田", "〜−‖髙﨑①"]]);

        var unfit = Assert.Single(table.UnfitForCp932());

        Assert.Equal(new UnfitCharacter(3, "氏名", "𠮷"), unfit);
        Assert.Equal("U+20BB7", unfit.CodePoint);
        Assert.Contains("〓田", Cp932.GetString(table.ToCp932Csv()), StringComparison.Ordinal);
    }

    [Fact]
    public void Typed_cells_keep_their_type()
    {
        var table = new SheetTable("型", ["番号", "日", "数", "時"], [["0012", new DateOnly(2026, 4, 1), 7000, new DateTimeOffset(2026, 3, 31, 15, 30, 0, TimeSpan.Zero)]]) { About = [("定義", "試験")] };

        var row = SheetReader.Read(table.ToXlsx()).Sheets[0].Rows[1];

        Assert.Equal(new Cell("0012"), row[0]);
        Assert.Equal(new DateOnly(2026, 4, 1), row[1].Day);
        Assert.Equal(7000d, row[2].Number);
        Assert.Equal("2026-04-01 0:30", row[3].Text);
    }

    public static TheoryData<string, SheetEncoding> Encodings => new()
    {
        { "utf8", SheetEncoding.Utf8 }, { "bom", SheetEncoding.Utf8Bom }, { "cp932", SheetEncoding.Cp932 },
        { "utf16le-bom", SheetEncoding.Utf16Le }, { "utf16be-bom", SheetEncoding.Utf16Be }, { "utf16le", SheetEncoding.Utf16Le }, { "utf16be", SheetEncoding.Utf16Be },
    };

    internal static byte[] Encode(string text, string form)
    {
        Encoding encoding = form switch
        {
            "utf8" => new UTF8Encoding(false),
            "bom" => new UTF8Encoding(true),
            "cp932" => Cp932,
            "utf16le-bom" => new UnicodeEncoding(false, true),
            "utf16be-bom" => new UnicodeEncoding(true, true),
            "utf16le" => new UnicodeEncoding(false, false),
            _ => new UnicodeEncoding(true, false),
        };
        return [.. encoding.Preamble, .. encoding.GetBytes(text)];
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_encoding_offices_use_is_recognised(string form, SheetEncoding found)
    {
        foreach (var delimiter in ",\t;")
        {
            var text = $"職員番号{delimiter}氏名\r\n000001{delimiter}\"髙橋{delimiter}　一郎\"\r\n";

            var file = SheetReader.Read(Encode(text, form));

            Assert.Equal(found, file.Encoding);
            Assert.Equal(delimiter, file.Delimiter);
            Assert.Equal([["職員番号", "氏名"], ["000001", $"髙橋{delimiter}　一郎"]], Texts(file.Sheets[0]));
        }
    }

    [Fact]
    public void A_byte_that_fits_no_encoding_is_refused_with_its_place()
    {
        byte[] file = [.. Cp932.GetBytes("職員番号,氏名\r\n1,"), 0xFF, 0xFF, 0x0D, 0x0A];

        var refused = Assert.Throws<SheetRefusedException>(() => SheetReader.Read(file));

        Assert.Contains("2行目の3バイト目（FF FF）", refused.Message, StringComparison.Ordinal);
        Assert.Throws<SheetRefusedException>(() => SheetReader.Read([0x82, 0xA0, 0x0A], SheetEncoding.Utf8));
        Assert.Throws<SheetRefusedException>(() => SheetReader.Read([]));
        Assert.Throws<SheetRefusedException>(() => SheetReader.Read(Encoding.UTF8.GetBytes("a,\"b\n")));
    }

    [Fact]
    public void Limits_passwords_and_macros_are_refused()
    {
        Assert.Contains("20MB", Assert.Throws<SheetRefusedException>(() => SheetReader.Read(new byte[SheetLimits.Bytes + 1])).Message, StringComparison.Ordinal);
        Assert.Contains("パスワード", Assert.Throws<SheetRefusedException>(() => SheetReader.Read([0xD0, 0xCF, 0x11, 0xE0, 0, 0])).Message, StringComparison.Ordinal);
        Assert.Contains("20,000", Assert.Throws<SheetRefusedException>(() => SheetReader.Read(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a,b\n", 20_001))))).Message, StringComparison.Ordinal);
        var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, true)) zip.CreateEntry("xl/vbaProject.bin");
        Assert.Contains("マクロ", Assert.Throws<SheetRefusedException>(() => SheetReader.Read(file.ToArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_files_are_refused_and_never_break_the_reader()
    {
        var good = new SheetTable("表", ["一"], [["値"]]).ToXlsx();

        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            var broken = good.ToArray();
            broken[at] = value;
            try { SheetReader.Read(broken); } catch (SheetRefusedException) { }
        });
        Gen.Byte.Array[1, 200].Sample(bytes => { try { SheetReader.Read(bytes); } catch (SheetRefusedException) { } });
    }
}
