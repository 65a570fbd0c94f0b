using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Notifications;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Desk;

/// <summary>One confirmation for everything received, proxies, and what is asked for until it is there.</summary>
public sealed class ReceiptTests
{
    [Fact]
    public async Task One_tap_confirms_all_devices_of_the_act_and_until_then_it_is_reminded_of_once_after_an_hour()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops, count: 2));
        await town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [.. booking.Lines.Select(l => new HandedItem(l.Id))]) { Confirmation = Confirmation.Portal }, clerk, default));
        async Task<int> Told() => await portal.ReadAsync(db => db.Set<Notification>().CountAsync(n => n.Kind == "loan.receipt" && n.StaffId == portal.Town.Sato));

        portal.Clock.Advance(TimeSpan.FromMinutes(50));
        await RunAsync(portal);
        var early = await Told();
        portal.Clock.Advance(TimeSpan.FromMinutes(15));
        await RunAsync(portal);
        await RunAsync(portal);
        var receipt = await portal.ReadAsync(db => db.Receipts.SingleAsync());
        using var sato = await portal.As(portal.Town.Sato);
        using var suzuki = await portal.As(portal.Town.Suzuki);
        var notHers = await suzuki.Get(receipt.Href);
        var answer = await sato.Submit(receipt.Href, new { });

        Assert.Equal((1, 2), (early, await Told()));
        Assert.Equal(HttpStatusCode.NotFound, notHers.Status);
        Assert.Contains("受領を確認しました", answer.Words, StringComparison.Ordinal);
        Assert.NotNull((await portal.ReadAsync(db => db.Receipts.SingleAsync())).ConfirmedAt);
        Assert.Equal(2, receipt.Devices);
    }

    [Fact]
    public async Task A_signature_drawn_on_the_tablet_is_kept_with_the_act_and_confirms_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        using var clerk = await portal.As(portal.Town.Desk);
        var form = await DeskTests.Open(clerk, $"/booking/desk/01/hand-over?q={booking.Number}");
        using var image = NetVips.Image.Black(60, 20, bands: 3);
        var drawn = "data:image/png;base64," + Convert.ToBase64String(image.PngsaveBuffer());

        var broken = await clerk.Post("/booking/desk/01/hand-over", form.Token, Signed(form, "data:image/png;base64,###"));
        var answer = await clerk.Post("/booking/desk/01/hand-over", form.Token, Signed(form, drawn));

        Assert.Contains("貸-956", broken.Text, StringComparison.Ordinal);
        Assert.Contains("引き渡しました", answer.Words, StringComparison.Ordinal);
        Assert.NotNull((await portal.ReadAsync(db => db.Receipts.SingleAsync())).ConfirmedAt);
        var link = await portal.ReadAsync(db => db.FileLinks.SingleAsync());
        Assert.Equal("hand-over-signature", link.OwnerKind);
        var loan = await portal.ReadAsync(db => db.Loans.SingleAsync());
        using var auditor = await portal.As(portal.Town.Auditor);
        using var stranger = await portal.As(portal.Town.GeihokuDesk);
        Assert.Contains(link.Href, (await auditor.Get($"/booking/register/{loan.Id}")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await auditor.Get(link.Href)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.Get(link.Href)).Status);
    }

    [Fact]
    public async Task One_signature_stands_for_one_person_and_is_not_lost_when_the_page_comes_back()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var satos = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T09:00", "2026-04-06T12:00", town.Laptops));
        using var clerk = await portal.As(portal.Town.Desk);
        var form = await DeskTests.Open(clerk, $"/booking/desk/01/hand-over?q={satos.Number}");
        form = DeskTests.Read(await clerk.Post("/booking/desk/01/hand-over?handler=Scan", form.Token, form.Fields.Append(new("q", "001002"))));
        using var image = NetVips.Image.Black(60, 20, bands: 3);
        var drawn = "data:image/png;base64," + Convert.ToBase64String(image.PngsaveBuffer());

        var refused = await clerk.Post("/booking/desk/01/hand-over", form.Token, Signed(form, drawn));
        form = DeskTests.Read(refused);
        var unsigned = await clerk.Post("/booking/desk/01/hand-over", form.Token, Signed(form, ""));

        Assert.Contains("貸-957", refused.Text, StringComparison.Ordinal);
        Assert.Contains(new KeyValuePair<string, string>("Form.SignatureImage", drawn), form.Fields);
        Assert.Contains("2台を引き渡しました", unsigned.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_borrower_responsible_and_a_named_proxy_receive()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        Task GiveTo(StaffId person) => town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]) { ReceivedBy = person }, clerk, default));

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => GiveTo(portal.Town.Suzuki));
        using var sato = await portal.As(portal.Town.Sato);
        using var suzuki = await portal.As(portal.Town.Suzuki);
        var notTheirs = await suzuki.Get($"/booking/{booking.Id}/proxy");
        await sato.Submit($"/booking/{booking.Id}/proxy", new { Person = "001002" });
        await GiveTo(portal.Town.Suzuki);

        Assert.Equal("貸-701", refused.Broken[0].Rule.Number);
        Assert.Equal(HttpStatusCode.NotFound, notTheirs.Status);
        Assert.Equal(portal.Town.Suzuki, (await portal.ReadAsync(db => db.Loans.SingleAsync())).ReceivedBy);
        Assert.Equal(portal.Town.Suzuki, (await portal.ReadAsync(db => db.Receipts.SingleAsync())).PersonId);
    }

    [Fact]
    public async Task A_shortage_stays_with_the_device_until_the_desk_has_settled_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await portal.WriteAsync(async db => (await db.Devices.SingleAsync(d => d.Id == town.LaptopIds[0])).Inspect(["マウス×1"]));
        using var clerk = await portal.As(portal.Town.Desk);

        var before = await clerk.Get("/booking/desk/01/inspect");
        var answer = await clerk.Submit("/booking/desk/01/inspect", new { DeviceId = town.LaptopIds[0], There = new[] { "ACアダプター×1", "マウス×1" } });

        Assert.Contains("PC-001", before.Words, StringComparison.Ordinal);
        Assert.Contains("点検を待つ端末はありません", answer.Words, StringComparison.Ordinal);
        Assert.Empty(await portal.ReadAsync(db => db.Devices.Where(d => d.Id == town.LaptopIds[0]).Select(d => d.OpenShortages).SingleAsync()));
    }

    [Fact]
    public async Task A_device_found_fit_at_the_desk_is_lent_again_also_out_of_a_maintenance_that_runs()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 1);
        await portal.InScopeAsync(async s => await s.GetRequiredService<Maintaining>().EnterAsync(Guid.NewGuid(), town.TabletIds[0], portal.Clock.GetUtcNow(), null, "画面の交換", null, default));
        await portal.WriteAsync(async db => (await db.Devices.SingleAsync(d => d.Id == town.TabletIds[0])).SetStatus(DeviceStatus.Maintenance, "返却時の状態"));
        using var clerk = await portal.As(portal.Town.Desk);

        await clerk.Submit("/booking/desk/01/inspect", new { DeviceId = town.TabletIds[0], IsFit = "true" });

        Assert.NotNull((await portal.ReadAsync(db => db.Maintenances.SingleAsync())).EndedAt);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T13:00", "2026-04-06T15:00"));
    }

    private static IEnumerable<KeyValuePair<string, string>> Signed(DeskTests.Sheet form, string image) => form.Fields.Where(f => f.Key != "Form.SignatureImage").Append(new("Form.SignatureImage", image));

    private static Task<string?> RunAsync(PortalHost portal) => portal.InScopeAsync(async s => await s.GetRequiredService<ReceiptJob>().RunAsync(portal.Clock.GetUtcNow(), default));
}
