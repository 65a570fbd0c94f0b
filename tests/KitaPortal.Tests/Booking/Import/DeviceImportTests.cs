using KitaPortal.Features.Booking;
using KitaPortal.Features.People;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Sheets;
using KitaPortal.Tests.Host;
using KitaPortal.Tests.People.Import;
using KitaPortal.Tests.Platform;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Booking.Import;

/// <summary>The device ledger of a town hall, imported into a portal that knows its offices.</summary>
public class DeviceImportTests
{
    private static readonly byte[] Ledger = OfficeFileTests.Bytes("端末台帳.xlsx");

    [Fact]
    public async Task Every_irregular_row_of_the_ledger_is_named_or_repaired()
    {
        await using var portal = await TownWithOffices();

        var (run, rows) = await portal.Preview("devices", Ledger);

        Assert.Equal(85, rows.Count(r => r.Action != ImportAction.Skip));
        Assert.Equal((3, 2, new DateOnly(2026, 3, 31)), (run.Finding!.HeaderLine, run.Finding.HeaderHeight, run.Finding.AsOf));
        Assert.Equal([66, 67], rows.Lines(ImportLevel.Error, "別の機器に使われています"));
        Assert.Equal([62, 73], rows.Lines(ImportLevel.Error, "2か所に書かれています"));
        Assert.Equal([30], rows.Lines(ImportLevel.Warn, "シリアル番号がありません"));
        Assert.Equal([8, 55], rows.Lines(ImportLevel.Error, "別の備品番号にもあります"));
        Assert.Equal([65], rows.Lines(ImportLevel.Error, "備品番号がありません"));
        Assert.Equal([36], rows.Lines(ImportLevel.Error, "機種がありません"));
        Assert.Equal([21], rows.Lines(ImportLevel.Error, "「千代田分庁舎」という庁舎はありません"));
        Assert.Equal([21, 70], rows.Lines(ImportLevel.Error, "別の書き方ではありませんか"));
        Assert.Equal([7, 16, 21, 60], rows.Lines(ImportLevel.Warn, "暗号化が「未」です"));
        Assert.Equal([9, 82, 83], rows.Lines(ImportLevel.Warn, "暗号化が空です"));
        Assert.Equal([34, 75], rows.Lines(ImportLevel.Warn, "済・未のどちらでもありません"));
        Assert.Equal([6, 20, 80], rows.Lines(ImportLevel.Warn, "日たっています"));
        Assert.Equal([10], rows.Lines(ImportLevel.Warn, "先の日付です"));
        Assert.Equal([71], rows.Lines(ImportLevel.Warn, "という日はありません"));
        Assert.Equal([25, 32, 37, 52, 56, 60, 82], rows.Lines(ImportLevel.Warn, "日付として読めません"));
        Assert.Equal([35, 61, 76], rows.Lines(ImportLevel.Warn, "表計算が桁を丸めています"));
        Assert.Equal([36], rows.Lines(ImportLevel.Warn, "「返却済」は番号ではありません"));
        Assert.Equal([10, 17, 29, 46], rows.Lines(ImportLevel.Error, "状態"));
        Assert.Equal([35], rows.Lines(ImportLevel.Warn, "足りないものとして"));
        Assert.Contains(run.Finding.Notes, n => n.Contains("5・7・81行目", StringComparison.Ordinal));
        Assert.Contains(run.Finding.Notes, n => n.Contains("84台", StringComparison.Ordinal) && n.Contains("85行", StringComparison.Ordinal));
        Assert.Contains(run.Finding.Notes, n => n.Contains("機種9件", StringComparison.Ordinal));

        Assert.Equal([15, 16, 81], rows.Lines(ImportLevel.Fix, "を「LIFEBOOK U7311/F」と読みました"));
        Assert.Equal([33, 34], rows.Lines(ImportLevel.Fix, "を「iPad（第8世代）Wi-Fi+Cellular 32GB」と読みました"));
        Assert.Equal([16, 79], rows.Lines(ImportLevel.Fix, "文字を金額にしました"));
        Assert.Equal([67, 68, 69], rows.Lines(ImportLevel.Fix, "〃を上の行の"));
        Assert.Equal([79, 80, 81, 82, 83], rows.Lines(ImportLevel.Fix, "結合されたセル"));
        Assert.Contains(11, rows.Lines(ImportLevel.Fix, "KH-PC-007"));
        Assert.Contains(80, rows.Lines(ImportLevel.Fix, "KH-PC-023"));
    }

    [Fact]
    public async Task The_right_rows_become_devices_and_twice_changes_nothing()
    {
        await using var portal = await TownWithOffices();
        var (run, _) = await portal.Preview("devices", Ledger);

        (run, _) = await portal.Apply(run.Id, onlyCorrect: true);

        Assert.Equal(ImportState.Done, run.State);
        var devices = await portal.ReadAsync(db => db.Devices.AsNoTracking().ToListAsync());
        Assert.Equal(71, devices.Count);
        var models = await portal.ReadAsync(db => db.DeviceModels.Include(m => m.Accessories).AsNoTracking().ToListAsync());
        Assert.Equal(9, models.Count);
        Assert.Equal(["ACアダプター", "マウス", "有線LANアダプター", "ケース"], models.Single(m => m.Name == "LIFEBOOK U7311/F").Accessories.OrderBy(a => a.SortOrder).Select(a => a.Name));
        var first = devices.Single(d => d.Label == "KH-PC-002");
        Assert.Equal((true, new DateOnly(2025, 6, 15), new DateOnly(2021, 2, 19), 148500m), (first.Compliance.Encrypted, first.Compliance.PatchedOn!.Value, first.Asset.AcquiredOn!.Value, first.Asset.Price!.Value));
        Assert.Equal(DeviceStatus.Retired, devices.Single(d => d.Label == "KH-PC-001").Status);
        Assert.Equal(["ACアダプター"], devices.Single(d => d.Label == "KH-TB-04").OpenShortages);
        Assert.Null(devices.Single(d => d.Label == "KH-TB-04").SimIccid);
        Assert.False(devices.Single(d => d.Label == "KH-PC-012").Compliance.Encrypted);
        var (again, rows) = await portal.Preview("devices", Ledger);
        Assert.True((again.Counts.Added, again.Counts.Changed) == (0, 0), string.Join('\n', rows.Where(r => r.After.Count > 0).Select(r => $"{r.Line} {string.Join(',', r.After)}")));
    }

    [Fact]
    public async Task Answers_make_wrong_rows_right_also_for_empty_cells()
    {
        await using var portal = await TownWithOffices();
        var words = new Dictionary<string, IReadOnlyDictionary<string, string>>
        {
            ["state"] = new Dictionary<string, string> { [""] = "整備中", ["使用中（人事係専用）"] = "貸出可" },
            ["model"] = new Dictionary<string, string> { ["ﾀﾞｲﾅﾌﾞｯｸ G83"] = "dynabook G83/HU" },
            ["place"] = new Dictionary<string, string> { ["千代田分庁舎"] = "本庁" },
        };

        var (run, rows) = await portal.Preview("devices", Ledger, new ImportSettings { Words = words });

        Assert.Equal([8, 36, 55, 62, 65, 66, 67, 73], rows.Where(r => r.Action == ImportAction.Error).Select(r => r.Line));
        Assert.Equal([10, 46], rows.Lines(ImportLevel.Fix, "空を「整備中」と読み替えました"));
        Assert.Equal(77, run.Counts.Added);
    }

    [Theory]
    [InlineData("cp932")]
    [InlineData("utf16le-bom")]
    public async Task The_ledger_saved_as_text_gives_the_same_devices(string form)
    {
        await using var portal = await TownWithOffices();
        var (first, rows) = await portal.Preview("devices", Ledger);
        var sheet = SheetReader.Read(Ledger).Sheets[0];
        // As a spreadsheet saves it: merged cells are empty, days as they are shown.
        var text = string.Concat(sheet.Rows.Select(r => string.Join('\t', Enumerable.Range(0, sheet.Columns).Select(c => $"\"{(r[c].Merged ? "" : r[c].Text.Replace("\n", "", StringComparison.Ordinal))}\"")) + "\r\n"));

        var (run, others) = await portal.Preview("devices", SheetTests.Encode(text, form));

        Assert.Equal((3, 2), (run.Finding!.HeaderLine, run.Finding.HeaderHeight));
        Assert.Equal((first.Counts.Added, first.Counts.Errors), (run.Counts.Added, run.Counts.Errors));
        Assert.Equal(rows.Where(r => r.Action == ImportAction.Add).Select(r => string.Join(',', r.After.Where(a => a.Key != "ICCID").Select(a => a.Value))), others.Where(r => r.Action == ImportAction.Add).Select(r => string.Join(',', r.After.Where(a => a.Key != "ICCID").Select(a => a.Value))));
    }

    internal static async Task<PortalHost> TownWithOffices()
    {
        var portal = await PortalHost.StartEmptyAsync(new(2026, 3, 31, 9, 0, 0, TimeSpan.FromHours(9)));
        await portal.WriteAsync(async db =>
        {
            db.AddRange(new Office(OfficeId.New(), "01", "本庁", OfficeKind.Main, 1), new Office(OfficeId.New(), "02", "芸北支所", OfficeKind.Branch, 2),
                new Office(OfficeId.New(), "03", "大朝支所", OfficeKind.Branch, 3), new Office(OfficeId.New(), "04", "豊平支所", OfficeKind.Branch, 4));
            if (!await db.DeviceClasses.AnyAsync())
                db.AddRange(new DeviceClass(DeviceClassId.New(), "laptop", "リモートワーク用端末", true), new DeviceClass(DeviceClassId.New(), "tablet", "オンライン会議用iPad", true),
                    new DeviceClass(DeviceClassId.New(), "recorder", "AI議事録作成端末", true), new DeviceClass(DeviceClassId.New(), "extra", "付属機器", false));
        });
        return portal;
    }
}
