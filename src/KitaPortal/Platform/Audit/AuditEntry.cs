using System.Text.Encodings.Web;
using System.Text.Json;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Platform.Audit;

/// <summary>Who acts right now: a person, a job, or a command on the server.</summary>
/// <param name="Kind">staff, job, command or system.</param>
public sealed record Actor(string Kind, StaffId? StaffId = null, StaffId? OnBehalfOf = null, Guid? SessionId = null, string? Address = null, string? TraceId = null, string? Name = null)
{
    public static Actor System { get; } = new("system");

    public static Actor Job(string name) => new("job", Name: name);

    public static Actor Command(string user) => new("command", Name: $"os:{user}");
}

/// <summary>What an entity leaves for the audit with its next save.</summary>
public sealed record AuditNote(string Action, string SubjectKind, string SubjectId, object? Before = null, object? After = null, string? Reason = null);

/// <summary>One append-only line of the audit: who did what to which record, before and after. The database refuses changing it.</summary>
public sealed class AuditEntry
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private AuditEntry() { }

    public AuditEntry(AuditNote note, Actor actor, DateTimeOffset at)
    {
        (Id, At) = (Guid.CreateVersion7(at), at);
        (ActorKind, ActorId, ActorName, OnBehalfOfId) = (actor.Kind, actor.StaffId, actor.Name, actor.OnBehalfOf);
        (SessionId, Address, TraceId) = (actor.SessionId, actor.Address, actor.TraceId);
        (Action, SubjectKind, SubjectId, Reason) = (note.Action, note.SubjectKind, note.SubjectId, note.Reason);
        (Before, After) = (Text(note.Before), Text(note.After));
    }

    public Guid Id { get; private set; }

    public DateTimeOffset At { get; private set; }

    public string ActorKind { get; private set; } = "";

    public StaffId? ActorId { get; private set; }

    public string? ActorName { get; private set; }

    public StaffId? OnBehalfOfId { get; private set; }

    public Guid? SessionId { get; private set; }

    public string? Address { get; private set; }

    public string? TraceId { get; private set; }

    public string Action { get; private set; } = "";

    public string SubjectKind { get; private set; } = "";

    public string SubjectId { get; private set; } = "";

    public string? Before { get; private set; }

    public string? After { get; private set; }

    public string? Reason { get; private set; }

    private static string? Text(object? value) => value is null ? null : JsonSerializer.Serialize(value, Json);
}

internal sealed class AuditTable : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> table)
    {
        table.ToTable("AuditEntries");
        table.Property(e => e.Id).ValueGeneratedNever();
        table.HasIndex(e => new { e.SubjectKind, e.SubjectId, e.At });
        table.HasIndex(e => new { e.ActorId, e.At });
        table.HasIndex(e => e.At);
    }
}
