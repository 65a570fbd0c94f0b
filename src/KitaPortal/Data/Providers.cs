using System.Collections.Concurrent;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace KitaPortal.Data;

/// <summary>The portal on SQLite: one machine, nothing else to install.</summary>
public sealed class SqlitePortalDb(DbContextOptions<SqlitePortalDb> options, EventDispatcher events, StandingCopies standing, TimeProvider clock) : PortalDb(options, events, standing, clock)
{
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Gates = new();

    protected override Type MomentConverter => typeof(TicksConverter);

    // BEGIN IMMEDIATE has taken the one write lock already.
    public override Task LockAsync<TEntity>(IEnumerable<Guid> ids, CancellationToken ct) => Task.CompletedTask;

    public override Task LockOrMakeAsync<TEntity>(Guid id, CancellationToken ct) => Task.CompletedTask;

    public override Task LockSharedAsync<TEntity>(IEnumerable<Guid> ids, CancellationToken ct) => Task.CompletedTask;

    protected override async Task<IDisposable?> EnterWriteGateAsync(CancellationToken ct)
    {
        var gate = Gates.GetOrAdd(Database.GetConnectionString()!, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(ct);
        return new Pass(gate);
    }

    private sealed class Pass(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}

/// <summary>The portal on PostgreSQL: one or several nodes.</summary>
public sealed class PostgresPortalDb(DbContextOptions<PostgresPortalDb> options, EventDispatcher events, StandingCopies standing, TimeProvider clock) : PortalDb(options, events, standing, clock)
{
    protected override Type MomentConverter => typeof(UtcConverter);

    // Readings are sorted by bytes, as SQLite does anyway.
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        foreach (var key in modelBuilder.Model.GetEntityTypes().SelectMany(t => t.GetProperties()).Where(p => p.Name == "YomiKey")) key.SetCollation("C");
    }

    public override Task LockAsync<TEntity>(IEnumerable<Guid> ids, CancellationToken ct) => LockAsync<TEntity>(ids, "UPDATE", ct);

    public override Task LockSharedAsync<TEntity>(IEnumerable<Guid> ids, CancellationToken ct) => LockAsync<TEntity>(ids, "SHARE", ct);

    private async Task LockAsync<TEntity>(IEnumerable<Guid> ids, string strength, CancellationToken ct)
    {
        var table = Model.FindEntityType(typeof(TEntity))!.GetTableName();
        var wanted = ids.Distinct().Order().ToArray();
        if (wanted.Length == 0) return;
#pragma warning disable EF1002 // the table name comes from the model, the strength from above
        await Database.ExecuteSqlRawAsync($"SELECT 1 FROM \"{table}\" WHERE \"Id\" = ANY({{0}}) ORDER BY \"Id\" FOR {strength}", [wanted], ct);
#pragma warning restore EF1002
        ReadStandingAnew();
    }

    public override async Task LockOrMakeAsync<TEntity>(Guid id, CancellationToken ct)
    {
        var table = Model.FindEntityType(typeof(TEntity))!.GetTableName();
#pragma warning disable EF1002 // the table name comes from the model
        await Database.ExecuteSqlRawAsync($"INSERT INTO \"{table}\" (\"Id\") VALUES ({{0}}) ON CONFLICT DO NOTHING", [id], ct);
#pragma warning restore EF1002
        await LockAsync<TEntity>([id], ct);
    }
}

/// <summary>Only for `dotnet ef`, which needs a model but no database.</summary>
internal sealed class SqliteDesign : IDesignTimeDbContextFactory<SqlitePortalDb>
{
    public SqlitePortalDb CreateDbContext(string[] args)
        => new(new DbContextOptionsBuilder<SqlitePortalDb>().UseSqlite("Data Source=:memory:").Options, EventDispatcher.None, StandingCopies.None, new DesignClock());
}

/// <inheritdoc cref="SqliteDesign"/>
internal sealed class PostgresDesign : IDesignTimeDbContextFactory<PostgresPortalDb>
{
    public PostgresPortalDb CreateDbContext(string[] args)
        => new(new DbContextOptionsBuilder<PostgresPortalDb>().UseNpgsql("Host=none").Options, EventDispatcher.None, StandingCopies.None, new DesignClock());
}

internal sealed class DesignClock : TimeProvider;
