using KitaPortal.Platform.Jobs;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace KitaPortal.Tests.Host;

/// <summary>A fresh database for one test class: a copy of a migrated template, on the provider that KITA_TEST_DB names.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);
    private readonly string name;

    private TestDatabase(string name) => this.name = name;

    public static bool IsPostgres { get; } = string.Equals(Environment.GetEnvironmentVariable("KITA_TEST_DB"), "postgres", StringComparison.OrdinalIgnoreCase);

    public string Folder { get; private init; } = "";

    private static string Server => Environment.GetEnvironmentVariable("KITA_TEST_PG")
        ?? throw new InvalidOperationException("KITA_TEST_PG must hold a PostgreSQL connection string; tests/run.sh sets it.");

    public string[] Configuration => IsPostgres
        ? ["--Database:Provider=PostgreSql", $"--Database:ConnectionString={PostgresOf(name)}", $"--Data:Folder={Folder}"]
        : ["--Database:Provider=Sqlite", $"--Data:Folder={Folder}"];

    public static async Task<TestDatabase> CreateAsync()
    {
        var template = await Template.Value;
        var folder = Directory.CreateTempSubdirectory("kita-test-").FullName;
        var name = $"kita_{Guid.NewGuid():N}";
        if (IsPostgres) await OnServerAsync($"CREATE DATABASE {name} TEMPLATE {template}");
        else File.Copy(template, Path.Combine(folder, "portal.db"));
        return new TestDatabase(name) { Folder = folder };
    }

    public async ValueTask DisposeAsync()
    {
        if (IsPostgres)
        {
            await using (var connection = new NpgsqlConnection(PostgresOf(name))) NpgsqlConnection.ClearPool(connection);
            await OnServerAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        }
        else
        {
            SqliteConnection.ClearAllPools();
        }
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("kita-template-").FullName;
        var name = $"kita_template_{Guid.NewGuid():N}";
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            Directory.Delete(folder, recursive: true);
            if (IsPostgres) OnServerAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)").GetAwaiter().GetResult();
        };
        if (IsPostgres) await OnServerAsync($"CREATE DATABASE {name}");
        var template = new TestDatabase(name) { Folder = folder };
        await using (var app = Portal.Build(template.Configuration, "Test"))
            await StartupWork.PrepareAsync(app.Services, CancellationToken.None);
        if (IsPostgres)
        {
            await using var connection = new NpgsqlConnection(PostgresOf(name));
            NpgsqlConnection.ClearPool(connection);
            return name;
        }
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "portal.db")}"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            await command.ExecuteNonQueryAsync();
        }
        SqliteConnection.ClearAllPools();
        return Path.Combine(folder, "portal.db");
    }

    private static string PostgresOf(string database) => new NpgsqlConnectionStringBuilder(Server) { Database = database, MaxPoolSize = 60 }.ToString();

    private static async Task OnServerAsync(string command)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Server) { Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var sql = connection.CreateCommand();
        sql.CommandText = command;
        await sql.ExecuteNonQueryAsync();
    }
}
