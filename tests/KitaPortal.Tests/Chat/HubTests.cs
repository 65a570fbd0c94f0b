using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Tests.Host;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Chat;

/// <summary>The doorbell as a real client hears it: told after the commit, cut at once, and never the only way to learn something.</summary>
public sealed class HubTests
{
    [Fact]
    public async Task What_is_committed_is_told_to_members_with_its_full_state_and_to_nobody_else()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var channel = await head.OpenAsync(members: portal.Town.Sato);
        await using var sato = await Ear.OpenAsync(portal, await portal.As(portal.Town.Sato));
        await using var suzuki = await Ear.OpenAsync(portal, await portal.As(portal.Town.Suzuki));

        var message = await head.SaidAsync(channel, "聞こえますか");
        var heard = await sato.HearAsync("changed", e => e.GetProperty("ch").GetString() == $"{channel}");
        await head.SendJson(HttpMethod.Put, $"/api/v1/chat/messages/{message.Id()}", new { version = 1, body = "聞こえました" });
        var edited = await sato.HearAsync("changed", e => e.GetProperty("items")[0].GetProperty("version").GetInt32() == 2);

        Assert.Equal(channel, sato.Hello.GetProperty("heads")[0].Id());
        Assert.Equal(message.GetRawText(), heard.GetProperty("items")[0].GetRawText());
        Assert.Equal(heard.GetProperty("to").GetInt64() + 1, edited.GetProperty("from").GetInt64());
        Assert.Empty(suzuki.Heard);
    }

    [Fact]
    public async Task An_edit_of_what_a_newcomer_may_not_see_rings_without_saying_what()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var channel = await head.OpenAsync();
        var old = await head.SaidAsync(channel, "前からの話");
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await head.SendJson(HttpMethod.Put, $"/api/v1/chat/channels/{channel}/members/{portal.Town.Sato}", new { role = "Member" });
        await using var sato = await Ear.OpenAsync(portal, await portal.As(portal.Town.Sato));

        await head.SaidAsync(channel, "これからの話");
        var told = await sato.HearAsync("changed", e => e.GetProperty("items").ValueKind == JsonValueKind.Array);
        await head.SendJson(HttpMethod.Put, $"/api/v1/chat/messages/{old.Id()}", new { version = 1, body = "前の話を直す" });
        var silent = await sato.HearAsync("changed", e => e.GetProperty("from").GetInt64() > told.GetProperty("to").GetInt64());

        Assert.Equal(JsonValueKind.Null, silent.GetProperty("items").ValueKind);
    }

    [Fact]
    public async Task Marks_reach_the_other_devices_of_the_same_person_only()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        using var pc = await portal.As(portal.Town.Sato);
        var channel = await head.OpenAsync(members: portal.Town.Sato);
        await head.SaidAsync(channel, "一");
        await using var phone = await Ear.OpenAsync(portal, await portal.As(portal.Town.Sato));
        await using var other = await Ear.OpenAsync(portal, head);

        await pc.SendJson(HttpMethod.Put, $"/api/v1/chat/channels/{channel}/read", new { upTo = 1, markerRev = 0 });
        var heard = await phone.HearAsync("changed", e => e.GetProperty("ch").GetString() == "me");

        Assert.Equal((channel, 1), (heard.GetProperty("items")[0].GetProperty("ch").GetGuid(), heard.GetProperty("items")[0].GetProperty("lastRead").GetInt32()));
        Assert.Equal(phone.Hello.GetProperty("me").GetInt64() + 1, heard.GetProperty("to").GetInt64());
        Assert.DoesNotContain(other.Heard, h => h.What == "changed");
    }

    [Fact]
    public async Task Whoever_is_taken_out_hears_nothing_more_and_whoever_comes_hears_at_once()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var channel = await head.OpenAsync("防災", "Private", portal.Town.Sato);
        await using var sato = await Ear.OpenAsync(portal, await portal.As(portal.Town.Sato));
        await using var tanaka = await Ear.OpenAsync(portal, await portal.As(portal.Town.Tanaka));
        await head.SaidAsync(channel, "聞こえる");
        await sato.HearAsync("changed");

        await head.SendJson(HttpMethod.Put, $"/api/v1/chat/channels/{channel}/members/{portal.Town.Tanaka}", new { role = "Member" });
        await tanaka.HearAsync("heads");
        await head.SendJson(HttpMethod.Delete, $"/api/v1/chat/channels/{channel}/members/{portal.Town.Sato}");
        var revoked = await sato.HearAsync("revoked");
        var before = sato.Heard.Count(h => h.What == "changed");
        await head.SaidAsync(channel, "聞こえない");
        await tanaka.HearAsync("changed", e => e.GetProperty("items") is { ValueKind: JsonValueKind.Array } items && items.EnumerateArray().Any(i => i.GetProperty("html").GetString()!.Contains("聞こえない", StringComparison.Ordinal)));

        Assert.Equal(channel, revoked.GetProperty("ch").GetGuid());
        Assert.Equal(before, sato.Heard.Count(h => h.What == "changed"));
    }

    [Fact]
    public async Task A_stay_that_ends_by_the_clock_is_cut_on_the_open_socket()
    {
        await using var portal = await PortalHost.StartAsync(new DateTimeOffset(2027, 3, 31, 23, 0, 0, TimeSpan.FromHours(9)));
        var channel = await portal.DepartmentAsync(portal.Town.GeneralAffairs, "総務課");
        await portal.WriteAsync(async db => (await db.Set<Features.People.StaffMember>().Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato)).Post(portal.Town.Planning, portal.Town.ClerkPost, new DateOnly(2027, 4, 1)));
        await using var sato = await Ear.OpenAsync(portal, await portal.As(portal.Town.Sato));
        Assert.Equal(channel, sato.Hello.GetProperty("heads")[0].Id());

        portal.Clock.SetUtcNow(new DateTimeOffset(2027, 4, 1, 0, 0, 0, TimeSpan.FromHours(9)));

        Assert.Equal(channel, (await sato.HearAsync("revoked")).GetProperty("ch").GetGuid());
    }

    [Fact]
    public async Task A_socket_ends_with_its_session()
    {
        await using var portal = await PortalHost.StartAsync();
        using var browser = await portal.As(portal.Town.Sato);
        await using var sato = await Ear.OpenAsync(portal, browser);

        await portal.WriteAsync(async db => (await db.PortalSessions.SingleAsync(s => s.StaffId == portal.Town.Sato)).End(portal.Clock.GetUtcNow(), SessionEnd.SignedOut));

        Assert.True((await sato.HearAsync("revoked")).GetProperty("all").GetBoolean());
        await sato.Closed;
    }

    [Fact]
    public async Task A_socket_looks_only_into_channels_of_its_person_and_an_unknown_protocol_is_refused()
    {
        await using var portal = await PortalHost.StartAsync();
        using var head = await portal.As(portal.Town.GeneralHead);
        var channel = await head.OpenAsync(members: portal.Town.Sato);
        await using var sato = await Ear.OpenAsync(portal, await portal.As(portal.Town.Sato));
        await using var suzuki = await Ear.OpenAsync(portal, await portal.As(portal.Town.Suzuki));

        await sato.Connection.InvokeAsync("Open", channel);
        await Assert.ThrowsAsync<HubException>(() => suzuki.Connection.InvokeAsync("Open", channel));
        await Assert.ThrowsAsync<HubException>(() => suzuki.Connection.InvokeAsync<JsonElement>("Hello", new { protocol = 99 }));
    }

    [Theory]
    [InlineData("own", 101)]
    [InlineData(null, 403)]
    [InlineData("null", 403)]
    [InlineData("https://evil.example", 403)]
    [InlineData("http://127.0.0.1", 403)]
    [InlineData("own.evil.example", 403)]
    public async Task Only_our_own_pages_open_a_socket(string? origin, int status)
    {
        await using var portal = await PortalHost.StartAsync();
        using var browser = await portal.As(portal.Town.Sato);
        using var socket = new ClientWebSocket();
        var own = portal.Address.GetLeftPart(UriPartial.Authority);
        socket.Options.Cookies = browser.Cookies;
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin.Replace("own", own, StringComparison.Ordinal));

        try { await socket.ConnectAsync(new Uri(portal.Address.ToString().Replace("http", "ws", StringComparison.Ordinal) + "hubs/chat"), CancellationToken.None); }
        catch (WebSocketException) when (status != 101) { }

        Assert.Equal(status, (int)socket.HttpStatusCode);
    }

    [Fact]
    public async Task Nobody_opens_a_socket_without_a_session_or_by_another_way()
    {
        await using var portal = await PortalHost.StartAsync();
        using var browser = await portal.As(portal.Town.Sato);
        using var stranger = portal.Anonymous();

        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.Get("/hubs/chat")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostJson("/hubs/chat/negotiate?negotiateVersion=1", new { }, "nonsense")).Status);
        var events = new HttpRequestMessage(HttpMethod.Get, "/hubs/chat") { Headers = { { "Accept", "text/event-stream" } } };
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.Http.SendAsync(events)).StatusCode);
    }

    /// <summary>A client that remembers what it heard.</summary>
    private sealed class Ear : IAsyncDisposable
    {
        private static readonly string[] Events = ["changed", "heads", "revoked", "resync"];
        private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly SemaphoreSlim arrived = new(0);

        private Ear(HubConnection connection)
        {
            Connection = connection;
            foreach (var what in Events)
            {
                connection.On<JsonElement>(what, value =>
                {
                    Heard.Enqueue((what, value));
                    arrived.Release();
                });
            }
            connection.Closed += _ =>
            {
                closed.TrySetResult();
                return Task.CompletedTask;
            };
        }

        public HubConnection Connection { get; }

        public JsonElement Hello { get; private set; }

        public ConcurrentQueue<(string What, JsonElement Value)> Heard { get; } = new();

        public Task Closed => closed.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public static async Task<Ear> OpenAsync(PortalHost portal, PortalClient browser)
        {
            var connection = new HubConnectionBuilder().WithUrl(new Uri(portal.Address, "/hubs/chat"), options =>
            {
                (options.Cookies, options.SkipNegotiation, options.Transports) = (browser.Cookies, true, HttpTransportType.WebSockets);
                options.Headers["Origin"] = portal.Address.GetLeftPart(UriPartial.Authority);
            }).Build();
            var ear = new Ear(connection);
            await connection.StartAsync();
            ear.Hello = await connection.InvokeAsync<JsonElement>("Hello", new { protocol = 1 });
            return ear;
        }

        /// <summary>The first such event, heard already or still to come.</summary>
        public async Task<JsonElement> HearAsync(string what, Func<JsonElement, bool>? which = null)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (true)
            {
                foreach (var (kind, value) in Heard)
                    if (kind == what && which?.Invoke(value) != false) return value;
                await arrived.WaitAsync(limit.Token);
            }
        }

        public ValueTask DisposeAsync() => Connection.DisposeAsync();
    }
}
