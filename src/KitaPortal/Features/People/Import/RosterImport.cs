using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Import;

/// <summary>職員名簿: the people with their posts. A row more with 兼務, 併任 or 事務取扱 is a second post of one person; who is not in the file stays.</summary>
public sealed class RosterImport : ImportKind
{
    internal const string Number = "number", Name_ = "name", Family = "family", Given = "given", Yomi = "yomi", FamilyYomi = "familyYomi", GivenYomi = "givenYomi",
        Former = "former", Unit = "unit", UnitCode = "unitCode", Section = "section", Post_ = "post", PostCode = "postCode", Class = "class", Office_ = "office",
        Extension = "extension", Phone = "phone", Mail = "mail", Joined = "from", Leaves = "to", Kind = "kind", Clerk = "clerk", Remark = "note";

    public override string Name => "roster";

    public override string Title => "職員名簿";

    public override string Lead => "職員番号・氏名・よみ・所属・職名など。組織図の後に取り込みます。";

    public override int Order => 2;

    public override string Policy => RosterRights.Policy;

    public override bool CanEndMissing => true;

    public override IReadOnlyList<string> Subjects { get; } = [nameof(StaffMember), nameof(Department), nameof(Office), nameof(Post)];

    public override IReadOnlyList<SheetColumn> Columns { get; } =
    [
        new(Number, "職員番号", true, "職員コード", "職員ID", "社員番号", "職員No", "番号", "職番"),
        new(Name_, "氏名", false, "職員氏名", "名前", "職員名", "氏名漢字"),
        new(Family, "姓", false, "氏", "名字", "苗字", "姓漢字"),
        new(Given, "名", false, "名漢字"),
        new(Yomi, "よみ", false, "フリガナ", "ふりがな", "カナ", "氏名カナ", "カナ氏名", "読み仮名", "氏名フリガナ", "氏名よみ", "カナ名", "読み"),
        new(FamilyYomi, "せい", false, "姓カナ", "姓よみ", "姓フリガナ", "セイ", "氏カナ"),
        new(GivenYomi, "めい", false, "名カナ", "名よみ", "名フリガナ", "メイ"),
        new(Former, "旧姓", false, "旧姓名", "旧氏"),
        new(UnitCode, "所属コード", false, "部署コード", "課コード", "組織コード"),
        new(Unit, "所属", false, "所属名", "課", "課名", "部署", "所属課", "配属先", "部署名", "課所名"),
        new(Section, "係", false, "係名", "班", "担当", "グループ", "係・班"),
        new(PostCode, "職名コード", false, "役職コード", "職位コード"),
        new(Post_, "職名", false, "役職", "職位", "補職名", "役職名", "職", "補職"),
        new(Class, "職員区分", true, "区分", "任用区分", "雇用区分", "任用形態", "雇用形態", "身分"),
        new(Office_, "庁舎", false, "勤務地", "勤務場所", "勤務先", "勤務公署", "庁舎名", "庁舎コード"),
        new(Extension, "内線", false, "内線番号"),
        new(Phone, "外線", false, "電話番号", "業務用携帯", "公用携帯", "携帯", "電話"),
        new(Mail, "メール", false, "メールアドレス", "Eメール", "mail", "e-mail", "email", "アドレス", "電子メール"),
        new(Joined, "採用日", true, "採用年月日", "任用日", "任用開始日", "就任日", "入庁日", "採用"),
        new(Leaves, "退職日", false, "退職予定日", "退職年月日", "任用終了日", "任期満了日", "任期"),
        new(Kind, "本務兼務", false, "本兼区分", "本務・兼務", "発令種別"),
        new(Clerk, "庶務", false, "庶務担当"),
        new(Remark, "備考", false, "摘要", "注記"),
    ];

    public override IEnumerable<string> MissingColumns(ColumnMap map)
    {
        foreach (var missing in base.MissingColumns(map)) yield return missing;
        if (!map.Has(Name_) && !(map.Has(Family) && map.Has(Given))) yield return "「氏名」（または「姓」と「名」）がどの列か選んでください。";
        if (!map.Has(Yomi) && !(map.Has(FamilyYomi) && map.Has(GivenYomi))) yield return "「よみ」（または「せい」と「めい」）がどの列か選んでください。";
        if (!map.Has(Unit) && !map.Has(UnitCode)) yield return "「所属」（または「所属コード」）がどの列か選んでください。";
        if (!map.Has(Post_) && !map.Has(PostCode)) yield return "「職名」がどの列か選んでください。";
    }

    public override async Task PlanAsync(PortalDb db, ImportTable table, CancellationToken ct)
    {
        var reader = new RosterReader(table, await DepartmentWords.LoadAsync(db, table.AsOf, ct), await OfficeWords.LoadAsync(db, ct));
        var staff = await db.Staff.Include(s => s.Postings).ToListAsync(ct);
        var posts = new PostBook(await db.Posts.ToListAsync(ct));
        if (reader.HasNoDepartments) table.Notes.Add("所属がまだ登録されていません。先に組織図を取り込んでください。");

        var width = reader.NumberWidth(staff.Select(s => s.StaffNumber));
        var entries = new List<RosterEntry>();
        foreach (var line in table.Lines)
        {
            entries.Add(reader.Read(line, width));
            if (entries.Count % 100 == 0) table.Report(entries.Count);
        }
        RosterChecks.Together(entries);
        RosterChecks.AgainstPortal(entries, staff);

        foreach (var person in entries.GroupBy(e => e.Number.Length > 0 ? e.Number : $"行{e.Line.Line}")) PlanPerson(db, table, [.. person], staff, posts, reader);
        if (posts.New.Count > 0)
            table.Notes.Add($"まだ登録されていない職名{posts.New.Count}件を一緒に登録します：{string.Join("、", posts.New.Select(p => p.Name + (p.IsHead ? "（所属長）" : p.MayDecideForHead ? "（代決権）" : "")))}");
        CompareWithTotal(table, entries);
        if (table.Settings.EndMissingFrom is { } day) EndMissing(table, entries, staff, day);
    }

    private static void PlanPerson(PortalDb db, ImportTable table, List<RosterEntry> rows, List<StaffMember> staff, PostBook posts, RosterReader reader)
    {
        var main = rows.FirstOrDefault(r => !r.IsAdditional && !r.IsRepeat);
        foreach (var repeat in rows.Where(r => r.IsRepeat)) repeat.Line.Action = ImportAction.Skip;
        var known = main is null ? staff.FirstOrDefault(s => s.StaffNumber == rows[0].Number) : staff.FirstOrDefault(s => s.StaffNumber == main.Number);
        StaffMember? person = known;
        if (main is not null && !main.Line.HasErrors)
        {
            PlanMain(table, main, known, posts, reader);
            main.Line.Apply = () => person = ApplyMain(db, table, main, known, posts);
        }
        foreach (var more in rows.Where(r => r.IsAdditional && !r.IsRepeat))
        {
            if (known is null && (main is null || main.Line.HasErrors || main.Line.Excluded))
                more.Line.Error(Number, main is null ? "本務の行がありません" : $"本務の行（{main.Line.Line}行目）が取り込まれません");
            if (more.Line.HasErrors || more.Department is not { } department) continue;
            var kind = more.IsActing ? PostingKind.Acting : PostingKind.Additional;
            var post = posts.For(more.PostName);
            var held = known?.Postings.Any(p => p.Kind != PostingKind.Main && p.Covers(table.AsOf) && p.DepartmentId == department.Id && p.PostId == post.Id) == true;
            more.Line.Action = held ? ImportAction.Same : ImportAction.Add;
            if (!held) more.Line.Compare(more.IsActing ? "事務取扱" : "兼務", null, $"{reader.NameOf(department.Id)} {post.Name}");
            more.Line.Apply = () =>
            {
                posts.Save(db, post);
                person!.Post(department.Id, post.Id, table.AsOf > person.EmployedFrom ? table.AsOf : person.EmployedFrom, kind: kind, officeId: more.OfficeId, extension: more.Extension);
            };
        }
    }

    private static void PlanMain(ImportTable table, RosterEntry main, StaffMember? known, PostBook posts, RosterReader reader)
    {
        var line = main.Line;
        var posting = known?.MainOn(table.AsOf);
        var post = main.PostName.Length > 0 ? posts.For(main.PostName) : null;
        line.Compare("職員番号", known?.StaffNumber, main.Number);
        line.Compare("氏名", known is null ? null : PersonName.Show(known.FamilyName, known.GivenName), PersonName.Show(main.Family, main.Given));
        line.Compare("よみ", known is null ? null : $"{known.FamilyYomi}　{known.GivenYomi}", $"{main.FamilyYomi}　{main.GivenYomi}");
        if (main.Former.Length > 0) line.Compare("旧姓", known?.FormerName, main.Former);
        line.Compare("職員区分", known is null ? null : ClassWords.Label(known.EmploymentClass), ClassWords.Label(main.Class));
        line.Compare("採用日", known is null ? null : JapaneseDate.Short(known.EmployedFrom), JapaneseDate.Short(main.Joined!.Value));
        if (main.LastDay is { } last) line.Compare("退職日", known?.EmployedTo is { } ends ? JapaneseDate.Short(ends.AddDays(-1)) : null, JapaneseDate.Short(last));
        if (main.Mail is not null) line.Compare("メール", known?.Mail, main.Mail);
        if (main.Phone is not null) line.Compare("外線", known?.BusinessPhone, main.Phone);
        if (main.Department is { } department && post is not null)
        {
            line.Compare("所属", posting is null ? null : reader.NameOf(posting.DepartmentId), reader.NameOf(department.Id));
            line.Compare("職名", posting is null ? null : posts.NameOf(posting.PostId), post.Name);
            line.Compare("庁舎", posting?.OfficeId is { } there ? reader.OfficeName(there) : null, main.OfficeId is { } here ? reader.OfficeName(here) : null);
            line.Compare("内線", posting?.Extension, main.Extension ?? posting?.Extension);
            if (posting is not null && posting.IsClerk != main.IsClerk && table.Map.Has(Clerk)) line.Compare("庶務担当", posting.IsClerk ? "○" : "", main.IsClerk ? "○" : "");
        }
        line.Action = known is null ? ImportAction.Add : line.After.Count > 0 ? ImportAction.Change : ImportAction.Same;
    }

    private static StaffMember ApplyMain(PortalDb db, ImportTable table, RosterEntry main, StaffMember? known, PostBook posts)
    {
        var person = known ?? db.Add(new StaffMember(StaffId.New(), main.Number, main.Family, main.Given, main.FamilyYomi, main.GivenYomi, main.Class, main.Joined!.Value)).Entity;
        if (known is not null)
        {
            person.SetName(main.Family, main.Given, main.FamilyYomi, main.GivenYomi);
            person.SetEmployment(main.Class, main.Joined!.Value);
        }
        if (main.Former.Length > 0) person.UseFormerName(main.Former, uses: true);
        person.SetContact(main.Mail ?? person.Mail, main.Phone ?? person.BusinessPhone);
        if (main.LastDay is { } last) person.Leave(last.AddDays(1));
        var placeChanged = main.Line.After.Keys.Any(k => k is "所属" or "職名" or "庁舎" or "内線" or "庶務担当");
        if (main.Department is { } department && main.PostName.Length > 0 && placeChanged)
        {
            var post = posts.Save(db, posts.For(main.PostName));
            // Since when a newcomer to the portal has the post, the roster does not say: since joining.
            var from = known?.MainOn(table.AsOf) is null ? main.Joined!.Value : table.AsOf;
            var clerk = table.Map.Has(Clerk) ? main.IsClerk : known?.MainOn(table.AsOf)?.IsClerk == true;
            person.Post(department.Id, post.Id, from, officeId: main.OfficeId, extension: main.Extension ?? known?.MainOn(table.AsOf)?.Extension, isClerk: clerk);
        }
        return person;
    }

    private static void CompareWithTotal(ImportTable table, List<RosterEntry> entries)
    {
        var people = entries.Where(e => e.NameKey.Length > 0).Select(e => e.NameKey + "\t" + e.YomiKey + "\t" + (e.SameNameOther ? e.Number : "")).Distinct().Count();
        foreach (var total in table.Others.Where(o => o.Kind == SheetLineKind.Total))
            table.Notes.Add($"{total.Row.Line}行目の合計は「{string.Join(' ', total.Row.Cells.Where(c => !c.IsEmpty).Skip(1).Select(c => c.Text.Trim()))}」ですが、このファイルの明細は{entries.Count}行、職員は{people}人です。");
    }

    private static void EndMissing(ImportTable table, List<RosterEntry> entries, List<StaffMember> staff, DateOnly day)
    {
        var named = entries.Select(e => e.Number).ToHashSet();
        var employed = staff.Where(s => s.EmploymentClass != EmploymentClass.External && s.IsEmployedOn(day)).ToList();
        var missing = employed.Where(s => !named.Contains(s.StaffNumber)).OrderBy(s => s.StaffNumber, StringComparer.Ordinal).ToList();
        if (missing.Count * 10 > employed.Count && table.Settings.EndMissingCount != missing.Count)
        {
            table.Notes.Add($"{PeopleRules.MassLeave.With(missing.Count).Message}（{PeopleRules.MassLeave.Number}）{PeopleRules.MassLeave.Remedy}いまは退職にしません。");
            return;
        }
        foreach (var person in missing)
        {
            var line = table.AddExtra(PersonName.Show(person.FamilyName, person.GivenName));
            line.Compare("退職日", person.EmployedTo is { } ends ? JapaneseDate.Short(ends.AddDays(-1)) : null, JapaneseDate.Short(day.AddDays(-1)));
            line.Warn(Number, $"ファイルにない職員（{person.StaffNumber}）です。{JapaneseDate.Long(day.AddDays(-1))}を最後の勤務日とします");
            line.Action = ImportAction.End;
            line.Apply = () => person.Leave(day);
        }
    }
}

/// <summary>Posts by name; those that are missing are made with what is usual for their name.</summary>
internal sealed class PostBook(List<Post> known)
{
    private readonly HashSet<Post> fresh = [];

    public IReadOnlyCollection<Post> New => fresh;

    public Post For(string name)
    {
        var key = SearchFold.Key(name);
        if (known.FirstOrDefault(p => SearchFold.Key(p.Name) == key || p.Code == name) is { } there) return there;
        var code = known.Select(p => int.TryParse(p.Code, out var n) ? n : 0).DefaultIfEmpty(0).Max() + 1;
        var post = UsualPosts.Make(name, $"{code:00}");
        known.Add(post);
        fresh.Add(post);
        return post;
    }

    public string? NameOf(PostId id) => known.FirstOrDefault(p => p.Id == id)?.Name;

    public Post Save(PortalDb db, Post post)
    {
        if (fresh.Contains(post) && db.Entry(post).State == EntityState.Detached) db.Add(post);
        return post;
    }
}

/// <summary>職員区分 in the words of offices.</summary>
internal static class ClassWords
{
    public static readonly IReadOnlyList<string> Labels = ["特別職", "正職員", "再任用", "会計年度任用", "派遣・出向", "外部"];

    public static string Label(EmploymentClass one) => Labels[(int)one];

    public static EmploymentClass? Read(string word)
    {
        var plain = SearchFold.Key(word);
        var bracket = plain.IndexOfAny(['(', '[']);
        if (bracket > 0) plain = plain[..bracket];
        return plain switch
        {
            "特別職" or "常勤特別職" => EmploymentClass.Special,
            "正職員" or "正規職員" or "正規" or "一般職" or "一般職員" or "常勤" => EmploymentClass.Regular,
            "再任用" or "再任用職員" or "暫定再任用" or "暫定再任用職員" or "定年前再任用短時間" => EmploymentClass.Reemployed,
            "会計年度任用" or "会計年度任用職員" or "会計年度" or "会計年度職員" => EmploymentClass.FiscalYear,
            "派遣" or "派遣職員" or "出向" or "派遣・出向" or "派遣出向" => EmploymentClass.Seconded,
            "外部" => EmploymentClass.External,
            _ => null,
        };
    }
}
