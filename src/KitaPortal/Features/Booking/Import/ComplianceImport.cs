using KitaPortal.Data;
using KitaPortal.Features.Booking.Versions;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using KitaPortal.Platform.Text;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Import;

/// <summary>端末の安全の状態: what the management of devices (MDM) says of encryption, updates, antivirus and remote wipe, by serial number.</summary>
public sealed class ComplianceImport : ImportKind
{
    private const string Serial = "serial", Encrypted = "encrypted", Patched = "patched", Antivirus = "antivirus", Mdm = "mdm";

    public override string Name => "compliance";

    public override string Title => "端末の安全の状態（MDM）";

    public override string Lead => "シリアル番号と、暗号化・更新適用日・ウイルス対策日・遠隔消去。端末台帳の後に取り込みます。空の項目はそのまま残ります。";

    public override int Order => 4;

    public override string Policy => BookingPolicies.Eligibility;

    public override IReadOnlyList<string> Subjects { get; } = [nameof(Device)];

    public override IReadOnlyList<SheetColumn> Columns { get; } =
    [
        new(Serial, "シリアル番号", true, "製造番号", "S/N", "シリアル", "シリアルNo", "serial", "Serial number", "SerialNumber"),
        new(Encrypted, "暗号化", false, "ディスク暗号化", "BitLocker", "暗号化状況", "Encrypted"),
        new(Patched, "更新適用日", false, "OS更新日", "Windows更新日", "OSアップデート日", "OS更新", "最終更新日"),
        new(Antivirus, "ウイルス対策日", false, "ウイルス対策更新日", "定義更新日", "パターン更新日"),
        new(Mdm, "遠隔消去", false, "MDM", "MDM登録", "Enrolled"),
    ];

    public override IEnumerable<string> MissingColumns(ColumnMap map)
        => base.MissingColumns(map).Concat(Columns.Skip(1).Any(c => map.Has(c.Key)) ? [] : ["暗号化・更新適用日・ウイルス対策日・遠隔消去のどれかの列を選んでください。"]);

    public override async Task PlanAsync(PortalDb db, ImportTable table, CancellationToken ct)
    {
        var devices = (await db.Devices.ToListAsync(ct)).Where(d => d.Serial is not null).ToLookup(d => Key(d.Serial!));
        var checkedAt = TokyoTime.Midnight(table.AsOf);
        var seen = new Dictionary<string, int>();
        foreach (var line in table.Lines)
        {
            Plan(table, line, devices, checkedAt, seen);
            if (line.Line % 100 == 0) table.Report(line.Line);
        }
    }

    private static void Plan(ImportTable table, ImportLine line, ILookup<string, Device> devices, DateTimeOffset checkedAt, Dictionary<string, int> seen)
    {
        var written = line.Text(Serial);
        line.Subject = written;
        if (written.Length == 0) { line.Error(Serial, "シリアル番号がありません"); return; }
        if (line.Cell(Serial).IsRounded) { line.Error(Serial, $"シリアル番号「{written}」は表計算が桁を丸めています"); return; }
        var found = devices[Key(written)].ToList();
        if (found.Count == 0) { line.Error(Serial, $"シリアル番号{written}の端末は台帳にありません"); return; }
        if (found.Count > 1) { line.Error(Serial, $"シリアル番号{written}の端末が{found.Count}台あります（{string.Join("、", found.Select(d => d.Label))}）"); return; }
        if (!seen.TryAdd(Key(written), line.Line)) { line.Error(Serial, $"{seen[Key(written)]}行目と同じシリアル番号です"); return; }

        var device = found[0];
        line.Subject = $"{device.Label}（{written}）";
        var was = device.Compliance;
        if (was.CheckedAt is { } newer && TokyoTime.DayOf(newer) > table.AsOf)
        {
            line.Warn(Serial, $"台帳の点検（{JapaneseDate.Long(TokyoTime.DayOf(newer))}）のほうが新しいため、この行は取り込みません");
            line.Action = ImportAction.Same;
            return;
        }
        var now = was with
        {
            Encrypted = Mark(line, Encrypted) ?? was.Encrypted,
            MdmEnrolled = Mark(line, Mdm) ?? was.MdmEnrolled,
            PatchedOn = PastDay(table, line, Patched) ?? was.PatchedOn,
            AntivirusOn = PastDay(table, line, Antivirus) ?? was.AntivirusOn,
            CheckedAt = was.CheckedAt > checkedAt ? was.CheckedAt : checkedAt,
            Source = "MDM",
        };
        if (line.HasErrors) return;
        line.Compare("暗号化", was.Encrypted ? "済" : "未", now.Encrypted ? "済" : "未");
        line.Compare("更新適用日", Shown(was.PatchedOn), Shown(now.PatchedOn));
        line.Compare("ウイルス対策日", Shown(was.AntivirusOn), Shown(now.AntivirusOn));
        line.Compare("遠隔消去", was.MdmEnrolled ? "済" : "未", now.MdmEnrolled ? "済" : "未");
        line.Compare("点検日", Shown(was.CheckedAt is { } before ? TokyoTime.DayOf(before) : null), Shown(TokyoTime.DayOf(now.CheckedAt!.Value)));
        line.Action = line.After.Count > 0 ? ImportAction.Change : ImportAction.Same;
        line.Apply = () => device.Check(now);

        static string? Shown(DateOnly? day) => day is { } d ? JapaneseDate.Short(d) : null;
    }

    private static bool? Mark(ImportLine line, string column)
    {
        var word = line.Text(column).Nfkc();
        if (word.Length == 0) return null;
        if (word.Equals("true", StringComparison.OrdinalIgnoreCase) || word.Equals("yes", StringComparison.OrdinalIgnoreCase)) return true;
        if (word.Equals("false", StringComparison.OrdinalIgnoreCase) || word.Equals("no", StringComparison.OrdinalIgnoreCase)) return false;
        return line.Take(column, Repair.Mark(line.Cell(column)));
    }

    private static DateOnly? PastDay(ImportTable table, ImportLine line, string column)
    {
        if (line.Text(column).Length == 0) return null;
        var day = line.Take(column, Repair.Day(line.Cell(column), table.Today));
        if (day <= table.Today) return day;
        if (day is { } future) line.Error(column, $"{JapaneseDate.Long(future)}は先の日付です");
        return null;
    }

    private static string Key(string serial) => serial.Nfkc().ToUpperInvariant().Replace(" ", "", StringComparison.Ordinal);
}
