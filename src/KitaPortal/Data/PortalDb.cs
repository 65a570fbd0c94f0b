using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace KitaPortal.Data;

/// <summary>The portal's database. It knows no feature: each adds its tables by <c>IEntityTypeConfiguration</c> and its sets as extension properties.</summary>
public abstract class PortalDb(DbContextOptions options, EventDispatcher events, StandingCopies standing, TimeProvider clock) : DbContext(options)
{
    private const int Attempts = 4;
    private Dictionary<string, string>? marks;

    /// <summary>On whose account audit rows are written.</summary>
    public Actor Actor { get; set; } = Actor.System;

    /// <summary>Runs a command in one transaction that takes its locks before it reads; saves at the end. A deadlock, a serialisation failure or a row that another
    /// command changed after it was read is tried again with an empty change tracker, so everything the work reads and makes must be read and made inside it.</summary>
    public async Task<T> WriteAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        if (Database.CurrentTransaction is not null) return await work();
        var readsItself = !ChangeTracker.Entries().Any();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var gate = await EnterWriteGateAsync(ct);
                await using var transaction = await Database.BeginTransactionAsync(ct);
                marks = null;
                var result = await work();
                await SaveChangesAsync(ct);
                await transaction.CommitAsync(ct);
                return result;
            }
            catch (Exception e) when (attempt < Attempts && (DatabaseErrors.IsWorthRetrying(e) || (readsItself && IsOvertaken(e))))
            {
                ChangeTracker.Clear();
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5, 20 * attempt)), ct);
            }
        }
    }

    // Not where a form says which version it saw: that one stays stale however often it is tried.
    private static bool IsOvertaken(Exception e) => e is DbUpdateConcurrencyException stale
        && stale.Entries.All(row => row.Entity is not Entity || row.State != EntityState.Modified
            || (row.Property(nameof(Entity.Version)) is var version && (int)version.CurrentValue! == (int)version.OriginalValue! + 1));

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<Task> work, CancellationToken ct)
        => WriteAsync(async () => { await work(); return true; }, ct);

    /// <summary>Locks the given rows of a root until the transaction ends, in the order of their ids. Read them afterwards.</summary>
    public abstract Task LockAsync<TEntity>(IEnumerable<Guid> ids, CancellationToken ct) where TEntity : class;

    /// <summary>As <see cref="LockAsync{TEntity}"/> for a row that has nothing but its id and may not exist yet.</summary>
    public abstract Task LockOrMakeAsync<TEntity>(Guid id, CancellationToken ct) where TEntity : class;

    /// <summary>A copy kept in memory of rows that rarely change, as fresh as a read. Shared by all requests: never change it.</summary>
    public async Task<T> StandingAsync<T>(CancellationToken ct) where T : class
        => await standing.GetAsync<T>(this, marks ??= await Set<TableMark>().AsNoTracking().ToDictionaryAsync(m => m.Name, m => m.Value, ct), ct);

    /// <summary>What was read before a lock was waited for may be older than the lock.</summary>
    protected void ReadStandingAnew() => marks = null;

    internal string StandingGuards => StandingFeature.Guards(this, standing.Entities);

    /// <summary>Keeps the given rows as they are until the transaction ends; others may do the same at once. Read them afterwards.</summary>
    public abstract Task LockSharedAsync<TEntity>(IEnumerable<Guid> ids, CancellationToken ct) where TEntity : class;

    /// <summary>Leaves an audit row with the next save, for acts that change no entity (an export, a read of somebody else's record).</summary>
    public void Audit(AuditNote note) => Add(new AuditEntry(note, Actor, clock.GetUtcNow()));

    /// <summary>Tells handlers something outside an entity's verb (for example a job's reminder), inside the running transaction.</summary>
    public Task PublishAsync(DomainEvent happened, CancellationToken ct) => events.DispatchAsync(happened, ct);

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (Database.CurrentTransaction is not null) return await SaveAndTellAsync(acceptAllChangesOnSuccess, cancellationToken);
        using var gate = await EnterWriteGateAsync(cancellationToken);
        await using var transaction = await Database.BeginTransactionAsync(cancellationToken);
        marks = null;
        var saved = await SaveAndTellAsync(acceptAllChangesOnSuccess, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return saved;
    }

    public override int SaveChanges(bool acceptAllChangesOnSuccess)
        => throw new InvalidOperationException("Saving is asynchronous: handlers run inside it.");

    /// <summary>SQLite has one writer; waiting in line here is cheaper than polling its lock.</summary>
    protected virtual Task<IDisposable?> EnterWriteGateAsync(CancellationToken ct) => Task.FromResult<IDisposable?>(null);

    // Handlers of higher floors see the saved rows and may change more, which is saved before the commit.
    private async Task<int> SaveAndTellAsync(bool accept, CancellationToken ct)
    {
        var saved = 0;
        while (true)
        {
            var happened = Prepare();
            if (ChangeTracker.Entries().Any(e => e.State != EntityState.Unchanged && standing.IsCopied(e.Metadata.ClrType))) marks = null;
            saved += await base.SaveChangesAsync(accept, ct);
            foreach (var one in happened) await events.DispatchAsync(one, ct);
            if (!ChangeTracker.HasChanges() && !ChangeTracker.Entries<Entity>().Any(e => e.Entity.HasNews)) return saved;
        }
    }

    private List<DomainEvent> Prepare()
    {
        ChangeTracker.DetectChanges();
        var now = clock.GetUtcNow();
        var happened = new List<DomainEvent>();
        var notes = new List<AuditNote>();
        foreach (var entry in ChangeTracker.Entries<Entity>())
        {
            if (entry.State == EntityState.Added) entry.Entity.Created(now, Actor.StaffId);
            if (entry.State == EntityState.Modified) entry.Entity.Changed();
            happened.AddRange(entry.Entity.TakeEvents());
            notes.AddRange(entry.Entity.TakeAuditNotes());
        }
        foreach (var note in notes) Add(new AuditEntry(note, Actor, now));
        return happened;
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PortalDb).Assembly);
        foreach (var root in modelBuilder.Model.GetEntityTypes().Where(t => typeof(Entity).IsAssignableFrom(t.ClrType)))
            root.FindProperty(nameof(Entity.Version))!.IsConcurrencyToken = true;
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        foreach (var id in TypedIds.All)
            configurationBuilder.Properties(id).HaveConversion(typeof(TypedIdConverter<>).MakeGenericType(id));
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(40);
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion(MomentConverter);
    }

    /// <summary>How moments are stored; both keep UTC.</summary>
    protected abstract Type MomentConverter { get; }

    /// <summary>SQLite cannot compare DateTimeOffset: UTC ticks.</summary>
    protected sealed class TicksConverter() : ValueConverter<DateTimeOffset, long>(v => v.UtcTicks, v => new DateTimeOffset(v, TimeSpan.Zero));

    /// <summary>PostgreSQL refuses non-zero offsets and keeps microseconds.</summary>
    protected sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTimeOffset>(v => v.ToUniversalTime(), v => v);
}
