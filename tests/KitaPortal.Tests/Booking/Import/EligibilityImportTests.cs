using System.Text;
using KitaPortal.Features.Booking;
using KitaPortal.Platform.Imports;
using KitaPortal.Tests.Host;
using KitaPortal.Tests.People.Import;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Import;

/// <summary>Trainings and security checks from files: previewed, wrong rows named, applied once, and twice changes nothing.</summary>
public sealed class EligibilityImportTests
{
    [Fact]
    public async Task Trainings_are_previewed_row_by_row_and_taken_once()
    {
        await using var portal = await PortalHost.StartAsync();
        var file = Csv("""
            令和8年度 情報セキュリティ研修 受講者一覧
            職員コード,氏名,講座名,修了日,有効期限
            001001,佐藤 花子,情報セキュリティ研修,R8.4.3,2027/3/31
            1002,鈴木一郎,情報セキュリティ研修,2026/4/3,
            001003,佐藤 花子,情報セキュリティ研修,2026/4/3,
            009999,だれか,情報セキュリティ研修,2026/4/3,
            001001,佐藤花子,情報セキュリティ研修,2026/4/3,2027/3/31
            000101,藤原陽向,情報セキュリティ研修,2026/5/3,
            000102,谷信行,,2026/4/3,
            """);

        var (run, rows) = await portal.Preview("training", file);

        Assert.Equal((2, 5), (run.Counts.Added, run.Counts.Errors));
        Assert.Equal([4], rows.Lines(ImportLevel.Fix, "先頭の0を補いました"));
        Assert.Equal([4], rows.Lines(ImportLevel.Fix, "受講から12か月"));
        Assert.Equal([5], rows.Lines(ImportLevel.Error, "田中　実さんと違います"));
        Assert.Equal([6], rows.Lines(ImportLevel.Error, "職員はいません"));
        Assert.Equal([7], rows.Lines(ImportLevel.Error, "3行目と同じ記録です"));
        Assert.Equal([8], rows.Lines(ImportLevel.Error, "先の日付です"));
        Assert.Equal([9], rows.Lines(ImportLevel.Error, "研修名がありません"));

        (run, _) = await portal.Apply(run.Id, onlyCorrect: true);
        Assert.Equal(ImportState.Done, run.State);
        var kept = await portal.ReadAsync(db => db.TrainingRecords.AsNoTracking().OrderBy(t => t.LastDay).ToListAsync());
        Assert.Equal([(portal.Town.Sato, new DateOnly(2027, 3, 31)), (portal.Town.Suzuki, new DateOnly(2027, 4, 2))], kept.Select(t => (t.StaffId, t.LastDay)));
        (run, _) = await portal.Preview("training", file);
        Assert.Equal((0, 0, 2), (run.Counts.Added, run.Counts.Changed, run.Counts.Same));
        (run, _) = await portal.Preview("training", Csv("職員番号,研修名,受講日,有効期限\n001001,情報セキュリティ研修,2026/4/3,2026/9/30\n"));
        await portal.Apply(run.Id);
        Assert.Equal(new DateOnly(2026, 9, 30), await portal.ReadAsync(db => db.TrainingRecords.Where(t => t.StaffId == portal.Town.Sato).Select(t => t.LastDay).SingleAsync()));
    }

    [Fact]
    public async Task An_mdm_export_changes_only_what_it_says_and_counts_as_a_check()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 3);
        await portal.WriteAsync(async db =>
        {
            foreach (var device in await db.Devices.Where(d => town.LaptopIds.Contains(d.Id)).ToListAsync()) device.Identify($"SN{device.Label[^1]}", [], null, null, null);
        });
        var file = Csv("""
            Serial number,暗号化,OS更新日,ウイルス対策日,MDM
            sn1,true,2026/4/5,,○
            ＳＮ２,未,,R8.4.5,
            SN9,済,,,
            SN1,済,,,
            SN3,たぶん,,,
            """);

        var (run, rows) = await portal.Preview("compliance", file);

        Assert.Equal((2, 3), (run.Counts.Changed, run.Counts.Errors));
        Assert.Equal([4], rows.Lines(ImportLevel.Error, "台帳にありません"));
        Assert.Equal([5], rows.Lines(ImportLevel.Error, "2行目と同じシリアル番号です"));
        Assert.Equal([6], rows.Lines(ImportLevel.Error, "済・未のどちらでもありません"));
        (run, _) = await portal.Apply(run.Id, onlyCorrect: true);
        Assert.Equal(ImportState.Done, run.State);
        var devices = await portal.ReadAsync(db => db.Devices.AsNoTracking().Where(d => town.LaptopIds.Contains(d.Id)).OrderBy(d => d.Label).ToListAsync());
        Assert.Equal((true, new DateOnly(2026, 4, 5), new DateOnly(2026, 4, 5), true, "MDM"), (devices[0].Compliance.Encrypted, devices[0].Compliance.PatchedOn!.Value, devices[0].Compliance.AntivirusOn!.Value, devices[0].Compliance.MdmEnrolled, devices[0].Compliance.Source));
        Assert.Equal((false, new DateOnly(2026, 4, 1), new DateOnly(2026, 4, 5), true), (devices[1].Compliance.Encrypted, devices[1].Compliance.PatchedOn!.Value, devices[1].Compliance.AntivirusOn!.Value, devices[1].Compliance.MdmEnrolled));
        Assert.Equal(At("2026-04-06T00:00"), devices[1].Compliance.CheckedAt!.Value.ToOffset(TimeSpan.FromHours(9)));
        Assert.Equal("窓口", devices[2].Compliance.Source);
        (run, _) = await portal.Preview("compliance", file);
        Assert.Equal((0, 2), (run.Counts.Changed, run.Counts.Same));
    }

    [Fact]
    public async Task An_export_older_than_the_last_check_takes_nothing_back()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 1);
        await portal.WriteAsync(async db =>
        {
            var device = await db.Devices.SingleAsync(d => d.Id == town.LaptopIds[0]);
            device.Identify("SN1", [], null, null, null);
            device.Check(device.Compliance with { CheckedAt = At("2026-04-07T09:00") });
        });

        var (run, rows) = await portal.Preview("compliance", Csv("シリアル番号,暗号化,更新適用日\nSN1,未,2026/3/1\n"));

        Assert.Equal((0, 1), (run.Counts.Changed, run.Counts.Same));
        Assert.Equal([2], rows.Lines(ImportLevel.Warn, "新しいため、この行は取り込みません"));
    }

    [Fact]
    public async Task The_inventory_file_moves_and_retires_no_promised_device_and_bookings_of_a_broken_one_get_another()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 3);
        var pinned = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00", device: town.LaptopIds[0]));
        var free = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00", town.Laptops));
        var label = await portal.ReadAsync(db => db.BookingLines.Where(l => l.BookingId == free.Id).Join(db.Devices, l => l.DeviceId, d => (DeviceId?)d.Id, (_, d) => d.Label).SingleAsync());
        byte[] File(string number, string place, string state) => Csv($"備品番号,区分,機種,庁舎,状態\n{number},リモートワーク用端末,持出用ノートPC,{place},{state}\n");

        var (_, moved) = await portal.Preview("devices", File("PC-001", "芸北支所", "運用中"));
        var (_, retired) = await portal.Preview("devices", File("PC-001", "本庁", "廃止"));
        var (run, _) = await portal.Preview("devices", File(label, "本庁", "整備中"));
        (run, _) = await portal.Apply(run.Id);

        Assert.Equal([2], moved.Lines(ImportLevel.Error, "庁舎は移送の画面で"));
        Assert.Equal([2], retired.Lines(ImportLevel.Error, pinned.Number));
        Assert.Equal(ImportState.Done, run.State);
        var line = await town.Line(free.Id);
        Assert.NotNull(line.DeviceId);
        Assert.NotEqual(label, await portal.ReadAsync(db => db.Devices.Where(d => d.Id == line.DeviceId).Select(d => d.Label).SingleAsync()));
    }

    [Fact]
    public async Task Only_those_who_look_after_eligibility_import()
    {
        await using var portal = await PortalHost.StartAsync();
        using var security = await portal.As(portal.Town.Security);
        using var hr = await portal.As(portal.Town.Hr);

        Assert.Contains("研修の受講記録", (await security.Get("/people/import/new?kind=training")).Words);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await hr.Get("/people/import/new?kind=training")).Status);
    }

    private static byte[] Csv(string text) => [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"))];
}
