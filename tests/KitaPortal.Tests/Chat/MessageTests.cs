using System.Net;
using KitaPortal.Features.Chat;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Chat;

/// <summary>Posting, replying, editing, deleting and reacting, with every refusal in words.</summary>
public sealed class MessageTests
{
    [Fact]
    public async Task A_message_sent_again_is_the_same_message_even_after_leaving()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        var (channel, clientId) = (await head.OpenAsync(members: portal.Town.Sato), Guid.CreateVersion7());

        var first = await sato.SayAsync(channel, "9時に**集合**です。", clientId);
        var again = await sato.SayAsync(channel, "9時に**集合**です。", clientId);
        var other = await sato.SayAsync(channel, "10時です。", clientId);
        await head.SendJson(HttpMethod.Delete, $"/api/v1/chat/channels/{channel}/members/{portal.Town.Sato}");
        var afterLeaving = await sato.SayAsync(channel, "9時に**集合**です。", clientId);
        var others = await head.SayAsync(channel, "別の人の投稿", clientId);
        var fresh = await sato.SayAsync(channel, "もう一件");

        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal("<p>9時に<strong>集合</strong>です。</p>", first.Json().GetProperty("html").GetString());
        Assert.Equal((HttpStatusCode.OK, first.Json().Id()), (again.Status, again.Json().Id()));
        Assert.Equal((HttpStatusCode.Conflict, "chat.client-id.reused"), (other.Status, other.Code()));
        Assert.Equal((HttpStatusCode.OK, first.Json().Id()), (afterLeaving.Status, afterLeaving.Json().Id()));
        Assert.Equal(HttpStatusCode.Created, others.Status);
        Assert.Equal(HttpStatusCode.NotFound, fresh.Status);
        Assert.Null(await portal.FaultAsync(channel));
    }

    [Fact]
    public async Task Replies_have_their_own_numbers_and_stand_below_their_root_only()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        var channel = await head.OpenAsync(members: portal.Town.Sato);
        var root = await head.SaidAsync(channel, "来週の当番を決めます。");

        var first = await sato.SaidAsync(channel, "月曜なら出られます。", root.Id());
        var second = await head.SaidAsync(channel, "お願いします。", root.Id());
        var below = await sato.SayAsync(channel, "返信への返信", rootId: first.Id());

        Assert.Equal((1, 2), (first.GetProperty("replyNo").GetInt32(), second.GetProperty("replyNo").GetInt32()));
        Assert.Equal(HttpStatusCode.NotFound, below.Status);
        var list = (await sato.Get($"/api/v1/chat/channels/{channel}/messages")).Json().EnumerateArray().ToList();
        Assert.Equal(root.Id(), Assert.Single(list).Id());
        Assert.Equal(2, list[0].GetProperty("thread").GetProperty("count").GetInt32());
        Assert.Equal([first.Id(), second.Id()], (await sato.Get($"/api/v1/chat/messages/{root.Id()}/replies")).Json().EnumerateArray().Select(r => r.Id()));
    }

    [Fact]
    public async Task Editing_keeps_every_version_and_a_stale_one_is_refused()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        var channel = await head.OpenAsync(members: portal.Town.Sato);
        var message = await sato.SaidAsync(channel, "会議は3日です。");
        var path = $"/api/v1/chat/messages/{message.Id()}";

        var edited = await sato.SendJson(HttpMethod.Put, path, new { version = 1, body = "会議は4日です。" });
        var stale = await sato.SendJson(HttpMethod.Put, path, new { version = 1, body = "会議は5日です。" });
        var foreign = await head.SendJson(HttpMethod.Put, path, new { version = 2, body = "直しました" });

        Assert.Equal(2, edited.Json().GetProperty("version").GetInt32());
        Assert.Equal((HttpStatusCode.Conflict, "chat.changed"), (stale.Status, stale.Code()));
        Assert.Equal(HttpStatusCode.NotFound, foreign.Status);
        Assert.Equal(["会議は3日です。", "会議は4日です。"], (await head.Get(path + "/versions")).Json().EnumerateArray().Select(v => v.GetProperty("body").GetString()!));
        Assert.Equal("会議は4日です。", (await sato.Get(path)).Json().GetProperty("md").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await head.Get(path)).Json().GetProperty("md").ValueKind);
        Assert.Null(await portal.FaultAsync(channel));
    }

    [Fact]
    public async Task A_deleted_message_keeps_its_place_and_an_owner_says_why()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        using var suzuki = await portal.As(portal.Town.Suzuki);
        var channel = await head.OpenAsync("防災", "Private", portal.Town.Sato, portal.Town.Suzuki);
        var message = await sato.SaidAsync(channel, "誤って書きました。");
        await suzuki.SendJson(HttpMethod.Put, $"/api/v1/chat/messages/{message.Id()}/reactions/ok");
        var path = $"/api/v1/chat/messages/{message.Id()}?version=1";

        var stranger = await suzuki.SendJson(HttpMethod.Delete, path);
        var silent = await head.SendJson(HttpMethod.Delete, path);
        var deleted = await head.SendJson(HttpMethod.Delete, path, new { reason = "宛先の誤り" });
        var reply = await sato.SayAsync(channel, "返信", rootId: message.Id());
        var reaction = await suzuki.SendJson(HttpMethod.Put, $"/api/v1/chat/messages/{message.Id()}/reactions/ok");

        Assert.Equal(HttpStatusCode.NotFound, stranger.Status);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "chat.delete.reason"), (silent.Status, silent.Code()));
        Assert.True(deleted.Json().GetProperty("deleted").GetBoolean());
        Assert.Equal("", deleted.Json().GetProperty("html").GetString());
        Assert.Empty(deleted.Json().GetProperty("reactions").EnumerateArray());
        Assert.Equal((1, "chat.root.deleted", "chat.deleted"), (deleted.Json().GetProperty("msgNo").GetInt32(), reply.Code(), reaction.Code()));
        Assert.Equal("[]", (await sato.Get($"/api/v1/chat/messages/{message.Id()}/versions")).Text);
        Assert.Equal("誤って書きました。", await portal.ReadAsync(db => db.MessageVersions.Where(v => v.Kind == VersionKind.Create).Select(v => v.Body).SingleAsync()));
        Assert.Null(await portal.FaultAsync(channel));
    }

    [Fact]
    public async Task A_reaction_is_one_for_each_person_and_code()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        var channel = await head.OpenAsync(members: portal.Town.Sato);
        var path = $"/api/v1/chat/messages/{(await head.SaidAsync(channel, "確認をお願いします。")).Id()}/reactions/";

        foreach (var client in (PortalClient[])[sato, sato, head]) await client.SendJson(HttpMethod.Put, path + "ok");
        var both = await sato.SendJson(HttpMethod.Put, path + "done");
        var back = await sato.SendJson(HttpMethod.Delete, path + "ok");
        var unknown = await sato.SendJson(HttpMethod.Put, path + "nonsense");

        Assert.Equal(["ok 2", "done 1"], both.Json().GetProperty("reactions").EnumerateArray().Select(r => $"{r.GetProperty("code")} {r.GetProperty("count")}"));
        Assert.Equal(["ok 1", "done 1"], back.Json().GetProperty("reactions").EnumerateArray().Select(r => $"{r.GetProperty("code")} {r.GetProperty("count")}"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "chat.reaction"), (unknown.Status, unknown.Code()));
    }

    [Theory]
    [InlineData("", "chat.body.empty")]
    [InlineData(" \u3000\u200B\n", "chat.body.empty")]
    [InlineData("long", "chat.body.long")]
    [InlineData("番号は1234 5678 9018です", "chat.mynumber")]
    public async Task What_may_not_be_written_is_refused_in_words_when_posting_and_when_editing(string body, string code)
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var channel = await head.OpenAsync();
        var good = await head.SaidAsync(channel, "あいうえお");
        if (body == "long") body = string.Concat(Enumerable.Repeat("𠮷", ChatText.MaxBody + 1));

        var posted = await head.SayAsync(channel, body);
        var edited = await head.SendJson(HttpMethod.Put, $"/api/v1/chat/messages/{good.Id()}", new { version = 1, body });

        foreach (var answer in (Answer[])[posted, edited])
        {
            Assert.Equal((HttpStatusCode.UnprocessableEntity, code), (answer.Status, answer.Code()));
            Assert.All(answer.Json().GetProperty("violations").EnumerateArray(), v => Assert.NotEqual("", v.GetProperty("remedy").GetString()));
        }
        Assert.Equal(HttpStatusCode.Created, (await head.SayAsync(channel, string.Concat(Enumerable.Repeat("𠮷", ChatText.MaxBody)))).Status);
    }

    [Fact]
    public async Task Too_many_posts_in_a_minute_are_asked_to_wait()
    {
        await using var portal = await PortalHost.StartAsync(configuration: "--Security:RateFactor=0.1");
        using var head = await portal.As(portal.Town.GeneralHead);
        var channel = await head.OpenAsync();

        var answers = new List<Answer>();
        for (var i = 0; i < 7; i++) answers.Add(await head.SayAsync(channel, $"{i}"));

        Assert.Equal(6, answers.Count(a => a.Status == HttpStatusCode.Created));
        Assert.Equal((HttpStatusCode.TooManyRequests, "chat.rate"), (answers[^1].Status, answers[^1].Code()));
        Assert.NotNull(answers[^1].Response.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", "&lt;script&gt;")]
    [InlineData("<img src=x onerror=alert(1)>", "&lt;img")]
    [InlineData("[押す](javascript:alert(1))", "押す")]
    [InlineData("[押す](JaVaScRiPt:alert(1))", "押す")]
    [InlineData("<javascript:alert(1)>", "javascript:alert(1)")]
    [InlineData("![絵](https://evil.example/x.png)", "<a href=\"https://evil.example/x.png\"")]
    [InlineData("[内](/booking)", "<a href=\"/booking\" target=\"_blank\" rel=\"noopener noreferrer\">内</a>")]
    [InlineData("[外](//evil.example)", "外")]
    [InlineData("[外](/\\evil.example)", "外")]
    [InlineData("https://example.jp/a", "<a href=\"https://example.jp/a\"")]
    [InlineData("\u202Eabc", "\uFFFDabc")]
    [InlineData("一行\n二行", "一行<br />\n二行")]
    [InlineData("# 見出しではない", "# 見出しではない")]
    public void What_is_written_never_becomes_active(string body, string shown)
    {
        var html = ChatText.Html(body);

        Assert.Contains(shown, html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("href=\"javascript", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("href=\"//", html, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(">")]
    [InlineData("- ")]
    [InlineData("[")]
    [InlineData("**a ")]
    public void What_is_nested_deeper_than_the_reader_goes_is_shown_as_it_was_written(string one)
    {
        var html = ChatText.Html(string.Concat(Enumerable.Repeat(one, 3000)) + "<b>深い");

        Assert.Contains("&lt;b&gt;深い", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_or_missing_version_is_found_and_the_database_refuses_both()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var channel = await head.OpenAsync();
        for (var i = 0; i < 3; i++) await head.SaidAsync(channel, $"記録 {i}");
        var (versions, last) = await portal.ReadAsync(async db => (await db.MessageVersions.AsNoTracking().OrderBy(v => v.Rev).ToListAsync(), await db.Channels.Where(c => c.Id == new ChannelId(channel)).Select(c => c.LastHash).SingleAsync()));

        Assert.Null(MessageVersion.BreakIn(versions, last));
        Assert.Equal(versions[2].Rev, MessageVersion.BreakIn([versions[0], versions[2]], last));
        Assert.NotNull(MessageVersion.BreakIn(versions[..2], last));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => portal.ReadAsync(db => db.MessageVersions.ExecuteUpdateAsync(v => v.SetProperty(x => x.Body, "書き換え"))));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => portal.ReadAsync(db => db.MessageVersions.ExecuteDeleteAsync()));
    }
}
