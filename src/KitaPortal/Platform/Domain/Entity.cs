using KitaPortal.Platform.Audit;

namespace KitaPortal.Platform.Domain;

/// <summary>Something that happened to a record and that higher floors may hear inside the same transaction.</summary>
public abstract record DomainEvent;

/// <summary>The root of a record that guards itself: changes are verbs, what happened is recorded, and each change leaves an audit row.</summary>
public abstract class Entity
{
    private readonly List<DomainEvent> happened = [];
    private readonly List<AuditNote> auditNotes = [];

    /// <summary>Concurrency token; the database context raises it with every changed save.</summary>
    public int Version { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public StaffId? CreatedById { get; private set; }

    /// <summary>How audit rows and links name this record, for example its id.</summary>
    public abstract string SubjectId { get; }

    /// <summary>How audit rows and links name this kind of record.</summary>
    public virtual string SubjectKind => GetType().Name;

    /// <summary>Tells higher floors what happened; handed to them by the next save, inside its transaction.</summary>
    protected void Record(DomainEvent @event) => happened.Add(@event);

    /// <summary>Leaves an audit row with the next save. Never put secrets or message bodies into before and after.</summary>
    protected void Audit(string action, object? before = null, object? after = null, string? reason = null)
        => auditNotes.Add(new AuditNote(action, SubjectKind, SubjectId, before, after, reason));

    internal IReadOnlyList<DomainEvent> TakeEvents() => Take(happened);

    internal IReadOnlyList<AuditNote> TakeAuditNotes() => Take(auditNotes);

    internal bool HasNews => happened.Count + auditNotes.Count > 0;

    internal void Created(DateTimeOffset at, StaffId? by) => (CreatedAt, CreatedById) = (at, by);

    internal void Changed() => Version++;

    private static List<T> Take<T>(List<T> list)
    {
        if (list.Count == 0) return [];
        var taken = list.ToList();
        list.Clear();
        return taken;
    }
}
