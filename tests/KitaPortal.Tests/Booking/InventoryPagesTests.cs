using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>端末台帳 and the rules page.</summary>
public sealed class InventoryPagesTests
{
    [Fact]
    public async Task An_administrator_registers_a_device_and_everybody_finds_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        using var sato = await portal.As(portal.Town.Sato);

        var saved = await admin.Submit("/booking/devices/edit", Form(town, "PC-777"));
        var refused = await sato.Get("/booking/devices/edit");

        Assert.Contains("PC-777", saved.Words);
        Assert.NotEqual(HttpStatusCode.OK, refused.Status);
        Assert.Contains("PC-777", (await sato.Get("/booking/devices?q=777")).Words);
    }

    [Fact]
    public async Task A_device_taken_out_of_service_gives_its_bookings_to_another_one()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 2);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00", town.Laptops));
        var device = booking.Lines[0].DeviceId!.Value;
        using var admin = await portal.As(portal.Town.Admin);
        var (label, version) = await portal.ReadAsync(async db => { var d = await db.Devices.SingleAsync(d => d.Id == device); return (d.Label, d.Version); });

        await admin.Submit($"/booking/devices/edit/{device}", new Dictionary<string, string>(Form(town, label)) { ["Form.Status"] = "Maintenance", ["Form.Version"] = $"{version}" });

        var line = await town.Line(booking.Id);
        Assert.NotEqual(device, line.DeviceId);
        Assert.NotNull(line.DeviceId);
    }

    [Fact]
    public async Task Only_a_look_at_the_device_counts_as_a_check()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        async Task<DateTimeOffset?> SavedAsync(string name, string value)
        {
            var device = await portal.ReadAsync(db => db.Devices.SingleAsync(d => d.Id == town.LaptopIds[0]));
            await admin.Submit($"/booking/devices/edit/{device.Id}", new Dictionary<string, string>(Form(town, "PC-001"))
            {
                ["Form.Version"] = $"{device.Version}",
                ["Form.MdmEnrolled"] = "true",
                ["Form.PatchedOn"] = "2026-04-01",
                ["Form.AntivirusOn"] = "2026-04-05",
                [name] = value,
            });
            return await portal.ReadAsync(db => db.Devices.Where(d => d.Id == device.Id).Select(d => d.Compliance.CheckedAt).SingleAsync());
        }

        Assert.Equal(At("2026-04-01T09:00"), await SavedAsync("Form.Note", "角に傷"));
        Assert.Equal(portal.Clock.GetUtcNow(), await SavedAsync("Form.Checked", "true"));
        portal.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(portal.Clock.GetUtcNow(), await SavedAsync("Form.AntivirusOn", "2026-04-06"));
    }

    [Fact]
    public async Task A_device_that_was_promised_by_name_is_not_retired()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 2);
        var pinned = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00", device: town.LaptopIds[0]));
        using var admin = await portal.As(portal.Town.Admin);
        async Task<Answer> RetireAsync()
        {
            var version = await portal.ReadAsync(db => db.Devices.Where(d => d.Id == town.LaptopIds[0]).Select(d => d.Version).SingleAsync());
            return await admin.Submit($"/booking/devices/edit/{town.LaptopIds[0]}", new Dictionary<string, string>(Form(town, "PC-001")) { ["Form.Status"] = "Retired", ["Form.Version"] = $"{version}" });
        }

        var refused = await RetireAsync();
        await town.Cancel(pinned.Id, portal.Town.Sato);
        await RetireAsync();

        Assert.Contains("貸-944", refused.Words);
        Assert.Contains(pinned.Number, refused.Words);
        Assert.Equal(DeviceStatus.Retired, await portal.ReadAsync(db => db.Devices.Where(d => d.Id == town.LaptopIds[0]).Select(d => d.Status).SingleAsync()));
    }

    [Fact]
    public async Task A_stale_form_is_answered_with_who_was_faster()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        await portal.WriteAsync(async db => (await db.Devices.SingleAsync(d => d.Id == town.LaptopIds[0])).Recall("電池"));

        var stale = await admin.Submit($"/booking/devices/edit/{town.LaptopIds[0]}", new Dictionary<string, string>(Form(town, "PC-001")) { ["Form.Version"] = "0", ["Form.Note"] = "古い画面" });

        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
    }

    [Fact]
    public async Task The_rules_page_shows_the_list_that_refuses()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);

        var page = await sato.Get("/booking/rules");

        Assert.All(BookingRules.Lending, rule => Assert.Contains(rule.Text.Number, page.Words));
    }

    private static Dictionary<string, string> Form(BookingTown town, string label) => new()
    {
        ["Form.Label"] = label,
        ["Form.ModelId"] = town.Laptop.ToString(),
        ["Form.OfficeId"] = town.OfficeId.ToString(),
        ["Form.Status"] = "InService",
        ["Form.Encrypted"] = "true",
    };
}
