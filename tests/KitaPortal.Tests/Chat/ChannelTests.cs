using System.Net;
using KitaPortal.Features.Chat;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.Chat;

/// <summary>Who is in which channel, by hand and by posting, and what those outside see.</summary>
public sealed class ChannelTests
{
    [Fact]
    public async Task To_those_outside_a_closed_channel_nothing_of_it_exists()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        using var admin = await portal.As(portal.Town.Admin);
        var channel = await head.OpenAsync(members: portal.Town.Sato);
        var message = await head.SaidAsync(channel, "内密の話");
        Assert.Equal(HttpStatusCode.OK, (await sato.Get($"/api/v1/chat/messages/{message.Id()}")).Status);

        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Get, $"/channels/{channel}", null), (HttpMethod.Get, $"/channels/{channel}/members", null), (HttpMethod.Get, $"/channels/{channel}/messages", null),
            (HttpMethod.Get, $"/messages/{message.Id()}", null), (HttpMethod.Get, $"/messages/{message.Id()}/versions", null), (HttpMethod.Get, $"/messages/{message.Id()}/replies", null),
            (HttpMethod.Post, $"/channels/{channel}/messages", new { clientId = Guid.NewGuid(), body = "x" }), (HttpMethod.Put, $"/messages/{message.Id()}", new { version = 1, body = "x" }),
            (HttpMethod.Delete, $"/messages/{message.Id()}?version=1", null), (HttpMethod.Put, $"/messages/{message.Id()}/reactions/ok", null), (HttpMethod.Delete, $"/messages/{message.Id()}/reactions/ok", null),
            (HttpMethod.Put, $"/channels/{channel}/read", new { upTo = 1, markerRev = 0 }), (HttpMethod.Put, $"/channels/{channel}/unread", new { from = 1 }),
            (HttpMethod.Post, $"/channels/{channel}/join", null), (HttpMethod.Delete, $"/channels/{channel}/me", null), (HttpMethod.Patch, $"/channels/{channel}", new { version = 1, name = "x" }),
            (HttpMethod.Put, $"/channels/{channel}/archive", null), (HttpMethod.Delete, $"/channels/{channel}/archive", null),
            (HttpMethod.Put, $"/channels/{channel}/members/{portal.Town.Admin}", new { role = "Owner" }), (HttpMethod.Delete, $"/channels/{channel}/members/{portal.Town.Sato}", null),
        })
            Assert.True((await admin.SendJson(method, "/api/v1/chat" + path, body)).Status == HttpStatusCode.NotFound, $"{method} {path}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await portal.Anonymous().Get("/api/v1/chat/boot")).Status);
        Assert.Equal("csrf.stale", (await sato.PostJson($"/api/v1/chat/channels/{channel}/messages", new { }, "nonsense")).Code());
        var delta = (await admin.PostJson("/api/v1/chat/sync", new { me = 0, channels = new Dictionary<Guid, long> { [channel] = 0 } })).Json().GetProperty("channels")[0];
        Assert.True(delta.GetProperty("gone").GetBoolean());
        Assert.Empty(delta.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_public_channel_is_read_by_everybody_and_written_by_those_who_joined()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        using var tanaka = await portal.As(portal.Town.Tanaka);
        var channel = await sato.OpenAsync("ランチ", "Public");
        await sato.SaidAsync(channel, "今日はうどんです。");

        var read = await tanaka.Get($"/api/v1/chat/channels/{channel}/messages");
        var written = await tanaka.SayAsync(channel, "行きます");
        var found = (await tanaka.Get("/api/v1/chat/channels?filter=public&q=ﾗﾝﾁ")).Json().EnumerateArray().Single();
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await tanaka.SendJson(HttpMethod.Post, $"/api/v1/chat/channels/{channel}/join");
        var joined = await tanaka.SayAsync(channel, "行きます");
        var unread = await tanaka.UnreadAsync(channel);
        var left = await tanaka.SendJson(HttpMethod.Delete, $"/api/v1/chat/channels/{channel}/me");
        var last = await sato.SendJson(HttpMethod.Delete, $"/api/v1/chat/channels/{channel}/me");
        var taken = await tanaka.PostJson("/api/v1/chat/channels", new { id = Guid.NewGuid(), kind = "Public", name = "らんち" });

        Assert.Single(read.Json().EnumerateArray());
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "chat.posting"), (written.Status, written.Code()));
        Assert.Equal((channel, false), (found.Id(), found.GetProperty("member").GetBoolean()));
        Assert.Equal((HttpStatusCode.Created, 0, HttpStatusCode.NoContent), (joined.Status, unread, left.Status));
        Assert.Equal(("chat.owner.last", "chat.name.taken"), (last.Code(), taken.Code()));
    }

    [Fact]
    public async Task Whoever_joins_later_sees_nothing_from_before()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        var channel = await head.OpenAsync();
        var old = await head.SaidAsync(channel, "前からの話");
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await head.SendJson(HttpMethod.Put, $"/api/v1/chat/channels/{channel}/members/{portal.Town.Sato}", new { role = "Member", history = "join" });
        var fresh = await head.SaidAsync(channel, "これからの話");
        await head.SaidAsync(channel, "前の話への返信", old.Id());
        await head.SendJson(HttpMethod.Put, $"/api/v1/chat/messages/{old.Id()}", new { version = 1, body = "前の話を直す" });

        var list = (await sato.Get($"/api/v1/chat/channels/{channel}/messages")).Json().EnumerateArray();
        var delta = (await sato.PostJson("/api/v1/chat/sync", new { me = 0, channels = new Dictionary<Guid, long> { [channel] = 0 } })).Json().GetProperty("channels")[0];

        Assert.Equal([fresh.Id()], list.Select(m => m.Id()));
        Assert.Equal([fresh.Id()], delta.GetProperty("items").EnumerateArray().Select(m => m.Id()));
        Assert.Equal(HttpStatusCode.NotFound, (await sato.Get($"/api/v1/chat/messages/{old.Id()}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await sato.Get($"/api/v1/chat/messages/{old.Id()}/replies")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await sato.SendJson(HttpMethod.Put, $"/api/v1/chat/messages/{old.Id()}/reactions/ok")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await sato.SayAsync(channel, "返信", rootId: old.Id())).Status);
        Assert.Equal(1, await sato.UnreadAsync(channel));
    }

    [Fact]
    public async Task The_switch_of_1_April_is_exact_and_the_coming_members_are_a_secret_before()
    {
        await using var portal = await PortalHost.StartAsync(new DateTimeOffset(2027, 3, 31, 23, 0, 0, TimeSpan.FromHours(9)));
        var (general, planning) = (await portal.DepartmentAsync(portal.Town.GeneralAffairs, "総務課"), await portal.DepartmentAsync(portal.Town.Planning, "企画課"));
        using var sato = await portal.As(portal.Town.Sato);
        using var planner = await portal.As(portal.Town.PlanningHead);
        await portal.WriteAsync(async db => (await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato)).Post(portal.Town.Planning, portal.Town.ClerkPost, new DateOnly(2027, 4, 1)));
        var before = await planner.ChannelAsync(planning);

        portal.Clock.SetUtcNow(TokyoTime.Midnight(new DateOnly(2027, 4, 1)).AddMilliseconds(-1));
        var lastWord = await sato.SayAsync(general, "お世話になりました。");
        var tooEarly = await sato.SayAsync(planning, "まだ早い");
        var members = (await planner.Get($"/api/v1/chat/channels/{planning}/members")).Text;
        portal.Clock.SetUtcNow(TokyoTime.Midnight(new DateOnly(2027, 4, 1)));
        var tooLate = await sato.SayAsync(general, "もう遅い");
        var firstWord = await sato.SayAsync(planning, "よろしくお願いします。");

        Assert.Equal(before.GetProperty("rev").GetInt64() + 1, (await planner.ChannelAsync(planning)).GetProperty("rev").GetInt64());
        Assert.DoesNotContain(portal.Town.Sato.ToString(), members, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.NotFound), (lastWord.Status, tooEarly.Status));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Created), (tooLate.Status, firstWord.Status));
        Assert.Contains(portal.Town.Sato.ToString(), (await planner.Get($"/api/v1/chat/channels/{planning}/members")).Text, StringComparison.Ordinal);
        Assert.Equal(("総務課", "企画課"), (lastWord.Json().GetProperty("author").GetProperty("department").GetString(), firstWord.Json().GetProperty("author").GetProperty("department").GetString()));
    }

    [Fact]
    public async Task Whoever_belongs_by_posting_stays_and_helpers_come_and_go_by_hand()
    {
        await using var portal = await PortalHost.StartAsync();
        var channel = await portal.DepartmentAsync(portal.Town.GeneralAffairs, "総務課");
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        var members = $"/api/v1/chat/channels/{channel}/members/";

        var leaving = await sato.SendJson(HttpMethod.Delete, $"/api/v1/chat/channels/{channel}/me");
        var put = await sato.SendJson(HttpMethod.Put, members + portal.Town.Tanaka, new { role = "Member" });
        var helper = await head.SendJson(HttpMethod.Put, members + portal.Town.Tanaka, new { role = "Member", history = "all" });
        portal.Clock.Advance(TimeSpan.FromHours(1));
        var gone = await head.SendJson(HttpMethod.Delete, members + portal.Town.Tanaka);

        Assert.Equal(("chat.rule.member", "chat.owner.only"), (leaving.Code(), put.Code()));
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (helper.Status, gone.Status));
        Assert.Equal("Owner", (await head.ChannelAsync(channel)).GetProperty("role").GetString());

        // A helper who is posted here and then taken off the list is still here, by posting.
        await head.SendJson(HttpMethod.Put, members + portal.Town.Tanaka, new { role = "Member", history = "all" });
        await portal.WriteAsync(async db => (await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Tanaka)).Post(portal.Town.GeneralAffairs, portal.Town.ClerkPost, new DateOnly(2026, 4, 6), kind: PostingKind.Additional));
        portal.Clock.Advance(TimeSpan.FromHours(1));
        await head.SendJson(HttpMethod.Delete, members + portal.Town.Tanaka);
        using var tanaka = await portal.As(portal.Town.Tanaka);
        Assert.True((await tanaka.ChannelAsync(channel)).GetProperty("byRule").GetBoolean());
        var stays = await portal.ReadAsync(db => db.Stays.Where(s => s.ChannelId == new ChannelId(channel)).ToListAsync());
        Assert.DoesNotContain(stays, a => stays.Any(b => a.Id != b.Id && a.StaffId == b.StaffId && a.From < (b.Until ?? DateTimeOffset.MaxValue) && b.From < (a.Until ?? DateTimeOffset.MaxValue)));
    }

    [Fact]
    public async Task People_of_a_unit_below_are_in_the_channel_of_their_section_also_after_a_reorganisation()
    {
        await using var portal = await PortalHost.StartAsync();
        var unit = new Department(DepartmentId.New(), "010101");
        await portal.WriteAsync(async db =>
        {
            unit.Begin(new DateOnly(2026, 4, 1), "総務係", "総務係", DepartmentKind.Unit, portal.Town.GeneralAffairs, portal.Town.MainOffice, 1);
            db.Add(unit);
            await db.SaveChangesAsync();
            (await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato)).Post(unit.Id, portal.Town.ClerkPost, new DateOnly(2026, 4, 6));
        });
        var (general, planning) = (await portal.DepartmentAsync(portal.Town.GeneralAffairs, "総務課"), await portal.DepartmentAsync(portal.Town.Planning, "企画課"));
        using var sato = await portal.As(portal.Town.Sato);
        Assert.Equal(HttpStatusCode.Created, (await sato.SayAsync(general, "総務係の佐藤です。")).Status);

        await portal.WriteAsync(async db => (await db.Departments.Include(d => d.Terms).SingleAsync(d => d.Id == unit.Id))
            .Begin(new DateOnly(2026, 4, 7), "総務係", "総務係", DepartmentKind.Unit, portal.Town.Planning, portal.Town.MainOffice, 1));
        portal.Clock.SetUtcNow(TokyoTime.At(new DateOnly(2026, 4, 7), new TimeOnly(0, 5)));
        await portal.InScopeAsync(services => services.GetRequiredService<MembershipJob>().RunAsync(portal.Clock.GetUtcNow(), CancellationToken.None));

        Assert.Equal(HttpStatusCode.NotFound, (await sato.SayAsync(general, "もう企画課です。")).Status);
        Assert.Equal(HttpStatusCode.Created, (await sato.SayAsync(planning, "企画課に移りました。")).Status);
    }

    [Fact]
    public async Task Whoever_comes_goes_and_comes_again_within_one_moment_is_in()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        using var tanaka = await portal.As(portal.Town.Tanaka);
        var channel = await sato.OpenAsync("ランチ", "Public");

        foreach (var (method, path) in new[] { (HttpMethod.Post, "join"), (HttpMethod.Delete, "me"), (HttpMethod.Post, "join") })
            Assert.Equal(HttpStatusCode.NoContent, (await tanaka.SendJson(method, $"/api/v1/chat/channels/{channel}/{path}")).Status);

        Assert.Equal(HttpStatusCode.Created, (await tanaka.SayAsync(channel, "行きます")).Status);
    }

    [Fact]
    public async Task An_announcement_reaches_everybody_and_only_its_owners_begin_there()
    {
        await using var portal = await PortalHost.StartAsync();
        using var admin = await portal.As(portal.Town.Admin);
        using var tanaka = await portal.As(portal.Town.Tanaka);
        var refused = await tanaka.PostJson("/api/v1/chat/channels", new { id = Guid.NewGuid(), kind = "Announcement", name = "全庁連絡" });
        var channel = await admin.OpenAsync("全庁連絡", "Announcement");
        var notice = await admin.SaidAsync(channel, "本日は定時退庁日です。");

        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Equal(1, await tanaka.UnreadAsync(channel));
        Assert.Equal("chat.posting", (await tanaka.SayAsync(channel, "はい")).Code());
        Assert.Equal(HttpStatusCode.Created, (await tanaka.SayAsync(channel, "承知しました。", rootId: notice.Id())).Status);
        var newcomer = StaffId.New();
        await portal.WriteAsync(db => { TestTown.Add(db, newcomer, "009999", "新田", "葵", "にった", "あおい", portal.Town.Planning, portal.Town.ClerkPost); return Task.CompletedTask; });
        Assert.True((await (await portal.As(newcomer)).ChannelAsync(channel)).GetProperty("byRule").GetBoolean());
    }

    [Fact]
    public async Task A_conversation_has_fixed_people_and_ends_when_the_other_leaves_the_town()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        using var suzuki = await portal.As(portal.Town.Suzuki);
        var made = await sato.PostJson("/api/v1/chat/direct", new { staffIds = new[] { portal.Town.Suzuki.Value } });
        var same = await suzuki.PostJson("/api/v1/chat/direct", new { staffIds = new[] { portal.Town.Sato.Value } });
        var channel = made.Json().Id();
        var many = await sato.PostJson("/api/v1/chat/direct", new { staffIds = (await portal.ReadAsync(db => db.Staff.Select(s => s.Id).Take(10).ToListAsync())).Select(s => s.Value) });
        var memo = await sato.PostJson("/api/v1/chat/direct", new { staffIds = Array.Empty<Guid>() });

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, channel), (made.Status, same.Status, same.Json().Id()));
        Assert.Equal("chat.group.size", many.Code());
        Assert.Equal("自分用メモ", (await sato.ChannelAsync(memo.Json().Id())).GetProperty("name").GetString());
        Assert.Equal("鈴木　一郎", (await sato.ChannelAsync(channel)).GetProperty("name").GetString());
        Assert.Equal("chat.members.fixed", (await sato.SendJson(HttpMethod.Put, $"/api/v1/chat/channels/{channel}/members/{portal.Town.Tanaka}", new { role = "Member" })).Code());
        Assert.Equal("chat.members.fixed", (await sato.SendJson(HttpMethod.Delete, $"/api/v1/chat/channels/{channel}/me")).Code());
        Assert.Equal(HttpStatusCode.Created, (await sato.SayAsync(channel, "お疲れさまです。")).Status);
        await portal.WriteAsync(async db => (await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Suzuki)).Leave(new DateOnly(2026, 4, 6)));
        Assert.Equal("chat.direct.closed", (await sato.SayAsync(channel, "届きますか")).Code());
    }

    [Fact]
    public async Task An_archived_channel_is_read_and_no_longer_written()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var channel = await head.OpenAsync();
        var message = await head.SaidAsync(channel, "終わりました。");
        var version = (await head.ChannelAsync(channel)).GetProperty("version").GetInt64();

        var renamed = await head.SendJson(HttpMethod.Patch, $"/api/v1/chat/channels/{channel}", new { version, name = "防災（令和8年度）" });
        var stale = await head.SendJson(HttpMethod.Patch, $"/api/v1/chat/channels/{channel}", new { version, name = "別の名" });
        await head.SendJson(HttpMethod.Put, $"/api/v1/chat/channels/{channel}/archive");

        Assert.Equal("防災（令和8年度）", renamed.Json().GetProperty("name").GetString());
        Assert.Equal("chat.changed", stale.Code());
        Assert.Equal("chat.archived", (await head.SayAsync(channel, "追記")).Code());
        Assert.Equal("chat.archived", (await head.SendJson(HttpMethod.Put, $"/api/v1/chat/messages/{message.Id()}", new { version = 1, body = "追記" })).Code());
        Assert.Single((await head.Get($"/api/v1/chat/channels/{channel}/messages")).Json().EnumerateArray());
        await head.SendJson(HttpMethod.Delete, $"/api/v1/chat/channels/{channel}/archive");
        Assert.Equal(HttpStatusCode.Created, (await head.SayAsync(channel, "再開")).Status);
    }
}
