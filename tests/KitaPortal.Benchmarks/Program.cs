using System.Globalization;
using System.Text;
using KitaPortal.Benchmarks;
using KitaPortal.Platform.Japanese;
using Npgsql;

// Usage: dotnet run -c Release --project tests/KitaPortal.Benchmarks -- [booking] [start] [hours] [--clients 8] [--seconds 6] [--rounds 3]
// PostgreSQL takes part when KITA_TEST_PG holds a server's connection string.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int Number(string name, int standard) => Array.IndexOf(args, name) is >= 0 and var at ? int.Parse(args[at + 1]) : standard;
bool Wants(string name) => args.Contains(name) || !args.Any(a => a is "booking" or "start" or "hours");
var (clients, time, rounds) = (Number("--clients", 8), TimeSpan.FromSeconds(Number("--seconds", 6)), Number("--rounds", 3));
var report = new StringBuilder();

if (Wants("booking"))
{
    report.AppendLine("| scenario | database | clients | done/s | p50 ms | p99 ms | portal ÷ bare |").AppendLine("|---|---|---|---|---|---|---|");
    foreach (var postgres in Environment.GetEnvironmentVariable("KITA_TEST_PG") is null ? [false] : new[] { false, true })
    {
        var portal = new List<Measure>();
        var bare = new List<Measure>();
        for (var round = 0; round < rounds; round++)
        {
            portal.Add(await BookingRound.PortalAsync(postgres, clients, time));
            bare.Add(await BookingRound.BareAsync(postgres, clients, TimeSpan.FromSeconds(2)));
        }
        Add("create a booking, all rules, HTTP", portal, bare);
        Add("bare check and insert", bare, bare);
    }
}
if (Wants("hours"))
{
    var rows = Number("--rows", 2_000_000);
    report.AppendLine().AppendLine($"| hours over {rows:N0} ledger rows | database | p50 ms | p99 ms | portal ÷ bare |").AppendLine("|---|---|---|---|---|");
    foreach (var postgres in Environment.GetEnvironmentVariable("KITA_TEST_PG") is null ? [false] : args.Contains("--only-postgres") ? [true] : new[] { false, true })
    {
        var results = await BookingRound.OnDatabaseAsync(postgres, connection => HoursAtScale.RunAsync(postgres, connection, rows, time));
        foreach (var (scenario, m) in results)
            report.AppendLine($"| {scenario} | {m.Database} | {m.P50.TotalMilliseconds:0.0} | {m.P99.TotalMilliseconds:0.0} | {m.P50 / results[^1].Measure.P50:0.00} : 1 |");
    }
}
if (Wants("start"))
{
    var start = await ColdStart.RunAsync();
    report.AppendLine().AppendLine("| scenario | seconds to ready | memory MB |").AppendLine("|---|---|---|");
    report.AppendLine($"| first start: database and demo town made | {start.First.TotalSeconds:0.0} | |");
    report.AppendLine($"| cold start | {start.Second.TotalSeconds:0.00} | {start.MemoryBytes / 1048576.0:0} |");
}

Console.Write(report);
Directory.CreateDirectory("tests/results");
await File.WriteAllTextAsync("tests/results/benchmarks.md", report.ToString());

void Add(string name, List<Measure> mine, List<Measure> baseline)
{
    Measure Middle(List<Measure> of) => of.OrderBy(m => m.PerSecond).ElementAt(of.Count / 2);
    var (m, b) = (Middle(mine), Middle(baseline));
    report.AppendLine($"| {name} | {m.Database} | {m.Clients} | {m.PerSecond:0} | {m.P50.TotalMilliseconds:0.00} | {m.P99.TotalMilliseconds:0.00} | 1 : {b.PerSecond / m.PerSecond:0.0} |");
}

/// <summary>One round on a fresh database.</summary>
internal static class BookingRound
{
    private const int PeoplePerClient = 90;
    private const int BookingsPerPerson = 18;

    public static async Task<Measure> PortalAsync(bool postgres, int clients, TimeSpan time)
    {
        var name = $"kita_bench_{Guid.NewGuid():N}";
        if (postgres) await OnServerAsync($"CREATE DATABASE {name}");
        string[] database = postgres ? ["--Database:Provider=PostgreSql", $"--Database:ConnectionString={Postgres(name)}"] : [];
        try
        {
            await using var portal = await PortalUnderLoad.StartAsync(database, clients, PeoplePerClient, devicesPerPool: 31);
            var days = WorkingDays();
            var refused = 0;
            var measure = await Measure.RunAsync("portal", postgres ? "PostgreSQL" : "SQLite", clients, time, async (client, n) =>
            {
                var (person, k) = (n / BookingsPerPerson, n % BookingsPerPerson);
                if (person >= PeoplePerClient) throw new InvalidOperationException("More bookings than the town has people: shorten --seconds.");
                var day = days[((k * 3) + person) % 54];
                var status = await portal.BookAsync(portal.Borrowers[client][person], portal.Pools[client], TokyoTime.At(day, new TimeOnly(9, 0)), TokyoTime.At(day, new TimeOnly(12, 0)));
                if (status != 201) Interlocked.Increment(ref refused);
            });
            if (refused > 0) throw new InvalidOperationException($"{refused} of {measure.Done} bookings were refused; the figure would be wrong.");
            return measure;
        }
        finally
        {
            if (postgres) await OnServerAsync($"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    /// <summary>Gives the work a database of its own on the server; with SQLite it makes its own file.</summary>
    public static async Task<T> OnDatabaseAsync<T>(bool postgres, Func<string, Task<T>> work)
    {
        if (!postgres) return await work("");
        var name = $"kita_bench_{Guid.NewGuid():N}";
        await OnServerAsync($"CREATE DATABASE {name}");
        try { return await work(Postgres(name)); }
        finally { await OnServerAsync($"DROP DATABASE {name} WITH (FORCE)"); }
    }

    public static async Task<Measure> BareAsync(bool postgres, int clients, TimeSpan time)
    {
        var folder = Directory.CreateTempSubdirectory("kita-bare-").FullName;
        var name = $"kita_bare_{Guid.NewGuid():N}";
        if (postgres) await OnServerAsync($"CREATE DATABASE {name}");
        await using (var bare = new BareBookings(postgres ? Postgres(name) : $"Data Source={Path.Combine(folder, "bare.db")};Pooling=false", postgres))
        {
            await bare.PrepareAsync(clients);
            var measure = await Measure.RunAsync("bare", postgres ? "PostgreSQL" : "SQLite", clients, time, (client, n) => bare.BookAsync(client, client, n * 10L, (n * 10L) + 5));
            await bare.DisposeAsync();
            if (postgres) await OnServerAsync($"DROP DATABASE {name} WITH (FORCE)");
            Directory.Delete(folder, recursive: true);
            return measure;
        }
    }

    private static List<DateOnly> WorkingDays()
    {
#pragma warning disable RS0030 // the portal under load runs on the system clock
        var today = TimeProvider.System.Today();
#pragma warning restore RS0030
        return [.. Enumerable.Range(2, 100).Select(today.AddDays).Where(d => WorkCalendar.Plain.IsOpen(d)).Take(54)];
    }

    private static string Postgres(string database) => new NpgsqlConnectionStringBuilder(Environment.GetEnvironmentVariable("KITA_TEST_PG")) { Database = database, MaxPoolSize = 60 }.ToString();

    private static async Task OnServerAsync(string command)
    {
        NpgsqlConnection.ClearAllPools();
        await using var connection = new NpgsqlConnection(Environment.GetEnvironmentVariable("KITA_TEST_PG"));
        await connection.OpenAsync();
        await using var sql = connection.CreateCommand();
        sql.CommandText = command;
        await sql.ExecuteNonQueryAsync();
    }
}
