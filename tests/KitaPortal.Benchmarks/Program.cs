using System.Globalization;
using System.Text;
using KitaPortal.Benchmarks;
using KitaPortal.Platform.Japanese;

// Usage: dotnet run -c Release --project tests/KitaPortal.Benchmarks -- [booking] [pages] [desk] [hours] [start] [--clients 8] [--seconds 6] [--rounds 3] [--program published/kitaportal.dll]
// PostgreSQL takes part when KITA_TEST_PG holds a server's connection string (--only-postgres: alone). --clients 0 runs 1, 4, 8 and 32 clients.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int Number(string name, int standard) => Array.IndexOf(args, name) is >= 0 and var at ? int.Parse(args[at + 1]) : standard;
bool Wants(string name) => args.Contains(name) || !args.Any(a => a is "booking" or "pages" or "desk" or "hours" or "start");
var (time, rounds) = (TimeSpan.FromSeconds(Number("--seconds", 6)), Number("--rounds", 3));
int[] crowds = Number("--clients", 8) is > 0 and var one ? [one] : [1, 4, 8, 32];
bool[] databases = Environment.GetEnvironmentVariable("KITA_TEST_PG") is null ? [false] : args.Contains("--only-postgres") ? [true] : [false, true];
var report = new StringBuilder();

if (Wants("booking"))
{
    report.AppendLine("| scenario | database | clients | done/s | p50 ms | p99 ms | processor ms each | portal ÷ bare |").AppendLine("|---|---|---|---|---|---|---|---|");
    foreach (var postgres in databases)
        foreach (var clients in crowds)
        {
            var (own, contested, bare) = (new List<Measure>(), new List<Measure>(), new List<Measure>());
            for (var round = 0; round < rounds; round++)
            {
                own.Add(await BookingRound.PortalAsync(postgres, clients, time, onePool: false));
                contested.Add(await BookingRound.PortalAsync(postgres, clients, time, onePool: true));
                bare.Add(await BookingRound.BareAsync(postgres, clients, TimeSpan.FromSeconds(2)));
            }
            Add("create a booking, all rules, HTTP, own pools", own, bare);
            Add("create a booking, all rules, HTTP, one pool", contested, bare);
            Add("bare check and insert", bare, bare);
        }
}
if (Wants("hours"))
{
    var rows = Number("--rows", 2_000_000);
    report.AppendLine().AppendLine($"| hours over {rows:N0} ledger rows | database | p50 ms | p99 ms | portal ÷ bare |").AppendLine("|---|---|---|---|---|");
    foreach (var postgres in databases)
    {
        await using var database = await BenchDatabase.MakeAsync(postgres);
        var results = await HoursAtScale.RunAsync(postgres, database, rows, time);
        foreach (var (scenario, m) in results)
            report.AppendLine($"| {scenario} | {m.Database} | {m.P50.TotalMilliseconds:0.0} | {m.P99.TotalMilliseconds:0.0} | {m.P50 / results[^1].Measure.P50:0.00} : 1 |");
    }
}
if (Wants("desk"))
{
    report.AppendLine().AppendLine("| desk (bar: 100 ms) | database | p50 ms | p99 ms | KB drawn | bare read ms |").AppendLine("|---|---|---|---|---|---|");
    foreach (var postgres in databases)
    {
        var row = await DeskRound.RunAsync(postgres, time);
        report.AppendLine($"| {row.Page} | {row.Time.Database} | {row.Time.P50.TotalMilliseconds:0.0} | {row.Time.P99.TotalMilliseconds:0.0} | {row.Bytes / 1024.0:0} | {row.Bare.P50.TotalMilliseconds:0.0} |");
    }
}
if (Wants("pages"))
{
    report.AppendLine().AppendLine("| page | database | devices | bookings | p50 ms | p99 ms | KB sent | bare read ms |").AppendLine("|---|---|---|---|---|---|---|---|");
    foreach (var postgres in databases)
        foreach (var (devices, bookings) in new[] { (60, 700), (300, 3500) })
            foreach (var row in await PagesRound.RunAsync(postgres, devices, bookings, TimeSpan.FromSeconds(2)))
                report.AppendLine($"| {row.Page} | {row.Time.Database} | {devices} | {bookings} | {row.Time.P50.TotalMilliseconds:0.0} | {row.Time.P99.TotalMilliseconds:0.0} | {row.Bytes / 1024.0:0} | {row.Bare.P50.TotalMilliseconds:0.0} |");
}
if (Wants("start"))
{
    var program = Array.IndexOf(args, "--program") is >= 0 and var at ? Path.GetFullPath(args[at + 1]) : typeof(KitaPortal.Portal).Assembly.Location;
    var start = await ColdStart.RunAsync(program);
    report.AppendLine().AppendLine("| scenario | seconds to the first page | memory MB |").AppendLine("|---|---|---|");
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
    report.AppendLine($"| {name} | {m.Database} | {m.Clients} | {m.PerSecond:0} | {m.P50.TotalMilliseconds:0.00} | {m.P99.TotalMilliseconds:0.00} | {m.ProcessorMs:0.00} | 1 : {b.PerSecond / m.PerSecond:0.0} |");
}

/// <summary>One round on a fresh database.</summary>
internal static class BookingRound
{
    private const int PeoplePerClient = 150;
    private const int BookingsPerPerson = 18;
    private const int Days = 54;

    /// <summary>Books as fast as the portal lets: each client in a pool of its own, or all in one. Every request fits; a refusal stops the run.</summary>
    public static async Task<Measure> PortalAsync(bool postgres, int clients, TimeSpan time, bool onePool)
    {
        await using var database = await BenchDatabase.MakeAsync(postgres);
        await using var portal = await PortalUnderLoad.StartAsync(database.Settings, clients, PeoplePerClient, devicesPerPool: 31, pools: onePool ? 1 : clients);
        var days = WorkingDays();
        var refused = 0;
        var measure = await Measure.RunAsync("portal", database.Name, clients, time, async (client, n) =>
        {
            if (n / BookingsPerPerson >= PeoplePerClient) throw new InvalidOperationException("More bookings than the town has people: shorten --seconds.");
            var slot = onePool ? (n * clients) + client : n;
            var from = TokyoTime.At(days[slot % Days], new TimeOnly(9 + (2 * (slot / Days % 3)), 0));
            if (await portal.BookAsync(portal.Borrowers[client][n / BookingsPerPerson], portal.Pools[onePool ? 0 : client], from, from.AddHours(2)) != 201) Interlocked.Increment(ref refused);
        });
        if (refused > 0) throw new InvalidOperationException($"{refused} of {measure.Done} bookings were refused; the figure would be wrong.");
        return measure;
    }

    public static async Task<Measure> BareAsync(bool postgres, int clients, TimeSpan time)
    {
        await using var database = await BenchDatabase.MakeAsync(postgres);
        await using var bare = new BareBookings(database.ConnectionString, postgres);
        await bare.PrepareAsync(clients);
        return await Measure.RunAsync("bare", database.Name, clients, time, (client, n) => bare.BookAsync(client, client, n * 10L, (n * 10L) + 5));
    }

    /// <summary>Days on which desks are open, from the day after tomorrow on.</summary>
    public static List<DateOnly> WorkingDays()
    {
#pragma warning disable RS0030 // the portal under load runs on the system clock
        var today = TimeProvider.System.Today();
#pragma warning restore RS0030
        return [.. Enumerable.Range(2, 100).Select(today.AddDays).Where(d => WorkCalendar.Plain.IsOpen(d)).Take(Days)];
    }
}
