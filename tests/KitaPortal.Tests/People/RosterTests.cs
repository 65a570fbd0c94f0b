using System.Net;
using CsCheck;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.People;

/// <summary>The roster: joining, moving, leaving, and who may touch it.</summary>
public sealed class RosterTests
{
    private static readonly DateOnly April = new(2026, 4, 1);

    [Theory]
    [InlineData("/people/staff")]
    [InlineData("/people/staff/new")]
    public async Task Only_hr_opens_the_roster_while_somebody_holds_hr(string path)
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        using var admin = await portal.As(portal.Town.Admin);
        using var sato = await portal.As(portal.Town.Sato);

        Assert.Equal(HttpStatusCode.OK, (await hr.Get(path)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.Get(path)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await sato.Get(path)).Status);

        await portal.WriteAsync(async db => (await db.RoleGrants.SingleAsync(g => g.Role == Role.Hr)).End(new DateOnly(2026, 4, 6), "初期設定に戻す"));

        Assert.Equal(HttpStatusCode.OK, (await admin.Get(path)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await hr.Get(path)).Status);
    }

    [Theory]
    [InlineData("/people/departments")]
    [InlineData("/people/offices")]
    [InlineData("/people/posts")]
    public async Task The_organisation_belongs_to_hr_and_admin(string path)
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        using var admin = await portal.As(portal.Town.Admin);
        using var head = await portal.As(portal.Town.PlanningHead);

        Assert.Equal(HttpStatusCode.OK, (await hr.Get(path)).Status);
        Assert.Equal(HttpStatusCode.OK, (await admin.Get(path)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await head.Get(path)).Status);
    }

    [Fact]
    public async Task Somebody_joins_with_readings_in_any_kana()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);

        var answer = await hr.Submit("/people/staff/new", Joining(portal, "００９９", "モリ"));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("登録しました", answer.Words, StringComparison.Ordinal);
        var joined = await portal.ReadAsync(db => db.Staff.Include(s => s.Postings).SingleAsync(s => s.StaffNumber == "0099"));
        Assert.Equal(("もり", "みずき"), (joined.FamilyYomi, joined.GivenYomi));
        Assert.Equal(portal.Town.Planning, joined.MainOn(new(2026, 4, 6))!.DepartmentId);
        Assert.True(await portal.ReadAsync(db => db.Set<AuditEntry>().AnyAsync(e => e.Action == "staff.joined" && e.ActorId == portal.Town.Hr)));
    }

    [Fact]
    public async Task All_broken_rules_come_back_at_once_and_the_form_is_kept()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);

        var answer = await hr.Submit("/people/staff/new", Joining(portal, "001001", "森"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("職-1", answer.Words, StringComparison.Ordinal);
        Assert.Contains("職-4", answer.Words, StringComparison.Ordinal);
        Assert.Contains("value=\"みずき\"", answer.Text, StringComparison.Ordinal);
        Assert.Equal(14, await portal.ReadAsync(db => db.Staff.CountAsync()));
    }

    [Fact]
    public async Task An_ended_department_is_refused_with_the_one_that_took_over()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var old = await portal.WriteAsync(db =>
        {
            var department = new Department(DepartmentId.New(), "0199");
            department.Begin(new(2020, 4, 1), "情報政策室", "情報", DepartmentKind.Room, null, portal.Town.MainOffice, 9);
            department.Close(April, portal.Town.Planning);
            db.Add(department);
            return Task.FromResult(department.Id);
        });

        var answer = await hr.Submit($"/people/staff/{portal.Town.Sato}",
            new Dictionary<string, string> { ["Posting.From"] = "2026-04-06", ["Posting.Kind"] = "Main", ["Posting.DepartmentId"] = old.ToString(), ["Posting.PostId"] = portal.Town.ClerkPost.ToString() },
            $"/people/staff/{portal.Town.Sato}?handler=Posting");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("職-3", answer.Words, StringComparison.Ordinal);
        Assert.Contains("企画課", answer.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transfer_ends_the_main_posting_before_and_keeps_the_past()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);

        var answer = await hr.Submit($"/people/staff/{portal.Town.Sato}",
            new Dictionary<string, string> { ["Posting.From"] = "2026-05-01", ["Posting.Kind"] = "Main", ["Posting.DepartmentId"] = portal.Town.Planning.ToString(), ["Posting.PostId"] = portal.Town.ClerkPost.ToString(), ["Posting.Extension"] = "２２１" },
            $"/people/staff/{portal.Town.Sato}?handler=Posting");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var sato = await portal.ReadAsync(db => db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato));
        Assert.Equal(portal.Town.GeneralAffairs, sato.MainOn(new(2026, 4, 30))!.DepartmentId);
        Assert.Equal(portal.Town.Planning, sato.MainOn(new(2026, 5, 1))!.DepartmentId);
        Assert.Equal("221", sato.MainOn(new(2026, 5, 1))!.Extension);
    }

    [Fact]
    public async Task The_database_refuses_two_main_postings_on_one_day()
    {
        await using var portal = await PortalHost.StartAsync();
        var id = portal.Town.Sato;

        // The aggregate alone could not know: the second context read before the first one wrote.
        var refused = await Record.ExceptionAsync(() => portal.ReadAsync(async first =>
        {
            var mine = await first.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == id);
            await portal.WriteAsync(async second => (await second.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == id)).Post(portal.Town.Planning, portal.Town.ClerkPost, new(2026, 5, 1)));
            mine.Post(portal.Town.GeihokuBranch, portal.Town.ClerkPost, new(2026, 6, 1));
            return await first.SaveChangesAsync();
        }));

        Assert.NotNull(refused);
        Assert.True(DatabaseErrors.IsSomeoneWasFaster(refused), refused.ToString());
        var kept = await portal.ReadAsync(db => db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == id));
        Assert.Equal(portal.Town.Planning, kept.MainOn(new(2026, 7, 1))!.DepartmentId);
    }

    [Fact]
    public async Task Of_eight_clerks_who_transfer_one_person_at_once_the_day_keeps_one_main_posting()
    {
        await using var portal = await PortalHost.StartAsync();
        var id = portal.Town.Sato;
        using var hr = await portal.As(portal.Town.Hr);
        var token = await hr.Token($"/people/staff/{id}");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => hr.Post($"/people/staff/{id}?handler=Posting", token, new Dictionary<string, string>
        {
            ["Posting.From"] = $"2026-05-0{i + 1}",
            ["Posting.Kind"] = "Main",
            ["Posting.DepartmentId"] = portal.Town.Planning.ToString(),
            ["Posting.PostId"] = portal.Town.ClerkPost.ToString(),
        })));

        Assert.All(answers, a => Assert.True(a.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, a.Words));
        Assert.Contains(answers, a => a.Status == HttpStatusCode.OK);
        var postings = await portal.ReadAsync(db => db.Postings.Where(p => p.StaffId == id && p.Kind == PostingKind.Main).ToListAsync());
        for (var day = new DateOnly(2026, 4, 1); day < new DateOnly(2026, 6, 1); day = day.AddDays(1)) Assert.Single(postings, p => p.Covers(day));
    }

    [Fact]
    public void Whatever_main_postings_are_made_no_day_has_two_and_none_is_lost()
    {
        var verb = Gen.Select(Gen.Int[0, 400], Gen.Int[0, 400], Gen.Bool);
        verb.List[1, 12].Sample(verbs =>
        {
            var person = new StaffMember(StaffId.New(), "1", "森", "瑞希", "もり", "みずき", EmploymentClass.Regular, April);
            person.Post(DepartmentId.New(), PostId.New(), April);
            foreach (var (from, length, bounded) in verbs)
            {
                try { person.Post(DepartmentId.New(), PostId.New(), April.AddDays(from), bounded ? April.AddDays(from + length) : null); }
                catch (RuleViolation) { }
            }
            for (var day = April; day < April.AddDays(900); day = day.AddDays(7)) Assert.Single(person.Postings, p => p.Covers(day));
        }, iter: 300);
    }

    [Fact]
    public async Task Leaving_ends_access_at_midnight_and_keeps_the_name()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        using var sato = await portal.As(portal.Town.Sato);

        var answer = await hr.Submit($"/people/staff/{portal.Town.Sato}", new Dictionary<string, string> { ["Leaving.LastDay"] = "2026-04-06" }, $"/people/staff/{portal.Town.Sato}?handler=Leave");
        var lastEvening = await sato.Get("/people");
        portal.Clock.SetUtcNow(new DateTimeOffset(2026, 4, 7, 0, 0, 0, TimeSpan.FromHours(9)));
        var midnight = await sato.Get("/people");
        var api = await sato.Get("/api/v1/staff");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("電話帳", lastEvening.Words, StringComparison.Ordinal);
        Assert.NotEqual("/people", midnight.Address.AbsolutePath);
        Assert.Equal(HttpStatusCode.Unauthorized, api.Status);
        Assert.Contains("退職", (await hr.Get("/people/staff?box=left&q=佐藤")).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_form_is_refused_and_says_so()
    {
        await using var portal = await PortalHost.StartAsync();
        using var hr = await portal.As(portal.Town.Hr);
        var path = $"/people/staff/{portal.Town.Sato}";
        var token = await hr.Token(path);
        Dictionary<string, string> Form(string mail) => new()
        {
            ["Form.Version"] = "0",
            ["Form.StaffNumber"] = "001001",
            ["Form.FamilyName"] = "佐藤",
            ["Form.GivenName"] = "花子",
            ["Form.FamilyYomi"] = "さとう",
            ["Form.GivenYomi"] = "はなこ",
            ["Form.EmploymentClass"] = "Regular",
            ["Form.EmployedFrom"] = "2020-04-01",
            ["Form.Mail"] = mail,
        };

        var first = await hr.Post(path + "?handler=Person", token, Form("first@town.example.jp"));
        var second = await hr.Post(path + "?handler=Person", token, Form("second@town.example.jp"));

        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.Equal(HttpStatusCode.Conflict, second.Status);
        Assert.Equal("first@town.example.jp", await portal.ReadAsync(db => db.Staff.Where(s => s.Id == portal.Town.Sato).Select(s => s.Mail).SingleAsync()));
    }

    private static Dictionary<string, string> Joining(PortalHost portal, string number, string familyYomi) => new()
    {
        ["Form.StaffNumber"] = number,
        ["Form.FamilyName"] = "森",
        ["Form.GivenName"] = "瑞希",
        ["Form.FamilyYomi"] = familyYomi,
        ["Form.GivenYomi"] = "みずき",
        ["Form.EmploymentClass"] = "Regular",
        ["Form.EmployedFrom"] = "2026-04-06",
        ["Posting.From"] = "2026-04-06",
        ["Posting.DepartmentId"] = portal.Town.Planning.ToString(),
        ["Posting.PostId"] = portal.Town.ClerkPost.ToString(),
    };
}
