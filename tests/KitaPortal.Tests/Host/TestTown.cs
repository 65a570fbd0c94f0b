using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Tests.Host;

/// <summary>The small town of the tests: two offices, three departments with heads, and one person for each role.</summary>
public sealed class TestTown
{
    private static readonly DateOnly Long = new(2020, 4, 1);

    public OfficeId MainOffice { get; } = OfficeId.New();

    public OfficeId Geihoku { get; } = OfficeId.New();

    public DepartmentId GeneralAffairs { get; } = DepartmentId.New();

    public DepartmentId Planning { get; } = DepartmentId.New();

    public DepartmentId GeihokuBranch { get; } = DepartmentId.New();

    /// <summary>課長, heads a department.</summary>
    public PostId HeadPost { get; } = PostId.New();

    /// <summary>課長補佐 with 代決権.</summary>
    public PostId DeputyPost { get; } = PostId.New();

    public PostId ClerkPost { get; } = PostId.New();

    /// <summary>副町長, above all heads; heads nothing but the town office division.</summary>
    public StaffId DeputyMayor { get; } = StaffId.New();

    /// <summary>主事 of 総務課.</summary>
    public StaffId Sato { get; } = StaffId.New();

    /// <summary>主事 of 総務課.</summary>
    public StaffId Suzuki { get; } = StaffId.New();

    /// <summary>課長 of 総務課.</summary>
    public StaffId GeneralHead { get; } = StaffId.New();

    /// <summary>課長補佐 of 総務課, holds 代決権.</summary>
    public StaffId GeneralDeputy { get; } = StaffId.New();

    /// <summary>課長 of 企画課.</summary>
    public StaffId PlanningHead { get; } = StaffId.New();

    /// <summary>主事 of 芸北支所.</summary>
    public StaffId Tanaka { get; } = StaffId.New();

    /// <summary>支所長 of 芸北支所.</summary>
    public StaffId GeihokuHead { get; } = StaffId.New();

    /// <summary>Staffs the lending desk of 本庁.</summary>
    public StaffId Desk { get; } = StaffId.New();

    /// <summary>Staffs the lending desk of 芸北支所.</summary>
    public StaffId GeihokuDesk { get; } = StaffId.New();

    public StaffId Security { get; } = StaffId.New();

    public StaffId Hr { get; } = StaffId.New();

    public StaffId Admin { get; } = StaffId.New();

    public StaffId Auditor { get; } = StaffId.New();

    public Task SeedAsync(PortalDb db)
    {
        db.AddRange(new Office(MainOffice, "01", "本庁", OfficeKind.Main, 1), new Office(Geihoku, "02", "芸北支所", OfficeKind.Branch, 2));
        var town = new Department(DepartmentId.New(), "0001");
        town.Begin(Long, "町長部局", "町長部局", DepartmentKind.Division, null, MainOffice, 0);
        var general = new Department(GeneralAffairs, "0101");
        general.Begin(Long, "総務課", "総務", DepartmentKind.Section, town.Id, MainOffice, 1);
        var planning = new Department(Planning, "0102");
        planning.Begin(Long, "企画課", "企画", DepartmentKind.Section, town.Id, MainOffice, 2);
        var geihoku = new Department(GeihokuBranch, "0201");
        geihoku.Begin(Long, "芸北支所", "芸北", DepartmentKind.Branch, town.Id, Geihoku, 3);
        db.AddRange(town, general, planning, geihoku);
        var mayorPost = new Post(PostId.New(), "00", "副町長", 0, isHead: true);
        db.AddRange(mayorPost, new Post(HeadPost, "10", "課長", 10, isHead: true), new Post(DeputyPost, "11", "課長補佐", 11, mayDecideForHead: true), new Post(ClerkPost, "30", "主事", 30));

        Add(db, DeputyMayor, "000001", "土井", "友紀", "どい", "ともき", town.Id, mayorPost.Id);
        Add(db, Sato, "001001", "佐藤", "花子", "さとう", "はなこ", GeneralAffairs, ClerkPost);
        Add(db, Suzuki, "001002", "鈴木", "一郎", "すずき", "いちろう", GeneralAffairs, ClerkPost);
        Add(db, GeneralHead, "000101", "藤原", "陽向", "ふじわら", "ひなた", GeneralAffairs, HeadPost);
        Add(db, GeneralDeputy, "000102", "谷", "信行", "たに", "のぶゆき", GeneralAffairs, DeputyPost);
        Add(db, PlanningHead, "000103", "三島", "豊", "みしま", "ゆたか", Planning, HeadPost);
        Add(db, Tanaka, "001003", "田中", "実", "たなか", "みのる", GeihokuBranch, ClerkPost);
        Add(db, GeihokuHead, "000104", "世良", "緑", "せら", "みどり", GeihokuBranch, HeadPost);
        Add(db, Desk, "001004", "山田", "窓", "やまだ", "まど", Planning, ClerkPost);
        Add(db, GeihokuDesk, "001005", "岡", "梢", "おか", "こずえ", GeihokuBranch, ClerkPost);
        Add(db, Security, "000105", "前原", "隆志", "まえはら", "たかし", Planning, ClerkPost);
        Add(db, Hr, "000106", "酒井", "聡美", "さかい", "さとみ", Planning, ClerkPost);
        Add(db, Admin, "000107", "隅田", "結衣", "すみだ", "ゆい", Planning, ClerkPost);
        Add(db, Auditor, "000108", "有田", "隆志", "ありた", "たかし", Planning, ClerkPost);
        db.AddRange(
            new RoleGrant(Role.Desk, Desk, null, MainOffice.Value, Long, null, "窓口担当", null),
            new RoleGrant(Role.Desk, GeihokuDesk, null, Geihoku.Value, Long, null, "窓口担当", null),
            new RoleGrant(Role.SecurityManager, Security, null, null, Long, null, "情報セキュリティ管理者", null),
            new RoleGrant(Role.Hr, Hr, null, null, Long, null, "人事担当", null),
            new RoleGrant(Role.Admin, Admin, null, null, Long, null, "システム管理者", null),
            new RoleGrant(Role.Auditor, Auditor, null, null, Long, null, "監査担当", null));
        return Task.CompletedTask;
    }

    /// <summary>Adds one more person to the town.</summary>
    public static StaffMember Add(PortalDb db, StaffId id, string number, string family, string given, string familyYomi, string givenYomi, DepartmentId department, PostId post, DateOnly? from = null)
    {
        var person = new StaffMember(id, number, family, given, familyYomi, givenYomi, EmploymentClass.Regular, from ?? Long);
        person.SetContact($"s{number}@town.example.jp", null);
        person.Post(department, post, from ?? Long);
        db.Add(person);
        return person;
    }
}
