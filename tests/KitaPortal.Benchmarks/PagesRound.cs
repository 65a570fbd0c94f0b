using System.Data.Common;
using KitaPortal.Platform.Japanese;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace KitaPortal.Benchmarks;

/// <summary>A page of a filled office: how long it takes, how much is sent, and how long a bare read of the rows behind it takes.</summary>
public sealed record PageFigures(string Page, Measure Time, int Bytes, Measure Bare);

/// <summary>Reads the busy pages of an office with many devices, all booked next week.</summary>
internal static class PagesRound
{
    public static async Task<IReadOnlyList<PageFigures>> RunAsync(bool postgres, int devices, int bookings, TimeSpan time)
    {
        await using var database = await BenchDatabase.MakeAsync(postgres);
        await using var portal = await PortalUnderLoad.StartAsync(database.Settings, clients: 1, peoplePerClient: devices * 3, devicesPerPool: 10, pools: devices / 10);
        var week = BookingRound.WorkingDays().SkipWhile(d => d.DayOfWeek != DayOfWeek.Monday).Take(5).ToList();
        await FillAsync(portal, week, bookings);

        var reader = portal.Borrowers[0][0];
        var (monday, office) = ($"{week[0]:yyyy-MM-dd}", portal.Office);
        var (from, to) = (TokyoTime.Midnight(week[0]), TokyoTime.Midnight(week[0].AddDays(7)));
        await using var bare = new BareReads(database.ConnectionString, postgres);
        var figures = new List<PageFigures>();
        foreach (var (page, path, end) in new (string, string, DateTimeOffset)[]
        {
            ("/booking, day", $"/booking?view=Day&day={monday}&office={office}", from.AddDays(1)),
            ("/booking, week", $"/booking?view=Week&day={monday}&office={office}", to),
            ("timeline JSON, week", $"/api/v1/booking/timeline?office={office}&from={monday}&to={week[0].AddDays(7):yyyy-MM-dd}", to),
            ("/booking/mine", "/booking/mine", from.AddDays(1)),
            ("desk scan", $"/api/v1/booking/scan/{portal.Devices[0].Label}?office=01", from.AddDays(1)),
        })
        {
            var bytes = 0;
            for (var warm = 0; warm < 20; warm++) bytes = await portal.GetAsync(reader, path);
            var read = await Measure.RunAsync(page, database.Name, 1, time, async (_, _) => bytes = await portal.GetAsync(reader, path));
            figures.Add(new PageFigures(page, read, bytes, await Measure.RunAsync("bare", database.Name, 1, TimeSpan.FromSeconds(1), (_, _) => bare.ReadAsync(from, end))));
        }
        return figures;
    }

    // Each person books a few times, never twice at one hour.
    private static async Task FillAsync(PortalUnderLoad portal, List<DateOnly> week, int bookings)
    {
        var devices = portal.Devices;
        for (var i = 0; i < bookings; i++)
        {
            var slot = i / devices.Count;
            var from = TokyoTime.At(week[slot % week.Count], new TimeOnly(9 + (2 * (slot / week.Count)), 0));
            var status = await portal.BookAsync(portal.Borrowers[0][i % portal.Borrowers[0].Count], null, from, from.AddHours(2), devices[i % devices.Count].Id);
            if (status != 201) throw new InvalidOperationException($"Booking {i} was answered {status}.");
        }
    }
}

/// <summary>The rows behind a timeline read by plain ADO on the portal's own database.</summary>
public sealed class BareReads(string connectionString, bool postgres) : IAsyncDisposable
{
    private DbConnection? connection;

    public async Task ReadAsync(DateTimeOffset from, DateTimeOffset to)
    {
        if (connection is null)
        {
            connection = postgres ? new NpgsqlConnection(connectionString) : new SqliteConnection(connectionString);
            await connection.OpenAsync();
        }
        await using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT d."Id", d."Label", o."From", o."To", l."Status", s."FamilyName" FROM "Devices" d
            LEFT JOIN "Occupancies" o ON o."DeviceId" = d."Id" AND o."Active" AND o."From" < @to AND o."To" > @from
            LEFT JOIN "BookingLines" l ON l."OccupancyId" = o."Id" LEFT JOIN "Bookings" b ON b."Id" = l."BookingId" LEFT JOIN "Staff" s ON s."Id" = b."BorrowerId"
            """;
        foreach (var (name, value) in new[] { ("from", from), ("to", to) })
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, postgres ? value.ToUniversalTime() : value.UtcTicks);
            command.Parameters.Add(parameter);
        }
        await using var rows = await command.ExecuteReaderAsync();
        var values = new object[6];
        while (await rows.ReadAsync()) rows.GetValues(values);
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is not null) await connection.DisposeAsync();
    }
}
