using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.StockTaking;
using KitaPortal.Features.Notifications;
using KitaPortal.Tests.Booking.Register;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.StockTaking;

/// <summary>棚卸 by scan: found, missing, elsewhere, unknown, on loan.</summary>
public sealed class StockTakeTests
{
    [Fact]
    public async Task Every_device_ends_as_found_on_loan_or_missing_and_strangers_are_named()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 3, tablets: 1);
        var loan = await RegisterTests.LendAsync(portal, town, town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        using var clerk = await portal.As(portal.Town.Desk);
        var id = Guid.NewGuid();

        var page = await clerk.Submit("/booking/stock-take", new { NewId = id, OfficeId = portal.Town.MainOffice });
        Assert.Contains("残り 3 台", page.Words, StringComparison.Ordinal);
        foreach (var code in new[] { "PC-001", "ＰＣ－００２", "PC-001", "PC-901", "ZZZ-9" }) page = await clerk.Submit($"/booking/stock-take/{id}", new { q = code }, $"/booking/stock-take/{id}?handler=Scan");
        Assert.Contains("残り 1 台", page.Words, StringComparison.Ordinal);
        var unsigned = await clerk.Submit($"/booking/stock-take/{id}", new { MarkMissing = town.LaptopIds[2] }, $"/booking/stock-take/{id}?handler=Close");
        Assert.Contains("貸-992", unsigned.Text, StringComparison.Ordinal);
        var closed = await clerk.Submit($"/booking/stock-take/{id}", new { MarkMissing = town.LaptopIds[2], Witness = "谷 信行" }, $"/booking/stock-take/{id}?handler=Close");

        Assert.Contains("所在不明は1台", closed.Words, StringComparison.Ordinal);
        var take = await portal.ReadAsync(db => db.StockTakes.AsNoTracking().Include(s => s.Items).SingleAsync());
        Assert.Equal([("PC-001", StockTakeResult.Found), ("PC-002", StockTakeResult.Found), ("PC-003", StockTakeResult.Missing), ("PC-901", StockTakeResult.Elsewhere), ("ZZZ-9", StockTakeResult.Unknown), ("iPad-001", StockTakeResult.OnLoan)],
            take.Items.OrderBy(i => i.Label, StringComparer.Ordinal).Select(i => (i.Label, i.Result)));
        Assert.Equal(DeviceStatus.Missing, await portal.ReadAsync(db => db.Devices.Where(d => d.Id == town.LaptopIds[2]).Select(d => d.Status).SingleAsync()));
        Assert.Equal(DeviceStatus.InService, await portal.ReadAsync(db => db.Devices.Where(d => d.Id == loan.DeviceId).Select(d => d.Status).SingleAsync()));
        Assert.Contains("貸-991", (await clerk.Submit("/booking/stock-take", new { q = "PC-001" }, $"/booking/stock-take/{id}?handler=Scan")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_desk_sees_nothing_and_a_begun_count_is_not_begun_twice()
    {
        await using var portal = await PortalHost.StartAsync();
        await SeedAsync(portal);
        using var clerk = await portal.As(portal.Town.Desk);
        using var other = await portal.As(portal.Town.GeihokuDesk);
        var id = Guid.NewGuid();
        await clerk.Submit("/booking/stock-take", new { NewId = id, OfficeId = portal.Town.MainOffice });

        var twice = await clerk.Submit("/booking/stock-take", new { NewId = Guid.NewGuid(), OfficeId = portal.Town.MainOffice });
        var theirs = await other.Get($"/booking/stock-take/{id}");
        var notTheirs = await other.Submit("/booking/stock-take", new { NewId = Guid.NewGuid(), OfficeId = portal.Town.MainOffice });

        Assert.Contains("貸-993", twice.Text, StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, theirs.Status);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, notTheirs.Status);
        Assert.Equal(1, await portal.ReadAsync(db => db.StockTakes.CountAsync()));
    }

    [Fact]
    public async Task Desks_are_reminded_once_a_month_until_they_have_counted()
    {
        await using var portal = await PortalHost.StartAsync();
        await SeedAsync(portal);
        async Task RunAsync() => await portal.InScopeAsync(async s => await s.GetRequiredService<StockTakeReminderJob>().RunAsync(portal.Clock.GetUtcNow(), default));

        await RunAsync();
        await RunAsync();

        Assert.Equal(2, await portal.ReadAsync(db => db.Set<Notification>().CountAsync(n => n.Kind == "stock-take.due")));
    }
}
