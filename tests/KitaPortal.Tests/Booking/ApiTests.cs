using System.Net;
using System.Text.Json;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>The JSON API: the same verbs and the same rules as the pages.</summary>
public sealed class ApiTests
{
    [Fact]
    public async Task The_same_id_gives_the_same_booking_and_another_body_is_a_conflict()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        var token = await sato.Token("/booking/reserve");
        var id = Guid.NewGuid();

        var first = await sato.PostJson("/api/v1/booking/bookings", Body(town, id, "2026-04-07T10:00:00+09:00"), token);
        var again = await sato.PostJson("/api/v1/booking/bookings", Body(town, id, "2026-04-07T10:00:00+09:00"), token);
        var other = await sato.PostJson("/api/v1/booking/bookings", Body(town, id, "2026-04-07T11:00:00+09:00"), token);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict), (first.Status, again.Status, other.Status));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(1, await portal.ReadAsync(db => db.Set<Features.Booking.Booking>().CountAsync()));
    }

    [Fact]
    public async Task A_refusal_names_every_rule_with_number_message_and_remedy()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        using var sato = await portal.As(portal.Town.Sato);

        var refused = await sato.PostJson("/api/v1/booking/bookings", Body(town, Guid.NewGuid(), "2026-04-07T09:20:00+09:00"), await sato.Token("/booking/reserve"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        var violations = JsonDocument.Parse(refused.Text).RootElement.GetProperty("violations").EnumerateArray().Select(v => v.GetProperty("number").GetString());
        Assert.Equal(["貸-101", "貸-201"], violations);
    }

    private static object Body(BookingTown town, Guid id, string to) => new
    {
        id,
        lines = new[] { new { poolId = town.Tablets.Value } },
        from = "2026-04-07T09:00:00+09:00",
        to,
        purpose = "OnlineMeeting",
        destination = "InBuilding",
    };
}
