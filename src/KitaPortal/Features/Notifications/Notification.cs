using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Notifications;

/// <summary>Names a notification.</summary>
public readonly record struct NotificationId(Guid Value) : ITypedId<NotificationId>
{
    public static NotificationId New() => new(Guid.CreateVersion7());

    public static NotificationId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>News as it reached one person. One per person and key, so repeated news is harmless.</summary>
public sealed class Notification
{
    public const int TitleLength = 120;

    private Notification() { }

    public Notification(StaffId staffId, News news, DateTimeOffset at)
    {
        (Id, StaffId, Kind, Key, At) = (NotificationId.New(), staffId, news.Kind, news.Key, at);
        (Title, Text, Link) = (news.Title.Length > TitleLength ? news.Title[..TitleLength] : news.Title, news.Body, news.Link);
        (ActorId, Importance, InfoClass, DueAt) = (news.ActorId, news.Importance, news.InfoClass, news.DueAt);
    }

    public NotificationId Id { get; private set; }

    public StaffId StaffId { get; private set; }

    public string Kind { get; private set; } = "";

    public string Key { get; private set; } = "";

    public string Title { get; private set; } = "";

    public string Text { get; private set; } = "";

    /// <summary>Own-host path.</summary>
    public string Link { get; private set; } = "";

    public StaffId? ActorId { get; private set; }

    public Importance Importance { get; private set; }

    public InfoClass InfoClass { get; private set; }

    public DateTimeOffset At { get; private set; }

    public DateTimeOffset? DueAt { get; private set; }

    public DateTimeOffset? ReadAt { get; private set; }

    public DateTimeOffset? RetractedAt { get; private set; }

    public void Read(DateTimeOffset at) => ReadAt ??= at;

    /// <summary>The news became pointless: gone from the bell, and no mail that waits is sent any more.</summary>
    public void Retract(DateTimeOffset at) => RetractedAt ??= at;
}

/// <summary>アプリ内 or メール.</summary>
public enum NotificationChannel { InApp, Mail }

/// <summary>送信, 保留, 見送り or 失敗.</summary>
public enum DeliveryDecision { Delivered, Waiting, Skipped, Failed }

/// <summary>Why a person did, or did not, get something by one channel. There is one for every recipient and channel, also when nothing is sent.</summary>
public sealed class NotificationDecision
{
    private NotificationDecision() { }

    public NotificationDecision(NotificationId notificationId, NotificationChannel channel, DeliveryDecision decision, string reason, DateTimeOffset at, Guid? outboxId = null)
        => (Id, NotificationId, Channel, Decision, Reason, At, OutboxId) = (Guid.CreateVersion7(), notificationId, channel, decision, reason, at, outboxId);

    public Guid Id { get; private set; }

    public NotificationId NotificationId { get; private set; }

    public NotificationChannel Channel { get; private set; }

    public DeliveryDecision Decision { get; private set; }

    /// <summary>delivered, preference, retracted, left, no-address, smtp …</summary>
    public string Reason { get; private set; } = "";

    public DateTimeOffset At { get; private set; }

    /// <summary>The outbox row of the mail; its Message-Id is made from it.</summary>
    public Guid? OutboxId { get; private set; }

    public void Decide(DeliveryDecision decision, string reason, DateTimeOffset at) => (Decision, Reason, At) = (decision, reason, at);
}
