using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Chat;

/// <summary>JSON under /api/v1/chat: the state of a person's channels, and the channels themselves.</summary>
internal static class ChatApi
{
    /// <summary>More changes than this behind, a browser starts anew around where it reads.</summary>
    private const int MostBehind = 1000;
    private const int MostItems = 200;

    internal sealed record BootAnswer(PersonItem Me, DateTimeOffset ServerTime, long UserRev, string Hash, IReadOnlyList<ChannelItem> Channels);

    internal sealed record HeadsAnswer(long Me, string Hash, IReadOnlyList<HeadItem> Channels);

    internal sealed record SyncBody(long Me, IReadOnlyDictionary<Guid, long>? Channels);

    internal sealed record OwnDelta(long Head, IReadOnlyList<MarkItem> Items);

    /// <param name="Gone">The person may not read it any longer.</param>
    /// <param name="Reset">Too far behind, or ahead of what is true: what is kept of it is worth nothing.</param>
    internal sealed record ChannelDelta(Guid Id, bool Gone, bool Reset, long Head, int LastMsgNo, IReadOnlyList<MessageItem> Items, bool More);

    internal sealed record SyncAnswer(DateTimeOffset ServerTime, OwnDelta Me, IReadOnlyList<ChannelDelta> Channels);

    internal sealed record ChannelBody(Guid Id, ChannelKind Kind, string? Name, string? Purpose, DepartmentId? DepartmentId, IReadOnlyList<StaffId>? Members);

    internal sealed record DirectBody(IReadOnlyList<StaffId>? StaffIds);

    internal sealed record DescribeBody(long Version, string? Name, string? Purpose);

    internal sealed record MemberBody(ChannelRole Role = ChannelRole.Member, string History = "join");

    internal sealed record MemberItem(StaffId Id, string StaffNumber, string Name, string Role, bool ByRule);

    internal sealed record ChannelAnswer(ChannelId Id, string Kind, string Name, string Purpose, long Version, bool Archived, long Rev, int LastMsgNo, bool Member)
    {
        public static ChannelAnswer Of(Channel c, bool member) => new(c.Id, c.Kind.ToString(), c.Name, c.Purpose, c.MetaRev, c.ArchivedAt is not null, c.LastRev, c.LastMsgNo, member);
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        var chat = app.MapGroup("/api/v1/chat").WithTags("chat");
        chat.MapGet("/boot", BootAsync).WithSummary("The caller's channels with heads, unread counts and marks.");
        chat.MapGet("/heads", HeadsAsync).WithSummary("Up to where each of the caller's channels has come.");
        chat.MapPost("/sync", SyncAsync).WithSummary("What changed after the given cursors, as full present states.");
        chat.MapGet("/channels", ListAsync).WithSummary("Channels by filter (mine, public, archived) and part of the name.");
        chat.MapPost("/channels", OpenAsync).WithSummary("Opens a channel. The id is made by the client: sent again it is the same channel.");
        chat.MapPost("/direct", DirectAsync).WithSummary("The one conversation of the caller with these people.");
        chat.MapGet("/channels/{id:guid}", async (Guid id, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct)
            => await db.ReadableAsync(new ChannelId(id), me.Id, clock.GetUtcNow(), ct) is var access ? ChannelAnswer.Of(access.Channel, access.Stay is not null) : null).WithSummary("One channel.");
        chat.MapPatch("/channels/{id:guid}", async (Guid id, DescribeBody body, ChatDesk desk, CurrentStaff me, CancellationToken ct)
            => ChannelAnswer.Of(await desk.DescribeAsync(ChatUser.Of(me), new ChannelId(id), body.Version, body.Name, body.Purpose, ct), true)).WithSummary("Changes name and purpose.");
        chat.MapPut("/channels/{id:guid}/archive", async (Guid id, ChatDesk desk, CurrentStaff me, CancellationToken ct)
            => Done(await desk.ArchiveAsync(ChatUser.Of(me), new ChannelId(id), true, ct))).WithSummary("Archives a channel: it can be read, nothing is written any more.");
        chat.MapDelete("/channels/{id:guid}/archive", async (Guid id, ChatDesk desk, CurrentStaff me, CancellationToken ct)
            => Done(await desk.ArchiveAsync(ChatUser.Of(me), new ChannelId(id), false, ct))).WithSummary("Opens an archived channel again.");
        chat.MapPost("/channels/{id:guid}/join", async (Guid id, ChatDesk desk, CurrentStaff me, CancellationToken ct)
            => Done(await desk.JoinAsync(ChatUser.Of(me), new ChannelId(id), ct))).WithSummary("Enters a public channel.");
        chat.MapDelete("/channels/{id:guid}/me", async (Guid id, ChatDesk desk, CurrentStaff me, CancellationToken ct)
            => Done(await desk.LeaveAsync(ChatUser.Of(me), new ChannelId(id), ct))).WithSummary("Leaves a channel.");
        chat.MapGet("/channels/{id:guid}/members", MembersAsync).WithSummary("Who is in a channel, 200 at a time after a staff number.");
        chat.MapPut("/channels/{id:guid}/members/{staff:guid}", async (Guid id, Guid staff, MemberBody body, ChatDesk desk, CurrentStaff me, CancellationToken ct)
            => Done(await desk.AddAsync(ChatUser.Of(me), new ChannelId(id), new StaffId(staff), body.Role, body.History == "all", ct))).WithSummary("Puts somebody into a channel, or gives another role.");
        chat.MapDelete("/channels/{id:guid}/members/{staff:guid}", async (Guid id, Guid staff, ChatDesk desk, CurrentStaff me, CancellationToken ct)
            => Done(await desk.RemoveAsync(ChatUser.Of(me), new ChannelId(id), new StaffId(staff), ct))).WithSummary("Takes somebody out of a channel.");
        MessagesApi.Map(chat);
    }

    private static IResult Done(Channel _) => Results.NoContent();

    private static async Task<BootAnswer> BootAsync(PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var userRev = await db.UserRevAsync(me.Id, ct);
        var channels = await db.ChannelsOfAsync(me.Id, now, ct);
        return new BootAnswer(new PersonItem(me.Id, me.Name), now, userRev, ChatQueries.HashOf(channels.Select(c => (c.Id, c.Rev))), channels);
    }

    private static async Task<HeadsAnswer> HeadsAsync(PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        var boot = await BootAsync(db, me, clock, ct);
        return new HeadsAnswer(boot.UserRev, boot.Hash, [.. boot.Channels.Select(c => new HeadItem(c.Id, c.Rev, c.LastMsgNo, c.Unread))]);
    }

    private static async Task<SyncAnswer> SyncAsync(SyncBody body, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var ownHead = await db.UserRevAsync(me.Id, ct);
        var marks = ownHead == body.Me ? [] : await db.ChannelMembers.AsNoTracking().Where(m => m.StaffId == me.Id && m.UserRev > (body.Me > ownHead ? 0 : body.Me)).OrderBy(m => m.UserRev).ToListAsync(ct);
        var asked = (body.Channels ?? new Dictionary<Guid, long>()).Take(MostItems).ToList();
        var ids = asked.Select(a => new ChannelId(a.Key)).ToList();
        // Heads first, items afterwards: what happens between is in the items of this answer or behind the head of it.
        var stays = db.Stays.AsNoTracking().Covering(now);
        var known = await (from channel in db.Channels.AsNoTracking()
                           where ids.Contains(channel.Id)
                           from stay in stays.Where(s => s.ChannelId == channel.Id && s.StaffId == me.Id).DefaultIfEmpty()
                           where stay != null || channel.Kind == ChannelKind.Public
                           select new Access(channel, stay)).ToDictionaryAsync(a => a.Channel.Id.Value, ct);
        var deltas = new List<ChannelDelta>();
        foreach (var (id, cursor) in asked)
        {
            if (!known.TryGetValue(id, out var access))
            {
                deltas.Add(new ChannelDelta(id, true, false, 0, 0, [], false));
                continue;
            }
            var (head, lastMsgNo) = (access.Channel.LastRev, access.Channel.LastMsgNo);
            if (cursor > head || head - cursor > MostBehind)
            {
                deltas.Add(new ChannelDelta(id, false, true, head, lastMsgNo, [], false));
                continue;
            }
            var (items, more) = head == cursor ? ([], false) : await db.DeltaAsync(access.Channel.Id, access.VisibleFrom, cursor, MostItems, ct);
            deltas.Add(new ChannelDelta(id, false, false, more ? items[^1].Rev : head, lastMsgNo, items, more));
        }
        return new SyncAnswer(now, new OwnDelta(ownHead, [.. marks.Select(MarkItem.Of)]), deltas);
    }

    private static async Task<IReadOnlyList<ChannelAnswer>> ListAsync(PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct, string filter = "mine", string q = "")
    {
        var now = clock.GetUtcNow();
        var key = SearchFold.Key(q);
        var mine = db.Stays.Covering(now).Where(s => s.StaffId == me.Id);
        var channels = db.Channels.AsNoTracking().Where(c => c.Kind != ChannelKind.Direct && c.Kind != ChannelKind.Group);
        channels = filter switch
        {
            "public" => channels.Where(c => c.Kind == ChannelKind.Public && c.ArchivedAt == null && c.NameKey!.Contains(key)),
            "archived" => channels.Where(c => c.ArchivedAt != null && c.Name.Contains(q) && (c.Kind == ChannelKind.Public || mine.Any(s => s.ChannelId == c.Id))),
            _ => channels.Where(c => c.ArchivedAt == null && c.NameKey!.Contains(key) && mine.Any(s => s.ChannelId == c.Id)),
        };
        var found = await channels.OrderBy(c => c.Name).Take(MostItems).Select(c => new { Channel = c, Member = mine.Any(s => s.ChannelId == c.Id) }).ToListAsync(ct);
        return [.. found.Select(f => ChannelAnswer.Of(f.Channel, f.Member))];
    }

    private static async Task<IResult> OpenAsync(ChannelBody body, ChatDesk desk, CurrentStaff me, CancellationToken ct)
    {
        if (body.Kind is ChannelKind.Direct or ChannelKind.Group) throw new RuleViolation(ChatRules.Fixed.With());
        var by = ChatUser.Of(me);
        if (body.Kind is ChannelKind.Department or ChannelKind.Announcement && !by.Manages) return Results.Problem(statusCode: StatusCodes.Status403Forbidden, title: "所属チャンネルと連絡チャンネルは、システム管理者が作ります。");
        var (channel, isNew) = await desk.OpenAsync(by, new ChannelId(body.Id), body.Kind, body.Name ?? "", body.Purpose ?? "", body.DepartmentId, body.Members ?? [], ct);
        var answer = ChannelAnswer.Of(channel, body.Kind != ChannelKind.Department);
        return isNew ? Results.Created($"/api/v1/chat/channels/{channel.Id}", answer) : Results.Ok(answer);
    }

    private static async Task<IResult> DirectAsync(DirectBody body, ChatDesk desk, CurrentStaff me, CancellationToken ct)
    {
        var (channel, isNew) = await desk.ConverseAsync(ChatUser.Of(me), body.StaffIds ?? [], ct);
        return isNew ? Results.Created($"/api/v1/chat/channels/{channel.Id}", ChannelAnswer.Of(channel, true)) : Results.Ok(ChannelAnswer.Of(channel, true));
    }

    private static async Task<IReadOnlyList<MemberItem>> MembersAsync(Guid id, PortalDb db, CurrentStaff me, TimeProvider clock, CancellationToken ct, string after = "")
    {
        var now = clock.GetUtcNow();
        var access = await db.ReadableAsync(new ChannelId(id), me.Id, now, ct);
        return await db.Stays.AsNoTracking().Covering(now).Where(s => s.ChannelId == access.Channel.Id).Join(db.Staff, s => s.StaffId, p => p.Id, (s, p) => new { s, p })
            .Where(x => x.p.StaffNumber.CompareTo(after) > 0).OrderBy(x => x.p.StaffNumber).Take(MostItems)
            .Select(x => new MemberItem(x.s.StaffId, x.p.StaffNumber, (x.p.UsesFormerName && x.p.FormerName != null ? x.p.FormerName : x.p.FamilyName) + "\u3000" + x.p.GivenName, x.s.Role.ToString(), x.s.ByRule)).ToListAsync(ct);
    }
}
