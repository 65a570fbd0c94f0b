using System.Text.RegularExpressions;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using KitaPortal.Platform.Text;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Import;

/// <summary>組織図: the departments with their codes, places and parents. Departments the file does not name stay as they are.</summary>
public sealed partial class OrganisationImport : ImportKind
{
    private const string Code = "code", Unit = "name", Short = "short", Kind = "kind", Parent = "parent", Office_ = "office", Phone = "phone", Head = "head", From = "from", To = "to", Remark = "note";

    public override string Name => "organisation";

    public override string Title => "組織図（所属）";

    public override string Lead => "課・係・支所・出先機関と、その上位所属・庁舎。最初に取り込みます。";

    public override int Order => 1;

    public override string Policy => Policies.Organisation;

    public override IReadOnlyList<string> Subjects { get; } = [nameof(Department), nameof(Office), nameof(StaffMember)];

    public override IReadOnlyList<SheetColumn> Columns { get; } =
    [
        new(Code, "所属コード", true, "コード", "部署コード", "組織コード", "課コード", "所属番号"),
        new(Unit, "所属名", true, "名称", "部署名", "組織名", "所属", "部署", "課係名", "組織名称", "所属名称"),
        new(Short, "略称", false, "略名", "通称", "短縮名"),
        new(Kind, "種別", false, "組織種別", "所属種別", "部署種別", "階層"),
        new(Parent, "上位所属", false, "上位組織", "親所属", "上位部署", "親部署", "上位所属コード", "上位所属名", "上位コード", "親コード"),
        new(Office_, "庁舎", false, "勤務地", "所在地", "所在", "庁舎名", "設置場所"),
        new(Phone, "電話番号", false, "電話", "直通", "代表電話", "TEL"),
        new(Head, "所属長", false, "長", "所属長名", "責任者", "課長名"),
        new(From, "適用開始", false, "適用開始日", "開始日", "設置日", "施行日", "適用日"),
        new(To, "適用終了", false, "適用終了日", "終了日", "廃止日"),
        new(Remark, "備考", false, "摘要", "注記"),
    ];

    private sealed record Entry(ImportLine Line, string Code, string Name, string Short, DepartmentKind Kind, DepartmentId Id, Department? Known)
    {
        public Entry? ParentEntry { get; set; }

        public DepartmentId? ParentId { get; set; }
    }

    public override async Task PlanAsync(PortalDb db, ImportTable table, CancellationToken ct)
    {
        var known = await db.Departments.Include(d => d.Terms).ToListAsync(ct);
        var offices = await OfficeWords.LoadAsync(db, ct);
        var heads = Known(table, await HeadsAsync(db, ct));
        var entries = new List<Entry>();
        foreach (var line in table.Lines) entries.Add(Identify(table, line, known));

        NameRepeatedCodes(entries);
        foreach (var entry in entries) FindParent(entry, entries, known, table.AsOf);

        var inFile = new Dictionary<string, Office>();
        var order = 0;
        foreach (var entry in entries)
        {
            Plan(db, table, entry, entries, offices, inFile, heads, ++order);
            if (order % 100 == 0) table.Report(order);
        }
        foreach (var entry in entries) NameBrokenParents(entry);
        if (inFile.Count > 0) table.Notes.Add($"まだ登録されていない庁舎{inFile.Count}か所を一緒に登録します：{string.Join("、", inFile.Values.Select(o => o.Name))}");
        if (heads.Count == 0 && table.Map.Has(Head)) table.Notes.Add("職員名簿がまだないため、所属長の氏名は確かめていません。名簿を取り込んだ後にもう一度取り込むと確かめます。");
        var absent = known.Count(d => d.On(table.AsOf) is not null && entries.All(e => e.Known != d));
        if (absent > 0) table.Notes.Add($"このファイルにない所属が{absent}件あります。取り込んでもそのまま残ります。");
    }

    private static Entry Identify(ImportTable table, ImportLine line, List<Department> known)
    {
        var name = line.Text(Unit);
        if (name.Length == 0) line.Error(Unit, "所属名がありません");
        else if (Repair.HasLostCharacter(name) || Repair.HasPrivateCharacter(name)) line.Error(Unit, $"「{name}」に、失われた文字か外字があります");
        if (name.Length > 0 && line.Cell(Unit).Text != name) line.Fix(Unit, $"前後の空白を除きました（{name}）");

        var code = ReadCode(line, line.Cell(Code)) ?? "";
        line.Subject = name.Length > 0 ? name : code;
        var kind = KindOf(line, name);
        var department = code.Length == 0 ? null : known.FirstOrDefault(d => d.Code == code);
        return new(line, code, name, line.Text(Short), kind, department?.Id ?? DepartmentId.New(), department);
    }

    // Codes have an even number of digits, two for each level; a spreadsheet takes the leading zero away.
    private static string? ReadCode(ImportLine line, Cell cell)
    {
        var plain = Repair.Trimmed(cell.Text).Nfkc().PlainDashes().Replace(" ", "", StringComparison.Ordinal);
        if (plain.Length == 0) { line.Error(Code, "所属コードがありません"); return null; }
        if (plain.Length > 20) { line.Error(Code, $"所属コード「{plain}」が長すぎます"); return null; }
        if (plain.All(char.IsAsciiDigit) && plain.Length % 2 == 1) plain = "0" + plain;
        if (cell.Number is { } n && SheetLimits.Plain(n) != plain || plain != cell.Text) line.Fix(Code, $"先頭の0を補いました（{plain}）");
        return plain;
    }

    private static DepartmentKind KindOf(ImportLine line, string name)
    {
        var word = line.Text(Kind).Nfkc();
        DepartmentKind? kind = (word.Length > 0 ? word : name) switch
        {
            var w when w.EndsWith("支所", StringComparison.Ordinal) => DepartmentKind.Branch,
            var w when w.EndsWith("委員会", StringComparison.Ordinal) => DepartmentKind.Committee,
            var w when w.EndsWith('係') || w.EndsWith('班') || w.EndsWith("担当", StringComparison.Ordinal) => DepartmentKind.Unit,
            var w when w.EndsWith('課') || w.EndsWith('局') => DepartmentKind.Section,
            var w when w.EndsWith('室') || w is "出先機関" or "出先" or "施設" || w.EndsWith("センター", StringComparison.Ordinal) || w.EndsWith('館') || w.EndsWith('所') => DepartmentKind.Room,
            var w when w.EndsWith('部') => DepartmentKind.Division,
            _ => null,
        };
        if (kind is null && name.Length > 0) line.Error(Kind, $"「{(word.Length > 0 ? word : name)}」の種別が分かりません（部・課・室・係・支所・委員会・事務局・出先機関）");
        return kind ?? DepartmentKind.Section;
    }

    private static void NameRepeatedCodes(List<Entry> entries)
    {
        foreach (var same in entries.Where(e => e.Code.Length > 0).GroupBy(e => e.Code).Where(g => g.Count() > 1))
            foreach (var entry in same)
                entry.Line.Error(Code, $"所属コード{same.Key}が2度使われています（{string.Join("、", same.Select(e => $"{e.Line.Line}行目 {e.Name}"))}）");
    }

    private static void FindParent(Entry entry, List<Entry> entries, List<Department> known, DateOnly asOf)
    {
        var text = entry.Line.Text(Parent);
        if (text.Length == 0) return;
        var key = SearchFold.Key(text);
        var found = entries.FirstOrDefault(e => e.Code.Length > 0 && (e.Code == text.Nfkc() || SearchFold.Key(e.Code + e.Name) == key))
            ?? entries.FirstOrDefault(e => e.Kind != DepartmentKind.Unit && SearchFold.Key(e.Name) == key)
            ?? entries.FirstOrDefault(e => e.Short.Length > 0 && SearchFold.Key(e.Short) == key)
            ?? entries.FirstOrDefault(e => SearchFold.Key(e.Name) == key);
        if (found == entry) entry.Line.Refuse(Parent, $"上位所属「{text}」が自分自身です", choices: Parents(entries));
        else if (found is not null)
        {
            (entry.ParentEntry, entry.ParentId) = (found, found.Id);
            if (SearchFold.Key(found.Name) != key) entry.Line.Fix(Parent, $"「{text}」を「{found.Name}」と読みました");
        }
        else if (known.FirstOrDefault(d => d.Code == text || d.On(asOf) is { } t && SearchFold.Key(t.Name) == key) is { } there) entry.ParentId = there.Id;
        else entry.Line.Refuse(Parent, $"上位所属「{text}」がファイルにも組織にもありません", choices: Parents(entries));

        static IEnumerable<string> Parents(List<Entry> entries) => entries.Where(e => e.Kind != DepartmentKind.Unit && e.Name.Length > 0).Select(e => e.Name);
    }

    private static void NameBrokenParents(Entry entry)
    {
        var seen = new HashSet<Entry> { entry };
        for (var up = entry.ParentEntry; up is not null; up = up.ParentEntry)
        {
            if (!seen.Add(up)) { entry.Line.Error(Parent, $"上位所属をたどると「{entry.Name}」に戻ります"); return; }
            if (up.Known is null && (up.Line.Excluded || up.Line.HasErrors)) { entry.Line.Error(Parent, $"上位所属「{up.Name}」（{up.Line.Line}行目）が取り込まれません"); return; }
        }
    }

    private static void Plan(PortalDb db, ImportTable table, Entry entry, List<Entry> entries, OfficeWords offices, Dictionary<string, Office> opened, ILookup<string, HeadOfFile> heads, int order)
    {
        var line = entry.Line;
        var office = FindOffice(table, entry, entries, offices, opened);
        var (from, to) = ReadDays(table, line);
        CheckHead(line, table.AsOf, heads);
        var phone = line.Text(Phone);
        if (phone.Length > 0) phone = JapanesePhone.Read(phone) ?? Refused(line, phone);
        if (line.HasErrors) return;

        var now = entry.Known?.On(table.AsOf > from ? table.AsOf : from) ?? entry.Known?.Terms.OrderBy(t => t.From).LastOrDefault();
        var shortName = entry.Short.Length > 0 ? entry.Short : entry.Name;
        line.Compare("所属名", now?.Name, entry.Name);
        line.Compare("略称", now?.ShortName, shortName);
        line.Compare("種別", now?.Kind.Label(), entry.Kind.Label());
        line.Compare("上位所属", now is null ? null : NameOf(now.ParentId), NameOf(entry.ParentId));
        line.Compare("庁舎", now is null ? null : offices.All.FirstOrDefault(o => o.Id == now.OfficeId)?.Name, office!.Name);
        line.Compare("電話番号", now?.Phone, phone);
        if (now is null) line.Compare("適用開始", null, JapaneseDate.Short(from));
        if (to is { } end && now?.To != end.AddDays(1)) line.Compare("適用終了", now?.To is { } ends ? JapaneseDate.Short(ends.AddDays(-1)) : null, JapaneseDate.Short(end));
        line.Action = now is null ? ImportAction.Add : line.After.Count > 0 ? ImportAction.Change : ImportAction.Same;

        line.Apply = () =>
        {
            var department = entry.Known ?? db.Add(new Department(entry.Id, entry.Code)).Entity;
            if (opened.ContainsValue(office!) && db.Entry(office!).State == EntityState.Detached) db.Add(office!);
            if (line.After.Keys.Any(k => k != "適用終了"))
                department.Begin(now is null || from > now.From ? from : table.AsOf > now.From ? table.AsOf : now.From, entry.Name, shortName, entry.Kind, entry.ParentId, office!.Id, order, phone.Length > 0 ? phone : null);
            if (line.After.ContainsKey("適用終了")) department.Close(to!.Value.AddDays(1), null);
        };

        string? NameOf(DepartmentId? id) => id is null ? null : entries.FirstOrDefault(e => e.Id == id)?.Name ?? id.ToString();

        static string Refused(ImportLine line, string phone)
        {
            line.Warn(Phone, $"「{phone}」は電話番号ではありません。空のまま取り込みます");
            return "";
        }
    }

    // An office nobody entered yet is opened when it is the main office or the place of a branch or outpost of this file.
    private static Office? FindOffice(ImportTable table, Entry entry, List<Entry> entries, OfficeWords offices, Dictionary<string, Office> opened)
    {
        var word = entry.Line.Text(Office_);
        if (word.Length == 0)
        {
            word = entry.ParentEntry?.Line.Text(Office_) is { Length: > 0 } above ? above : "本庁";
            entry.Line.Fix(Office_, $"空のため「{word}」としました");
        }
        if (offices.Find(word) is { } there)
        {
            if (there.Name != word) entry.Line.Fix(Office_, $"「{word}」を「{there.Name}」と読みました");
            return there;
        }
        var key = OfficeWords.IsMain(word) ? "本庁" : SearchFold.Key(word);
        var place = entries.FirstOrDefault(e => e.Kind is DepartmentKind.Branch or DepartmentKind.Room && SearchFold.Key(e.Name) == key);
        if (key != "本庁" && place is null)
        {
            entry.Line.Refuse(Office_, $"「{word}」という庁舎はありません",
                choices: offices.All.Select(o => o.Name).Concat(entries.Where(e => e.Kind is DepartmentKind.Branch or DepartmentKind.Room).Select(e => e.Name)).Prepend("本庁"));
            return null;
        }
        if (!opened.TryGetValue(key, out var office))
        {
            var kind = key == "本庁" ? OfficeKind.Main : place!.Kind == DepartmentKind.Branch ? OfficeKind.Branch : OfficeKind.Outpost;
            var number = offices.All.Select(o => int.TryParse(o.Code, out var n) ? n : 0).DefaultIfEmpty(0).Max() + 1;
            office = new Office(OfficeId.New(), $"{number:00}", key == "本庁" ? "本庁" : place!.Name, kind, number);
            if (JapanesePhone.Read((place ?? entry).Line.Text(Phone)) is { } phone) office.Locate(null, phone);
            opened[key] = office;
            offices.Add(office);
        }
        return office;
    }

    private static (DateOnly From, DateOnly? To) ReadDays(ImportTable table, ImportLine line)
    {
        var from = line.Text(From).Length == 0 ? table.AsOf : line.Take(From, Repair.Day(line.Cell(From), table.Today)) ?? table.AsOf;
        var to = line.Text(To).Length == 0 ? null : line.Take(To, Repair.Day(line.Cell(To), table.Today));
        if (to is null && Ended().Match(line.Text(Remark).Nfkc()) is { Success: true } match && JapaneseDate.Read(match.Groups["day"].Value, table.Today).Day is { } last)
        {
            to = last;
            line.Warn(Remark, $"「{line.Text(Remark)}」とあります。{JapaneseDate.Long(last)}で終わった所属として取り込みます");
        }
        else if (to is { } end && end < table.AsOf) line.Warn(To, $"{JapaneseDate.Long(end)}で終わっています");
        if (to < from) line.Error(To, "適用終了が適用開始より前です");
        return (from, to);
    }

    private sealed record HeadOfFile(string Name, DateOnly? EmployedTo);

    private static async Task<ILookup<string, HeadOfFile>> HeadsAsync(PortalDb db, CancellationToken ct)
    {
        var staff = await db.Staff.Select(s => new { s.FamilyName, s.GivenName, s.EmployedTo }).ToListAsync(ct);
        return staff.ToLookup(s => SearchFold.Key(s.FamilyName + s.GivenName), s => new HeadOfFile(PersonName.Show(s.FamilyName, s.GivenName), s.EmployedTo));
    }

    // Before the roster is imported hardly anybody is known: then nobody is missing.
    private static ILookup<string, HeadOfFile> Known(ImportTable table, ILookup<string, HeadOfFile> heads)
    {
        var named = table.Lines.Select(l => PersonName.Split(l.Text(Head))).OfType<(string Family, string Given)>().ToList();
        return named.Count(n => heads.Contains(SearchFold.Key(n.Family + n.Given))) * 2 >= named.Count ? heads : Array.Empty<HeadOfFile>().ToLookup(h => "");
    }

    // Who heads a department follows from postings; the list's word is only compared with them.
    private static void CheckHead(ImportLine line, DateOnly asOf, ILookup<string, HeadOfFile> heads)
    {
        var text = line.Text(Head);
        if (text.Length == 0) return;
        if (InWords().IsMatch(text.Nfkc())) { line.Warn(Head, $"所属長が「{text}」と言葉で書かれています。兼務は名簿の配属で登録してください"); return; }
        if (PersonName.Split(text) is not var (family, given) || WithPost().IsMatch(family)) { line.Refuse(Head, $"所属長「{text}」は姓だけです", ImportLevel.Warn); return; }
        if (heads.Count == 0) return;
        var same = heads[SearchFold.Key(family + given)].ToList();
        if (same.Count == 0) line.Refuse(Head, $"所属長「{text}」が名簿にありません", ImportLevel.Warn);
        else if (same.All(h => h.EmployedTo is { } left && left <= asOf)) line.Warn(Head, $"所属長「{text}」は{JapaneseDate.Long(same[0].EmployedTo!.Value.AddDays(-1))}で退職しています");
        else if (same.All(h => PersonName.Split(h.Name) != (family, given))) line.Fix(Head, $"「{text}」を「{same[0].Name}」と読みました");
    }

    [GeneratedRegex(@"(?<day>[^\s(（]*[0-9元]+[年./-][0-9]+[月./-][0-9]+日?)(?:付け?)?(?:に|で|をもって)?(?:廃止|終了|統合|閉鎖)")]
    private static partial Regex Ended();

    [GeneratedRegex(@"^[(（].*[)）]$|兼務|事務取扱|併任")]
    private static partial Regex InWords();

    [GeneratedRegex("^(課長|係長|局長|所長|支所長|館長|室長|部長|課長補佐|次長)$")]
    private static partial Regex WithPost();
}
