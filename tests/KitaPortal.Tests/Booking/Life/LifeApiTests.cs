using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>What happens to bookings later, and transfers, as programs ask for it.</summary>
public sealed class LifeApiTests
{
    [Fact]
    public async Task A_booking_is_changed_by_its_people_and_not_by_who_saw_an_older_state()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00"));
        using var sato = await portal.As(portal.Town.Sato);
        using var stranger = await portal.As(portal.Town.Tanaka);
        var seen = (await sato.Get($"/api/v1/booking/bookings/{booking.Id}")).Json.GetProperty("version").GetInt32();

        var changed = await Put(sato, seen, "2026-04-07T13:00:00+09:00", "2026-04-07T15:00:00+09:00");
        var stale = await Put(sato, seen, "2026-04-08T13:00:00+09:00", "2026-04-08T15:00:00+09:00");
        var refused = await Put(sato, seen + 1, "2026-04-07T13:00:00+09:00", "2026-04-07T13:10:00+09:00");
        var foreign = await Put(stranger, seen + 1, "2026-04-08T13:00:00+09:00", "2026-04-08T15:00:00+09:00");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.UnprocessableEntity, HttpStatusCode.NotFound), (changed.Status, stale.Status, refused.Status, foreign.Status));
        var line = changed.Json.GetProperty("lines")[0];
        Assert.Equal(("2026-04-07T13:00", "2026-04-07T15:00"), (line.GetProperty("from").GetDateTimeOffset().Tokyo(), line.GetProperty("to").GetDateTimeOffset().Tokyo()));
        Assert.Equal("貸-101", refused.Rules.First());
        Assert.Equal(seen + 1, stale.Json.GetProperty("present").GetProperty("version").GetInt32());
        Assert.Equal("2026-04-07T13:00", (await town.Line(booking.Id)).From.Tokyo());

        Task<Answer> Put(PortalClient client, int version, string from, string to)
            => client.SendJson(HttpMethod.Put, $"/api/v1/booking/bookings/{booking.Id}", new { version, from, to, purpose = "OnlineMeeting", destination = "InBuilding" });
    }

    [Fact]
    public async Task An_extension_is_given_waits_for_permission_or_is_refused()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        await portal.HandOver(town, booking.Lines[0].Id);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T16:00", "2026-04-06T17:00"));
        using var sato = await portal.As(portal.Town.Sato);
        using var stranger = await portal.As(portal.Town.Tanaka);

        var given = await Extend(sato, "13:00");
        var again = await Extend(sato, "14:00");
        var third = await Extend(sato, "15:00");
        var taken = await Extend(sato, "16:30");
        var foreign = await Extend(stranger, "15:00");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Accepted), (given.Status, again.Status, third.Status));
        Assert.Equal((true, false), (given.Json.GetProperty("extended").GetBoolean(), third.Json.GetProperty("extended").GetBoolean()));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.NotFound), (taken.Status, foreign.Status));
        var line = await town.Line(booking.Id);
        Assert.Equal(("2026-04-06T14:00", "2026-04-06T15:00"), (line.To.Tokyo(), line.PendingTo!.Value.Tokyo()));

        Task<Answer> Extend(PortalClient client, string to)
            => client.PostJson($"/api/v1/booking/lines/{booking.Lines[0].Id}/extension", new { to = $"2026-04-06T{to}:00+09:00", reason = "会議が延びたため" });
    }

    [Fact]
    public async Task A_transfer_is_planned_once_sent_by_the_source_and_received_by_the_target()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var source = await portal.As(portal.Town.Desk);
        using var target = await portal.As(portal.Town.GeihokuDesk);
        using var sato = await portal.As(portal.Town.Sato);
        var body = new { id = Guid.NewGuid(), deviceId = town.LaptopIds[0].Value, toOfficeId = portal.Town.Geihoku.Value, sendAt = "2026-04-06T09:00:00+09:00", arriveBy = "2026-04-07T12:00:00+09:00" };
        const string transfers = "/api/v1/booking/transfers";

        var nobody = await sato.PostJson(transfers, body);
        var planned = await source.PostJson(transfers, body);
        var again = await source.PostJson(transfers, body);
        var early = await target.PostJson($"{transfers}/{body.id}/receipt", new { });
        var wrongDesk = await target.PostJson($"{transfers}/{body.id}/dispatch", new { });
        var sent = await source.PostJson($"{transfers}/{body.id}/dispatch", new { });
        var received = await target.PostJson($"{transfers}/{body.id}/receipt", new { condition = "Broken", remark = "画面にひび" });

        Assert.Equal(HttpStatusCode.Forbidden, nobody.Status);
        Assert.Equal((HttpStatusCode.OK, planned.Text), (planned.Status, again.Text));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.NotFound), (early.Status, wrongDesk.Status));
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (sent.Status, received.Status));
        var listed = (await target.Get(transfers)).Json.EnumerateArray().Single();
        Assert.Equal((body.id, "Received"), (listed.GetProperty("id").GetGuid(), listed.GetProperty("state").GetString()));
        var device = await portal.ReadAsync(db => db.Devices.AsNoTracking().SingleAsync(d => d.Id == town.LaptopIds[0]));
        Assert.Equal((town.GeihokuLaptops, DeviceStatus.Maintenance), (device.PoolId, device.Status));
    }
}
