using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace KitaPortal.Benchmarks;

/// <summary>The plainest code that books a device without a clash: lock, check, insert, commit, by ADO on the same database with the same durability.</summary>
public sealed class BareBookings(string connectionString, bool postgres) : IAsyncDisposable
{
    private readonly SemaphoreSlim oneWriter = new(1, 1);
    private readonly List<DbConnection> connections = [];

    public async Task PrepareAsync(int clients)
    {
        for (var i = 0; i < clients; i++)
        {
            DbConnection connection = postgres ? new NpgsqlConnection(connectionString) : new SqliteConnection(connectionString);
            await connection.OpenAsync();
            if (!postgres) await DoAsync(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
            connections.Add(connection);
        }
        await DoAsync(connections[0], postgres
            ? """CREATE TABLE bare ("Device" int, "From" bigint, "To" bigint); CREATE INDEX bare_device ON bare ("Device", "From")"""
            : """CREATE TABLE bare ("Device" int, "From" bigint, "To" bigint); CREATE INDEX bare_device ON bare ("Device", "From")""");
    }

    /// <summary>Books device and time; true when it was free.</summary>
    public async Task<bool> BookAsync(int client, int device, long from, long to)
    {
        var connection = connections[client];
        if (!postgres) await oneWriter.WaitAsync();
        try
        {
            await using var transaction = postgres ? await connection.BeginTransactionAsync() : ((SqliteConnection)connection).BeginTransaction(deferred: false);
            if (postgres) await DoAsync(connection, $"SELECT pg_advisory_xact_lock({device})", transaction);
            await using var check = connection.CreateCommand();
            check.Transaction = transaction;
            check.CommandText = """SELECT count(*) FROM bare WHERE "Device" = @d AND "From" < @t AND "To" > @f""";
            Add(check, device, from, to);
            if (Convert.ToInt64(await check.ExecuteScalarAsync()) > 0) return false;
            await using var insert = connection.CreateCommand();
            insert.Transaction = transaction;
            insert.CommandText = "INSERT INTO bare VALUES (@d, @f, @t)";
            Add(insert, device, from, to);
            await insert.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
            return true;
        }
        finally
        {
            if (!postgres) oneWriter.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in connections) await connection.DisposeAsync();
        oneWriter.Dispose();
    }

    private static void Add(DbCommand command, int device, long from, long to)
    {
        foreach (var (name, value) in new (string, object)[] { ("d", device), ("f", from), ("t", to) })
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
    }

    private static async Task DoAsync(DbConnection connection, string sql, DbTransaction? transaction = null)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
