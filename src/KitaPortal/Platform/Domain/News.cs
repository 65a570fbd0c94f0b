namespace KitaPortal.Platform.Domain;

/// <summary>通常, 重要 or 緊急.</summary>
public enum Importance { Normal, Important, Urgent }

/// <summary>自治体機密性 of what is worked with or told. 3A and 3B never enter the portal itself.</summary>
public enum InfoClass { Class1, Class2, Class3A, Class3B, Class3C }

/// <summary>"Something a person should know": the one shape in which any entity tells people, without knowing who delivers it.
/// Notifications writes it down in the same transaction and delivers it.</summary>
/// <param name="Kind">Registered kind, for example <c>loan.overdue</c>.</param>
/// <param name="Key">Makes repeated news harmless: one per person and key. Retracted by <see cref="NewsRetracted"/>.</param>
/// <param name="Link">Own-host path, for example <c>/booking/1234</c>.</param>
public sealed record News(string Kind, string Key, IReadOnlyList<StaffId> To, string Title, string Body, string Link) : DomainEvent
{
    public StaffId? ActorId { get; init; }

    public Importance Importance { get; init; } = Importance.Normal;

    public DateTimeOffset? DueAt { get; init; }

    public InfoClass InfoClass { get; init; } = InfoClass.Class2;

    /// <summary>An appointment that goes along as iCalendar invitation or cancellation.</summary>
    public CalendarItem? Calendar { get; init; }
}

/// <summary>Takes news back that became pointless, for example when somebody else decided.</summary>
public sealed record NewsRetracted(string Key) : DomainEvent;

/// <summary>An appointment as calendars know it; the same Uid with a higher Sequence changes it, Cancelled takes it away.</summary>
public sealed record CalendarItem(string Uid, int Sequence, DateTimeOffset From, DateTimeOffset To, string Summary, string Location, bool Cancelled);

/// <summary>A kind of news as its feature registers it at start: what settings and the ledger call it, and how it is delivered by default.</summary>
/// <param name="MailAtOnce">Mail goes out at once; otherwise only the bell rings.</param>
public sealed record NewsKind(string Kind, string Label, bool MailAtOnce, bool Mandatory = false);

/// <summary>A record was made from another one, for example a booking from a chat message.</summary>
public sealed record RecordLinked(string SourceKind, string SourceId, string TargetKind, string TargetId) : DomainEvent;
