using System.Net;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.People;

/// <summary>Departments, offices, open days and delegates.</summary>
public sealed class OrganisationTests
{
    [Fact]
    public async Task A_department_is_renamed_from_a_day_and_keeps_its_old_name_before()
    {
        await using var portal = await PortalHost.StartAsync();
        using var admin = await portal.As(portal.Town.Admin);

        var answer = await admin.Submit($"/people/departments/{portal.Town.Planning}", Term(portal, "2026-05-01", "企画財政課", null), $"/people/departments/{portal.Town.Planning}?handler=Term");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var before = await portal.ReadAsync(db => OrganisationChart.LoadAsync(db, new(2026, 4, 30), CancellationToken.None));
        var after = await portal.ReadAsync(db => OrganisationChart.LoadAsync(db, new(2026, 5, 1), CancellationToken.None));
        Assert.Equal(("企画課", "企画財政課"), (before.Find(portal.Town.Planning)!.Name, after.Find(portal.Town.Planning)!.Name));
    }

    [Fact]
    public async Task A_department_never_stands_below_itself_on_any_day()
    {
        await using var portal = await PortalHost.StartAsync();
        using var admin = await portal.As(portal.Town.Admin);
        var under = await portal.WriteAsync(db =>
        {
            var unit = new Department(DepartmentId.New(), "010201");
            unit.Begin(new(2020, 4, 1), "企画係", "企画", DepartmentKind.Unit, null, portal.Town.MainOffice, 1);
            unit.Begin(new(2026, 7, 1), "企画係", "企画", DepartmentKind.Unit, portal.Town.Planning, portal.Town.MainOffice, 1);
            db.Add(unit);
            return Task.FromResult(unit.Id);
        });

        var answer = await admin.Submit($"/people/departments/{portal.Town.Planning}", Term(portal, "2026-05-01", "企画課", under), $"/people/departments/{portal.Town.Planning}?handler=Term");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("職-8", answer.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_department_with_people_cannot_end()
    {
        await using var portal = await PortalHost.StartAsync();
        using var admin = await portal.As(portal.Town.Admin);

        var answer = await admin.Submit($"/people/departments/{portal.Town.GeneralAffairs}", new Dictionary<string, string> { ["Closing.From"] = "2026-05-01" }, $"/people/departments/{portal.Town.GeneralAffairs}?handler=Close");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("職員が4人", answer.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_town_closes_a_day_and_takes_it_back()
    {
        await using var portal = await PortalHost.StartAsync();
        using var admin = await portal.As(portal.Town.Admin);
        using var hr = await portal.As(portal.Town.Hr);
        var day = new DateOnly(2026, 8, 14);

        var added = await admin.Submit("/admin/calendar", new Dictionary<string, string> { ["Form.Day"] = "2026-08-14", ["Form.Kind"] = "Closed", ["Form.Name"] = "庁舎の停電点検" }, "/admin/calendar?handler=Add");
        var closed = await portal.ReadAsync(db => db.WorkCalendarAsync(CancellationToken.None));
        var id = await portal.ReadAsync(db => db.HolidayOverrides.Select(h => h.Id).SingleAsync());
        var removed = await admin.Submit("/admin/calendar", new { id }, "/admin/calendar?handler=Remove");
        var open = await portal.ReadAsync(db => db.WorkCalendarAsync(CancellationToken.None));

        Assert.Contains("庁舎の停電点検", added.Words, StringComparison.Ordinal);
        Assert.Contains("山の日", added.Words, StringComparison.Ordinal);
        Assert.Equal("庁舎の停電点検", closed.ClosedBecause(day));
        Assert.Equal(HttpStatusCode.OK, removed.Status);
        Assert.True(open.IsOpen(day));
        Assert.Equal(HttpStatusCode.Forbidden, (await hr.Get("/admin/calendar")).Status);
    }

    [Fact]
    public async Task A_person_names_a_delegate_and_ends_it_but_never_oneself()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        using var suzuki = await portal.As(portal.Town.Suzuki);

        var self = await sato.Submit("/people/me", Naming(portal.Town.Sato), "/people/me?handler=Delegate");
        var named = await sato.Submit("/people/me", Naming(portal.Town.Suzuki), "/people/me?handler=Delegate");
        var again = await sato.Submit("/people/me", Naming(portal.Town.Suzuki), "/people/me?handler=Delegate");
        var id = await portal.ReadAsync(db => db.Delegates.Select(d => d.Id).SingleAsync());
        var notMine = await suzuki.Submit("/people/me", new { id }, "/people/me?handler=End");
        var ended = await sato.Submit("/people/me", new { id }, "/people/me?handler=End");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, self.Status);
        Assert.Contains("鈴木　一郎", named.Words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.Status);
        Assert.Equal(HttpStatusCode.NotFound, notMine.Status);
        Assert.Equal(HttpStatusCode.OK, ended.Status);
        Assert.Contains("代理はいません", ended.Words, StringComparison.Ordinal);

        static Dictionary<string, string> Naming(StaffId who) => new() { ["Delegate.StaffId"] = who.ToString(), ["Delegate.From"] = "2026-04-06" };
    }

    [Fact]
    public async Task Own_numbers_are_typed_in_any_width()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);

        var wrong = await sato.Submit("/people/me", new Dictionary<string, string> { ["Form.Extension"] = "二百十四", ["Form.BusinessPhone"] = "12" }, "/people/me?handler=Contact");
        var right = await sato.Submit("/people/me", new Dictionary<string, string> { ["Form.Extension"] = "２１４", ["Form.BusinessPhone"] = "０８２６（００）１２３４" }, "/people/me?handler=Contact");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Contains("value=\"二百十四\"", wrong.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, right.Status);
        var sato2 = await portal.ReadAsync(db => db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato));
        Assert.Equal(("0826-00-1234", "214"), (sato2.BusinessPhone, sato2.Postings[0].Extension));
    }

    private static Dictionary<string, string> Term(PortalHost portal, string from, string name, DepartmentId? parent) => new()
    {
        ["Form.From"] = from,
        ["Form.Name"] = name,
        ["Form.Kind"] = "Section",
        ["Form.OfficeId"] = portal.Town.MainOffice.ToString(),
        ["Form.ParentId"] = parent?.ToString() ?? "",
        ["Form.SortOrder"] = "2",
    };
}
