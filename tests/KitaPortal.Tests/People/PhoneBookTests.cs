using System.Net;
using KitaPortal.Features.People;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.People;

/// <summary>電話帳: everybody is found the way offices spell, and nobody who should not be.</summary>
public sealed class PhoneBookTests
{
    [Theory]
    [InlineData("佐藤")]
    [InlineData("佐藤　花子")]
    [InlineData("佐藤花子")]
    [InlineData("さとう")]
    [InlineData("サトウ")]
    [InlineData("ｻﾄｳ")]
    [InlineData("001001")]
    [InlineData("００１００１")]
    [InlineData("総務 さとう")]
    [InlineData("主事 はなこ")]
    public async Task A_colleague_is_found_however_the_words_are_typed(string words)
    {
        await using var portal = await PortalHost.StartAsync();
        using var tanaka = await portal.As(portal.Town.Tanaka);

        var page = await tanaka.Get($"/people?q={Uri.EscapeDataString(words)}");

        Assert.Contains("佐藤　花子", page.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("世良　緑", page.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("高橋", "髙橋")]
    [InlineData("髙橋", "髙橋")]
    [InlineData("斎藤", "齋藤")]
    [InlineData("佐佐木", "佐々木")]
    [InlineData("佐々木", "佐佐木")]
    [InlineData("ささき", "佐々木")]
    public async Task Variant_kanji_and_repeated_kanji_find_each_other(string words, string written)
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.WriteAsync(db =>
        {
            TestTown.Add(db, StaffId.New(), "009001", written, "巴", written.StartsWith('佐') ? "ささき" : written.StartsWith('齋') ? "さいとう" : "たかはし", "ともえ", portal.Town.Planning, portal.Town.ClerkPost);
            return Task.CompletedTask;
        });
        using var tanaka = await portal.As(portal.Town.Tanaka);

        var page = await tanaka.Get($"/people?q={Uri.EscapeDataString(words)}");

        Assert.Contains($"{written}　巴", page.Words, StringComparison.Ordinal);
        Assert.Contains("全1件", page.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_extension_finds_exactly_its_owner()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.WriteAsync(async db =>
        {
            var sato = await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato);
            sato.SetExtension(sato.Postings[0].Id, "214");
            var suzuki = await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Suzuki);
            suzuki.SetExtension(suzuki.Postings[0].Id, "2145");
        });
        using var tanaka = await portal.As(portal.Town.Tanaka);

        var page = await tanaka.Get("/people?q=２１４");

        Assert.Contains("佐藤　花子", page.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("鈴木　一郎", page.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_index_rows_part_everybody_and_lose_nobody()
    {
        await using var portal = await PortalHost.StartAsync();
        using var tanaka = await portal.As(portal.Town.Tanaka);

        var total = 0;
        foreach (var (row, _) in Features.People.PhoneBook.PhoneBookQuestion.Rows)
        {
            var page = await tanaka.Get($"/people?row={Uri.EscapeDataString(row)}");
            total += System.Text.RegularExpressions.Regex.Match(page.Words, "全([0-9]+)件") is { Success: true } found ? int.Parse(found.Groups[1].Value) : 0;
        }

        Assert.Equal(14, total);
        Assert.Contains("谷　信行", (await tanaka.Get("/people?row=た")).Words, StringComparison.Ordinal);
        Assert.DoesNotContain("谷　信行", (await tanaka.Get("/people?row=さ")).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_shows_a_hundred_and_the_total()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.WriteAsync(db =>
        {
            for (var i = 0; i < 100; i++) TestTown.Add(db, StaffId.New(), $"8{i:00000}", "山根", $"人{i}", "やまね", "ひと", portal.Town.Planning, portal.Town.ClerkPost);
            return Task.CompletedTask;
        });
        using var tanaka = await portal.As(portal.Town.Tanaka);

        var first = await tanaka.Get("/people");
        var second = await tanaka.Get("/people?page=2");

        Assert.Contains("全114件のうち 1～100件", first.Words, StringComparison.Ordinal);
        Assert.Contains("101～114件", second.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guests_and_people_who_left_are_not_in_the_phone_book()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.WriteAsync(async db =>
        {
            (await db.Staff.SingleAsync(s => s.Id == portal.Town.Sato)).SetEmployment(EmploymentClass.External, new DateOnly(2026, 1, 1));
            (await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Suzuki)).Leave(new DateOnly(2026, 4, 6));
        });
        using var tanaka = await portal.As(portal.Town.Tanaka);

        var page = await tanaka.Get("/people");
        var guest = await tanaka.Get($"/people/{portal.Town.Sato}");
        var gone = await tanaka.Get($"/people/{portal.Town.Suzuki}");

        Assert.Contains("田中　実", page.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("佐藤　花子", page.Words, StringComparison.Ordinal);
        Assert.DoesNotContain("鈴木　一郎", page.Words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, guest.Status);
        Assert.Contains("鈴木　一郎（退職）", gone.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_open_as_what_they_say_and_leave_an_audit_row()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.WriteAsync(db => { TestTown.Add(db, StaffId.New(), "009002", "𠮷田", "巴", "よしだ", "ともえ", portal.Town.Planning, portal.Town.ClerkPost); return Task.CompletedTask; });
        using var tanaka = await portal.As(portal.Town.Tanaka);

        var csv = await tanaka.Http.GetAsync("/people/export?format=csv");
        var asked = await tanaka.Get("/people/export?format=cp932");
        var xlsx = await tanaka.Http.GetAsync("/people/export?format=xlsx");

        Assert.Equal([0xEF, 0xBB, 0xBF], (await csv.Content.ReadAsByteArrayAsync())[..3]);
        Assert.Contains("U+20BB7", asked.Words, StringComparison.Ordinal);
        Assert.Equal((byte)'P', (await xlsx.Content.ReadAsByteArrayAsync())[0]);
        Assert.Equal(2, await portal.ReadAsync(db => db.Set<AuditEntry>().CountAsync(e => e.Action == "people.exported")));
    }

    [Fact]
    public async Task Days_to_come_are_shown_only_to_those_who_prepare_them()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.WriteAsync(async db => (await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato)).Post(portal.Town.Planning, portal.Town.HeadPost, new DateOnly(2026, 5, 1)));
        using var tanaka = await portal.As(portal.Town.Tanaka);
        using var hr = await portal.As(portal.Town.Hr);

        var staff = await tanaka.Get("/people/organisation?on=2026-05-02");
        var prepared = await hr.Get("/people/organisation?on=2026-05-02");
        var api = await tanaka.Get($"/api/v1/staff?q=佐藤&asOf=2026-05-02");
        var hrApi = await hr.Get($"/api/v1/staff?q=佐藤&asOf=2026-05-02");

        Assert.Contains("令和8年4月6日（月）現在", staff.Words, StringComparison.Ordinal);
        Assert.Contains("令和8年5月2日（土）現在", prepared.Words, StringComparison.Ordinal);
        Assert.Contains("総務課", api.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("企画課", api.Text, StringComparison.Ordinal);
        Assert.Contains("企画課", hrApi.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_page_of_people_opens_and_the_chart_counts_heads_once()
    {
        await using var portal = await PortalHost.StartAsync();
        await portal.WriteAsync(async db => (await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato)).Post(portal.Town.Planning, portal.Town.ClerkPost, new DateOnly(2026, 4, 1), kind: PostingKind.Additional));
        using var hr = await portal.As(portal.Town.Hr);

        foreach (var path in new[] { "/people", $"/people/{portal.Town.Sato}", "/people/organisation", "/people/extensions", "/people/export", "/people/me", "/people/staff", "/people/staff/new", $"/people/staff/{portal.Town.Sato}",
            "/people/departments", $"/people/departments/{portal.Town.Planning}", "/people/offices", $"/people/offices?id={portal.Town.Geihoku}", "/people/posts", $"/people/posts?id={portal.Town.HeadPost}",
            "/api/v1/departments", "/api/v1/offices", "/api/v1/posts", $"/api/v1/staff/{portal.Town.Sato}" })
            Assert.Equal((path, HttpStatusCode.OK), (path, (await hr.Get(path)).Status));
        Assert.Contains("14人", (await hr.Get("/people/organisation")).Words, StringComparison.Ordinal);
    }
}
