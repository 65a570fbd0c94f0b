using System.Text;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Chat;

/// <summary>Who said it, as he or she stood then.</summary>
public sealed record AuthorItem(StaffId Id, string Name, string Title, string Department);

public sealed record ReactionItem(string Code, int Count, IReadOnlyList<StaffId> Ids);

public sealed record ThreadItem(int Count, DateTimeOffset? LastAt);

/// <summary>The full present state of a message as everybody who may see it sees it; answers, deltas and events carry the same.</summary>
public sealed record MessageItem(MessageId Id, ChannelId Ch, int? MsgNo, MessageId? RootId, int? ReplyNo, long Rev, int Version, Guid ClientId, AuthorItem Author, DateTimeOffset At,
    DateTimeOffset? EditedAt, bool Deleted, string Html, IReadOnlyList<ReactionItem> Reactions, ThreadItem Thread);

public sealed record PersonItem(StaffId Id, string Name);

/// <summary>A channel as its member sees it in the list.</summary>
/// <param name="Version">The change of its name, purpose or state.</param>
/// <param name="Unread">Counted to 100.</param>
public sealed record ChannelItem(ChannelId Id, string Kind, string Name, string Purpose, long Version, bool Archived, long Rev, int LastMsgNo, DateTimeOffset LastAt, string Role, bool ByRule, int Unread, int LastRead, int MarkerRev,
    IReadOnlyList<PersonItem> People);

/// <summary>Up to where a channel has come, for the comparison with what a browser knows.</summary>
public sealed record HeadItem(ChannelId Id, long Rev, int LastMsgNo, int Unread);

public sealed record MarkItem(ChannelId Ch, int LastRead, int MarkerRev)
{
    public static MarkItem Of(ChannelMember mark) => new(mark.ChannelId, mark.LastRead, mark.MarkerRev);
}

/// <summary>What a person may see of a channel.</summary>
public sealed record Access(Channel Channel, Stay? Stay)
{
    public DateTimeOffset? VisibleFrom => Stay?.VisibleFrom;
}

/// <summary>Readings of the chat, each scoped to its person.</summary>
public static class ChatQueries
{
    public const int PageSize = 50;
    private const int UnreadMost = 100;

    /// <summary>The channel if the person may read it, or a 404: members read their channels, everybody the public ones.</summary>
    public static async Task<Access> ReadableAsync(this PortalDb db, ChannelId id, StaffId person, DateTimeOffset now, CancellationToken ct)
    {
        var stays = db.Stays.AsNoTracking().Covering(now);
        var found = await (from channel in db.Channels.AsNoTracking()
                           where channel.Id == id
                           from stay in stays.Where(s => s.ChannelId == channel.Id && s.StaffId == person).DefaultIfEmpty()
                           where stay != null || channel.Kind == ChannelKind.Public
                           select new Access(channel, stay)).SingleOrDefaultAsync(ct);
        return found.OrNotHere();
    }

    /// <summary>The channels the person is in, with what is unread in each.</summary>
    public static async Task<IReadOnlyList<ChannelItem>> ChannelsOfAsync(this PortalDb db, StaffId person, DateTimeOffset now, CancellationToken ct)
    {
        var (marks, messages) = (db.ChannelMembers, db.Messages);
        var rows = await (from stay in db.Stays.AsNoTracking().Covering(now)
                          where stay.StaffId == person
                          join channel in db.Channels on stay.ChannelId equals channel.Id
                          from mark in marks.Where(m => m.ChannelId == stay.ChannelId && m.StaffId == person).DefaultIfEmpty()
                          select new
                          {
                              Channel = channel,
                              stay.Role,
                              stay.ByRule,
                              LastRead = (int?)mark.LastRead,
                              MarkerRev = (int?)mark.MarkerRev,
                              Unread = messages.Where(m => m.ChannelId == stay.ChannelId && m.MsgNo > ((int?)mark.LastRead ?? 0) && m.DeletedAt == null && m.AuthorId != person
                                  && (mark != null || m.At >= stay.From) && (stay.VisibleFrom == null || m.ThreadAt >= stay.VisibleFrom)).Take(UnreadMost).Count(),
                          }).ToListAsync(ct);
        var conversations = rows.Where(r => r.Channel.IsConversation).Select(r => r.Channel.Id).ToList();
        var people = conversations.Count == 0 ? [] : await db.Stays.AsNoTracking().Covering(now).Where(s => conversations.Contains(s.ChannelId)).Select(s => new { s.ChannelId, s.StaffId }).ToListAsync(ct);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        var others = people.Where(p => p.StaffId != person).ToLookup(p => p.ChannelId, p => new PersonItem(p.StaffId, NameOf(organisation, p.StaffId)));
        return [.. rows.OrderBy(r => r.Channel.Kind).ThenBy(r => r.Channel.Name, StringComparer.Ordinal).ThenByDescending(r => r.Channel.LastAt)
            .Select(r => new ChannelItem(r.Channel.Id, r.Channel.Kind.ToString(), r.Channel.IsConversation ? TitleOf(others[r.Channel.Id]) : r.Channel.Name, r.Channel.Purpose, r.Channel.MetaRev, r.Channel.ArchivedAt is not null,
                r.Channel.LastRev, r.Channel.LastMsgNo, r.Channel.LastAt, r.Role.ToString(), r.ByRule, r.Unread, r.LastRead ?? 0, r.MarkerRev ?? 0, [.. others[r.Channel.Id]]))];
    }

    /// <summary>Where the person's own series of changes stands.</summary>
    public static async Task<long> UserRevAsync(this PortalDb db, StaffId person, CancellationToken ct)
        => await db.ChatPeople.Where(p => p.Id == person.Value).Select(p => (long?)p.UserRev).SingleOrDefaultAsync(ct) ?? 0;

    /// <summary>The messages in the order given, with reactions and names; two statements however many there are.</summary>
    public static async Task<IReadOnlyList<MessageItem>> ItemsAsync(this PortalDb db, IQueryable<Message> messages, CancellationToken ct)
    {
        var rows = await messages.AsNoTracking().ToListAsync(ct);
        if (rows.Count == 0) return [];
        var ids = rows.Select(r => r.Id).ToList();
        var reactions = (await db.Reactions.AsNoTracking().Where(r => ids.Contains(r.MessageId)).ToListAsync(ct)).ToLookup(r => r.MessageId);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        return [.. rows.Select(m => new MessageItem(m.Id, m.ChannelId, m.MsgNo, m.RootId, m.ReplyNo, m.UpdatedRev, m.Version, m.ClientId,
            new AuthorItem(m.AuthorId, NameOf(organisation, m.AuthorId), m.AuthorTitle, m.AuthorDepartment), m.At, m.EditedAt, m.IsDeleted, m.Html,
            [.. reactions[m.Id].GroupBy(r => r.Code).OrderBy(g => Place(g.Key)).Select(g => new ReactionItem(g.Key, g.Count(), [.. g.Select(r => r.StaffId).Take(100)]))],
            new ThreadItem(m.ReplyCount, m.LastReplyAt)))];
    }

    /// <summary>The newest messages of a channel before a place (or after one), oldest first.</summary>
    public static async Task<IReadOnlyList<MessageItem>> PageAsync(this PortalDb db, Access access, int? before, int? after, int limit, CancellationToken ct)
    {
        var roots = db.Messages.Since(access.VisibleFrom).Where(m => m.ChannelId == access.Channel.Id && m.MsgNo != null);
        if (after is { } low) return await db.ItemsAsync(roots.Where(m => m.MsgNo > low).OrderBy(m => m.MsgNo).Take(limit), ct);
        if (before is { } high) roots = roots.Where(m => m.MsgNo < high);
        return [.. (await db.ItemsAsync(roots.OrderByDescending(m => m.MsgNo).Take(limit), ct)).Reverse()];
    }

    /// <summary>Everything of a channel that changed after a cursor, full present states, oldest change first; a change is never split.</summary>
    public static async Task<(IReadOnlyList<MessageItem> Items, bool More)> DeltaAsync(this PortalDb db, ChannelId channel, DateTimeOffset? visibleFrom, long cursor, int most, CancellationToken ct)
    {
        var items = await db.ItemsAsync(db.Messages.Since(visibleFrom).Where(m => m.ChannelId == channel && m.UpdatedRev > cursor).OrderBy(m => m.UpdatedRev).ThenBy(m => m.Id).Take(most + 1), ct);
        if (items.Count <= most) return (items, false);
        return ([.. items.Where(i => i.Rev < items[^1].Rev)], true);
    }

    /// <summary>One number over all heads: XOR of FNV-1a (32 bits) over <c>id:rev</c>. A browser that drew its list by another one asks again.</summary>
    public static string HashOf(IEnumerable<(ChannelId Id, long Rev)> heads)
    {
        uint all = 0;
        foreach (var (id, rev) in heads)
        {
            var hash = 2166136261u;
            foreach (var b in Encoding.ASCII.GetBytes($"{id}:{rev}")) hash = unchecked((hash ^ b) * 16777619u);
            all ^= hash;
        }
        return all.ToString("x8", null);
    }

    public static string TitleOf(IEnumerable<PersonItem> others) => string.Join("、", others.Select(o => o.Name)) is { Length: > 0 } names ? names : "自分用メモ";

    private static string NameOf(OrganisationBook organisation, StaffId person) => organisation.Find(person)?.Name ?? "（不明）";

    private static int Place(string code) => Reaction.Words.Keys.Index().FirstOrDefault(w => w.Item == code).Index;
}
