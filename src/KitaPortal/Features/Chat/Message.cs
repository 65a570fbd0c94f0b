using System.Security.Cryptography;
using System.Text;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Chat;

/// <summary>Names a message.</summary>
public readonly record struct MessageId(Guid Value) : ITypedId<MessageId>
{
    public static MessageId New() => new(Guid.CreateVersion7());

    public static MessageId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>What somebody said (投稿): at a place of the channel, or as a reply below one. Deleted ones keep number, date and place.</summary>
public sealed class Message
{
    private readonly List<MessageVersion> versions = [];
    private readonly List<Reaction> reactions = [];

    private Message() { }

    internal Message(MessageId id, Channel channel, Speaker by, Guid clientId, string body, DateTimeOffset at)
    {
        (Id, ChannelId, AuthorId, AuthorDepartment, AuthorTitle) = (id, channel.Id, by.Id, by.Department, by.Title);
        (ClientId, Body, Html, At, Version, UpdatedRev) = (clientId, body, ChatText.Html(body), at, 1, channel.LastRev);
    }

    public MessageId Id { get; private set; }

    public ChannelId ChannelId { get; private set; }

    /// <summary>The place in the channel, without gaps; null for replies.</summary>
    public int? MsgNo { get; internal set; }

    public MessageId? RootId { get; internal set; }

    /// <summary>The place in the thread, without gaps.</summary>
    public int? ReplyNo { get; internal set; }

    public StaffId AuthorId { get; private set; }

    /// <summary>所属 and 職 at that moment.</summary>
    public string AuthorDepartment { get; private set; } = "";

    public string AuthorTitle { get; private set; } = "";

    /// <summary>Made by the sender and unique for each author: what is sent again is the same message, forever.</summary>
    public Guid ClientId { get; private set; }

    /// <summary>What was first sent under the client's id.</summary>
    public string SentHash { get; internal set; } = "";

    public string Body { get; private set; } = "";

    public string Html { get; private set; } = "";

    public DateTimeOffset At { get; private set; }

    /// <summary>The moment of the message itself, or of the root above a reply: by it a limited history is cut.</summary>
    public DateTimeOffset ThreadAt { get; internal set; }

    public DateTimeOffset? EditedAt { get; private set; }

    public DateTimeOffset? DeletedAt { get; private set; }

    public StaffId? DeletedById { get; private set; }

    public string? DeleteReason { get; private set; }

    /// <summary>The number of its text: 1 as posted.</summary>
    public int Version { get; private set; }

    /// <summary>The channel's change in which anything of it last changed.</summary>
    public long UpdatedRev { get; private set; }

    public int ReplyCount { get; private set; }

    public DateTimeOffset? LastReplyAt { get; private set; }

    public IReadOnlyList<MessageVersion> Versions => versions;

    public IReadOnlyList<Reaction> Reactions => reactions;

    public bool IsDeleted => DeletedAt is not null;

    internal static string HashOf(ChannelId channel, MessageId? root, string body)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{channel}\n{root}\n{body}")));

    internal int CountReply(DateTimeOffset at, long rev)
    {
        (ReplyCount, LastReplyAt, UpdatedRev) = (ReplyCount + 1, at, rev);
        return ReplyCount;
    }

    internal void Edited(string body, DateTimeOffset at, long rev)
        => (Body, Html, EditedAt, Version, UpdatedRev) = (body, ChatText.Html(body), at, Version + 1, rev);

    internal void Deleted(StaffId by, string? reason, DateTimeOffset at, long rev)
    {
        (DeletedAt, DeletedById, DeleteReason, Version, UpdatedRev) = (at, by, reason, Version + 1, rev);
        (Body, Html) = ("", "");
        reactions.Clear();
    }

    internal bool React(StaffId person, string code, bool given)
    {
        var mine = reactions.SingleOrDefault(r => r.StaffId == person && r.Code == code);
        if (mine is not null == given) return false;
        if (mine is not null) reactions.Remove(mine);
        else reactions.Add(new Reaction(Id, person, code));
        return true;
    }

    internal void Touch(long rev) => UpdatedRev = rev;

    internal MessageVersion Keep(MessageVersion version)
    {
        versions.Add(version);
        return version;
    }
}

/// <summary>A short answer without words of one's own: one per person and code. It is no acknowledgement.</summary>
public sealed class Reaction
{
    private Reaction() { }

    internal Reaction(MessageId messageId, StaffId staffId, string code) => (MessageId, StaffId, Code) = (messageId, staffId, code);

    /// <summary>The office's set, by code.</summary>
    public static IReadOnlyDictionary<string, string> Words { get; } = new Dictionary<string, string>
    {
        ["ok"] = "了解",
        ["seen"] = "確認しました",
        ["doing"] = "対応します",
        ["please"] = "お願いします",
        ["thanks"] = "ありがとうございます",
        ["done"] = "完了",
        ["question"] = "質問あり",
    };

    public MessageId MessageId { get; private set; }

    public StaffId StaffId { get; private set; }

    public string Code { get; private set; } = "";
}
