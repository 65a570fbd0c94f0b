using KitaPortal.Features.Booking;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Benchmarks;

/// <summary>One code read at the counter on a day with many lines: the form posted and the page drawn anew. The bar is 100 ms at 200 lines.</summary>
internal static class DeskRound
{
    public const int Lines = 200;

    public static async Task<PageFigures> RunAsync(bool postgres, TimeSpan time)
    {
        await using var database = await BenchDatabase.MakeAsync(postgres);
        await using var portal = await PortalUnderLoad.StartAsync(database.Settings, clients: 1, peoplePerClient: 20, devicesPerPool: 10, pools: Lines / 10);
        var counter = new Dictionary<string, string> { ["Form.Id"] = Guid.NewGuid().ToString(), ["Form.Items[0].LineId"] = (await FillAsync(portal)).ToString(), ["Form.Items[0].DeviceId"] = portal.Devices[0].Id.ToString(), ["Form.Items[0].Give"] = "true", ["q"] = portal.Devices[0].Label };
        var (clerk, bytes) = (portal.Borrowers[0][0], 0);
        async Task ScanAsync() => bytes = await portal.PostAsync(clerk, "/booking/desk/01/hand-over?handler=Scan", counter, $"{portal.Devices[0].Label}を確認しました");

        for (var warm = 0; warm < 20; warm++) await ScanAsync();
        var scan = await Measure.RunAsync("desk", database.Name, 1, time, (_, _) => ScanAsync());
#pragma warning disable RS0030 // the portal under load runs on the system clock
        var today = TimeProvider.System.Today();
#pragma warning restore RS0030
        await using var bare = new BareReads(database.ConnectionString, postgres);
        return new PageFigures($"desk scan at a hand-over, {Lines} lines", scan, bytes, await Measure.RunAsync("bare", database.Name, 1, time / 2, (_, _) => bare.ReadAsync(TokyoTime.Midnight(today), TokyoTime.Midnight(today.AddDays(1)))));
    }

    // Written down as they stand: whether the desk is open now does not matter. The line of the first device.
    private static Task<BookingLineId> FillAsync(PortalUnderLoad portal) => portal.WriteAsync(async (db, now) =>
    {
        var people = await db.Set<Features.People.StaffMember>().OrderBy(s => s.Id).Select(s => s.Id).ToListAsync();
        var department = await db.Set<Features.People.Department>().Select(d => d.Id).SingleAsync();
        var aim = new BookingAim(Purpose.OnlineMeeting, null, null, DestinationKind.InBuilding, null, InfoClass.Class2, false);
        BookingLineId? first = null;
        foreach (var (i, device) in portal.Devices.Index())
        {
            var booking = new Booking(BookingId.New(), people[i % people.Count], department, people[i % people.Count], aim, $"{i}", $"{i}", "", now);
            var line = booking.Add(device.PoolId, device.Id, false, now, now.AddHours(2));
            var occupancy = new Occupancy(device.Id, device.PoolId, now, now.AddHours(2), OccupancyKind.Booking, line.Id.Value);
            line.Occupy(occupancy);
            booking.Confirm(now);
            db.AddRange(occupancy, booking);
            first ??= line.Id;
        }
        return first!.Value;
    });
}
