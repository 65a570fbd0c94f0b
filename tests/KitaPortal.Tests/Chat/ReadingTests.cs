using KitaPortal.Tests.Host;

namespace KitaPortal.Tests.Chat;

/// <summary>Unread is what a count by hand gives; marks commute; deltas end in the state a fresh load shows.</summary>
public sealed class ReadingTests
{
    [Fact]
    public async Task Unread_equals_a_count_by_hand_after_anything_that_people_do()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        var channel = await head.OpenAsync(members: portal.Town.Sato);
        var (authors, deleted) = (new List<bool>(), new HashSet<int>());
        var ids = new List<Guid>();
        var (mark, markerRev) = (0, 0);
#pragma warning disable CA5394 // chance with a seed
        var chance = new Random(7);
        for (var step = 0; step < 120; step++)
        {
            var no = authors.Count == 0 ? 1 : chance.Next(1, authors.Count + 1);
            switch (chance.Next(6))
            {
                case 0 or 1:
                    var mine = chance.Next(3) == 0;
                    ids.Add((await (mine ? sato : head).SaidAsync(channel, $"投稿 {step}")).Id());
                    authors.Add(mine);
                    break;
                case 2 when authors.Count > 0:
                    var author = authors[no - 1] ? sato : head;
                    await author.SendJson(HttpMethod.Delete, $"/api/v1/chat/messages/{ids[no - 1]}?version=1");
                    deleted.Add(no);
                    break;
                case 3:
                    await sato.SendJson(HttpMethod.Put, $"/api/v1/chat/channels/{channel}/read", new { upTo = no, markerRev });
                    if (authors.Count > 0) mark = Math.Max(mark, no);
                    break;
                case 4:
                    // An automatic mark of another device that knows nothing of 未読に戻す.
                    await sato.SendJson(HttpMethod.Put, $"/api/v1/chat/channels/{channel}/read", new { upTo = 1000, markerRev = markerRev - 1 });
                    break;
                case 5 when authors.Count > 0 && chance.Next(2) == 0:
                    markerRev = (await sato.SendJson(HttpMethod.Put, $"/api/v1/chat/channels/{channel}/unread", new { from = no })).Json().GetProperty("markerRev").GetInt32();
                    mark = no - 1;
                    break;
            }

            var byHand = Enumerable.Range(1, authors.Count).Count(n => n > mark && !authors[n - 1] && !deleted.Contains(n));
            Assert.True(Math.Min(byHand, 100) == await sato.UnreadAsync(channel), $"step {step}");
        }
#pragma warning restore CA5394
        Assert.Null(await portal.FaultAsync(channel));
    }

    [Fact]
    public async Task Unread_is_counted_to_100()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        var channel = await head.OpenAsync(members: portal.Town.Sato);
        var token = await head.ScriptToken();
        for (var i = 0; i < 103; i++) await head.SayAsync(channel, $"{i}", token: token);

        Assert.Equal(100, await sato.UnreadAsync(channel));
        await sato.SendJson(HttpMethod.Put, $"/api/v1/chat/channels/{channel}/read", new { upTo = 90, markerRev = 0 });
        Assert.Equal(13, await sato.UnreadAsync(channel));
    }

    [Fact]
    public async Task Deltas_of_any_beginning_end_in_the_state_of_a_fresh_load()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var sato = await portal.As(portal.Town.Sato);
        var channel = await head.OpenAsync(members: portal.Town.Sato);
        var ids = new List<Guid>();
        var states = new List<(long Head, Dictionary<Guid, string> State)>();
        for (var i = 0; i < 12; i++)
        {
            ids.Add((await head.SaidAsync(channel, $"投稿 {i}")).Id());
            if (i % 3 == 1) await head.SendJson(HttpMethod.Put, $"/api/v1/chat/messages/{ids[i - 1]}", new { version = 1, body = $"直した {i}" });
            if (i % 4 == 2) await sato.SaidAsync(channel, "返信", ids[i]);
            if (i % 5 == 3) await head.SendJson(HttpMethod.Delete, $"/api/v1/chat/messages/{ids[i]}?version=1");
            if (i % 2 == 0) await sato.SendJson(HttpMethod.Put, $"/api/v1/chat/messages/{ids[i]}/reactions/ok");
            states.Add((await HeadAsync(sato, channel), await FreshAsync(sato, channel)));
        }
        var (head2, fresh) = states[^1];

        foreach (var (cursor, state) in states)
        {
            var delta = (await sato.PostJson("/api/v1/chat/sync", new { me = 0, channels = new Dictionary<Guid, long> { [channel] = cursor } })).Json().GetProperty("channels")[0];
            var applied = new Dictionary<Guid, string>(state);
            foreach (var item in delta.GetProperty("items").EnumerateArray()) applied[item.Id()] = item.GetRawText();

            Assert.Equal(head2, delta.GetProperty("head").GetInt64());
            Assert.False(delta.GetProperty("more").GetBoolean());
            foreach (var (id, text) in fresh) Assert.Equal(text, applied[id]);
        }
        var ahead = (await sato.PostJson("/api/v1/chat/sync", new { me = 0, channels = new Dictionary<Guid, long> { [channel] = head2 + 1 } })).Json().GetProperty("channels")[0];
        Assert.True(ahead.GetProperty("reset").GetBoolean());
    }

    [Fact]
    public async Task Long_deltas_come_in_pages_and_too_long_ones_start_anew()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var channel = await head.OpenAsync();
        var begin = await HeadAsync(head, channel);
        var token = await head.ScriptToken();
        var root = await head.SaidAsync(channel, "もと");
        for (var i = 0; i < 205; i++) await head.SayAsync(channel, $"{i}", token: token);
        await head.SaidAsync(channel, "返信", root.Id());

        var (cursor, seen, pages) = (begin, new HashSet<Guid>(), 0);
        for (var more = true; more; pages++)
        {
            var delta = (await head.PostJson("/api/v1/chat/sync", new { me = 0, channels = new Dictionary<Guid, long> { [channel] = cursor } })).Json().GetProperty("channels")[0];
            foreach (var item in delta.GetProperty("items").EnumerateArray()) seen.Add(item.Id());
            (cursor, more) = (delta.GetProperty("head").GetInt64(), delta.GetProperty("more").GetBoolean());
        }
        Assert.Equal((2, 207), (pages, seen.Count));
        Assert.Equal(await HeadAsync(head, channel), cursor);

        // Each reaction, and taking it back, is a change of its own.
        for (var i = 0; i < 800; i++) await head.SendJson(i % 2 == 0 ? HttpMethod.Put : HttpMethod.Delete, $"/api/v1/chat/messages/{root.Id()}/reactions/ok", token: token);
        var far = (await head.PostJson("/api/v1/chat/sync", new { me = 0, channels = new Dictionary<Guid, long> { [channel] = begin } })).Json().GetProperty("channels")[0];
        Assert.True(far.GetProperty("reset").GetBoolean());
        Assert.Equal(0, far.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Starting_and_posting_ask_as_much_of_the_database_however_many_members_there_are()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var small = await head.OpenAsync("小さい", "Private", portal.Town.Sato);
        var (boot, post) = (await CountAsync(portal, () => head.Get("/api/v1/chat/boot")), await CountAsync(portal, () => head.SaidAsync(small, "一")));

        var crowd = await Booking.RaceTests.RacersAsync(portal, 60);
        var large = await head.OpenAsync("大きい", "Private", [.. crowd]);
        await head.SaidAsync(large, "準備");

        Assert.Equal(boot, await CountAsync(portal, () => head.Get("/api/v1/chat/boot")));
        Assert.Equal(post, await CountAsync(portal, () => head.SaidAsync(large, "二")));
        Assert.InRange(boot, 1, 12);
        Assert.InRange(post, 1, 25);
    }

    private static async Task<int> CountAsync(PortalHost portal, Func<Task> act)
    {
        using var count = await StatementCount.OfAsync(portal);
        await act();
        return count.Statements.Count;
    }

    private static async Task<long> HeadAsync(PortalClient who, Guid channel) => (await who.ChannelAsync(channel)).GetProperty("rev").GetInt64();

    private static async Task<Dictionary<Guid, string>> FreshAsync(PortalClient who, Guid channel)
        => (await who.Get($"/api/v1/chat/channels/{channel}/messages")).Json().EnumerateArray().ToDictionary(m => m.Id(), m => m.GetRawText());
}
