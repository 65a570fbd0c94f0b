using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Hubs;
using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Chat;

/// <summary>The socket of the chat: a fast doorbell. It joins groups and writes nothing; whoever hears nothing from it still learns everything by /sync.</summary>
internal sealed class ChatHub(PortalDb db, HubConnections connections, TimeProvider clock) : Hub
{
    public const int Protocol = 1;

    internal sealed record HelloBody(int Protocol);

    internal sealed record HelloAnswer(DateTimeOffset ServerTime, long Me, IReadOnlyList<HeadOf> Heads, string Hash);

    internal sealed record HeadOf(ChannelId Id, long Rev);

    public static string GroupOf(ChannelId channel) => $"c:{channel}";

    public static string GroupOf(StaffId person) => $"u:{person}";

    public override Task OnConnectedAsync()
    {
        var user = Context.User!;
        connections.Add(new LiveConnection(Context.ConnectionId, new StaffId(Guid.Parse(user.FindFirst("sub")!.Value)), Guid.Parse(user.FindFirst("sid")!.Value), Context.Abort));
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        connections.Remove(Context.ConnectionId);
        return Task.CompletedTask;
    }

    /// <summary>Joins the groups first and reads the heads afterwards: what is committed between is heard, or stands in the heads.</summary>
    public async Task<HelloAnswer> Hello(HelloBody hello)
    {
        if (hello.Protocol != Protocol) throw new HubException("protocol");
        var (me, now) = (connections.Find(Context.ConnectionId)!, clock.GetUtcNow());
        var rooms = await db.Stays.AsNoTracking().Covering(now).Where(s => s.StaffId == me.Staff).Select(s => s.ChannelId).ToListAsync(Context.ConnectionAborted);
        await Groups.AddToGroupAsync(Context.ConnectionId, GroupOf(me.Staff));
        foreach (var room in rooms) await Groups.AddToGroupAsync(Context.ConnectionId, GroupOf(room));
        me.Rooms = rooms.Select(r => r.Value).ToHashSet();
        var heads = await db.Channels.AsNoTracking().Where(c => rooms.Contains(c.Id)).Select(c => new HeadOf(c.Id, c.LastRev)).ToListAsync(Context.ConnectionAborted);
        return new HelloAnswer(now, await db.UserRevAsync(me.Staff, Context.ConnectionAborted), heads, ChatQueries.HashOf(heads.Select(h => (h.Id, h.Rev))));
    }

    /// <summary>Which channel the person looks at; null none.</summary>
    public Task Open(Guid? channelId)
    {
        var me = connections.Find(Context.ConnectionId)!;
        if (channelId is { } id && me.Rooms?.Contains(id) != true) throw new HubException("not here");
        me.Open = channelId;
        return Task.CompletedTask;
    }
}
