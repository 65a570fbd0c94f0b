using System.Text.Json;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Chat;

/// <summary>What the composer sends without script.</summary>
public sealed class ComposeForm
{
    public Guid ClientId { get; set; }

    public MessageId? RootId { get; set; }

    public string? Body { get; set; }
}

/// <summary>One message as the page shows it; null stands for the pattern the script fills.</summary>
public sealed record MessageRow(MessageItem? Item, StaffId Me, bool MayWrite, bool InThread, bool FirstUnread = false)
{
    public bool Mine => Item is null || Item.Author.Id == Me;
}

/// <summary>The chat: the channels, the one that is open, and a thread of it. Everything works as plain pages; the script makes it live.</summary>
public sealed class IndexPage(PortalDb db, ChatDesk desk, CurrentStaff me, TimeProvider clock) : FormPage
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new TypedIdJson() } };

    [BindProperty(SupportsGet = true, Name = "id")]
    public Guid? ChannelId { get; set; }

    [BindProperty(SupportsGet = true, Name = "thread")]
    public Guid? ThreadId { get; set; }

    [BindProperty(SupportsGet = true, Name = "before")]
    public int? Before { get; set; }

    [BindProperty(SupportsGet = true, Name = "edit")]
    public Guid? EditId { get; set; }

    [BindProperty]
    public ComposeForm Form { get; set; } = new();

    public IReadOnlyList<ChannelItem> Channels { get; private set; } = [];

    /// <summary>Public channels the person is not in.</summary>
    public IReadOnlyList<(ChannelId Id, string Name, string Purpose)> Others { get; private set; } = [];

    public Access? Open { get; private set; }

    public string Name { get; private set; } = "";

    public MessageItem? Root { get; private set; }

    public IReadOnlyList<MessageItem> Messages { get; private set; } = [];

    /// <summary>The message being changed.</summary>
    public Message? Editing { get; private set; }

    public bool HasOlder { get; private set; }

    /// <summary>The first place that was unread when the page was opened.</summary>
    public int? FirstUnread { get; private set; }

    public long UserRev { get; private set; }

    public StaffId Me => me.Id;

    public bool IsMember => Open?.Stay is not null;

    public bool MayReply => IsMember && Open!.Channel.ArchivedAt is null;

    public bool MayPost => MayReply && (ThreadId is not null || Open!.Channel.Kind != ChannelKind.Announcement || Open.Stay!.Role == ChannelRole.Owner);

    /// <summary>What the script begins with.</summary>
    public string Start => JsonSerializer.Serialize(new
    {
        me = me.Id,
        channel = ChannelId,
        root = ThreadId,
        cursor = Open?.Channel.LastRev ?? 0,
        lastMsgNo = Open?.Channel.LastMsgNo ?? 0,
        member = IsMember,
        latest = Before is null,
        userRev = UserRev,
        markerRev = Channels.SingleOrDefault(c => c.Id.Value == ChannelId)?.MarkerRev ?? 0,
        words = Reaction.Words,
    }, Json);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        UserRev = await db.UserRevAsync(me.Id, ct);
        if (ChannelId is { } id)
        {
            // The head before the messages: what comes between is fetched once more.
            Open = await db.ReadableAsync(new ChannelId(id), me.Id, now, ct);
            await ReadAsync(Open, ct);
        }
        Channels = [.. (await db.ChannelsOfAsync(me.Id, now, ct)).Where(c => !c.Archived || c.Id.Value == ChannelId)];
        if (Open is not null)
        {
            var mine = Channels.SingleOrDefault(c => c.Id == Open.Channel.Id);
            Name = mine?.Name ?? Open.Channel.Name;
            FirstUnread = mine is { Unread: > 0 } ? Messages.FirstOrDefault(m => m.MsgNo > mine.LastRead && m.Author.Id != me.Id && !m.Deleted)?.MsgNo : null;
        }
        var listed = Channels.Select(c => c.Id).ToList();
        Others = [.. (await db.Channels.Where(c => c.Kind == ChannelKind.Public && c.ArchivedAt == null && !listed.Contains(c.Id)).OrderBy(c => c.Name).Take(50).Select(c => new { c.Id, c.Name, c.Purpose }).ToListAsync(ct)).Select(c => (c.Id, c.Name, c.Purpose))];
        if (Form.ClientId == Guid.Empty) Form.ClientId = Guid.CreateVersion7(now);
    }

    private async Task ReadAsync(Access open, CancellationToken ct)
    {
        if (ThreadId is { } thread)
        {
            var visible = db.Messages.Since(open.VisibleFrom).Where(m => m.ChannelId == open.Channel.Id);
            Root = (await db.ItemsAsync(visible.Where(m => m.Id == new MessageId(thread) && m.MsgNo != null), ct)).SingleOrDefault().OrNotHere();
            Messages = [.. (await db.ItemsAsync(visible.Where(m => m.RootId == Root.Id).OrderByDescending(m => m.ReplyNo).Take(200), ct)).Reverse()];
        }
        else
        {
            Messages = await db.PageAsync(open, Before, null, ChatQueries.PageSize, ct);
            HasOlder = Messages.Count > 0 && await db.Messages.Since(open.VisibleFrom).AnyAsync(m => m.ChannelId == open.Channel.Id && m.MsgNo < Messages[0].MsgNo, ct);
        }
        if (EditId is { } edit) Editing = await db.Messages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == new MessageId(edit) && m.ChannelId == open.Channel.Id && m.AuthorId == me.Id && m.DeletedAt == null, ct).OrNotHere();
    }

    // A reader without script has read what the page showed.
    public async Task<IActionResult> OnPostReadAsync(int upTo, CancellationToken ct)
    {
        await desk.ReadAsync(ChatUser.Of(me), new ChannelId(ChannelId!.Value), upTo, int.MaxValue, ct);
        return Back();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await desk.PostAsync(ChatUser.Of(me), new ChannelId(ChannelId!.Value), new Draft(Form.ClientId, Form.Body ?? "", ThreadId is { } root ? new MessageId(root) : null), ct);
        return Back();
    }

    public async Task<IActionResult> OnPostEditAsync(Guid message, int version, string? body, CancellationToken ct)
    {
        await desk.EditAsync(ChatUser.Of(me), new MessageId(message), version, body ?? "", ct);
        return Back();
    }

    public async Task<IActionResult> OnPostDeleteAsync(Guid message, int version, CancellationToken ct)
    {
        await desk.DeleteAsync(ChatUser.Of(me), new MessageId(message), version, null, ct);
        Say("投稿を削除しました。");
        return Back();
    }

    public async Task<IActionResult> OnPostReactAsync(Guid message, string code, CancellationToken ct)
    {
        var given = await db.Reactions.AnyAsync(r => r.MessageId == new MessageId(message) && r.StaffId == me.Id && r.Code == code, ct);
        await desk.ReactAsync(ChatUser.Of(me), new MessageId(message), code, !given, ct);
        return Back();
    }

    public async Task<IActionResult> OnPostJoinAsync(CancellationToken ct)
    {
        await desk.JoinAsync(ChatUser.Of(me), new ChannelId(ChannelId!.Value), ct);
        return Back();
    }

    private RedirectResult Back() => Redirect(ThreadId is { } thread ? $"/chat/{ChannelId}?thread={thread}" : $"/chat/{ChannelId}");
}
