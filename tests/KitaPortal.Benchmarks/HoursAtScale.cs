using System.Data.Common;
using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace KitaPortal.Benchmarks;

/// <summary>The real portal over a ledger of five years and two million rows: the KGI page and the HR matrix by HTTP, beside a bare sum over the same rows.</summary>
public sealed class HoursAtScale : IAsyncDisposable
{
    private const int Departments = 60, Offices = 9, People = 300, YearsBack = 4;
    private static readonly string[] Columns = ["SourceKind", "SourceId", "WorkDate", "Measure", "PolicyNumber", "Revision", "Minutes", "FiscalYear", "CountedMonth", "Grain", "Kind", "PersonKey", "PostName", "DepartmentId", "DepartmentName", "OfficeId", "LendingOfficeId", "ModelId", "Class", "Purpose", "PostedAt"];

    private readonly WebApplication app;
    private readonly string folder;
    private HttpClient http = null!;
    private string cookie = "";

    private HoursAtScale(WebApplication app, string folder) => (this.app, this.folder) = (app, folder);

    public static async Task<IReadOnlyList<(string Scenario, Measure Measure)>> RunAsync(bool postgres, BenchDatabase place, int rows, TimeSpan time)
    {
        var folder = Directory.CreateTempSubdirectory("kita-hours-").FullName;
        var app = Portal.Build([.. place.Settings, $"--Data:Folder={folder}", "--Urls=http://127.0.0.1:0", "--Security:RateFactor=1000000"], "Test", builder => builder.Logging.ClearProviders());
        await StartupWork.PrepareAsync(app.Services, CancellationToken.None);
        await using var bench = new HoursAtScale(app, folder);
        await bench.SeedAsync(postgres, rows);    // before the portal's own jobs begin
        await app.StartAsync();
        bench.Open();

        var name = postgres ? "PostgreSQL" : "SQLite";
        await bench.GetAsync("/hours");
        await bench.GetAsync("/hours/review");
        return
        [
            ("KGI page, GET /hours", await Measure.RunAsync("portal", name, 1, time, (_, _) => bench.GetAsync("/hours"))),
            ("HR matrix, GET /hours/review", await Measure.RunAsync("portal", name, 1, time, (_, _) => bench.GetAsync("/hours/review"))),
            ("HR matrix, department × class by day", await Measure.RunAsync("portal", name, 1, time, (_, _) => bench.GetAsync("/hours/review?rows=department&nest=class&by=work"))),
            ("bare SUM … GROUP BY of one year and measure", await Measure.RunAsync("bare", name, 1, time, (_, _) => bench.BareAsync())),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        http?.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private async Task GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", cookie);
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        if ((await answer.Content.ReadAsStringAsync()).Length < 5_000) throw new InvalidOperationException($"{path} was empty; the figure would be wrong.");
    }

    private async Task BareAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"""SELECT "OfficeId", "DepartmentId", "CountedMonth", SUM("Minutes") FROM "LedgerEntries" WHERE "FiscalYear" = {FiscalYear.From(Today(scope)).Value} AND "Measure" = 'Booked' GROUP BY "OfficeId", "DepartmentId", "CountedMonth" """;
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) reader.GetInt64(3);
    }

    private static DateOnly Today(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<TimeProvider>().Today();

    private async Task SeedAsync(bool postgres, int rows)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        var since = new DateOnly(2015, 4, 1);
        var hr = StaffId.New();
        var offices = Enumerable.Range(0, Offices).Select(i => new Office(OfficeId.New(), $"{i:00}", $"庁舎{i}", i == 0 ? OfficeKind.Main : OfficeKind.Branch, i)).ToList();
        var departments = new List<DepartmentId>();
        var key = "";
        await db.WriteAsync(() =>
        {
            db.AddRange(offices);
            var post = new Post(PostId.New(), "30", "主事", 30);
            db.Add(post);
            for (var d = 0; d < Departments; d++)
            {
                var department = new Department(DepartmentId.New(), $"{d:0000}");
                department.Begin(since, $"第{d}課", $"{d}", DepartmentKind.Section, null, offices[d % Offices].Id, d);
                departments.Add(department.Id);
                db.Add(department);
            }
            var person = new StaffMember(hr, "000001", "人事", "担当", "じんじ", "たんとう", EmploymentClass.Regular, since);
            person.Post(departments[0], post.Id, since);
            var (session, made) = PortalSession.Start(hr, "Test", now, TimeSpan.FromHours(10), TimeSpan.FromHours(10));
            key = made;
            db.AddRange(person, session, new RoleGrant(Role.Hr, hr, null, null, since, null, "人事担当", null));
            return Task.CompletedTask;
        }, CancellationToken.None);

        await BulkAsync(db, postgres, Generate(rows, Today(scope), departments, offices, now));
        await scope.ServiceProvider.GetRequiredService<LedgerTotalsJob>().RunAsync(now, CancellationToken.None);
        await db.Database.ExecuteSqlRawAsync("ANALYZE");

        cookie = $"{SessionAuthentication.CookieName(https: false)}={key}";
    }

    private void Open()
    {
#pragma warning disable RS0030 // the client of the benchmark
        http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
#pragma warning restore RS0030
    }

    /// <summary>Rows as three hundred people leave them in five years, some of them for the coming weeks.</summary>
    private static IEnumerable<object?[]> Generate(int rows, DateOnly today, List<DepartmentId> departments, List<Office> offices, DateTimeOffset now)
    {
        var dice = new Random(1);
        var first = new FiscalYear(FiscalYear.From(today).Value - YearsBack).FirstDay;
        var span = today.AddDays(60).DayNumber - first.DayNumber;
        var keys = Enumerable.Range(0, People * (YearsBack + 2)).Select(_ => Guid.CreateVersion7()).ToArray();
        var models = Enumerable.Range(0, 6).Select(_ => Guid.CreateVersion7()).ToArray();
        var (lending, day, source, person) = (Guid.Empty, first, Guid.Empty, 0);
        string[] measures = ["Booked", "BookedGross", "Custody", "Used", "Distributed"], classes = ["laptop", "tablet"], purposes = ["HomeWork", "BranchWork", "OnlineMeeting", "BusinessTrip"];
        var (code, purpose, model) = ("", "", Guid.Empty);
        for (var i = 0; i < rows; i++)
        {
            var measure = measures[i % measures.Length];
            if (i % measures.Length == 0)
            {
                (source, person, day) = (Guid.CreateVersion7(), dice.Next(People), first.AddDays(dice.Next(span)));
                (code, purpose, model) = (classes[(person + dice.Next(5) / 4) % 2], purposes[(person + dice.Next(3)) % 4], models[person % 6]);
                lending = offices[person % Offices].Id.Value;
            }
            var year = FiscalYear.From(day);
            var department = person % Departments;
            yield return ["Line", source, day, measure, 1, 1, 60 + (i * 7 % 405), year.Value, day.Month, "Day", "Posting", keys[(year.Value - FiscalYear.From(first).Value) * People + person], "主事",
                departments[department].Value, $"第{department}課", offices[department % Offices].Id.Value, lending, model, code, purpose, now];
        }
    }

    private static async Task BulkAsync(PortalDb db, bool postgres, IEnumerable<object?[]> rows)
    {
        await db.Database.OpenConnectionAsync();
        var connection = db.Database.GetDbConnection();
        if (postgres) await CopyAsync((NpgsqlConnection)connection, rows);
        else await InsertAsync((SqliteConnection)connection, rows);
        await db.Database.CloseConnectionAsync();
    }

    private static async Task CopyAsync(NpgsqlConnection connection, IEnumerable<object?[]> rows)
    {
        await using var copy = await connection.BeginBinaryImportAsync($"COPY \"LedgerEntries\" ({string.Join(", ", Columns.Select(c => $"\"{c}\""))}) FROM STDIN (FORMAT BINARY)");
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            foreach (var value in row)
                switch (value)
                {
                    case DateTimeOffset moment: await copy.WriteAsync(moment.UtcDateTime, NpgsqlDbType.TimestampTz); break;
                    case DateOnly day: await copy.WriteAsync(day, NpgsqlDbType.Date); break;
                    case null: await copy.WriteNullAsync(); break;
                    default: await copy.WriteAsync(value); break;
                }
        }
        await copy.CompleteAsync();
    }

    private static async Task InsertAsync(SqliteConnection connection, IEnumerable<object?[]> rows)
    {
        // Indices are made afterwards, as any bulk load does.
        var indices = await IndicesAsync(connection);
        foreach (var (name, _) in indices) await ExecuteAsync(connection, $"DROP INDEX \"{name}\"");
        await using (var transaction = connection.BeginTransaction())
        {
            await using var insert = connection.CreateCommand();
            insert.CommandText = $"INSERT INTO \"LedgerEntries\" ({string.Join(", ", Columns.Select(c => $"\"{c}\""))}) VALUES ({string.Join(", ", Columns.Select((_, i) => $"$p{i}"))})";
            var parameters = Columns.Select((_, i) => insert.Parameters.Add(new SqliteParameter($"$p{i}", null))).ToArray();
            foreach (var row in rows)
            {
                for (var i = 0; i < row.Length; i++)
                    ((SqliteParameter)insert.Parameters[i]).Value = row[i] switch { Guid id => id.ToString().ToUpperInvariant(), DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), DateTimeOffset moment => moment.UtcTicks, null => DBNull.Value, var other => other };
                insert.ExecuteNonQuery();
            }
            await transaction.CommitAsync();
        }
        foreach (var (_, sql) in indices) await ExecuteAsync(connection, sql);
    }

    private static async Task<List<(string Name, string Sql)>> IndicesAsync(SqliteConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'LedgerEntries' AND sql IS NOT NULL";
        await using var reader = await command.ExecuteReaderAsync();
        var indices = new List<(string, string)>();
        while (await reader.ReadAsync()) indices.Add((reader.GetString(0), reader.GetString(1)));
        return indices;
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the statements come from the schema itself
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
