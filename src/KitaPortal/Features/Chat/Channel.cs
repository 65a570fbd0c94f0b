using System.Security.Cryptography;
using System.Text;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Chat;

/// <summary>Names a channel; made by the client, so that making it twice is once.</summary>
public readonly record struct ChannelId(Guid Value) : ITypedId<ChannelId>
{
    public static ChannelId New() => new(Guid.CreateVersion7());

    public static ChannelId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>公開, 限定, 所属, 連絡, 1対1, グループ.</summary>
public enum ChannelKind { Public, Private, Department, Announcement, Direct, Group }

/// <summary>The person who writes, as he or she stands at that moment.</summary>
public sealed record Speaker(StaffId Id, string Department, string Title, ChannelRole Role);

/// <summary>A room of the chat (チャンネル). It hands out all numbers: whoever changes anything in it holds its row first, so that the order of numbers is the order of commits.</summary>
public sealed class Channel : Entity
{
    public const int GroupSize = 9;

    private Channel() { }

    public Channel(ChannelId id, ChannelKind kind, string name, string purpose, DepartmentId? departmentId = null)
    {
        (Id, Kind, DepartmentId) = (id, kind, departmentId);
        Describe(name, purpose);
        (MetaRev, MembersRev) = (LastRev, LastRev);
        Audit("channel.opened", after: new { kind, name = Name, department = departmentId?.Value });
    }

    public ChannelId Id { get; private set; }

    public ChannelKind Kind { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>The folded name, unique among live channels; null for conversations and archived channels.</summary>
    public string? NameKey { get; private set; }

    public string Purpose { get; private set; } = "";

    /// <summary>所属: whose people are its members.</summary>
    public DepartmentId? DepartmentId { get; private set; }

    /// <summary>The sorted people of a conversation, so that opening it twice gives the same one.</summary>
    public string? PeopleKey { get; private set; }

    /// <summary>The place of the last message; replies have places of their own.</summary>
    public int LastMsgNo { get; private set; }

    /// <summary>The number of the last visible change.</summary>
    public long LastRev { get; private set; }

    /// <summary>The change in which name, purpose or state last changed.</summary>
    public long MetaRev { get; private set; }

    public long MembersRev { get; private set; }

    /// <summary>The moment of the last change; never goes back, whatever the clock does.</summary>
    public DateTimeOffset LastAt { get; private set; }

    /// <summary>The end of the chain over all versions of all messages.</summary>
    public string LastHash { get; private set; } = "";

    public DateTimeOffset? ArchivedAt { get; private set; }

    public override string SubjectId => Id.ToString();

    public override string SubjectKind => "channel";

    public bool IsConversation => Kind is ChannelKind.Direct or ChannelKind.Group;

    /// <summary>Whether members come by rule: the people of the department, or everybody with a posting.</summary>
    public bool HasRule => Kind is ChannelKind.Department or ChannelKind.Announcement;

    /// <summary>A conversation of fixed people, one or two (1対1) or up to nine (グループ).</summary>
    public static Channel Conversation(ChannelId id, IReadOnlyCollection<StaffId> people)
    {
        Demand.All(people.Count is >= 1 and <= GroupSize ? null : ChatRules.GroupSize.With(GroupSize));
        return new Channel(id, people.Count <= 2 ? ChannelKind.Direct : ChannelKind.Group, "", "") { PeopleKey = KeyOf(people) };
    }

    public static string KeyOf(IEnumerable<StaffId> people) => string.Join(',', people.Select(p => p.Value.ToString("N")).Order(StringComparer.Ordinal));

    public void Describe(string name, string purpose)
    {
        (name, purpose) = (name.Trim(), purpose.Trim());
        Demand.All(IsConversation || name.Length is > 0 and <= 60 ? null : ChatRules.Name.With(), purpose.Length <= 300 ? null : ChatRules.Purpose.With());
        if (LastRev > 0) Audit("channel.described", new { Name, Purpose }, new { name, purpose });
        (Name, Purpose, NameKey) = (name, purpose, IsConversation ? null : SearchFold.Key(name));
        MetaRev = ++LastRev;
    }

    public void Archive(DateTimeOffset now)
    {
        if (ArchivedAt is not null) return;
        Demand.All(IsConversation ? ChatRules.Fixed.With() : null);
        (ArchivedAt, NameKey, MetaRev) = (now, null, ++LastRev);
        Audit("channel.archived");
    }

    public void Reopen()
    {
        if (ArchivedAt is null) return;
        (ArchivedAt, NameKey, MetaRev) = (null, SearchFold.Key(Name), ++LastRev);
        Audit("channel.reopened");
    }

    /// <summary>Somebody's membership changed with effect from now.</summary>
    public void MembersChanged(string action, StaffId person, ChannelRole? role)
    {
        MembersRev = ++LastRev;
        Audit(action, after: new { person = person.Value, role });
    }

    /// <summary>投稿 at the next place.</summary>
    public Message Post(MessageId id, Speaker by, Guid clientId, string body, DateTimeOffset now)
    {
        Demand.All([Closed(), Kind == ChannelKind.Announcement && by.Role != ChannelRole.Owner ? ChatRules.Posting.With("管理者") : null, .. ChatText.Faults(body)]);
        var at = Turn(now);
        var message = new Message(id, this, by, clientId, body, at) { MsgNo = ++LastMsgNo, ThreadAt = at };
        Seal(message, VersionKind.Create, body, by.Id);
        return message;
    }

    /// <summary>返信 in the thread below a message.</summary>
    public Message Reply(MessageId id, Message root, Speaker by, Guid clientId, string body, DateTimeOffset now)
    {
        Demand.All([Closed(), root.IsDeleted ? ChatRules.RootDeleted.With() : null, .. ChatText.Faults(body)]);
        var reply = new Message(id, this, by, clientId, body, Turn(now)) { RootId = root.Id, ThreadAt = root.At };
        reply.ReplyNo = root.CountReply(reply.At, LastRev);
        Seal(reply, VersionKind.Create, body, by.Id);
        return reply;
    }

    public void Edit(Message message, Speaker by, int version, string body, DateTimeOffset now)
    {
        if (message.AuthorId != by.Id) throw new NotHereException();
        Demand.All([Closed(), message.IsDeleted ? ChatRules.Deleted.With() : null, .. ChatText.Faults(body)]);
        if (message.Version != version) throw new RuleViolation(ChatRules.Changed.With()) { Status = StatusCodes.Status409Conflict };
        if (message.Body == body) return;
        message.Edited(body, Turn(now), LastRev);
        Seal(message, VersionKind.Edit, body, by.Id);
    }

    /// <summary>削除 by the author, or by an owner who says why.</summary>
    public void Delete(Message message, Speaker by, int version, string? reason, DateTimeOffset now)
    {
        var own = message.AuthorId == by.Id;
        if (!own && by.Role != ChannelRole.Owner) throw new NotHereException();
        if (message.IsDeleted) return;
        Demand.All(Closed(), own || !string.IsNullOrWhiteSpace(reason) ? null : ChatRules.DeleteReason.With());
        if (message.Version != version) throw new RuleViolation(ChatRules.Changed.With()) { Status = StatusCodes.Status409Conflict };
        message.Deleted(by.Id, reason?.Trim(), Turn(now), LastRev);
        Seal(message, VersionKind.Delete, null, by.Id);
        if (!own) Audit("message.deleted", after: new { message = message.Id.Value, author = message.AuthorId.Value }, reason: reason);
    }

    /// <summary>One reaction per person and code; asking again changes nothing.</summary>
    public void React(Message message, StaffId person, string code, bool given, DateTimeOffset now)
    {
        Demand.All(Closed(), message.IsDeleted ? ChatRules.Deleted.With() : null);
        if (!message.React(person, code, given)) return;
        Turn(now);
        message.Touch(LastRev);
    }

    private Broken? Closed() => ArchivedAt is null ? null : ChatRules.Archived.With();

    // Whole milliseconds, which both databases keep as they are: the chain is computed over them.
    private DateTimeOffset Turn(DateTimeOffset now)
    {
        now = new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
        LastRev++;
        return LastAt = now > LastAt ? now : LastAt;
    }

    private void Seal(Message message, VersionKind kind, string? body, StaffId editor)
        => LastHash = message.Keep(new MessageVersion(message.Id, Id, message.Version, LastRev, kind, body, editor, LastAt, LastHash)).Hash;
}

public enum VersionKind { Create, Edit, Delete }

/// <summary>What a message said from a moment on; append-only, and each row carries the hash of the one before in its channel.</summary>
public sealed class MessageVersion
{
    private MessageVersion() { }

    internal MessageVersion(MessageId messageId, ChannelId channelId, int no, long rev, VersionKind kind, string? body, StaffId editorId, DateTimeOffset at, string previousHash)
    {
        (MessageId, ChannelId, No, Rev, Kind, Body, EditorId, At, PreviousHash) = (messageId, channelId, no, rev, kind, body, editorId, at, previousHash);
        BodyHash = body is null ? "" : Hex(body);
        Hash = HashNow();
    }

    public MessageId MessageId { get; private set; }

    public int No { get; private set; }

    public ChannelId ChannelId { get; private set; }

    public long Rev { get; private set; }

    public VersionKind Kind { get; private set; }

    public string? Body { get; private set; }

    public string BodyHash { get; private set; } = "";

    public StaffId EditorId { get; private set; }

    public DateTimeOffset At { get; private set; }

    public string PreviousHash { get; private set; } = "";

    public string Hash { get; private set; } = "";

    /// <summary>Over the hash of the text, not the text: the chain still holds when a text is disposed of one day.</summary>
    public string HashNow() => Hex(string.Join('\n', PreviousHash, MessageId, No, Rev, Kind, BodyHash, EditorId, At.UtcTicks));

    /// <summary>The number of the first change at which a channel's chain is broken; null when it holds.</summary>
    public static long? BreakIn(IEnumerable<MessageVersion> inOrder, string lastHash)
    {
        var previous = "";
        long rev = 0;
        foreach (var version in inOrder)
        {
            rev = version.Rev;
            if (version.PreviousHash != previous || version.Hash != version.HashNow() || (version.Body is { } body && Hex(body) != version.BodyHash)) return rev;
            previous = version.Hash;
        }
        return previous == lastHash ? null : rev;
    }

    private static string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
