using KitaPortal.Platform.Sheets;

namespace KitaPortal.Tests.Platform;

/// <summary>The five files a town hall already has, read as they are.</summary>
public class OfficeFileTests
{
    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "office-files", name));

    private static readonly SheetColumn[] Roster =
    [
        new("number", "職員番号", true), new("name", "氏名", true), new("yomi", "フリガナ", true), new("unit", "所属", true), new("section", "係", false),
        new("post", "職名", true, "役職"), new("class", "職員区分", true), new("office", "勤務地", false), new("extension", "内線", false),
    ];

    private static (SheetHeader Header, List<SheetLine> Lines, Sheet Sheet) Table(string file, SheetColumn[] columns)
    {
        var sheet = SheetReader.Read(Bytes(file)).Sheets[0];
        var header = SheetHeader.Find(sheet, columns)!;
        return (header, [.. header.Lines(sheet)], sheet);
    }

    private static int Count(List<SheetLine> lines, SheetLineKind kind) => lines.Count(l => l.Kind == kind);

    [Fact]
    public void The_roster_has_309_entries_below_its_title()
    {
        var (header, lines, sheet) = Table("職員名簿_R8.csv", Roster);

        Assert.Equal(SheetEncoding.Cp932, SheetReader.Read(Bytes("職員名簿_R8.csv")).Encoding);
        Assert.Equal((3, 1), (header.Line, header.Height));
        Assert.Equal(316, sheet.Rows.Count);
        Assert.Equal((309, 1, 1, 1, 1), (Count(lines, SheetLineKind.Data), Count(lines, SheetLineKind.Header), Count(lines, SheetLineKind.Empty), Count(lines, SheetLineKind.Total), Count(lines, SheetLineKind.Note)));
        Assert.Equal(144, lines.Single(l => l.Kind == SheetLineKind.Header).Row.Line);
        Assert.Equal(Roster.Length, ColumnMap.Guess(header, Roster).Count);
        Assert.True(Repair.HasPrivateCharacter(sheet.Rows[174][1].Text));
    }

    [Fact]
    public void The_organisation_list_gives_values_without_phonetic_guides()
    {
        SheetColumn[] columns = [new("code", "所属コード", true), new("name", "所属名", true), new("extension", "内線", false, "内線（代表）"), new("parent", "上位所属", false), new("group", "区分", false), new("from", "適用開始", false)];
        var (header, lines, sheet) = Table("組織図_R8.xlsx", columns);

        Assert.Equal("組織図R8.4.1", sheet.Name);
        Assert.Equal((3, 1), (header.Line, header.Height));
        Assert.Equal((88, 1, 1), (Count(lines, SheetLineKind.Data), Count(lines, SheetLineKind.Total), Count(lines, SheetLineKind.Note)));
        var map = ColumnMap.Guess(header, columns);
        Assert.Equal(columns.Length, map.Count);
        Assert.Equal("内線（代表）", header.Headings[8].Name);
        var first = lines[0].Row;
        Assert.Equal("総務課", map.Cell(first, "name").Text);
        Assert.Equal("0101", map.Cell(first, "code").Text);
        Assert.Equal(new DateOnly(2005, 2, 1), map.Cell(first, "from").Day);
        Assert.Equal("11201", map.Cell(sheet.Rows[48], "code").Text);
        Assert.Equal("町長部局", map.Cell(sheet.Rows[39], "group").Text);
        Assert.True(sheet.Rows[39][0].Merged);
    }

    [Fact]
    public void The_device_ledger_has_a_header_over_two_rows()
    {
        SheetColumn[] columns =
        [
            new("code", "備品番号", true), new("kind", "区分", true), new("model", "機種名", true), new("serial", "シリアル番号", false), new("place", "配置場所", true),
            new("adapter", "ACアダプタ", false), new("lan", "有線LANアダプタ", false), new("encryption", "暗号化", false), new("sim", "SIM番号", false), new("bought", "購入日", false), new("price", "金額", false),
        ];
        var (header, lines, sheet) = Table("端末台帳.xlsx", columns);

        Assert.Equal((3, 2), (header.Line, header.Height));
        Assert.Equal((85, 1, 1), (Count(lines, SheetLineKind.Data), Count(lines, SheetLineKind.Total), Count(lines, SheetLineKind.Note)));
        Assert.Equal("84台", lines.Single(l => l.Kind == SheetLineKind.Total).Row[6].Text);
        Assert.Equal(3, lines.Count(l => l.Row.Hidden && l.Kind == SheetLineKind.Data));
        var map = ColumnMap.Guess(header, columns);
        Assert.Equal(columns.Length, map.Count);
        Assert.Equal("付属品／ACアダプタ", header.Headings[7].Label);
        Assert.Equal("1", sheet.Rows[4][0].Text);
        Assert.Equal("豊平支所", map.Cell(sheet.Rows[79], "place").Text);
        Assert.Equal(3, lines.Count(l => map.Cell(l.Row, "sim").IsRounded));
        Assert.Equal(new DateOnly(2021, 2, 19), map.Cell(sheet.Rows[4], "bought").Day);
    }

    [Fact]
    public void The_take_out_register_has_897_entries()
    {
        SheetColumn[] columns = [new("label", "備品番号", true, "端末番号", "機器番号", "番号"), new("name", "氏名", true, "使用者", "利用者"), new("unit", "所属", false), new("day", "持出日時", true), new("purpose", "目的", false, "用務", "使用目的")];
        var (_, lines, sheet) = Table("持出管理簿_R7.csv", columns);

        Assert.Equal(SheetEncoding.Utf8Bom, SheetReader.Read(Bytes("持出管理簿_R7.csv")).Encoding);
        Assert.Equal(916, sheet.Rows.Count);
        Assert.Equal(897, Count(lines, SheetLineKind.Data));
    }

    [Fact]
    public void The_transfer_list_has_61_entries_between_its_headings()
    {
        SheetColumn[] columns = [new("number", "職員番号", true), new("name", "氏名", true), new("kind", "区分", true, "異動区分", "発令区分"), new("new", "新所属", false), new("old", "旧所属", false), new("day", "発令日", false)];
        var (_, lines, sheet) = Table("人事異動_R8_4_1.csv", columns);

        Assert.Equal(73, sheet.Rows.Count);
        Assert.Equal(61, Count(lines, SheetLineKind.Data));
    }
}

public class RepairTests
{
    private static readonly DateOnly Today = new(2026, 3, 16);

    [Fact]
    public void One_sensible_reading_is_taken_and_named()
    {
        Assert.Equal("001173", Repair.Digits(new("1173"), 6).Value);
        Assert.Contains("先頭の0", Repair.Digits(new("1173"), 6).Note, StringComparison.Ordinal);
        Assert.Equal("000667", Repair.Digits(new("０００６６７"), 6).Value);
        Assert.Null(Repair.Digits(new("000667"), 6).Note);
        Assert.False(Repair.Digits(new("新規"), 6).Ok);
        Assert.False(Repair.Digits(new("1234567"), 6).Ok);
        Assert.Equal("KH-PC-007", Repair.Label(new("ＫＨ－ＰＣ－００７")).Value);
        Assert.Equal("KH-PC-004", Repair.Label(new("kh-pc-004 ")).Value);
        Assert.Equal("m.umeda@town.example.jp", Repair.Mail(new("M.Umeda＠Town.example.jp ")).Value);
        Assert.False(Repair.Mail(new("k.mori.town.example.jp")).Ok);
        Assert.Equal(148500m, Repair.Amount(new("１４８，５００")).Value);
        Assert.Equal(148500m, Repair.Amount(new("148,500円")).Value);
        Assert.True(Repair.Mark(new("〇")).Value);
        Assert.False(Repair.Mark(new("未")).Value);
        Assert.False(Repair.Mark(new("不要")).Ok);
    }

    [Theory]
    [InlineData("2019/4/1")]
    [InlineData("H31.4.1")]
    [InlineData("2019.4.1")]
    [InlineData("20190401")]
    [InlineData("Ｈ３１．４．１")]
    [InlineData("2019/4/1 0:00")]
    [InlineData("43556")]
    [InlineData("４３５５６")]
    public void Days_are_read_in_all_forms_of_the_offices(string text) => Assert.Equal(new DateOnly(2019, 4, 1), Repair.Day(new(text), Today).Value);

    [Theory]
    [InlineData("－")]
    [InlineData("-")]
    [InlineData("なし")]
    [InlineData("　")]
    public void Nothing_is_written_in_many_ways(string text) => Assert.True(Repair.IsNone(text));

    [Fact]
    public void Lost_characters_are_seen()
    {
        Assert.True(Repair.HasLostCharacter("??田"));
        Assert.True(Repair.HasLostCharacter("〓根"));
        Assert.False(Repair.HasLostCharacter("髙橋"));
        Assert.True(Repair.HasPrivateCharacter("\uE000田"));
        Assert.True(Repair.IsDitto("〃"));
    }
}
