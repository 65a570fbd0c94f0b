using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Chat;

/// <summary>Who acts in the chat, and whether he or she may run channels that are not one's own.</summary>
public sealed record ChatUser(StaffId Id, bool Manages)
{
    public static ChatUser Of(CurrentStaff me) => new(me.Id, me.Is(Role.Admin));
}

/// <summary>What somebody sends. The client's id makes sending again harmless.</summary>
public sealed record Draft(Guid ClientId, string Body, MessageId? RootId = null);

/// <summary>Every change of the chat: one transaction each, which holds the channel's row before it reads anything of it, and rings after its commit.</summary>
public sealed class ChatDesk(PortalDb db, Doorbell bell, TimeProvider clock)
{
    /// <summary>A channel as its holder sees it inside a turn.</summary>
    private sealed record Turn(Channel Channel, Stay? Mine, DateTimeOffset Now)
    {
        /// <summary>The person's stay; to others nothing of a closed channel exists, and an open one says how to get in.</summary>
        public Stay Member => Mine ?? throw (Channel.Kind == ChannelKind.Public ? new RuleViolation(ChatRules.Posting.With("参加している人")) : new NotHereException());

        public void DemandOwner(ChatUser by)
        {
            // Who runs the portal sets channels up, but gets into none that is closed.
            if (by.Manages && Channel.Kind is (ChannelKind.Public or ChannelKind.Department or ChannelKind.Announcement)) return;
            if (Mine is null && Channel.Kind != ChannelKind.Public) throw new NotHereException();
            if (Mine?.Role != ChannelRole.Owner) throw new RuleViolation(ChatRules.OwnerOnly.With());
        }
    }

    /// <summary>Opens a channel; asked again with the same id, it is the same channel.</summary>
    public async Task<(Channel Channel, bool IsNew)> OpenAsync(ChatUser by, ChannelId id, ChannelKind kind, string name, string purpose, DepartmentId? departmentId, IReadOnlyList<StaffId> members, CancellationToken ct)
    {
        var made = await db.WriteAsync(async () =>
        {
            if (await db.Channels.SingleOrDefaultAsync(c => c.Id == id, ct) is { } known) return (known.CreatedById == by.Id ? known : throw new NotHereException(), false);
            var now = clock.GetUtcNow();
            var day = TokyoTime.DayOf(now);
            var organisation = await db.StandingAsync<OrganisationBook>(ct);
            var channel = new Channel(id, kind, name, purpose, departmentId);
            Demand.All(
                kind == ChannelKind.Department == departmentId is not null && (departmentId is null || organisation.ChartOn(day).Units.Any(u => u.Id == departmentId)) ? null : ChatRules.Department.With(),
                await IsTakenAsync(channel, ct) ? ChatRules.NameTaken.With(channel.Name) : null,
                members.All(m => organisation.Find(m)?.IsEmployedOn(day) == true) ? null : ChatRules.Person.With());
            db.Add(channel);
            if (kind != ChannelKind.Department) db.Add(new Stay(id, by.Id, ChannelRole.Owner, false, now, null, null));
            db.AddRange(members.Distinct().Where(m => m != by.Id).Select(m => new Stay(id, m, ChannelRole.Member, false, now, null, now)));
            await db.SaveChangesAsync(ct);
            if (channel.HasRule) await RuleStays.FitAsync(db, [channel], null, now, ct);
            return (channel, true);
        }, ct);
        bell.Stirred();
        return made;
    }

    /// <summary>The conversation of these people and the caller; there is only one, however often and by whomever it is opened.</summary>
    public async Task<(Channel Channel, bool IsNew)> ConverseAsync(ChatUser by, IReadOnlyList<StaffId> others, CancellationToken ct)
    {
        var people = others.Append(by.Id).Distinct().ToList();
        var key = Channel.KeyOf(people);
        try
        {
            var made = await db.WriteAsync(async () =>
            {
                if (await db.Channels.SingleOrDefaultAsync(c => c.PeopleKey == key, ct) is { } known) return (known, false);
                var now = clock.GetUtcNow();
                var organisation = await db.StandingAsync<OrganisationBook>(ct);
                Demand.All(people.All(p => organisation.Find(p)?.IsEmployedOn(TokyoTime.DayOf(now)) == true) ? null : ChatRules.Person.With());
                var channel = Channel.Conversation(ChannelId.New(), people);
                db.Add(channel);
                db.AddRange(people.Select(p => new Stay(channel.Id, p, ChannelRole.Member, false, now, null, null)));
                return (channel, true);
            }, ct);
            bell.Stirred();
            return made;
        }
        catch (Exception e) when (DatabaseErrors.IsUnique(e))
        {
            db.ChangeTracker.Clear();
            return (await db.Channels.SingleAsync(c => c.PeopleKey == key, ct), false);
        }
    }

    public Task<Channel> DescribeAsync(ChatUser by, ChannelId id, long version, string? name, string? purpose, CancellationToken ct) => TurnAsync(by, id, async turn =>
    {
        turn.DemandOwner(by);
        if (turn.Channel.MetaRev != version) throw new RuleViolation(ChatRules.Changed.With()) { Status = StatusCodes.Status409Conflict };
        turn.Channel.Describe(name ?? turn.Channel.Name, purpose ?? turn.Channel.Purpose);
        Demand.All(await IsTakenAsync(turn.Channel, ct) ? ChatRules.NameTaken.With(turn.Channel.Name) : null);
        return turn.Channel;
    }, ct);

    public Task<Channel> ArchiveAsync(ChatUser by, ChannelId id, bool archived, CancellationToken ct) => TurnAsync(by, id, async turn =>
    {
        turn.DemandOwner(by);
        if (archived) turn.Channel.Archive(turn.Now);
        else turn.Channel.Reopen();
        Demand.All(await IsTakenAsync(turn.Channel, ct) ? ChatRules.NameTaken.With(turn.Channel.Name) : null);
        return turn.Channel;
    }, ct);

    /// <summary>参加: everybody may enter a public channel.</summary>
    public Task<Channel> JoinAsync(ChatUser by, ChannelId id, CancellationToken ct) => TurnAsync(by, id, turn =>
    {
        if (turn.Mine is null)
        {
            if (turn.Channel.Kind != ChannelKind.Public) throw new NotHereException();
            Demand.All(turn.Channel.ArchivedAt is null ? null : ChatRules.Archived.With());
            Enter(turn, by.Id, ChannelRole.Member, wholeHistory: true);
        }
        return Task.FromResult(turn.Channel);
    }, ct, membership: true);

    /// <summary>退出</summary>
    public Task<Channel> LeaveAsync(ChatUser by, ChannelId id, CancellationToken ct) => RemoveAsync(by, id, by.Id, ct);

    /// <summary>Puts somebody into the channel or gives another role.</summary>
    public Task<Channel> AddAsync(ChatUser by, ChannelId id, StaffId person, ChannelRole role, bool wholeHistory, CancellationToken ct) => TurnAsync(by, id, async turn =>
    {
        Demand.All(turn.Channel.IsConversation && turn.Mine is not null ? ChatRules.Fixed.With() : null);
        turn.DemandOwner(by);
        if (person == by.Id && turn.Mine is null && turn.Channel.Kind != ChannelKind.Public) throw new NotHereException();
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        Demand.All(organisation.Find(person)?.IsEmployedOn(TokyoTime.DayOf(turn.Now)) == true ? null : ChatRules.Person.With(), turn.Channel.ArchivedAt is null ? null : ChatRules.Archived.With());
        var present = await StayAsync(id, person, turn.Now, ct);
        if (present?.Role == role) return turn.Channel;
        Demand.All(present is { ByRule: true, Role: ChannelRole.Owner } ? ChatRules.ByRule.With() : null, await IsLastOwnerAsync(present, turn.Now, ct) ? ChatRules.OwnerLast.With() : null);
        present?.End(turn.Now);
        Enter(turn, person, role, wholeHistory || present is { VisibleFrom: null }, present?.VisibleFrom);
        await RefitAsync(turn, person, ct);
        return turn.Channel;
    }, ct, membership: true);

    /// <summary>Takes somebody out, or the person leaves; whoever belongs here by posting stays.</summary>
    public Task<Channel> RemoveAsync(ChatUser by, ChannelId id, StaffId person, CancellationToken ct) => TurnAsync(by, id, async turn =>
    {
        Demand.All(turn.Channel.IsConversation && turn.Mine is not null ? ChatRules.Fixed.With() : null);
        if (person != by.Id) turn.DemandOwner(by);
        var present = await StayAsync(id, person, turn.Now, ct);
        if (present is null) return person == by.Id && turn.Channel.Kind != ChannelKind.Public ? throw new NotHereException() : turn.Channel;
        Demand.All(present.ByRule ? ChatRules.ByRule.With() : null, await IsLastOwnerAsync(present, turn.Now, ct) ? ChatRules.OwnerLast.With() : null);
        present.End(turn.Now);
        turn.Channel.MembersChanged("channel.left", person, null);
        await RefitAsync(turn, person, ct);
        return turn.Channel;
    }, ct, membership: true);

    /// <summary>Sends once: a repeat answers with the stored message whatever has happened since, even to one who has left.</summary>
    public async Task<(Message Message, bool IsNew)> PostAsync(ChatUser by, ChannelId id, Draft sent, CancellationToken ct)
    {
        if (await KnownAsync(by, id, sent, ct) is { } before) return (before, false);
        try
        {
            return await TurnAsync(by, id, async turn =>
            {
                if (await KnownAsync(by, id, sent, ct) is { } twin) return (twin, false);
                var speaker = await SpeakerAsync(turn, by, ct);
                await DemandPartnerAsync(turn, by, ct);
                var root = sent.RootId is { } rootId ? await db.Messages.Since(turn.Member.VisibleFrom).SingleOrDefaultAsync(m => m.Id == rootId && m.ChannelId == id && m.MsgNo != null, ct).OrNotHere() : null;
                var message = root is null
                    ? turn.Channel.Post(MessageId.New(), speaker, sent.ClientId, sent.Body, turn.Now)
                    : turn.Channel.Reply(MessageId.New(), root, speaker, sent.ClientId, sent.Body, turn.Now);
                message.SentHash = Message.HashOf(id, sent.RootId, sent.Body);
                db.Add(message);
                return (message, true);
            }, ct);
        }
        catch (Exception e) when (DatabaseErrors.IsUnique(e))
        {
            // A twin in another channel was faster.
            db.ChangeTracker.Clear();
            if (await KnownAsync(by, id, sent, ct) is { } winner) return (winner, false);
            throw;
        }
    }

    public Task<Message> EditAsync(ChatUser by, MessageId id, int version, string body, CancellationToken ct) => WithMessageAsync(by, id, async (turn, message) =>
        turn.Channel.Edit(message, await SpeakerAsync(turn, by, ct), version, body, turn.Now), ct);

    public Task<Message> DeleteAsync(ChatUser by, MessageId id, int version, string? reason, CancellationToken ct) => WithMessageAsync(by, id, async (turn, message) =>
        turn.Channel.Delete(message, await SpeakerAsync(turn, by, ct), version, reason, turn.Now), ct);

    public Task<Message> ReactAsync(ChatUser by, MessageId id, string code, bool given, CancellationToken ct)
    {
        Demand.All(Reaction.Words.ContainsKey(code) ? null : ChatRules.Reaction.With());
        return WithMessageAsync(by, id, (turn, message) =>
        {
            turn.Channel.React(message, by.Id, code, given, turn.Now);
            return Task.CompletedTask;
        }, ct);
    }

    /// <summary>Read up to a place; marks may come late, twice and in any order.</summary>
    public Task<ChannelMember> ReadAsync(ChatUser by, ChannelId id, int upTo, int markerRev, CancellationToken ct)
        => MarkAsync(by, id, (mark, last) => mark.ReadUpTo(Math.Min(upTo, last), markerRev), ct);

    /// <summary>未読に戻す from a place on.</summary>
    public Task<ChannelMember> MarkUnreadAsync(ChatUser by, ChannelId id, int from, CancellationToken ct)
        => MarkAsync(by, id, (mark, last) =>
        {
            mark.MarkUnread(Math.Min(from, last));
            return true;
        }, ct);

    private async Task<ChannelMember> MarkAsync(ChatUser by, ChannelId id, Func<ChannelMember, int, bool> change, CancellationToken ct)
    {
        var (mark, moved) = await db.WriteAsync(async () =>
        {
            await db.LockOrMakeAsync<ChatPerson>(by.Id.Value, ct);
            var stay = await StayAsync(id, by.Id, clock.GetUtcNow(), ct) ?? throw new NotHereException();
            var last = await db.Channels.Where(c => c.Id == id).Select(c => c.LastMsgNo).SingleAsync(ct);
            var mark = await db.ChannelMembers.SingleOrDefaultAsync(m => m.ChannelId == id && m.StaffId == by.Id, ct);
            if (mark is null) db.Add(mark = new ChannelMember(id, by.Id, await db.Messages.Where(m => m.ChannelId == id && m.MsgNo != null && m.At < stay.From).MaxAsync(m => m.MsgNo, ct) ?? 0));
            if (!change(mark, last)) return (mark, false);
            var person = await db.ChatPeople.SingleOrDefaultAsync(p => p.Id == by.Id.Value, ct);
            if (person is null) db.Add(person = new ChatPerson(by.Id.Value));
            mark.Moved(person);
            return (mark, true);
        }, ct);
        if (moved) bell.RingOwn(by.Id, mark);
        return mark;
    }

    // A turn: the channel's row first, then everything else is read; what changed is told after the commit.
    private async Task<T> TurnAsync<T>(ChatUser by, ChannelId id, Func<Turn, Task<T>> act, CancellationToken ct, bool membership = false)
    {
        long before = 0, after = 0;
        var result = await db.WriteAsync(async () =>
        {
            await db.LockAsync<Channel>([id.Value], ct);
            var channel = await db.Channels.SingleOrDefaultAsync(c => c.Id == id, ct).OrNotHere();
            var now = clock.GetUtcNow();
            before = channel.LastRev;
            var done = await act(new Turn(channel, await StayAsync(id, by.Id, now, ct), now));
            after = channel.LastRev;
            return done;
        }, ct);
        if (after > before) bell.Ring(id, before + 1);
        if (membership) bell.Stirred();
        return result;
    }

    private async Task<Message> WithMessageAsync(ChatUser by, MessageId id, Func<Turn, Message, Task> act, CancellationToken ct)
    {
        var at = await db.Messages.Where(m => m.Id == id).Select(m => m.ChannelId).ToListAsync(ct);
        if (at.Count == 0) throw new NotHereException();
        return await TurnAsync(by, at[0], async turn =>
        {
            var message = await db.Messages.Include(m => m.Reactions).Since(turn.Member.VisibleFrom).SingleOrDefaultAsync(m => m.Id == id, ct).OrNotHere();
            await act(turn, message);
            return message;
        }, ct);
    }

    private Task<Stay?> StayAsync(ChannelId id, StaffId person, DateTimeOffset now, CancellationToken ct)
        => db.Stays.Covering(now).SingleOrDefaultAsync(s => s.ChannelId == id && s.StaffId == person, ct);

    private void Enter(Turn turn, StaffId person, ChannelRole role, bool wholeHistory, DateTimeOffset? visibleFrom = null)
    {
        db.Add(new Stay(turn.Channel.Id, person, role, false, turn.Now, null, wholeHistory ? null : visibleFrom ?? turn.Now));
        turn.Channel.MembersChanged("channel.joined", person, role);
    }

    // By-hand membership takes the place of one by posting, and gives it back.
    private async Task RefitAsync(Turn turn, StaffId person, CancellationToken ct)
    {
        if (!turn.Channel.HasRule) return;
        await db.SaveChangesAsync(ct);
        await RuleStays.FitAsync(db, [turn.Channel], person, turn.Now, ct);
    }

    private async Task<bool> IsLastOwnerAsync(Stay? stay, DateTimeOffset now, CancellationToken ct)
        => stay?.Role == ChannelRole.Owner && !await db.Stays.Covering(now).AnyAsync(s => s.ChannelId == stay.ChannelId && s.StaffId != stay.StaffId && s.Role == ChannelRole.Owner, ct);

    private Task<bool> IsTakenAsync(Channel channel, CancellationToken ct)
        => channel.NameKey is null ? Task.FromResult(false) : db.Channels.AnyAsync(c => c.NameKey == channel.NameKey && c.Id != channel.Id, ct);

    private async Task<Message?> KnownAsync(ChatUser by, ChannelId id, Draft sent, CancellationToken ct)
    {
        if (await db.Messages.AsNoTracking().SingleOrDefaultAsync(m => m.AuthorId == by.Id && m.ClientId == sent.ClientId, ct) is not { } known) return null;
        return known.SentHash == Message.HashOf(id, sent.RootId, sent.Body) ? known : throw new RuleViolation(ChatRules.ClientIdReused.With()) { Status = StatusCodes.Status409Conflict };
    }

    private async Task<Speaker> SpeakerAsync(Turn turn, ChatUser by, CancellationToken ct)
    {
        var place = (await db.StandingAsync<OrganisationBook>(ct)).PostingsOf(by.Id, TokyoTime.DayOf(turn.Now)).OrderBy(p => p.Kind).FirstOrDefault();
        return new Speaker(by.Id, place?.Term.Name ?? "", place?.Post.Name ?? "", turn.Member.Role);
    }

    private async Task DemandPartnerAsync(Turn turn, ChatUser by, CancellationToken ct)
    {
        if (turn.Channel.Kind != ChannelKind.Direct) return;
        var partners = await db.Stays.Covering(turn.Now).Where(s => s.ChannelId == turn.Channel.Id && s.StaffId != by.Id).Select(s => s.StaffId).ToListAsync(ct);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        Demand.All(partners.All(p => organisation.Find(p)?.IsEmployedOn(TokyoTime.DayOf(turn.Now)) == true) ? null : ChatRules.DirectClosed.With());
    }
}
