using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Admin.Demo;

/// <summary>Models, pools, devices, agreements and training of the invented town.</summary>
internal sealed class DemoDevices(PortalDb db, Random chance)
{
    /// <summary>The devices of one model at one office.</summary>
    internal sealed record Stock(PoolId Pool, OfficeId Office, string OfficeName, string ClassCode, IReadOnlyList<DeviceId> Devices, string[] Set);

    private static readonly (string Class, string Name, string Maker, string Mark, int[] Count, decimal Price, (string, int, bool)[] Set)[] Models =
    [
        ("laptop", "モバイルノート KB-13（13型・LTE）", "北峰電子", "NA", [12, 4, 3, 4], 148_000, [("ACアダプター", 1, true), ("マウス", 1, false), ("持出用かばん", 1, true)]),
        ("laptop", "モバイルノート KB-14（14型）", "北峰電子", "NB", [7, 2, 3, 2], 132_000, [("ACアダプター", 1, true), ("持出用かばん", 1, true)]),
        ("laptop", "2in1ノート ST-12（12型・ペン付き）", "瀬戸情報機器", "NC", [4, 0, 0, 1], 169_000, [("ACアダプター", 1, true), ("ペン", 1, true), ("持出用かばん", 1, true)]),
        ("tablet", "会議用タブレット 11型（LTE）", "青葉テック", "TA", [5, 2, 2, 2], 78_000, [("充電器", 1, true), ("スタンド", 1, false)]),
        ("tablet", "会議用タブレット 13型", "青葉テック", "TB", [3, 0, 1, 0], 112_000, [("充電器", 1, true), ("会議用スピーカー", 1, true)]),
        ("recorder", "議事録作成端末 GR-2", "山陽音響", "RA", [3, 1, 1, 1], 96_000, [("ACアダプター", 1, true), ("集音マイク", 1, true)]),
        ("extra", "モバイルルーター WR-5", "瀬戸情報機器", "XA", [4, 1, 1, 1], 21_000, [("充電ケーブル", 1, true)]),
        ("extra", "小型プロジェクター PJ-8", "山陽音響", "XB", [2, 1, 1, 1], 54_000, [("電源コード", 1, true), ("HDMIケーブル", 1, true)]),
        ("extra", "外付けモニター 15型", "青葉テック", "XC", [4, 0, 0, 0], 27_000, [("USBケーブル", 1, true)]),
    ];

    // Desk minutes between two borrowers: looking at the set; charging; erasing.
    private static readonly (string Class, int Minutes)[] Turnaround = [("laptop", 30), ("tablet", 15), ("recorder", 30)];

    public List<Stock> Stocks { get; } = [];

    public async Task BuyAsync(DemoOrganisation town, DateOnly since, CancellationToken ct)
    {
        var classes = await db.DeviceClasses.ToDictionaryAsync(c => c.Code, ct);
        foreach (var (code, minutes) in Turnaround) classes[code].Lend(classes[code].SelfService, classes[code].DeemedPermission, minutes);
        foreach (var (code, name, maker, mark, counts, price, set) in Models)
        {
            var model = new DeviceModel(DeviceModelId.New(), classes[code].Id, name, maker);
            model.Pack(set.Select(s => (s.Item1, s.Item2, s.Item3)));
            db.Add(model);
            var number = 0;
            foreach (var (count, i) in counts.Select((c, i) => (c, i)).Where(c => c.c > 0))
            {
                var office = town.Office($"0{i + 1}");
                var pool = new Pool(PoolId.New(), office.Id, model.Id);
                db.Add(pool);
                var devices = Enumerable.Range(0, count).Select(_ => Device(model, pool, mark, ++number, price, since, code)).ToList();
                Stocks.Add(new(pool.Id, office.Id, office.Name, code, devices, [.. set.Select(s => $"{s.Item1}×{s.Item2}")]));
            }
        }
    }

    private DeviceId Device(DeviceModel model, Pool pool, string mark, int number, decimal price, DateOnly since, string code)
    {
        var device = new Device(DeviceId.New(), $"KH-{mark}-{number.ToString("000", CultureInfo.InvariantCulture)}", model.Id, pool.Id);
        device.Identify($"{mark}{chance.Next(100_000, 999_999)}{number:00}", [], null, null, null);
        device.SetAsset(new DeviceAsset(since.AddDays(-chance.Next(30, 500)), price, code == "extra" ? "一般財源" : "デジタル田園都市国家構想交付金", since.AddYears(3)));
        db.Add(device);
        return device.Id;
    }

    /// <summary>Who borrows signs and learns: once when the trial's time begins, then every April.</summary>
    public void Train(IEnumerable<StaffId> people, DateOnly since, DateOnly today)
    {
        var agreement = new AgreementVersion("端末持出しに関する誓約書", "端末と情報を本人の責任で扱い、紛失・盗難・破損があったときは直ちに届け出ます。又貸しはしません。", ["laptop"], null, since);
        db.Add(agreement);
        foreach (var person in people)
        {
            for (var day = since; day <= today; day = new DateOnly(FiscalYear.From(day).Value + 1, 4, 1))
            {
                db.Add(agreement.SignedBy(person, TokyoTime.At(day, new TimeOnly(8, 35))));
                db.Add(new TrainingRecord(person, "情報セキュリティ研修", day, day.AddYears(1).AddMonths(3)));
            }
        }
    }

    /// <summary>A round of checks: all laptops are encrypted, patched and under remote erasure.</summary>
    public async Task CheckAsync(DateTimeOffset now, CancellationToken ct)
    {
        var day = TokyoTime.DayOf(now);
        var laptops = Stocks.Where(s => s.ClassCode == "laptop").SelectMany(s => s.Devices).ToList();
        foreach (var device in await db.Devices.Where(d => laptops.Contains(d.Id)).ToListAsync(ct))
            device.Check(new Compliance(true, day.AddDays(-3), day, true, now, "窓口の点検"));
    }

    /// <summary>As in every store, a few devices are not ready: old updates, encryption unknown, in repair, looked for, written off.</summary>
    public async Task GrowOldAsync(IReadOnlySet<DeviceId> busy, DateTimeOffset now, CancellationToken ct)
    {
        var day = TokyoTime.DayOf(now);
        var free = Stocks.Where(s => s.ClassCode == "laptop" && s.Devices.Count > 3).SelectMany(s => s.Devices).Where(d => !busy.Contains(d)).Take(8).ToList();
        var devices = await db.Devices.Where(d => free.Contains(d.Id)).OrderBy(d => d.Label).ToListAsync(ct);
        foreach (var (device, i) in devices.Select((d, i) => (d, i)))
        {
            if (i == 0) device.Check(device.Compliance with { Encrypted = false, CheckedAt = now });
            else if (i == 1) device.Check(device.Compliance with { PatchedOn = day.AddDays(-61) });
            else if (i == 2) device.Check(device.Compliance with { PatchedOn = day.AddDays(-44), AntivirusOn = day.AddDays(-12) });
            else if (i == 3) device.SetStatus(DeviceStatus.Maintenance, "バッテリー交換");
            else if (i == 4) device.SetStatus(DeviceStatus.Maintenance, "画面の割れ");
            else if (i == 5) device.Recall("充電池の自主回収");
        }
    }
}
