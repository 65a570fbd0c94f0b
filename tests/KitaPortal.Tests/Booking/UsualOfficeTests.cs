using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Booking;

/// <summary>Who opens /booking at an office that lends nothing still sees devices.</summary>
public sealed class UsualOfficeTests
{
    [Fact]
    public async Task Staff_of_an_office_without_devices_see_the_office_booked_at_last_else_the_first_that_lends()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal);
        var (office, pool) = (OfficeId.New(), PoolId.New());
        await portal.WriteAsync(async db =>
        {
            await db.Devices.Where(d => d.PoolId == town.GeihokuLaptops).ExecuteDeleteAsync();
            await db.Pools.Where(p => p.Id == town.GeihokuLaptops).ExecuteDeleteAsync();
            db.Add(new Office(office, "03", "大朝支所", OfficeKind.Branch, 3));
            db.Add(new Pool(pool, office, town.Tablet));
            BookingTown.Add(db, "iPad-701", town.Tablet, pool);
        });
        var tanaka = await portal.As(portal.Town.Tanaka);

        Assert.Contains("iPad-001", (await tanaka.Get("/booking")).Text, StringComparison.Ordinal);
        await town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-07T10:00", "2026-04-07T12:00", pool));

        var page = (await tanaka.Get("/booking")).Text;
        Assert.Contains("iPad-701", page, StringComparison.Ordinal);
        Assert.DoesNotContain("iPad-001", page, StringComparison.Ordinal);
        Assert.Contains("iPad-001", (await (await portal.As(portal.Town.Sato)).Get("/booking")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_booking_at_a_desk_with_a_cap_leaves_the_copies_of_what_can_be_lent_as_they_are()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await BookingTown.SeedAsync(portal, tablets: 3);
        await portal.ReadAsync(async db => { await DeskDayRows.CapAsync(db, portal.Town.MainOffice, new DateOnly(2026, 4, 7), 5, CancellationToken.None); return true; });
        var before = await MarkAsync(portal);

        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T12:00"));

        Assert.Equal(before, await MarkAsync(portal));
        await portal.ReadAsync(async db => { await DeskDayRows.CapAsync(db, portal.Town.MainOffice, new DateOnly(2026, 4, 7), 6, CancellationToken.None); return true; });
        Assert.NotEqual(before, await MarkAsync(portal));
    }

    private static Task<string> MarkAsync(PortalHost portal) => portal.ReadAsync(db => db.Set<TableMark>().Where(m => m.Name == "DeskDays").Select(m => m.Value).SingleAsync());
}
