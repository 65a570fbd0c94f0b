using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Chat;

/// <summary>メンバー or 管理者 of a channel.</summary>
public enum ChannelRole { Member, Owner }

/// <summary>Somebody is in a channel for a time, <c>[From, Until)</c>; written ahead of time where postings are known. The past is never changed, and the stays of one person never overlap.</summary>
public sealed class Stay
{
    private Stay() { }

    public Stay(ChannelId channelId, StaffId staffId, ChannelRole role, bool byRule, DateTimeOffset from, DateTimeOffset? until, DateTimeOffset? visibleFrom)
        => (Id, ChannelId, StaffId, Role, ByRule, From, Until, VisibleFrom) = (Guid.CreateVersion7(), channelId, staffId, role, byRule, from, until, visibleFrom);

    public Guid Id { get; private set; }

    public ChannelId ChannelId { get; private set; }

    public StaffId StaffId { get; private set; }

    public ChannelRole Role { get; private set; }

    /// <summary>By posting; such a membership ends and begins with the posting, not by hand.</summary>
    public bool ByRule { get; private set; }

    public DateTimeOffset From { get; private set; }

    public DateTimeOffset? Until { get; private set; }

    /// <summary>Older messages are not shown; null shows all.</summary>
    public DateTimeOffset? VisibleFrom { get; private set; }

    public bool Covers(DateTimeOffset moment) => From <= moment && (Until is null || moment < Until);

    public void End(DateTimeOffset? until) => Until = until;
}

/// <summary>A person's own marks in a channel; they outlive the stays and are made when first needed.</summary>
public sealed class ChannelMember
{
    private ChannelMember() { }

    public ChannelMember(ChannelId channelId, StaffId staffId, int lastRead) => (ChannelId, StaffId, LastRead, ReadHigh) = (channelId, staffId, lastRead, lastRead);

    public ChannelId ChannelId { get; private set; }

    public StaffId StaffId { get; private set; }

    /// <summary>Read up to this place; only rises, but for 未読に戻す.</summary>
    public int LastRead { get; private set; }

    /// <summary>Raised by each 未読に戻す, so that an older device's automatic mark does not undo it.</summary>
    public int MarkerRev { get; private set; }

    /// <summary>The highest place ever read; only rises.</summary>
    public int ReadHigh { get; private set; }

    /// <summary>The place of the last change in the person's own series of changes.</summary>
    public long UserRev { get; private set; }

    /// <summary>Whether anything changed.</summary>
    public bool ReadUpTo(int msgNo, int markerRev)
    {
        if (markerRev < MarkerRev || msgNo <= LastRead) return false;
        (LastRead, ReadHigh) = (msgNo, Math.Max(ReadHigh, msgNo));
        return true;
    }

    /// <summary>未読に戻す: from this place on everything is unread again.</summary>
    public void MarkUnread(int from) => (LastRead, MarkerRev) = (Math.Max(0, from - 1), MarkerRev + 1);

    internal void Moved(ChatPerson person) => UserRev = person.NextRev();
}

/// <summary>The series of a person's own changes, which the person's other devices follow.</summary>
public sealed class ChatPerson
{
    private ChatPerson() { }

    public ChatPerson(Guid id) => Id = id;

    /// <summary>The staff member's id.</summary>
    public Guid Id { get; private set; }

    public long UserRev { get; private set; }

    internal long NextRev() => ++UserRev;
}
