using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Chat;

/// <summary>JSON of messages and marks, below /api/v1/chat.</summary>
internal static class MessagesApi
{
    /// <summary>The rate limit of posting, per person.</summary>
    public const string Limit = "chat.post";

    internal sealed record PostBody(Guid ClientId, string? Body, Guid? RootId);

    internal sealed record EditBody(int Version, string? Body);

    internal sealed record DeleteBody(string? Reason);

    internal sealed record ReadBody(int UpTo, int MarkerRev);

    internal sealed record UnreadBody(int From);

    internal sealed record OwnMessage(MessageItem Message, string? Md);

    internal sealed record VersionItem(int No, DateTimeOffset At, string Kind, string Body);

    public static void Map(IEndpointRouteBuilder chat)
    {
        chat.MapGet("/channels/{id:guid}/messages", ListAsync).WithSummary("Messages of a channel before or after a place, or the newest, at most 50, oldest first.");
        chat.MapPost("/channels/{id:guid}/messages", PostAsync).RequireRateLimiting(Limit).WithSummary("Posts a message or a reply. Sent again with the same clientId it answers with the stored message, forever.");
        chat.MapGet("/messages/{id:guid}", OneAsync).WithSummary("One message; its author gets the written text as well.");
        chat.MapPut("/messages/{id:guid}", async (Guid id, EditBody body, ChatDesk desk, PortalDb db, CurrentStaff me, CancellationToken ct)
            => await AnswerAsync(db, await desk.EditAsync(ChatUser.Of(me), new MessageId(id), body.Version, body.Body ?? "", ct), ct)).WithSummary("Changes the text; every version is kept.");
        chat.MapDelete("/messages/{id:guid}", async (Guid id, int version, [Microsoft.AspNetCore.Mvc.FromBody] DeleteBody? body, ChatDesk desk, PortalDb db, CurrentStaff me, CancellationToken ct)
            => await AnswerAsync(db, await desk.DeleteAsync(ChatUser.Of(me), new MessageId(id), version, body?.Reason, ct), ct)).WithSummary("Deletes a message; its number and place stay.");
        chat.MapGet("/messages/{id:guid}/versions", VersionsAsync).WithSummary("All texts an edited message had.");
        chat.MapGet("/messages/{id:guid}/replies", RepliesAsync).WithSummary("The replies below a message after a place, at most 50.");
        chat.MapPut("/messages/{id:guid}/reactions/{code}", async (Guid id, string code, ChatDesk desk, PortalDb db, CurrentStaff me, CancellationToken ct)
            => await AnswerAsync(db, await desk.ReactAsync(ChatUser.Of(me), new MessageId(id), code, true, ct), ct)).WithSummary("Reacts with one of the office's words.");
        chat.MapDelete("/messages/{id:guid}/reactions/{code}", async (Guid id, string code, ChatDesk desk, PortalDb db, CurrentStaff me, CancellationToken ct)
            => await AnswerAsync(db, await desk.ReactAsync(ChatUser.Of(me), new MessageId(id), code, false, ct), ct)).WithSummary("Takes a reaction back.");
        chat.MapPut("/channels/{id:guid}/read", async (Guid id, ReadBody body, ChatDesk desk, CurrentStaff me, CancellationToken ct)
            => MarkItem.Of(await desk.ReadAsync(ChatUser.Of(me), new ChannelId(id), body.UpTo, body.MarkerRev, ct))).WithSummary("The caller has read up to a place; only ever rises.");
        chat.MapPut("/channels/{id:guid}/unread", async (Guid id, UnreadBody body, ChatDesk desk, CurrentStaff me, CancellationToken ct)
            => MarkItem.Of(await desk.MarkUnreadAsync(ChatUser.Of(me), new ChannelId(id), body.From, ct))).WithSummary("Makes everything from a place on unread again.");
    }

    private static async Task<IReadOnlyList<MessageItem>> ListAsync(Guid id, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct, int? before = null, int? after = null, int limit = ChatQueries.PageSize)
        => await db.PageAsync(await db.ReadableAsync(new ChannelId(id), me.Id, clock.GetUtcNow(), ct), before, after, Math.Clamp(limit, 1, ChatQueries.PageSize), ct);

    private static async Task<IResult> PostAsync(Guid id, PostBody body, ChatDesk desk, PortalDb db, CurrentStaff me, CancellationToken ct)
    {
        var (message, isNew) = await desk.PostAsync(ChatUser.Of(me), new ChannelId(id), new Draft(body.ClientId, body.Body ?? "", body.RootId is { } root ? new MessageId(root) : null), ct);
        var answer = await AnswerAsync(db, message, ct);
        return isNew ? Results.Created($"/api/v1/chat/messages/{message.Id}", answer) : Results.Ok(answer);
    }

    private static async Task<OwnMessage> OneAsync(Guid id, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        var message = await ReadableAsync(id, db, me, clock, ct);
        return new OwnMessage(await AnswerAsync(db, message, ct), message.AuthorId == me.Id ? message.Body : null);
    }

    private static async Task<IReadOnlyList<VersionItem>> VersionsAsync(Guid id, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        var message = await ReadableAsync(id, db, me, clock, ct);
        if (message.IsDeleted) return [];
        return await db.MessageVersions.Where(v => v.MessageId == message.Id).OrderBy(v => v.No).Select(v => new VersionItem(v.No, v.At, v.Kind.ToString(), v.Body ?? "")).ToListAsync(ct);
    }

    private static async Task<IReadOnlyList<MessageItem>> RepliesAsync(Guid id, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct, int after = 0)
    {
        var root = await ReadableAsync(id, db, me, clock, ct);
        return await db.ItemsAsync(db.Messages.Where(m => m.RootId == root.Id && m.ReplyNo > after).OrderBy(m => m.ReplyNo).Take(ChatQueries.PageSize), ct);
    }

    private static async Task<Message> ReadableAsync(Guid id, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        var message = await db.Messages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == new MessageId(id), ct).OrNotHere();
        var access = await db.ReadableAsync(message.ChannelId, me.Id, clock.GetUtcNow(), ct);
        return access.VisibleFrom is { } from && message.ThreadAt < from ? throw new NotHereException() : message;
    }

    private static async Task<MessageItem> AnswerAsync(PortalDb db, Message message, CancellationToken ct)
        => (await db.ItemsAsync(db.Messages.Where(m => m.Id == message.Id), ct))[0];
}
