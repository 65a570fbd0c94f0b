using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>The database's own last line: whoever writes, and however, two active occupancies of one device never overlap.</summary>
public sealed class OverlapGuardTests
{
    private static readonly DateTimeOffset Nine = At("2026-04-07T09:00").ToUniversalTime();

    [Fact]
    public async Task A_row_over_another_of_the_same_device_is_refused_and_the_neighbours_are_not()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        await AddAsync(portal, town, 0, 0, 3);

        foreach (var (from, to) in new[] { (0, 3), (1, 2), (-1, 1), (2, 4), (-1, 4) })
            Assert.True(DatabaseErrors.IsOverlap(await Refused(() => AddAsync(portal, town, 0, from, to))), $"{from} to {to}");

        await AddAsync(portal, town, 0, 3, 4);
        await AddAsync(portal, town, 0, -1, 0);
        await AddAsync(portal, town, 1, 0, 3);
        await AddAsync(portal, town, null, 0, 3);
        await AddAsync(portal, town, null, 0, 3);
        await AddAsync(portal, town, 0, 1, 2, active: false);
        Assert.Equal(7, await portal.ReadAsync(db => db.Occupancies.CountAsync()));
    }

    [Fact]
    public async Task A_row_that_is_moved_over_another_is_refused_whether_by_its_time_its_device_or_by_becoming_active()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        await AddAsync(portal, town, 0, 3, 4);
        var before = await AddAsync(portal, town, 0, 0, 2);
        var after = await AddAsync(portal, town, 0, 5, 6);
        var elsewhere = await AddAsync(portal, town, 1, 3, 4);
        var nowhere = await AddAsync(portal, town, null, 3, 4);
        var resting = await AddAsync(portal, town, 0, 3, 4, active: false);
        var (end, start, device) = (Nine.AddHours(3.5), Nine.AddHours(3.5), (DeviceId?)town.TabletIds[0]);

        Exception[] refused =
        [
            await Refused(() => portal.WriteAsync(db => db.Occupancies.Where(o => o.Id == before).ExecuteUpdateAsync(o => o.SetProperty(x => x.To, end)))),
            await Refused(() => portal.WriteAsync(db => db.Occupancies.Where(o => o.Id == after).ExecuteUpdateAsync(o => o.SetProperty(x => x.From, start)))),
            await Refused(() => portal.WriteAsync(db => db.Occupancies.Where(o => o.Id == elsewhere).ExecuteUpdateAsync(o => o.SetProperty(x => x.DeviceId, device)))),
            await Refused(() => portal.WriteAsync(db => db.Occupancies.Where(o => o.Id == nowhere).ExecuteUpdateAsync(o => o.SetProperty(x => x.DeviceId, device)))),
            await Refused(() => portal.WriteAsync(db => db.Occupancies.Where(o => o.Id == resting).ExecuteUpdateAsync(o => o.SetProperty(x => x.Active, true)))),
            await Refused(() => portal.WriteAsync(async db => (await db.Occupancies.SingleAsync(o => o.Id == before)).StretchTo(end))),
        ];

        Assert.All(refused, e => Assert.True(DatabaseErrors.IsOverlap(e), e.ToString()));
        Assert.All(refused, e => Assert.True(DatabaseErrors.IsSomeoneWasFaster(e)));
        var touching = Nine.AddHours(3);
        await portal.WriteAsync(db => db.Occupancies.Where(o => o.Id == before).ExecuteUpdateAsync(o => o.SetProperty(x => x.To, touching)));
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
    }

    private static Task<Guid> AddAsync(PortalHost portal, BookingTown town, int? device, int from, int to, bool active = true) => portal.WriteAsync(db =>
    {
        var row = new Occupancy(device is { } i ? town.TabletIds[i] : null, town.Tablets, Nine.AddHours(from), Nine.AddHours(to), OccupancyKind.Maintenance, Guid.NewGuid());
        if (!active) row.Pause();
        db.Add(row);
        return Task.FromResult(row.Id);
    });

    private static async Task<Exception> Refused(Func<Task> act)
    {
        var refused = await Record.ExceptionAsync(act);
        Assert.NotNull(refused);
        return refused;
    }
}
