using Microsoft.Data.Sqlite;
using Npgsql;

namespace KitaPortal.Benchmarks;

/// <summary>An empty database for one round, dropped after it.</summary>
public sealed class BenchDatabase : IAsyncDisposable
{
    private readonly bool postgres;
    private readonly string place;

    private BenchDatabase(bool postgres, string place) => (this.postgres, this.place) = (postgres, place);

    /// <summary>SQLite or PostgreSQL, as the report says it.</summary>
    public string Name => postgres ? "PostgreSQL" : "SQLite";

    public string ConnectionString => postgres
        ? new NpgsqlConnectionStringBuilder(Server) { Database = place, MaxPoolSize = 60 }.ToString()
        : new SqliteConnectionStringBuilder { DataSource = Path.Combine(place, "portal.db") }.ToString();

    /// <summary>What the portal is started with to use it.</summary>
    public string[] Settings => [$"--Database:Provider={(postgres ? "PostgreSql" : "Sqlite")}", $"--Database:ConnectionString={ConnectionString}"];

    private static string? Server => Environment.GetEnvironmentVariable("KITA_TEST_PG");

    public static async Task<BenchDatabase> MakeAsync(bool postgres)
    {
        if (!postgres) return new BenchDatabase(false, Directory.CreateTempSubdirectory("kita-bench-").FullName);
        var database = new BenchDatabase(true, $"kita_bench_{Guid.NewGuid():N}");
        await database.TellServerAsync("CREATE DATABASE");
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        if (postgres)
        {
            await TellServerAsync("DROP DATABASE");
            return;
        }
        SqliteConnection.ClearAllPools();
        Directory.Delete(place, recursive: true);
    }

    private async Task TellServerAsync(string verb)
    {
        NpgsqlConnection.ClearAllPools();
        await using var connection = new NpgsqlConnection(Server);
        await connection.OpenAsync();
        await using var sql = connection.CreateCommand();
        sql.CommandText = $"{verb} {place}{(verb.StartsWith("DROP", StringComparison.Ordinal) ? " WITH (FORCE)" : "")}";
        await sql.ExecuteNonQueryAsync();
    }
}
