using System.Runtime.CompilerServices;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace KitaPortal.Data;

/// <summary>Where the portal keeps its records (<c>Database:*</c>).</summary>
public sealed class DatabaseOptions
{
    /// <summary>Sqlite or PostgreSql.</summary>
    public string Provider { get; set; } = "Sqlite";

    /// <summary>Empty with SQLite: <c>{Data:Folder}/portal.db</c>.</summary>
    public string ConnectionString { get; set; } = "";
}

/// <summary>Where everything of this installation lies on disk (<c>Data:*</c>).</summary>
public sealed class DataOptions
{
    public string Folder { get; set; } = OperatingSystem.IsWindows() ? @"C:\ProgramData\KitaPortal" : "/var/lib/kitaportal";

    /// <summary>With less room on the disk the portal says it is not ready.</summary>
    public int MinimumFreeMb { get; set; } = 2048;
}

/// <summary>Chooses the provider, and brings a database to the present schema with its guards.</summary>
public static class DatabaseSetup
{
    public static IServiceCollection AddPortalDb(this IServiceCollection services, IConfiguration configuration)
    {
        var database = configuration.GetSection("Database").Get<DatabaseOptions>() ?? new DatabaseOptions();
        var folder = (configuration.GetSection("Data").Get<DataOptions>() ?? new DataOptions()).Folder;
        services.AddOptions<DatabaseOptions>().BindConfiguration("Database").ValidateOnStart();
        services.AddOptions<DataOptions>().BindConfiguration("Data").ValidateOnStart();
        services.AddScoped(provider => new EventDispatcher(provider));
        services.AddSingleton<StandingCopies>();
        services.AddStanding(async (db, ct) => new WorkCalendar(await db.HolidayOverrides.AsNoTracking().ToListAsync(ct)), typeof(HolidayOverride));

        if (IsPostgres(database))
        {
            services.AddDbContext<PostgresPortalDb>(o => Common(o).UseNpgsql(database.ConnectionString), optionsLifetime: ServiceLifetime.Singleton);
            services.AddScoped<PortalDb>(p => p.GetRequiredService<PostgresPortalDb>());
        }
        else
        {
            services.AddDbContext<SqlitePortalDb>(o => Common(o).UseSqlite(SqliteConnectionString(database, folder)).AddInterceptors(SqlitePragmas.Instance), optionsLifetime: ServiceLifetime.Singleton);
            services.AddScoped<PortalDb>(p => p.GetRequiredService<SqlitePortalDb>());
        }
        return services;
    }

    public static bool IsPostgres(DatabaseOptions database) => database.Provider.Equals("PostgreSql", StringComparison.OrdinalIgnoreCase);

    /// <summary>Applies pending migrations, then the hand-written guards (triggers, exclusion constraints). Guards are idempotent and applied every
    /// time, because SQLite drops triggers when a migration rebuilds a table.</summary>
    public static async Task MigrateAsync(PortalDb db, CancellationToken ct)
    {
        await db.Database.MigrateAsync(ct);
        var suffix = db is PostgresPortalDb ? ".postgres.sql" : ".sqlite.sql";
        var assembly = typeof(PortalDb).Assembly;
        await db.Database.OpenConnectionAsync(ct);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(suffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            await RunAsync(db, await reader.ReadToEndAsync(ct), ct);
        }
        await RunAsync(db, db.StandingGuards, ct);
        await db.Database.CloseConnectionAsync();
    }

    private static async Task RunAsync(PortalDb db, string script, CancellationToken ct)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // the script is part of this program
        command.CommandText = script;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }

    private static DbContextOptionsBuilder Common(DbContextOptionsBuilder options)
        => options.ConfigureWarnings(w => w.Ignore(RelationalEventId.MultipleCollectionIncludeWarning));

    private static string SqliteConnectionString(DatabaseOptions database, string folder)
        => new SqliteConnectionStringBuilder(database.ConnectionString.Length > 0 ? database.ConnectionString : $"Data Source={Path.Combine(folder, "portal.db")}")
        {
            ForeignKeys = true,
            DefaultTimeout = 30,
        }.ToString();
}

/// <summary>WAL keeps readers off the writer's way; FULL keeps an accepted write through a power cut. Both are said once to each connection of the pool.</summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    public static readonly SqlitePragmas Instance = new();

    private readonly ConditionalWeakTable<object, object> told = [];

    public override Task ConnectionOpenedAsync(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }

    public override void ConnectionOpened(System.Data.Common.DbConnection connection, ConnectionEndEventData eventData)
    {
        if (!told.TryAdd(((SqliteConnection)connection).Handle!, told)) return;
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";
        command.ExecuteNonQuery();
    }
}
