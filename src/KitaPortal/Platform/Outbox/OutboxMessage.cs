using System.Diagnostics;
using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Platform.Outbox;

/// <summary>Something that must leave the process after the commit, written with the change or not at all. It may be carried out twice, never lost.</summary>
public sealed class OutboxMessage
{
    /// <summary>Waiting times before each further attempt; after the last the message is failed and waits for a person.</summary>
    public static readonly IReadOnlyList<TimeSpan> Retries =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(6), TimeSpan.FromHours(24),
    ];

    private OutboxMessage() { }

    public OutboxMessage(string kind, string payload, DateTimeOffset dueAt)
        => (Id, Kind, Payload, DueAt, TraceParent) = (Guid.CreateVersion7(), kind, payload, dueAt, Activity.Current?.Id);

    public Guid Id { get; private set; }

    /// <summary>Which sender carries it out, for example <c>mail</c>.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>JSON of the sender's own record.</summary>
    public string Payload { get; private set; } = "";

    public DateTimeOffset DueAt { get; private set; }

    public int Attempt { get; private set; }

    public DateTimeOffset? LeasedUntil { get; private set; }

    /// <summary>The claim of the worker that carries it out right now.</summary>
    public Guid? LeasedBy { get; private set; }

    public DateTimeOffset? SentAt { get; private set; }

    public DateTimeOffset? FailedAt { get; private set; }

    public string? LastError { get; private set; }

    public string? TraceParent { get; private set; }

    /// <summary>Whether one more failure would be the last.</summary>
    public bool IsLastAttempt => Attempt >= Retries.Count;

    public void Sent(DateTimeOffset at) => (SentAt, LeasedUntil, LeasedBy, LastError) = (at, null, null, null);

    public void Failed(DateTimeOffset at, string error)
    {
        (LastError, LeasedUntil, LeasedBy) = (error.Length > 500 ? error[..500] : error, null, null);
        if (IsLastAttempt) FailedAt = at;
        else DueAt = at + Retries[Attempt];
        Attempt++;
    }

    /// <summary>Somebody mended the cause: the message is due again, with all its attempts.</summary>
    public void TryAgain(DateTimeOffset at)
    {
        if (SentAt is null) (DueAt, FailedAt, Attempt) = (at, null, 0);
    }
}

/// <summary>Carries out outbox messages of one kind.</summary>
public interface IOutboxSender
{
    string Kind { get; }

    /// <summary>Sends outside of any transaction. Rows it adds or changes are saved together with the mark "sent".</summary>
    Task SendAsync(OutboxMessage message, CancellationToken ct);
}

internal sealed class OutboxTable : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> table)
    {
        table.ToTable("OutboxMessages");
        table.Property(m => m.Id).ValueGeneratedNever();
        table.Property(m => m.Kind).HasMaxLength(40);
        table.HasIndex(m => new { m.SentAt, m.FailedAt, m.DueAt });
    }
}

public static class OutboxSets
{
    extension(PortalDb db)
    {
        public DbSet<OutboxMessage> OutboxMessages => db.Set<OutboxMessage>();
    }
}
