using System.Text.RegularExpressions;
using KitaPortal.Features.People;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using KitaPortal.Platform.Text;
using static KitaPortal.Features.Booking.Import.DeviceImport;

namespace KitaPortal.Features.Booking.Import;

/// <summary>One row of a device ledger, read.</summary>
internal sealed class DeviceEntry(ImportLine line)
{
    public ImportLine Line => line;

    public string Label { get; set; } = "";

    public DeviceClassId ClassId { get; set; }

    public string ModelName { get; set; } = "";

    public string? Maker { get; set; }

    public string? Serial { get; set; }

    public Office? Office { get; set; }

    public bool? Encrypted { get; set; }

    public DateOnly? PatchedOn { get; set; }

    public DateOnly? AntivirusOn { get; set; }

    public bool? Mdm { get; set; }

    public string? Sim { get; set; }

    public string? Phone { get; set; }

    public DateOnly? Bought { get; set; }

    public decimal? Price { get; set; }

    public string? Funding { get; set; }

    public DateOnly? Warranty { get; set; }

    public DateOnly? Lease { get; set; }

    public DeviceStatus Status { get; set; }

    public string? StateText { get; set; }

    public string[]? Codes { get; set; }

    public string? Note { get; set; }

    public Dictionary<string, int> Accessories { get; } = [];

    public List<string> Missing { get; } = [];
}

/// <summary>Reads the rows of a device ledger one by one.</summary>
internal sealed partial class DeviceReader(ImportTable table, List<DeviceClass> classes, Stock stock)
{
    public static readonly string[] StatusWords = ["運用中", "整備中", "所在不明", "廃止"];

    // Older than this, an update is worth a word: the device stood in a cupboard.
    private const int OldAfterDays = 90;

    public DeviceEntry Read(ImportLine line)
    {
        var entry = new DeviceEntry(line);
        if (line.Text(Label).Length == 0) line.Error(Label, "備品番号がありません");
        else entry.Label = line.Take(Label, Repair.Label(line.Cell(Label))) ?? "";
        if (entry.Label.Length > 40) line.Error(Label, "備品番号が長すぎます（40文字まで）");
        ReadClass(entry);
        entry.ModelName = Repair.Trimmed(line.Text(Model));
        line.Subject = entry.Label.Length > 0 ? entry.Label : entry.ModelName;
        if (entry.ModelName.Length == 0) line.Error(Model, "機種がありません");
        entry.Maker = Optional(line, Maker);
        ReadSerial(entry);
        ReadPlace(entry);
        ReadState(entry);
        ReadSecurity(entry);
        ReadLine(entry);
        ReadAsset(entry);
        ReadAccessories(entry);
        entry.Codes = Optional(line, Codes) is { } codes ? [.. codes.Split([';', '；', '、', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)] : null;
        entry.Note = Optional(line, Remark);
        return entry;
    }

    private static string? Optional(ImportLine line, string column) => line.Text(column) is { Length: > 0 } text ? text : null;

    private void ReadClass(DeviceEntry entry)
    {
        var word = entry.Line.Text(Class);
        if (word.Length == 0) { entry.Line.Error(Class, "区分がありません"); return; }
        var key = SearchFold.Key(word);
        var code = key switch
        {
            var k when k.Contains("ノト", StringComparison.Ordinal) || k.Contains("のと", StringComparison.Ordinal) || k is "pc" or "パソコン" or "ぱそこん" => "laptop",
            var k when k.Contains("たぶれつと", StringComparison.Ordinal) || k.Contains("ipad", StringComparison.Ordinal) => "tablet",
            var k when k.Contains("議事録", StringComparison.Ordinal) => "recorder",
            var k when k.Contains("付属", StringComparison.Ordinal) || k.Contains("周辺", StringComparison.Ordinal) => "extra",
            _ => key,
        };
        var found = classes.FirstOrDefault(c => SearchFold.Key(c.Name) == key) ?? classes.FirstOrDefault(c => c.Code == code);
        if (found is null) entry.Line.Refuse(Class, $"区分「{word}」が分かりません", choices: classes.Select(c => c.Name));
        else entry.ClassId = found.Id;
    }

    private static void ReadSerial(DeviceEntry entry)
    {
        var line = entry.Line;
        if (line.Cell(Serial).IsRounded) { line.Refuse(Serial, $"シリアル番号「{line.Cell(Serial).Text}」は表計算が桁を丸めています。空のまま取り込みます", ImportLevel.Warn); return; }
        entry.Serial = line.Text(Serial).Nfkc().ToUpperInvariant().Replace(" ", "", StringComparison.Ordinal) is { Length: > 0 } serial ? serial : null;
        if (entry.Serial is null) line.Warn(Serial, "シリアル番号がありません");
    }

    private void ReadPlace(DeviceEntry entry)
    {
        var line = entry.Line;
        if (line.Cell(Place).Merged) line.Fix(Place, $"結合されたセルの「{line.Text(Place)}」です");
        if (line.Text(Place).Length > 0) { entry.Office = stock.Offices.Read(line, Place); return; }
        var above = line.Above;
        while (above is not null && above.Text(Place).Length == 0) above = above.Above;
        if (above is null) { line.Error(Place, "庁舎（配置場所）がありません"); return; }
        entry.Office = stock.Offices.Find(above.Text(Place));
        if (entry.Office is null) line.Error(Place, $"「{above.Text(Place)}」という庁舎はありません");
        else line.Fix(Place, $"空のため、上の行と同じ「{entry.Office.Name}」としました（結合されたセル）");
    }

    private void ReadState(DeviceEntry entry)
    {
        if (!table.Map.Has(State)) return;
        var line = entry.Line;
        entry.StateText = Repair.Trimmed(line.Cell(State).Text);
        DeviceStatus? status = entry.StateText.Nfkc() switch
        {
            "貸出可" or "使用可" or "貸出可能" or "運用中" or "正常" or "良好" or "稼働中" or "使用中" or "貸出中" => DeviceStatus.InService,
            "○" or "〇" or "◯" => DeviceStatus.InService,
            "修理中" or "故障" or "整備中" or "点検中" or "使用不可" => DeviceStatus.Maintenance,
            "所在不明" or "紛失" or "不明" => DeviceStatus.Missing,
            "廃棄" or "廃棄済" or "廃棄済み" or "廃止" or "除却" or "除却済" => DeviceStatus.Retired,
            _ => null,
        };
        if (status is null) line.Refuse(State, entry.StateText.Length == 0 ? "状態が空です" : $"状態「{entry.StateText}」が分かりません", choices: StatusWords);
        else if (entry.StateText is "○" or "〇" or "◯") line.Fix(State, $"「{entry.StateText}」を「貸出可」と読みました");
        entry.Status = status ?? DeviceStatus.InService;
    }

    private void ReadSecurity(DeviceEntry entry)
    {
        var line = entry.Line;
        var written = Repair.Trimmed(line.Cell(Encrypted).Text);
        if (table.Map.Has(Encrypted) && (written.Length == 0 || !Repair.IsNone(written)))
        {
            var mark = Repair.Mark(line.Cell(Encrypted));
            if (written.Length == 0) line.Refuse(Encrypted, "暗号化が空です。未対応として扱います", ImportLevel.Warn, ["済", "未"]);
            else if (mark.Problem is not null) line.Refuse(Encrypted, $"暗号化「{written}」は済・未のどちらでもありません。未対応として扱います", ImportLevel.Warn, ["済", "未"]);
            else if (mark.Value == false) line.Warn(Encrypted, $"暗号化が「{written}」です。持ち出せません");
            else line.Take(Encrypted, mark);
            entry.Encrypted = mark.Value ?? false;
        }
        entry.PatchedOn = PastDay(entry, Patched, warnOld: true);
        entry.AntivirusOn = PastDay(entry, Antivirus, warnOld: true);
        if (line.Text(Mdm).Length > 0) entry.Mdm = line.Take(Mdm, Repair.Mark(line.Cell(Mdm)), ImportLevel.Warn);
    }

    private DateOnly? PastDay(DeviceEntry entry, string column, bool warnOld)
    {
        var line = entry.Line;
        if (line.Text(column).Length == 0) return null;
        var day = line.Take(column, Repair.Day(line.Cell(column), table.Today), ImportLevel.Warn);
        if (day > table.AsOf && day > table.Today)
        {
            line.Refuse(column, $"{JapaneseDate.Long(day.Value)}は先の日付です。空のまま取り込みます", ImportLevel.Warn);
            return null;
        }
        if (warnOld && day is { } last && entry.Status != DeviceStatus.Retired && table.AsOf.DayNumber - last.DayNumber > OldAfterDays)
            line.Warn(column, $"{JapaneseDate.Long(last)}から{table.AsOf.DayNumber - last.DayNumber}日たっています");
        return day;
    }

    private static void ReadLine(DeviceEntry entry)
    {
        var line = entry.Line;
        if (line.Cell(Sim).IsRounded) line.Refuse(Sim, $"SIM番号「{line.Cell(Sim).Text}」は表計算が桁を丸めています。空のまま取り込みます", ImportLevel.Warn);
        else if (line.Text(Sim) is { Length: > 0 } sim)
        {
            var digits = sim.Nfkc().Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
            if (digits.Length >= 18 && digits.EndsWith("00000", StringComparison.Ordinal)) line.Refuse(Sim, $"SIM番号「{sim}」は表計算が桁を丸めています。空のまま取り込みます", ImportLevel.Warn);
            else if (digits.Length is >= 18 and <= 22 && digits.All(char.IsAsciiDigit)) entry.Sim = digits;
            else line.Refuse(Sim, $"SIM番号「{sim}」は番号ではありません。空のまま取り込みます", ImportLevel.Warn);
        }
        if (line.Text(Phone) is { Length: > 0 } phone)
        {
            entry.Phone = JapanesePhone.Read(phone);
            if (entry.Phone is null) line.Refuse(Phone, $"「{phone}」は電話番号ではありません。空のまま取り込みます", ImportLevel.Warn);
        }
    }

    private void ReadAsset(DeviceEntry entry)
    {
        var line = entry.Line;
        entry.Bought = PastDay(entry, Bought, warnOld: false);
        if (line.Text(Price).Length > 0) entry.Price = line.Take(Price, Repair.Amount(line.Cell(Price)), ImportLevel.Warn);
        entry.Funding = Optional(line, Funding)?.Nfkc();
        if (line.Text(Warranty).Length > 0) entry.Warranty = line.Take(Warranty, Repair.Day(line.Cell(Warranty), table.Today), ImportLevel.Warn);
        if (line.Text(Lease).Length > 0) entry.Lease = line.Take(Lease, Repair.Day(line.Cell(Lease), table.Today), ImportLevel.Warn);
    }

    private static void ReadAccessories(DeviceEntry entry)
    {
        var line = entry.Line;
        foreach (var (column, name) in new[] { (Adapter, "ACアダプター"), (Mouse, "マウス"), (Lan, "有線LANアダプター"), (Case, "ケース") })
        {
            var text = line.Text(column).Nfkc();
            if (text.Length == 0) continue;
            if (int.TryParse(text, out var count)) { if (count is > 0 and < 100) entry.Accessories[name] = count; }
            else if (text is "欠" or "×" or "✕" or "x" or "X" or "欠品" or "紛失" or "不足")
            {
                line.Warn(column, $"「{text}」とあります。{name}が足りないものとして登録します");
                entry.Missing.Add(name);
                entry.Accessories[name] = 1;
            }
            else if (Repair.Mark(new Cell(text)).Value == true)
            {
                line.Fix(column, $"「{text}」を1個と読みました");
                entry.Accessories[name] = 1;
            }
            else line.Refuse(column, $"「{text}」は個数ではありません", ImportLevel.Warn);
        }
        if (Optional(line, Other) is { } other) entry.Accessories[other] = 1;
        foreach (var part in (Optional(line, Set) ?? "").Split([';', '；', '、'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var match = Counted().Match(part.Nfkc());
            entry.Accessories[match.Groups["name"].Value] = match.Groups["n"].Success ? int.Parse(match.Groups["n"].ValueSpan) : 1;
        }
    }

    [GeneratedRegex("^(?<name>.+?)(?:[×xX*](?<n>[0-9]{1,2}))?$")]
    private static partial Regex Counted();
}

/// <summary>Makes one name of the spellings of a model: what is only shorter is the same, what only shares its number is asked.</summary>
internal sealed partial class ModelNames(ImportTable table, IReadOnlyList<DeviceModel> known)
{
    public void Resolve(List<DeviceEntry> entries)
    {
        var names = entries.Where(e => e.ModelName.Length > 0).GroupBy(e => e.ModelName)
            .Select(g => (Name: g.Key, Times: g.Count(), Maker: SearchFold.Key(g.First().Maker)))
            .Concat(known.Select(m => (m.Name, Times: 1_000_000, Maker: SearchFold.Key(m.Maker)))).OrderByDescending(n => n.Times).ToList();
        foreach (var entry in entries.Where(e => e.ModelName.Length > 0))
        {
            var written = entry.ModelName;
            var (key, times) = (KeyOf(written), names.First(n => n.Name == written).Times);
            // The longest way to write the same thing; of equally long ones the most frequent.
            var same = names.Where(n => n.Name != written && (KeyOf(n.Name) == key && n.Times > times || KeyOf(n.Name).StartsWith(key, StringComparison.Ordinal) && KeyOf(n.Name).Length > key.Length)).ToList();
            var longest = same.OrderByDescending(n => n.Times).ThenByDescending(n => n.Name.Length).FirstOrDefault();
            if (longest.Name is not null && same.All(s => KeyOf(longest.Name).StartsWith(KeyOf(s.Name), StringComparison.Ordinal) || KeyOf(s.Name).StartsWith(KeyOf(longest.Name), StringComparison.Ordinal)))
            {
                entry.ModelName = longest.Name;
                entry.Line.Fix(Model, $"「{written}」を「{longest.Name}」と読みました");
                continue;
            }
            var maker = SearchFold.Key(entry.Maker);
            var numbers = NumbersIn(written);
            var alike = names.Where(n => n.Name != written && n.Times > times && n.Maker == maker && NumbersIn(n.Name).Overlaps(numbers)).ToList();
            // A person who answered with this very name has decided.
            var said = table.Settings.Words.TryGetValue(Model, out var words) && words.Values.Contains(written);
            if (alike.Count > 0 && !said) entry.Line.Refuse(Model, $"機種「{written}」は「{alike[0].Name}」の別の書き方ではありませんか", choices: alike.Select(a => a.Name).Append(written));
        }
    }

    private static string KeyOf(string name) => SearchFold.Key(name);

    // The parts of a name that hold both letters and digits: U7311, G83.
    private static HashSet<string> NumbersIn(string name)
        => [.. Part().Matches(name.Nfkc().ToUpperInvariant()).Select(m => m.Value).Where(p => p.Length >= 3 && p.Any(char.IsAsciiDigit) && p.Any(char.IsAsciiLetter) && !p.EndsWith("GB", StringComparison.Ordinal))];

    [GeneratedRegex("[A-Z0-9]+")]
    private static partial Regex Part();
}
