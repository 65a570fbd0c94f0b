using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>By what a sum is kept: day; place (department, office, class, purpose); pool (lending office, model); person (the same as place, and whose).</summary>
public enum TotalSort { Day, Place, Pool, Person }

/// <summary>Minutes of many ledger rows added up, so that no page adds up millions. Holds exactly the rows up to <see cref="LedgerMark"/>; it can be made anew from the ledger at any time.</summary>
public sealed class LedgerTotal
{
    private LedgerTotal() { }

    public TotalSort Sort { get; private set; }

    public FiscalYear FiscalYear { get; private set; }

    public Measure Measure { get; private set; }

    /// <summary>0 for a whole year's row.</summary>
    public int CountedMonth { get; private set; }

    /// <summary>The day for <see cref="TotalSort.Day"/>, else the first of the month.</summary>
    public DateOnly WorkDate { get; private set; }

    public Guid DepartmentId { get; private set; }

    public Guid OfficeId { get; private set; }

    public Guid LendingOfficeId { get; private set; }

    public Guid ModelId { get; private set; }

    public Guid PersonKey { get; private set; }

    public string Class { get; private set; } = "";

    public string Purpose { get; private set; } = "";

    public long Minutes { get; private set; }

    public long Rows { get; private set; }
}

/// <summary>How far the ledger is added up: rows up to <see cref="Number"/>; those whose day is after <see cref="Through"/> only by day, because a month's sum cannot leave out its coming days.
/// Writers hold it shared, adding up holds it alone.</summary>
public sealed class LedgerMark
{
    public static readonly Guid TheOne = new(1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    private LedgerMark() { }

    internal LedgerMark(DateOnly through) => (Id, Through) = (TheOne, through);

    public Guid Id { get; private set; }

    public long Number { get; private set; }

    public DateOnly Through { get; private set; }

    internal void Advance(long number, DateOnly through) => (Number, Through) = (number, through);
}

/// <summary>One summand of a figure: a stored sum, or a ledger row that is not added up yet.</summary>
public sealed class LedgerFigure
{
    public int FiscalYear { get; init; }

    public string Measure { get; init; } = "";

    /// <summary>0 for a whole year's row.</summary>
    public int CountedMonth { get; init; }

    /// <summary>The day, or the first of its month where many are added up.</summary>
    public DateOnly WorkDate { get; init; }

    public Guid DepartmentId { get; init; }

    public Guid OfficeId { get; init; }

    public Guid LendingOfficeId { get; init; }

    public Guid ModelId { get; init; }

    public Guid PersonKey { get; init; }

    public string Class { get; init; } = "";

    public string Purpose { get; init; } = "";

    public long Minutes { get; init; }

    public long Rows { get; init; }
}

public static class LedgerReading
{
    // Read in one statement, so that no row is seen twice or not at all while sums are being added up.
    private const string Row = """
        SELECT "FiscalYear", "Measure", COALESCE("CountedMonth", 0) AS "CountedMonth", "WorkDate", COALESCE("DepartmentId", '00000000-0000-0000-0000-000000000000') AS "DepartmentId",
        COALESCE("OfficeId", '00000000-0000-0000-0000-000000000000') AS "OfficeId", COALESCE("LendingOfficeId", '00000000-0000-0000-0000-000000000000') AS "LendingOfficeId",
        COALESCE("ModelId", '00000000-0000-0000-0000-000000000000') AS "ModelId", COALESCE("PersonKey", '00000000-0000-0000-0000-000000000000') AS "PersonKey",
        COALESCE("Class", '') AS "Class", COALESCE("Purpose", '') AS "Purpose", CAST("Minutes" AS BIGINT) AS "Minutes", CAST(1 AS BIGINT) AS "Rows" FROM "LedgerEntries"
        """;

    /// <summary>The minutes of the fiscal years from first to last, days after <paramref name="until"/> left out. Which columns are filled follows from the sort.</summary>
    /// <param name="measures">None is all.</param>
    public static IQueryable<LedgerFigure> Figures(this PortalDb db, TotalSort sort, FiscalYear first, FiscalYear last, DateOnly until, params Measure[] measures)
        => db.Figures(sort, first, last, until, null, measures);

    /// <param name="columns">Of department, office, person, class and purpose only these are filled; null is all.</param>
    internal static IQueryable<LedgerFigure> Figures(this PortalDb db, TotalSort sort, FiscalYear first, FiscalYear last, DateOnly until, IReadOnlySet<string>? columns, Measure[] measures)
    {
        var parameters = new List<object> { sort.ToString(), first.Value, last.Value, until, first.FirstDay, last.LastDay };
        var only = "";
        if (measures.Length > 0)
        {
            only = $"""AND "Measure" IN ({string.Join(", ", measures.Select((_, i) => $"{{{i + parameters.Count}}}"))})""";
            parameters.AddRange(measures.Select(m => m.ToString()));
        }
        // Both ends are named, so that no planner takes the open tail for a third of the ledger.
        const string Tail = """ "Number" BETWEEN (SELECT "Number" + 1 FROM "LedgerMarks") AND (SELECT MAX("Number") FROM "LedgerEntries") """;
        const string Through = """(SELECT "Through" FROM "LedgerMarks")""";
        var isByDay = sort == TotalSort.Day;
        var sql = $$"""
            SELECT "FiscalYear", "Measure", "CountedMonth", "WorkDate", "DepartmentId", "OfficeId", "LendingOfficeId", "ModelId", "PersonKey", "Class", "Purpose", "Minutes", "Rows"
            FROM "LedgerTotals" WHERE "Sort" = {0} AND "FiscalYear" BETWEEN {1} AND {2} {{(isByDay ? "AND \"WorkDate\" <= {3}" : "")}} {{only}}
            UNION ALL {{Row}} WHERE {{Tail}} AND "WorkDate" <= {{(isByDay ? "{3}" : Through)}} AND "FiscalYear" BETWEEN {1} AND {2} {{only}}
            """;
        if (!isByDay) sql += $$""" UNION ALL {{Row}} WHERE "WorkDate" > {{Through}} AND "WorkDate" <= {3} AND "WorkDate" BETWEEN {4} AND {5} {{only}}""";
        if (columns is not null)
        {
            var none = db is PostgresPortalDb ? "CAST('00000000-0000-0000-0000-000000000000' AS uuid)" : "'00000000-0000-0000-0000-000000000000'";
            string Kept(string column, string empty) => columns.Contains(column) ? $"\"{column}\"" : $"{empty} AS \"{column}\"";
            sql = $"""
                SELECT "FiscalYear", "Measure", "CountedMonth", "WorkDate", {Kept("DepartmentId", none)}, {Kept("OfficeId", none)}, "LendingOfficeId", "ModelId", {Kept("PersonKey", none)}, {Kept("Class", "''")}, {Kept("Purpose", "''")}, "Minutes", "Rows" FROM ({sql}) AS f
                """;
        }
        return db.Database.SqlQueryRaw<LedgerFigure>(sql, [.. parameters]);
    }
}

/// <summary>Adds new ledger rows to the stored sums, once enough have come together, and each night those of the day that ended.</summary>
public sealed class LedgerTotalsJob(PortalDb db) : IPortalJob
{
    /// <summary>So many rows are read one by one without harm.</summary>
    internal const int Enough = 500;

    // Writers wait for the mark meanwhile.
    private const int AtATime = 20_000;

    public Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct) => AddUpAsync(TokyoTime.DayOf(now).AddDays(-1), Enough, ct);

    internal async Task<string?> AddUpAsync(DateOnly through, int enough, CancellationToken ct)
    {
        var mark = await db.LedgerMarks.AsNoTracking().SingleAsync(ct);
        var waiting = await LastAsync(ct) - mark.Number;
        if (waiting < enough && mark.Through >= through) return null;
        long added;
        do
        {
            added = await db.WriteAsync(() => AddUpOnceAsync(through, ct), ct);
            db.ChangeTracker.Clear();
        }
        while (added >= AtATime);
        return null;
    }

    private async Task<long> AddUpOnceAsync(DateOnly through, CancellationToken ct)
    {
        await db.LockAsync<LedgerMark>([LedgerMark.TheOne], ct);
        var mark = await db.LedgerMarks.SingleAsync(ct);
        var (from, was, wanted) = (mark.Number, mark.Through, mark.Through > through ? mark.Through : through);
        var last = Math.Min(await LastAsync(ct), from + AtATime);
        foreach (var sort in Enum.GetValues<TotalSort>())
        {
            var sql = InsertOf(sort);
#pragma warning disable EF1002 // column and table names come from this class
            if (sort == TotalSort.Day)
            {
                await db.Database.ExecuteSqlRawAsync($"{sql} WHERE \"Number\" > {{0}} AND \"Number\" <= {{1}} {Ending}", new object[] { from, last }, ct);
                continue;
            }
            await db.Database.ExecuteSqlRawAsync($"{sql} WHERE \"Number\" > {{0}} AND \"Number\" <= {{1}} AND \"WorkDate\" <= {{2}} {Ending}", new object[] { from, last, was }, ct);
            if (wanted > was) await db.Database.ExecuteSqlRawAsync($"{sql} WHERE \"WorkDate\" > {{0}} AND \"WorkDate\" <= {{1}} AND \"Number\" <= {{2}} {Ending}", new object[] { was, wanted, last }, ct);
#pragma warning restore EF1002
        }
        mark.Advance(last, wanted);
        return last - from;
    }

    private async Task<long> LastAsync(CancellationToken ct) => await db.LedgerEntries.MaxAsync(e => (long?)e.Number, ct) ?? 0;

    private string InsertOf(TotalSort sort)
    {
        const string None = "'00000000-0000-0000-0000-000000000000'";
        var month = db is PostgresPortalDb ? "CAST(date_trunc('month', \"WorkDate\") AS date)" : "substr(\"WorkDate\", 1, 7) || '-01'";
        string Id(string column, bool kept) => kept ? $"COALESCE(\"{column}\", {None})" : db is PostgresPortalDb ? $"CAST({None} AS uuid)" : None;
        string Word(string column, bool kept) => kept ? $"COALESCE(\"{column}\", '')" : "''";
        var (place, pool, person) = (sort == TotalSort.Place, sort == TotalSort.Pool, sort == TotalSort.Person);
        return $"""
            INSERT INTO "LedgerTotals" ("Sort", "FiscalYear", "Measure", "CountedMonth", "WorkDate", "DepartmentId", "OfficeId", "LendingOfficeId", "ModelId", "PersonKey", "Class", "Purpose", "Minutes", "Rows")
            SELECT '{sort}', "FiscalYear", "Measure", COALESCE("CountedMonth", 0), {(sort == TotalSort.Day ? "\"WorkDate\"" : month)}, {Id("DepartmentId", place || person)}, {Id("OfficeId", place || person)},
            {Id("LendingOfficeId", pool)}, {Id("ModelId", pool)}, {Id("PersonKey", person)}, {Word("Class", sort != TotalSort.Day)}, {Word("Purpose", place || person)}, SUM("Minutes"), COUNT(*)
            FROM "LedgerEntries"
            """;
    }

    private const string Ending = """
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
        ON CONFLICT ("Sort", "FiscalYear", "Measure", "CountedMonth", "WorkDate", "DepartmentId", "OfficeId", "LendingOfficeId", "ModelId", "PersonKey", "Class", "Purpose")
        DO UPDATE SET "Minutes" = "LedgerTotals"."Minutes" + excluded."Minutes", "Rows" = "LedgerTotals"."Rows" + excluded."Rows"
        """;
}
