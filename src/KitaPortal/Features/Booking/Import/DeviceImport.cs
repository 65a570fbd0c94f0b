using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Inventory;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Import;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Import;

/// <summary>端末台帳: the devices with their models, places, security and price. Devices the file does not name stay as they are.</summary>
public sealed class DeviceImport : ImportKind
{
    internal const string Label = "label", Class = "class", Model = "model", Maker = "maker", Serial = "serial", Place = "place", Encrypted = "encrypted", Patched = "patched",
        Antivirus = "antivirus", Mdm = "mdm", Sim = "sim", Phone = "phone", Bought = "bought", Price = "price", Funding = "funding", Warranty = "warranty", Lease = "lease",
        State = "state", Codes = "codes", Set = "set", Adapter = "acc-adapter", Mouse = "acc-mouse", Lan = "acc-lan", Case = "acc-case", Other = "acc-other", Remark = "note";

    public override string Name => "devices";

    public override string Title => "端末台帳";

    public override string Lead => "備品番号・機種・配置場所・セキュリティの状態など。庁舎（組織図）の後に取り込みます。";

    public override int Order => 3;

    public override string Policy => Policies.Admin;

    public override IReadOnlyList<string> Subjects { get; } = [nameof(Device), nameof(DeviceModel), nameof(Pool), nameof(DeviceClass), nameof(Office)];

    public override IReadOnlyList<SheetColumn> Columns { get; } =
    [
        new(Label, "備品番号", true, "管理番号", "資産番号", "端末番号", "機器番号", "物品番号", "端末管理番号", "備品コード"),
        new(Class, "区分", true, "種別", "端末区分", "分類", "機器区分", "種類"),
        new(Model, "機種", true, "機種名", "型名", "型番", "モデル", "品名", "製品名"),
        new(Maker, "メーカー", false, "メーカ", "製造元", "メーカー名"),
        new(Serial, "シリアル番号", false, "製造番号", "S/N", "シリアル", "シリアルNo", "serial"),
        new(Place, "庁舎", true, "配置場所", "保管場所", "設置場所", "所在", "配備先", "保管庁舎"),
        new(Set, "付属品", false, "同梱品"),
        new(Adapter, "ACアダプター", false, "ACアダプタ", "充電器", "電源アダプタ", "電源アダプター"),
        new(Mouse, "マウス", false),
        new(Lan, "有線LANアダプター", false, "有線LANアダプタ", "LANアダプタ", "LANアダプター"),
        new(Case, "ケース", false, "かばん", "持出用かばん"),
        new(Other, "その他", false, "その他付属品"),
        new(Encrypted, "暗号化", false, "ディスク暗号化", "BitLocker", "暗号化状況"),
        new(Patched, "更新適用日", false, "OS更新日", "Windows更新日", "OSアップデート日", "OS更新"),
        new(Antivirus, "ウイルス対策日", false, "ウイルス対策更新日", "定義更新日", "パターン更新日"),
        new(Mdm, "遠隔消去", false, "MDM", "MDM登録"),
        new(Sim, "ICCID", false, "SIM番号", "SIM", "SIMカード番号"),
        new(Phone, "電話番号", false, "回線番号", "携帯番号"),
        new(Bought, "取得日", false, "購入日", "取得年月日", "購入年月日", "納品日"),
        new(Price, "取得価格", false, "金額", "購入金額", "価格", "単価", "取得価額"),
        new(Funding, "財源", false, "予算", "財源区分"),
        new(Warranty, "保証期限", false, "保証期間", "保守期限"),
        new(Lease, "リース期限", false, "リース満了日"),
        new(State, "状態", false, "状況", "利用状況", "使用状況"),
        new(Codes, "別コード", false, "旧番号", "旧備品番号"),
        new(Remark, "備考", false, "摘要", "注記"),
    ];

    public override async Task LockAsync(PortalDb db, CancellationToken ct)
        => await db.LockAsync<Pool>((await db.Pools.OrderBy(p => p.Id).Select(p => p.Id).ToListAsync(ct)).Select(p => p.Value), ct);

    /// <summary>Bookings of devices that may be lent no more get others, and devices that may be again go to whoever waits.</summary>
    public override async Task SettleAsync(PortalDb db, DateTimeOffset now, CancellationToken ct)
    {
        var changed = db.ChangeTracker.Entries<Device>().Where(e => e.State == EntityState.Added || (e.State == EntityState.Modified && e.Property(d => d.Status).IsModified)).Select(e => (Device: e.Entity, IsNew: e.State == EntityState.Added)).ToList();
        await db.SaveChangesAsync(ct);
        foreach (var (device, _) in changed.Where(c => !c.IsNew && !c.Device.IsLendable)) await Settling.EmptyAsync(db, device, now, ct);
        foreach (var pool in changed.Where(c => c.Device.IsLendable).Select(c => c.Device.PoolId).Distinct()) await Settling.GiveToWaitingAsync(db, pool, now, ct);
    }

    public override async Task PlanAsync(PortalDb db, ImportTable table, CancellationToken ct)
    {
        var classes = await db.DeviceClasses.ToListAsync(ct);
        var stock = new Stock(await db.Devices.ToListAsync(ct), await db.DeviceModels.Include(m => m.Accessories).ToListAsync(ct), await db.Pools.ToListAsync(ct), await OfficeWords.LoadAsync(db, ct));
        var today = TokyoTime.Midnight(table.Today);
        var busy = (await db.Occupancies.Where(o => o.Active && o.DeviceId != null && o.To > today).Select(o => o.DeviceId!.Value).Distinct().ToListAsync(ct)).ToHashSet();
        var kept = await Retiring.KeptForAsync(db, db.BookingLines, ct);
        var reader = new DeviceReader(table, classes, stock);
        var entries = new List<DeviceEntry>();
        foreach (var line in table.Lines)
        {
            entries.Add(reader.Read(line));
            if (entries.Count % 100 == 0) table.Report(entries.Count);
        }
        new ModelNames(table, stock.Models).Resolve(entries);
        NameRepeats(entries, stock);
        foreach (var entry in entries) Plan(db, table, entry, entries, stock, busy, kept);

        var models = entries.Where(e => !e.Line.HasErrors && stock.ModelOf(e) is null).Select(e => e.ModelName).Distinct().ToList();
        if (models.Count > 0) table.Notes.Add($"まだ登録されていない機種{models.Count}件を、付属品と一緒に登録します：{string.Join("、", models)}");
        if (table.Lines.Where(l => l.Row.Hidden).Select(l => l.Line).ToList() is { Count: > 0 } hidden) table.Notes.Add($"非表示の行が{hidden.Count}行あります（{string.Join("・", hidden)}行目）。これらも取り込みます。");
        foreach (var total in table.Others.Where(o => o.Kind == SheetLineKind.Total))
            table.Notes.Add($"{total.Row.Line}行目の合計は「{string.Join(' ', total.Row.Cells.Where(c => !c.IsEmpty && !c.Merged).Skip(1).Select(c => c.Text.Trim()))}」ですが、このファイルの明細は{entries.Count}行です。");
    }

    private static void NameRepeats(List<DeviceEntry> entries, Stock stock)
    {
        foreach (var same in entries.Where(e => e.Label.Length > 0).GroupBy(e => e.Label).Where(g => g.Count() > 1))
        {
            var oneDevice = same.Select(e => e.Serial).Distinct().Count() == 1 && same.First().Serial is not null;
            foreach (var entry in same)
                entry.Line.Error(Label, oneDevice
                    ? $"備品番号{same.Key}（同じシリアル番号）が2か所に書かれています（{string.Join("、", same.Select(e => $"{e.Line.Line}行目 {e.Office?.Name}"))}）"
                    : $"備品番号{same.Key}が別の機器に使われています（{string.Join("、", same.Select(e => $"{e.Line.Line}行目 シリアル{e.Serial}"))}）");
        }
        foreach (var same in entries.Where(e => e.Serial is not null).GroupBy(e => (e.ModelName, e.Serial)).Where(g => g.Select(e => e.Label).Distinct().Count() > 1))
            foreach (var entry in same)
                entry.Line.Error(Serial, $"シリアル番号{same.Key.Serial}が別の備品番号にもあります（{string.Join("、", same.Where(e => e != entry).Select(e => $"{e.Line.Line}行目 {e.Label}"))}）");
        foreach (var entry in entries)
            if (entry.Serial is not null && stock.Devices.FirstOrDefault(d => d.Serial == entry.Serial && d.Label != entry.Label && d.ModelId == stock.ModelOf(entry)?.Id) is { } other)
                entry.Line.Error(Serial, $"シリアル番号{entry.Serial}は登録済みの{other.Label}のものです");
    }

    private static void Plan(PortalDb db, ImportTable table, DeviceEntry entry, List<DeviceEntry> entries, Stock stock, HashSet<DeviceId> busy, ILookup<DeviceId, string> kept)
    {
        var line = entry.Line;
        if (line.HasErrors) return;
        var known = stock.Devices.FirstOrDefault(d => d.Label == entry.Label);
        var pool = known is null ? null : stock.Pools.Single(p => p.Id == known.PoolId);
        if (known is not null && busy.Contains(known.Id) && (pool!.OfficeId != entry.Office!.Id || known.ModelId != stock.ModelOf(entry)?.Id))
            line.Error(Place, $"{known.Label}には貸出・予約・整備の予定があるため、庁舎と機種を変えられません。庁舎は移送の画面で変えてください");
        if (known is { Status: not DeviceStatus.Retired } && entry.Status == DeviceStatus.Retired && kept[known.Id].ToList() is { Count: > 0 } numbers)
            line.Error(State, InventoryRules.StillKept.With(known.Label, string.Join("、", numbers)).Message);
        if (line.HasErrors) return;
        line.Compare("備品番号", known?.Label, entry.Label);
        line.Compare("機種", known is null ? null : stock.Models.Single(m => m.Id == known.ModelId).Name, entry.ModelName);
        line.Compare("庁舎", pool is null ? null : stock.Offices.All.Single(o => o.Id == pool.OfficeId).Name, entry.Office!.Name);
        line.Compare("シリアル番号", known?.Serial, entry.Serial ?? known?.Serial);
        line.Compare("状態", known is null ? null : DeviceReader.StatusWords[(int)known.Status], DeviceReader.StatusWords[(int)entry.Status]);
        var was = known?.Compliance ?? new Compliance();
        var found = was with { Encrypted = entry.Encrypted ?? was.Encrypted, PatchedOn = entry.PatchedOn ?? was.PatchedOn, AntivirusOn = entry.AntivirusOn ?? was.AntivirusOn, MdmEnrolled = entry.Mdm ?? was.MdmEnrolled };
        line.Compare("暗号化", known is null || !was.Encrypted ? null : "済", found.Encrypted ? "済" : null);
        line.Compare("更新適用日", Shown(was.PatchedOn), Shown(found.PatchedOn));
        line.Compare("ウイルス対策日", Shown(was.AntivirusOn), Shown(found.AntivirusOn));
        line.Compare("遠隔消去", was.MdmEnrolled ? "済" : null, found.MdmEnrolled ? "済" : null);
        var owned = known?.Asset ?? new DeviceAsset();
        var asset = new DeviceAsset(entry.Bought ?? owned.AcquiredOn, entry.Price ?? owned.Price, entry.Funding ?? owned.FundingSource, entry.Warranty ?? owned.WarrantyUntil, entry.Lease ?? owned.LeaseUntil);
        line.Compare("取得日", Shown(owned.AcquiredOn), Shown(asset.AcquiredOn));
        line.Compare("取得価格", owned.Price?.ToString("#,0"), asset.Price?.ToString("#,0"));
        line.Compare("財源", owned.FundingSource, asset.FundingSource);
        line.Compare("保証期限", Shown(owned.WarrantyUntil), Shown(asset.WarrantyUntil));
        line.Compare("リース期限", Shown(owned.LeaseUntil), Shown(asset.LeaseUntil));
        line.Compare("ICCID", known?.SimIccid, entry.Sim ?? known?.SimIccid);
        line.Compare("電話番号", known?.PhoneNumber, entry.Phone ?? known?.PhoneNumber);
        line.Compare("備考", known?.Note, entry.Note ?? known?.Note);
        var missing = entry.Missing.Except(known?.OpenShortages ?? []).ToList();
        if (missing.Count > 0) line.Compare("不足の付属品", string.Join('、', known?.OpenShortages ?? []), string.Join('、', (known?.OpenShortages ?? []).Concat(missing)));
        line.Action = known is null ? ImportAction.Add : line.After.Count > 0 ? ImportAction.Change : ImportAction.Same;

        line.Apply = () =>
        {
            var model = stock.ModelFor(db, entry, entries);
            var place = stock.PoolFor(db, entry.Office!.Id, model.Id);
            var device = known ?? db.Add(new Device(DeviceId.New(), entry.Label, model.Id, place.Id)).Entity;
            device.MoveTo(place.Id, model.Id);
            device.Identify(entry.Serial ?? device.Serial, entry.Codes ?? device.OtherCodes, entry.Sim ?? device.SimIccid, entry.Phone ?? device.PhoneNumber, entry.Note ?? device.Note);
            device.SetAsset(asset);
            if (found != was) device.Check(found with { CheckedAt = TokyoTime.Midnight(table.AsOf), Source = "端末台帳" });
            device.SetStatus(entry.Status, entry.StateText);
            if (missing.Count > 0) device.Inspect(device.OpenShortages.Concat(missing).Distinct());
        };

        static string? Shown(DateOnly? day) => day is { } d ? JapaneseDate.Short(d) : null;
    }
}

/// <summary>The inventory as the import sees it, with what the file adds.</summary>
internal sealed class Stock(List<Device> devices, List<DeviceModel> models, List<Pool> pools, OfficeWords offices)
{
    public IReadOnlyList<Device> Devices => devices;

    public IReadOnlyList<DeviceModel> Models => models;

    public IReadOnlyList<Pool> Pools => pools;

    public OfficeWords Offices => offices;

    public DeviceModel? ModelOf(DeviceEntry entry) => models.FirstOrDefault(m => m.Name == entry.ModelName && m.ClassId == entry.ClassId);

    public DeviceModel ModelFor(PortalDb db, DeviceEntry entry, List<DeviceEntry> entries)
    {
        if (ModelOf(entry) is { } there) return there;
        var model = new DeviceModel(DeviceModelId.New(), entry.ClassId, entry.ModelName, entry.Maker);
        model.Pack(UsualSet([.. entries.Where(e => e.ModelName == entry.ModelName)]));
        db.Add(model);
        models.Add(model);
        return model;
    }

    public Pool PoolFor(PortalDb db, OfficeId office, DeviceModelId model)
    {
        if (pools.FirstOrDefault(p => p.OfficeId == office && p.ModelId == model) is { } there) return there;
        var pool = new Pool(PoolId.New(), office, model);
        db.Add(pool);
        pools.Add(pool);
        return pool;
    }

    // What most devices of the model have travels with each.
    private static IEnumerable<(string, int, bool)> UsualSet(List<DeviceEntry> rows)
        => rows.SelectMany(r => r.Accessories.Keys).Distinct()
            .Where(name => rows.Count(r => r.Accessories.ContainsKey(name)) * 2 > rows.Count)
            .Select(name => (name, rows.Where(r => r.Accessories.ContainsKey(name)).GroupBy(r => r.Accessories[name]).OrderByDescending(g => g.Count()).First().Key, true));
}
