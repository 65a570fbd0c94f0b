using System.Net;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.People;

/// <summary>Roles are given under rule 職-5; sessions end where and when their person wants.</summary>
public sealed class RoleAndSessionTests : IAsyncLifetime
{
    private PortalHost portal = null!;

    public async ValueTask InitializeAsync() => portal = await PortalHost.StartAsync();

    public ValueTask DisposeAsync() => portal.DisposeAsync();

    [Fact]
    public async Task An_administrator_gives_a_role_dated_and_everybody_else_finds_no_page()
    {
        using var admin = await portal.As(portal.Town.Admin);
        using var sato = await portal.As(portal.Town.Sato);

        var given = await Give(admin, "001001", Role.Desk, portal.Town.MainOffice.Value);
        var list = await admin.Get("/admin/roles?by=person");

        Assert.Equal(HttpStatusCode.OK, given.Status);
        Assert.Contains("佐藤　花子さんに「貸出窓口」を付けました", given.Words);
        Assert.Contains("佐藤　花子", list.Words);
        Assert.Equal(HttpStatusCode.Forbidden, (await sato.Get("/admin/roles")).Status);
    }

    [Theory]
    [InlineData("000107", Role.Hr, "職-5", "自分に役割")]
    [InlineData("000108", Role.Admin, "職-5", "兼ねられません")]
    [InlineData("001001", Role.Desk, "職-5", "範囲（庁舎）が必要")]
    [InlineData("999999", Role.Hr, "999999", "名簿にいません")]
    public async Task A_grant_against_the_rules_is_refused(string number, Role role, string rule, string sentence)
    {
        using var admin = await portal.As(portal.Town.Admin);
        var before = await portal.ReadAsync(db => db.RoleGrants.CountAsync());

        var answer = await Give(admin, number, role, null);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains(rule, answer.Words);
        Assert.Contains(sentence, answer.Words);
        Assert.Equal(before, await portal.ReadAsync(db => db.RoleGrants.CountAsync()));
    }

    [Fact]
    public async Task The_last_administrator_stays_until_there_is_another()
    {
        using var admin = await portal.As(portal.Town.Admin);
        var grant = await portal.ReadAsync(db => db.RoleGrants.SingleAsync(g => g.Role == Role.Admin));
        var fields = new Dictionary<string, string> { ["Form.To"] = "2026-04-06", ["Form.Reason"] = "交代" };

        var refused = await admin.Submit($"/admin/roles/end/{grant.Id}", fields);
        await Give(admin, "001002", Role.Admin, null);
        var ended = await admin.Submit($"/admin/roles/end/{grant.Id}", fields);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("システム管理者がいなくなります", refused.Words);
        Assert.Equal(new DateOnly(2026, 4, 6), (await portal.ReadAsync(db => db.RoleGrants.SingleAsync(g => g.Id == grant.Id))).To);
        Assert.Equal(HttpStatusCode.Forbidden, ended.Status);
    }

    [Fact]
    public async Task A_person_ends_another_device_and_only_their_own()
    {
        using var here = await portal.As(portal.Town.Sato);
        using var there = await portal.As(portal.Town.Sato);
        using var suzuki = await portal.As(portal.Town.Suzuki);
        Assert.Equal("/help/rules", (await there.Get("/help/rules")).Address.AbsolutePath);
        var foreign = await portal.ReadAsync(db => db.PortalSessions.Where(s => s.StaffId == portal.Town.Suzuki).Select(s => s.Id).SingleAsync());

        var notMine = await here.Submit("/people/me/sessions", new { Id = foreign });
        await here.Submit("/people/me/sessions", null, "/people/me/sessions?handler=Others");

        Assert.Equal(HttpStatusCode.NotFound, notMine.Status);
        Assert.Equal("/people/sign-in", (await there.Get("/help/rules")).Address.AbsolutePath);
        Assert.Equal("/help/rules", (await here.Get("/help/rules")).Address.AbsolutePath);
        Assert.Equal("/help/rules", (await suzuki.Get("/help/rules")).Address.AbsolutePath);
        Assert.Contains("ほかにサインイン中の端末はありません", (await here.Get("/people/me/sessions")).Words);
    }

    [Fact]
    public async Task An_administrator_ties_a_waiting_sign_in_to_a_person_once()
    {
        using var admin = await portal.As(portal.Town.Admin);
        var (first, second) = await portal.WriteAsync(db =>
        {
            var one = new PendingLink(new SignInKey("Entra", "t", "a"), "佐藤 花子", "hanako@x", portal.Clock.GetUtcNow());
            var two = new PendingLink(new SignInKey("Entra", "t", "b"), "佐藤 花子", "hanako2@x", portal.Clock.GetUtcNow());
            db.AddRange(one, two);
            return Task.FromResult((one.Id, two.Id));
        });

        var unchecked_ = await admin.Submit("/admin/sign-in-links", new { Id = first, StaffNumber = "001001" }, "/admin/sign-in-links?handler=Link");
        var linked = await admin.Submit("/admin/sign-in-links", new { Id = first, StaffNumber = "001001", CheckedBy = "対面" }, "/admin/sign-in-links?handler=Link");
        var taken = await admin.Submit("/admin/sign-in-links", new { Id = second, StaffNumber = "001001", CheckedBy = "電話" }, "/admin/sign-in-links?handler=Link");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, unchecked_.Status);
        Assert.Contains("紐付けました", linked.Words);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, taken.Status);
        Assert.Equal(portal.Town.Sato, (await portal.ReadAsync(db => db.SignInLinks.SingleAsync())).StaffId);
    }

    private static Task<Answer> Give(PortalClient admin, string number, Role role, Guid? office) => admin.Submit("/admin/roles", new Dictionary<string, string>
    {
        ["Form.StaffNumber"] = number,
        ["Form.Role"] = role.ToString(),
        ["Form.OfficeId"] = office?.ToString() ?? "",
        ["Form.From"] = "2026-04-06",
        ["Form.Reason"] = "試験",
    });
}
