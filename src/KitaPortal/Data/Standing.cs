using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Data;

/// <summary>The mark of a table: another random value after every change of its rows. Triggers write it, so no writer can forget to.</summary>
public sealed class TableMark
{
    private TableMark() { }

    public string Name { get; private set; } = "";

    public string Value { get; private set; } = "";
}

internal sealed class TableMarkTable : IEntityTypeConfiguration<TableMark>
{
    public void Configure(EntityTypeBuilder<TableMark> table)
    {
        table.ToTable("TableMarks");
        table.HasKey(m => m.Name);
        table.Property(m => m.Name).HasMaxLength(60);
        table.Property(m => m.Value).HasMaxLength(40);
    }
}

/// <summary>Says from which entities' tables a standing copy is made, and how.</summary>
public sealed record StandingKind(Type Copy, IReadOnlyList<Type> Entities, Func<PortalDb, CancellationToken, Task<object>> LoadAsync);

/// <summary>Rows that are read by every request and rarely change (the organisation, the calendar, what can be lent), kept in this process. A copy is believed only
/// while the marks of its tables, read from the database in the same transaction, are those it was made under; so it is never older than a read of the tables.</summary>
public sealed class StandingCopies(IEnumerable<StandingKind> kinds)
{
    private readonly Dictionary<Type, StandingKind> kinds = kinds.ToDictionary(k => k.Copy);
    private readonly HashSet<Type> copied = [.. kinds.SelectMany(k => k.Entities)];
    private readonly ConcurrentDictionary<Type, (string Mark, object Copy)> copies = new();

    public static StandingCopies None { get; } = new([]);

    /// <summary>The entities whose tables carry marks.</summary>
    public IEnumerable<Type> Entities => copied;

    /// <summary>Whether a change of such an entity makes some copy old.</summary>
    public bool IsCopied(Type entity) => copied.Contains(entity);

    internal async Task<T> GetAsync<T>(PortalDb db, IReadOnlyDictionary<string, string> marks, CancellationToken ct) where T : class
    {
        var kind = kinds[typeof(T)];
        var mark = string.Concat(kind.Entities.Select(e => marks[TableOf(db, e)]));
        if (copies.TryGetValue(typeof(T), out var known) && known.Mark == mark) return (T)known.Copy;
        var fresh = await kind.LoadAsync(db, ct);
        copies[typeof(T)] = (mark, fresh);
        return (T)fresh;
    }

    internal static string TableOf(PortalDb db, Type entity) => db.Model.FindEntityType(entity)!.GetTableName()!;
}

public static class StandingFeature
{
    private static readonly string[] Verbs = ["INSERT", "UPDATE", "DELETE"];

    /// <summary>Keeps one copy of <typeparamref name="T"/>, which must never be changed after loading, until a row of these entities' tables changes.</summary>
    public static IServiceCollection AddStanding<T>(this IServiceCollection services, Func<PortalDb, CancellationToken, Task<T>> load, params Type[] entities) where T : class
        => services.AddSingleton(new StandingKind(typeof(T), entities, async (db, ct) => await load(db, ct)));

    /// <summary>The triggers that change the marks; idempotent like every guard.</summary>
    internal static string Guards(PortalDb db, IEnumerable<Type> entities)
    {
        var tables = entities.Select(e => StandingCopies.TableOf(db, e)).Order(StringComparer.Ordinal).ToList();
        return db is PostgresPortalDb
            ? """
              CREATE OR REPLACE FUNCTION table_mark() RETURNS trigger AS $$
              BEGIN UPDATE "TableMarks" SET "Value" = gen_random_uuid()::text WHERE "Name" = TG_TABLE_NAME; RETURN NULL; END $$ LANGUAGE plpgsql;

              """ + string.Concat(tables.Select(t => $"""
              INSERT INTO "TableMarks" ("Name", "Value") VALUES ('{t}', gen_random_uuid()::text) ON CONFLICT DO NOTHING;
              CREATE OR REPLACE TRIGGER table_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{t}" FOR EACH STATEMENT EXECUTE FUNCTION table_mark();

              """))
            : string.Concat(tables.Select(t => $"""
              INSERT INTO "TableMarks" ("Name", "Value") VALUES ('{t}', hex(randomblob(16))) ON CONFLICT DO NOTHING;
              {string.Join('\n', Verbs.Select(verb => $"""
                CREATE TRIGGER IF NOT EXISTS "table_mark_{t}_{verb}" AFTER {verb} ON "{t}" BEGIN UPDATE "TableMarks" SET "Value" = hex(randomblob(16)) WHERE "Name" = '{t}'; END;
                """))}

              """));
    }
}
