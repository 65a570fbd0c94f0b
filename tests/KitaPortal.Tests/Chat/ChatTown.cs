using System.Net;
using System.Text.Json;
using KitaPortal.Features.Chat;
using KitaPortal.Platform.Domain;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Chat;

/// <summary>The chat as tests use it: by HTTP, as its people do.</summary>
public static class ChatTown
{
    public static JsonElement Json(this Answer answer) => JsonDocument.Parse(answer.Text).RootElement;

    public static string Code(this Answer answer) => answer.Json().GetProperty("code").GetString()!;

    /// <summary>Opens a channel with members, and answers its id.</summary>
    public static async Task<Guid> OpenAsync(this PortalClient owner, string name = "防災", string kind = "Private", params StaffId[] members)
    {
        var id = Guid.CreateVersion7();
        var answer = await owner.PostJson("/api/v1/chat/channels", new { id, kind, name, members = members.Select(m => m.Value) });
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return id;
    }

    public static Task<Answer> SayAsync(this PortalClient who, Guid channel, string body, Guid? clientId = null, Guid? rootId = null, string? token = null)
        => who.PostJson($"/api/v1/chat/channels/{channel}/messages", new { clientId = clientId ?? Guid.CreateVersion7(), body, rootId }, token);

    /// <summary>Posts and answers the message.</summary>
    public static async Task<JsonElement> SaidAsync(this PortalClient who, Guid channel, string body, Guid? rootId = null)
    {
        var answer = await who.SayAsync(channel, body, rootId: rootId);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return answer.Json();
    }

    public static Guid Id(this JsonElement one) => one.GetProperty("id").GetGuid();

    public static async Task<JsonElement> ChannelAsync(this PortalClient who, Guid channel)
        => (await who.Get("/api/v1/chat/boot")).Json().GetProperty("channels").EnumerateArray().SingleOrDefault(c => c.Id() == channel);

    public static async Task<int> UnreadAsync(this PortalClient who, Guid channel) => (await who.ChannelAsync(channel)).GetProperty("unread").GetInt32();

    /// <summary>Makes a channel by rule, as the administrator would.</summary>
    public static async Task<Guid> DepartmentAsync(this PortalHost portal, Features.People.DepartmentId department, string name)
    {
        using var admin = await portal.As(portal.Town.Admin);
        var id = Guid.CreateVersion7();
        var answer = await admin.PostJson("/api/v1/chat/channels", new { id, kind = "Department", name, departmentId = department.Value });
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return id;
    }

    /// <summary>What is wrong with a channel's numbers and chain; null when they are whole.</summary>
    public static Task<string?> FaultAsync(this PortalHost portal, Guid channel) => portal.ReadAsync(async db =>
    {
        var id = new ChannelId(channel);
        var last = await db.Channels.AsNoTracking().SingleAsync(c => c.Id == id);
        var roots = await db.Messages.AsNoTracking().Where(m => m.ChannelId == id && m.MsgNo != null).OrderBy(m => m.MsgNo).ToListAsync();
        var versions = await db.MessageVersions.AsNoTracking().Where(v => v.ChannelId == id).OrderBy(v => v.Rev).ToListAsync();
        if (!roots.Select(m => m.MsgNo!.Value).SequenceEqual(Enumerable.Range(1, roots.Count))) return $"numbers {string.Join(',', roots.Select(m => m.MsgNo))}";
        if (last.LastMsgNo != roots.Count) return $"head {last.LastMsgNo} of {roots.Count}";
        var order = versions.Where(v => v.Kind == VersionKind.Create && roots.Any(r => r.Id == v.MessageId)).Select(v => v.MessageId);
        if (!order.SequenceEqual(roots.Select(r => r.Id))) return "the order of numbers is not the order of changes";
        if (roots.Zip(roots.Skip(1)).Any(pair => pair.Second.At < pair.First.At)) return "time goes back";
        return MessageVersion.BreakIn(versions, last.LastHash) is { } rev ? $"the chain breaks at {rev}" : null;
    });
}
