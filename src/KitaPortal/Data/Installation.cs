using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Data;

/// <summary>Whether a database holds the town's own records or only a trial. Decided when it is made, never changed.</summary>
public enum InstallationKind { Real, Evaluation }

/// <summary>The one row that says what this database is. Triggers refuse changing its kind and its birth.</summary>
public sealed class Installation
{
    /// <summary>How long a trial may last.</summary>
    public static readonly TimeSpan EvaluationLife = TimeSpan.FromDays(14);

    private Installation() { }

    public Installation(InstallationKind kind, DateTimeOffset now) => (Kind, CreatedAt, LastSeenAt) = (kind, now, now);

    public int Id { get; private set; } = 1;

    public InstallationKind Kind { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The latest moment this database ever saw, so that a clock set back wins nothing.</summary>
    public DateTimeOffset LastSeenAt { get; private set; }

    public void Seen(DateTimeOffset now) => LastSeenAt = now > LastSeenAt ? now : LastSeenAt;

    /// <summary>Whole days that remain of a trial; 0 when it is over.</summary>
    public int EvaluationDaysLeft(DateTimeOffset now)
    {
        var left = CreatedAt + EvaluationLife - (now > LastSeenAt ? now : LastSeenAt);
        return left <= TimeSpan.Zero ? 0 : (int)Math.Ceiling(left.TotalDays);
    }

    /// <summary>Reads the row of a database that may not exist yet; null then.</summary>
    public static async Task<Installation?> FindAsync(PortalDb db, CancellationToken ct)
    {
        if (!await IsMigratedAsync(db, ct)) return null;
        try
        {
            return await db.Set<Installation>().AsNoTracking().SingleOrDefaultAsync(ct);
        }
        catch (System.Data.Common.DbException)
        {
            return null;
        }
    }

    /// <summary>Whether the database exists and carries a schema of ours.</summary>
    public static async Task<bool> IsMigratedAsync(PortalDb db, CancellationToken ct)
        => await db.Database.CanConnectAsync(ct) && (await db.Database.GetAppliedMigrationsAsync(ct)).Any();

    /// <summary>Marks a new database, and notes that a known one was seen.</summary>
    public static Task<Installation> EnsureAsync(PortalDb db, InstallationKind kindOfNew, DateTimeOffset now, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var row = await db.Set<Installation>().SingleOrDefaultAsync(ct);
        if (row is null) db.Add(row = new Installation(kindOfNew, now));
        row.Seen(now);
        return row;
    }, ct);
}

internal sealed class InstallationTable : IEntityTypeConfiguration<Installation>
{
    public void Configure(EntityTypeBuilder<Installation> table)
    {
        table.ToTable("Installation", t => t.HasCheckConstraint("CK_Installation_One", "\"Id\" = 1"));
        table.Property(i => i.Id).ValueGeneratedNever();
    }
}
