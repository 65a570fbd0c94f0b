using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Admin.Demo;

/// <summary>Offices, departments, posts, people and roles of the invented town.</summary>
internal sealed class DemoOrganisation(PortalDb db, Random chance, DateOnly today)
{
    /// <summary>A person of the town as the later chapters need them.</summary>
    internal sealed record Person(StaffId Id, string Name, DepartmentId DepartmentId, OfficeId OfficeId, StaffId? HeadId, bool IsHead);

    private static readonly DateOnly Founded = new(2013, 4, 1);
    private readonly Dictionary<string, Office> offices = [];
    private readonly Dictionary<string, Post> posts = [];
    private readonly DemoNames names = new(chance);
    private int number = 1200, extension = 200;

    private static readonly (string Code, string Name, OfficeKind Kind, string Address, string Phone)[] Places =
    [
        ("01", "本庁", OfficeKind.Main, "広島県山県郡北広島町有田", "0826-00-2111"), ("02", "芸北支所", OfficeKind.Branch, "広島県山県郡北広島町川小田", "0826-00-3111"),
        ("03", "大朝支所", OfficeKind.Branch, "広島県山県郡北広島町大朝", "0826-00-4111"), ("04", "豊平支所", OfficeKind.Branch, "広島県山県郡北広島町戸谷", "0826-00-5111"),
        ("11", "町立図書館", OfficeKind.Outpost, "広島県山県郡北広島町有田", "0826-00-2601"), ("12", "保健センター", OfficeKind.Outpost, "広島県山県郡北広島町有田", "0826-00-2602"),
        ("13", "学校給食センター", OfficeKind.Outpost, "広島県山県郡北広島町壬生", "0826-00-2603"), ("14", "浄化センター", OfficeKind.Outpost, "広島県山県郡北広島町春木", "0826-00-2604"),
        ("15", "歴史民俗資料館", OfficeKind.Outpost, "広島県山県郡北広島町古保利", "0826-00-2605"),
    ];

    private static readonly (string Code, string Name, string Short, string Office, int People, string[] Units)[] Sections =
    [
        ("0101", "総務課", "総務", "01", 11, ["総務係", "人事係"]), ("0102", "財政企画課", "財企", "01", 9, ["財政係", "企画係"]), ("0103", "デジタル推進課", "デジ", "01", 7, []),
        ("0104", "危機管理課", "危機", "01", 5, []), ("0105", "税務課", "税務", "01", 10, ["住民税係", "資産税係"]), ("0106", "町民生活課", "町民", "01", 10, ["戸籍係", "環境係"]),
        ("0107", "福祉課", "福祉", "01", 10, ["社会福祉係", "高齢者支援係"]), ("0108", "健康づくり課", "健康", "12", 9, []), ("0109", "子育て支援課", "子育", "01", 8, []), ("0110", "農林課", "農林", "01", 8, []),
        ("0111", "商工観光課", "商観", "01", 7, []), ("0112", "建設課", "建設", "01", 9, ["管理係", "工務係"]), ("0113", "上下水道課", "水道", "14", 6, []), ("0114", "会計課", "会計", "01", 4, []),
        ("0201", "芸北支所", "芸北", "02", 8, []), ("0202", "大朝支所", "大朝", "03", 8, []), ("0203", "豊平支所", "豊平", "04", 8, []),
        ("0301", "学校教育課", "学教", "01", 7, []), ("0302", "生涯学習課", "生涯", "11", 6, []), ("0303", "学校給食センター", "給食", "13", 4, []), ("0304", "歴史民俗資料館", "資料館", "15", 3, []),
    ];

    public List<Person> People { get; } = [];

    public Office Office(string code) => offices[code];

    /// <summary>The offices that lend devices, each with its clerk.</summary>
    public Dictionary<OfficeId, StaffId> Desks { get; } = [];

    public StaffId SecurityManager { get; private set; }

    public StaffId Administrator { get; private set; }

    public void Found()
    {
        foreach (var (code, name, kind, address, phone) in Places)
        {
            var office = new Office(OfficeId.New(), code, name, kind, offices.Count);
            office.Locate(address, phone);
            offices[code] = office;
        }
        (string Code, string Name, int Rank, bool Head, bool Deputy)[] titles =
        [
            ("00", "町長", 0, false, false), ("01", "副町長", 1, true, false), ("02", "教育長", 2, true, false), ("10", "課長", 10, true, false), ("11", "支所長", 10, true, false), ("12", "館長", 11, true, false), ("13", "センター長", 11, true, false),
            ("20", "課長補佐", 20, false, true), ("30", "係長", 30, false, false), ("40", "主査", 40, false, false), ("50", "主任", 50, false, false), ("60", "主事", 60, false, false), ("61", "技師", 61, false, false), ("62", "保健師", 62, false, false), ("70", "会計年度任用職員", 70, false, false),
        ];
        foreach (var (code, name, rank, head, deputy) in titles) posts[name] = new Post(PostId.New(), code, name, rank, head, deputy);
        db.AddRange(offices.Values);
        db.AddRange(posts.Values);
        var (mayor, deputyMayor) = Division("0001", "町長部局", 0, [("町長", EmploymentClass.Special), ("副町長", EmploymentClass.Special)]);
        var (board, superintendent) = Division("0003", "教育委員会", 50, [("教育長", EmploymentClass.Special)]);
        foreach (var (section, i) in Sections.Select((s, i) => (s, i)))
        {
            var isBoard = section.Code.StartsWith("03", StringComparison.Ordinal);
            Section(section, isBoard ? board : mayor, isBoard ? superintendent : deputyMayor, i + 1);
        }
        Roles();
    }

    private (DepartmentId Id, StaffId Head) Division(string code, string name, int order, (string Post, EmploymentClass Class)[] holders)
    {
        var division = new Department(DepartmentId.New(), code);
        division.Begin(Founded, name, name, DepartmentKind.Division, null, offices["01"].Id, order);
        db.Add(division);
        foreach (var (post, employment) in holders) Join(division.Id, offices["01"], post, employment, null, post != "町長");
        return (division.Id, People[^1].Id);
    }

    private void Section((string Code, string Name, string Short, string Office, int People, string[] Units) section, DepartmentId parent, StaffId above, int order)
    {
        var office = offices[section.Office];
        var kind = section.Code.StartsWith("02", StringComparison.Ordinal) ? DepartmentKind.Branch : DepartmentKind.Section;
        var department = new Department(DepartmentId.New(), section.Code);
        if (section.Name == "デジタル推進課")
        {
            department.Begin(Founded, "情報政策課", "情報", kind, parent, office.Id, order);
            department.Begin(new DateOnly(2025, 4, 1), section.Name, section.Short, kind, parent, office.Id, order, office.Phone);
        }
        else department.Begin(Founded, section.Name, section.Short, kind, parent, office.Id, order, office.Phone);
        db.Add(department);
        var units = section.Units.Select((name, i) =>
        {
            var unit = new Department(DepartmentId.New(), section.Code + (i + 1).ToString("00", CultureInfo.InvariantCulture));
            unit.Begin(Founded, name, name, DepartmentKind.Unit, department.Id, office.Id, i + 1);
            db.Add(unit);
            return unit.Id;
        }).ToList();

        var leader = kind == DepartmentKind.Branch ? "支所長" : section.Name.EndsWith("センター", StringComparison.Ordinal) ? "センター長" : section.Name.EndsWith('館') ? "館長" : "課長";
        Join(department.Id, office, leader, EmploymentClass.Regular, above, true);
        var head = People[^1].Id;
        for (var i = 1; i < section.People; i++)
        {
            var title = i switch
            {
                1 => "課長補佐",
                _ when i <= 1 + units.Count => "係長",
                _ when section.Name == "健康づくり課" && i % 2 == 0 => "保健師",
                _ when section.Name is "建設課" or "上下水道課" && i % 2 == 0 => "技師",
                _ when i == section.People - 1 && section.People > 6 => "会計年度任用職員",
                _ => new[] { "主査", "主任", "主事", "主事" }[i % 4],
            };
            var place = i == 1 || units.Count == 0 ? department.Id : units[(i - 2) % units.Count];
            Join(place, office, title, title == "会計年度任用職員" ? EmploymentClass.FiscalYear : EmploymentClass.Regular, head, false, isClerk: i == 3);
        }
    }

    private void Join(DepartmentId department, Office office, string post, EmploymentClass employment, StaffId? head, bool isHead, bool isClerk = false)
    {
        var (family, given, familyYomi, givenYomi) = names.Next();
        var joined = employment == EmploymentClass.FiscalYear ? new DateOnly(2024, 4, 1) : new DateOnly(1990 + chance.Next(10, 34), 4, 1);
        var person = new StaffMember(StaffId.New(), (++number).ToString("000000", CultureInfo.InvariantCulture), family, given, familyYomi, givenYomi, employment, joined);
        person.SetContact($"staff{number}@example.jp", isHead ? $"070-0000-{number:0000}" : null);
        if (chance.Next(25) == 0) person.SetWorkingTime(new TimeOnly(9, 30), new TimeOnly(18, 15));
        var from = joined > new DateOnly(2023, 4, 1) ? joined : new DateOnly(2023, 4, 1);
        person.Post(department, posts[post].Id, from, extension: (++extension).ToString(CultureInfo.InvariantCulture), isClerk: isClerk);
        db.Add(person);
        People.Add(new(person.Id, person.Name, department, office.Id, head, isHead));
    }

    private void Roles()
    {
        var since = new DateOnly(2024, 4, 1);
        Person Of(string section, int n) => People.Where(p => !p.IsHead && IsIn(p, section)).ElementAt(n);
        foreach (var (code, section) in new[] { ("01", "デジタル推進課"), ("02", "芸北支所"), ("03", "大朝支所"), ("04", "豊平支所") })
        {
            var clerk = Of(section, 2);
            Desks[offices[code].Id] = clerk.Id;
            Grant(Role.Desk, clerk, offices[code].Id.Value, "貸出窓口");
        }
        var digital = People.First(p => p.IsHead && IsIn(p, "デジタル推進課"));
        SecurityManager = Of("危機管理課", 0).Id;
        Administrator = Of("デジタル推進課", 1).Id;
        Grant(Role.SecurityManager, Of("危機管理課", 0), null, "情報セキュリティ管理者");
        Grant(Role.LendingManager, digital, null, "貸出管理者");
        Grant(Role.Hr, Of("総務課", 3), null, "人事担当");
        Grant(Role.Records, Of("総務課", 2), null, "文書担当");
        Grant(Role.Notices, Of("財政企画課", 3), null, "お知らせ担当");
        Grant(Role.Admin, Of("デジタル推進課", 1), null, "システム管理者");
        Grant(Role.Auditor, Of("会計課", 1), null, "監査担当");
        db.Add(new People.Roles.Delegate(digital.Id, Of("デジタル推進課", 0).Id, today, null));

        void Grant(Role role, Person to, Guid? scope, string reason) => db.Add(new RoleGrant(role, to.Id, null, scope, since, null, reason, null));
    }

    private bool IsIn(Person person, string section)
    {
        var code = Sections.Single(s => s.Name == section).Code;
        return db.Departments.Local.Single(d => d.Id == person.DepartmentId).Code.StartsWith(code, StringComparison.Ordinal);
    }
}
