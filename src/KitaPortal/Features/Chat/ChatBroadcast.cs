using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Hubs;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Chat;

/// <summary>Tells the open sockets what was committed, cuts those whose session or membership ended, and says every 15 seconds where everything stands.</summary>
internal sealed class ChatBroadcast(Doorbell bell, IHubContext<ChatHub> hub, HubConnections connections, IServiceScopeFactory scopes, TimeProvider clock, ILogger<ChatBroadcast> log) : BackgroundService
{
    private const int MostItems = 50;
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan Digest = TimeSpan.FromSeconds(15);

    // A membership is written a little before it is committed.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    private readonly Dictionary<ChannelId, long> told = [];
    private DateTimeOffset watched;

    internal sealed record Changed(string Ch, long From, long To, int LastMsgNo, IReadOnlyList<MessageItem>? Items, Meta? Meta, long MembersRev);

    internal sealed record OwnChanged(string Ch, long From, long To, IReadOnlyList<MarkItem> Items);

    internal sealed record Meta(string Name, string Purpose, bool Archived, long Version);

    internal sealed record Heads(long Me, long? Open, string Hash);

    internal sealed record Revoked(ChannelId? Ch, bool All);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (watchedAt, digestAt) = (Environment.TickCount64, Environment.TickCount64);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await bell.WaitAsync(Watch, stoppingToken);
                foreach (var (person, mark) in bell.TakeMarks())
                    await SendAsync(ChatHub.GroupOf(person), "changed", new OwnChanged("me", mark.UserRev, mark.UserRev, [MarkItem.Of(mark)]), stoppingToken);
                foreach (var (channel, from) in bell.TakeChannels()) await DeliverAsync(channel, from, stoppingToken);
                var now = Environment.TickCount64;
                var digest = now - digestAt >= Digest.TotalMilliseconds;
                if (digest) digestAt = now;
                if (bell.TakeStirred() || digest || now - watchedAt >= Watch.TotalMilliseconds)
                {
                    watchedAt = now;
                    await WatchAsync(digest, stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError(e, "The chat could not be told what happened; the next digest does it");
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        await hub.Clients.All.SendAsync("resync", CancellationToken.None);
    }

    private async Task DeliverAsync(ChannelId id, long rungFrom, CancellationToken ct)
    {
        if (connections.IsEmpty)
        {
            told.Remove(id);
            return;
        }
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        var channel = await db.Channels.AsNoTracking().SingleAsync(c => c.Id == id, ct);
        var from = told.TryGetValue(id, out var before) ? before + 1 : rungFrom;
        if (channel.LastRev < from) return;

        // Whoever joined later must not see what was before: then everybody fetches what is theirs.
        var now = clock.GetUtcNow();
        var openFrom = await db.Stays.Covering(now).Where(s => s.ChannelId == id).MaxAsync(s => s.VisibleFrom, ct);
        var changed = db.Messages.Where(m => m.ChannelId == id && m.UpdatedRev >= from);
        IReadOnlyList<MessageItem>? items = openFrom is { } limit && await changed.AnyAsync(m => m.ThreadAt < limit, ct) ? null : await db.ItemsAsync(changed.OrderBy(m => m.UpdatedRev).Take(MostItems + 1), ct);
        if (items?.Count > MostItems) items = null;
        var meta = channel.MetaRev >= from ? new Meta(channel.Name, channel.Purpose, channel.ArchivedAt is not null, channel.MetaRev) : null;
        told[id] = channel.LastRev;
        await SendAsync(ChatHub.GroupOf(id), "changed", new Changed(id.ToString(), from, channel.LastRev, channel.LastMsgNo, items, meta, channel.MembersRev), ct);
    }

    private async Task WatchAsync(bool digest, CancellationToken ct)
    {
        var live = connections.All;
        var now = clock.GetUtcNow();
        var since = (watched < now && watched != default ? watched : now) - Overlap;
        watched = now;
        if (live.Count == 0) return;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        live = await CutDeadAsync(db, live, now, ct);
        var people = live.Where(c => c.Rooms is not null).Select(c => c.Staff).ToHashSet();
        if (!digest)
        {
            var moved = await db.Stays.Where(s => (s.Until >= since && s.Until <= now) || (s.From >= since && s.From <= now)).Select(s => s.StaffId).Distinct().ToListAsync(ct);
            people.IntersectWith(moved);
        }
        if (people.Count == 0) return;

        var heads = (await db.Stays.AsNoTracking().Covering(now).Where(s => people.Contains(s.StaffId)).Join(db.Channels, s => s.ChannelId, c => c.Id, (s, c) => new { s.StaffId, c.Id, c.LastRev }).ToListAsync(ct))
            .ToLookup(h => h.StaffId, h => (h.Id, Rev: h.LastRev));
        var values = people.Select(p => p.Value).ToList();
        var own = await db.ChatPeople.AsNoTracking().Where(p => values.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.UserRev, ct);
        foreach (var connection in live.Where(c => c.Rooms is not null && people.Contains(c.Staff)))
        {
            var mine = heads[connection.Staff].ToDictionary(h => h.Id.Value, h => h.Rev);
            var (left, entered) = (connection.Rooms!.Except(mine.Keys).ToList(), mine.Keys.Except(connection.Rooms!).ToList());
            foreach (var room in left)
            {
                await hub.Groups.RemoveFromGroupAsync(connection.Id, ChatHub.GroupOf(new ChannelId(room)), ct);
                await TellAsync(connection, "revoked", new Revoked(new ChannelId(room), false), ct);
            }
            foreach (var room in entered) await hub.Groups.AddToGroupAsync(connection.Id, ChatHub.GroupOf(new ChannelId(room)), ct);
            connection.Rooms = mine.Keys.ToHashSet();
            if (digest || left.Count + entered.Count > 0)
                await TellAsync(connection, "heads", new Heads(own.GetValueOrDefault(connection.Staff.Value), connection.Open is { } open && mine.TryGetValue(open, out var rev) ? rev : null, ChatQueries.HashOf(heads[connection.Staff])), ct);
        }
    }

    // A socket keeps the principal it began with; its session may have ended since.
    private async Task<IReadOnlyList<LiveConnection>> CutDeadAsync(PortalDb db, IReadOnlyList<LiveConnection> live, DateTimeOffset now, CancellationToken ct)
    {
        var ids = live.Select(c => c.Session).Distinct().ToList();
        var links = db.SignInLinks;
        var sessions = await db.PortalSessions.AsNoTracking().Where(s => ids.Contains(s.Id) && (s.LinkId == null || !links.Any(l => l.Id == s.LinkId && l.StoppedAt != null))).ToListAsync(ct);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        var good = sessions.Where(s => s.IsLiveAt(now) && organisation.Find(s.StaffId)?.IsEmployedOn(TokyoTime.DayOf(now)) == true).Select(s => s.Id).ToHashSet();
        foreach (var dead in live.Where(c => !good.Contains(c.Session)))
        {
            await TellAsync(dead, "revoked", new Revoked(null, true), ct);
            dead.Abort();
        }
        return [.. live.Where(c => good.Contains(c.Session))];
    }

    private Task TellAsync(LiveConnection connection, string what, object value, CancellationToken ct) => WaitAsync(hub.Clients.Client(connection.Id).SendAsync(what, value, ct));

    private Task SendAsync(string group, string what, object value, CancellationToken ct) => WaitAsync(hub.Clients.Group(group).SendAsync(what, value, ct));

    // A slow socket is closed by its own timeout and comes back by itself; the others do not wait for it.
    private static async Task WaitAsync(Task sending)
    {
        try
        {
            await sending.WaitAsync(TimeSpan.FromMilliseconds(250));
        }
        catch (TimeoutException)
        {
        }
    }
}
