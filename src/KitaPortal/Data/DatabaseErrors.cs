using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace KitaPortal.Data;

/// <summary>What a database's refusal means: someone was faster, or worth trying again.</summary>
public static class DatabaseErrors
{
    /// <summary>Someone was faster: a stale version, an overlapping occupancy, a taken unique key. Answered as 409.</summary>
    public static bool IsSomeoneWasFaster(Exception e) => e is DbUpdateConcurrencyException || IsOverlap(e) || IsUnique(e);

    /// <summary>Two active occupancies of one device would overlap (see the occupancy guards of Booking).</summary>
    public static bool IsOverlap(Exception e) => Inner(e) switch
    {
        PostgresException { SqlState: PostgresErrorCodes.ExclusionViolation } => true,
        SqliteException { SqliteExtendedErrorCode: 1811 } sqlite => sqlite.Message.Contains("overlap", StringComparison.Ordinal),
        _ => false,
    };

    public static bool IsUnique(Exception e) => Inner(e) switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => true,
        SqliteException { SqliteExtendedErrorCode: 2067 or 1555 } => true,
        _ => false,
    };

    /// <summary>A deadlock, a busy database, or a row that another command wrote under the same key of idempotency: done again, it finds that row and writes what is left.</summary>
    public static bool IsWorthRetrying(Exception e) => Inner(e) is
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "ledger_idempotency" }
        or PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure }
        or SqliteException { SqliteErrorCode: 5 or 6 };

    private static Exception Inner(Exception e) => e is DbUpdateException { InnerException: { } inner } ? inner : e;
}
