using System.Net;
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
        Assert.Equal(["貸-101", "貸-201"], refused.Rules);
    }

    [Fact]
    public async Task A_moment_without_offset_is_refused_not_guessed()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);

        var refused = await sato.PostJson("/api/v1/booking/bookings", Body(town, Guid.NewGuid(), "2026-04-07T10:00:00"));
        var unread = await sato.PostJson("/api/v1/booking/bookings", new { id = "x" });

        var listed = await sato.Get("/api/v1/booking/bookings?from=2026-04-08T00:00:00");
        var free = await sato.Get($"/api/v1/booking/availability?model={town.Laptop}&from=2026-04-08T09:00:00&to=2026-04-08T12:00:00");
        Assert.Equal(("from", "from"), (listed.WrongFields.Single(), free.WrongFields.Single()));
        Assert.Equal(HttpStatusCode.OK, (await sato.Get("/api/v1/booking/bookings?from=2026-04-08T00:00:00%2B09:00")).Status);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (refused.Status, unread.Status));
        Assert.Equal("application/problem+json", refused.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(0, await portal.ReadAsync(db => db.Set<Features.Booking.Booking>().CountAsync()));
    }

    [Fact]
    public async Task Nothing_stands_for_what_a_request_leaves_out()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        var lines = new[] { new { poolId = town.Laptops.Value } };

        var unsaid = await sato.PostJson("/api/v1/booking/bookings", new { id = Guid.NewGuid(), lines, from = "2026-04-07T10:00:00+09:00", to = "2026-04-07T12:00:00+09:00" });
        var nameless = await sato.PostJson("/api/v1/booking/bookings", new { lines, from = "2026-04-07T10:00:00+09:00", to = "2026-04-07T12:00:00+09:00", purpose = "HomeWork", destination = "InBuilding" });

        Assert.Equal(["destination", "purpose"], unsaid.WrongFields.Order());
        Assert.Equal(["id"], nameless.WrongFields);
        Assert.Equal(0, await portal.ReadAsync(db => db.Set<Features.Booking.Booking>().CountAsync()));
    }

    [Fact]
    public async Task What_the_security_manager_reads_of_others_leaves_a_trace()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00"));
        using var security = await portal.As(portal.Town.Security);
        using var sato = await portal.As(portal.Town.Sato);

        foreach (var who in new[] { security, sato })
        {
            Assert.Equal(HttpStatusCode.OK, (await who.Get($"/api/v1/booking/bookings/{booking.Id}")).Status);
            Assert.Equal(HttpStatusCode.OK, (await who.Get("/api/v1/booking/bookings?status=Approved")).Status);
        }

        var traces = await portal.ReadAsync(db => db.Set<KitaPortal.Platform.Audit.AuditEntry>().Where(e => e.Action == "booking.read" || e.Action == "bookings.listed").Select(e => e.Action).Order().ToListAsync());
        Assert.Equal(["booking.read", "bookings.listed"], traces);
    }

    [Fact]
    public async Task A_download_whose_address_cannot_be_read_is_a_bad_request_with_the_usual_page()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);

        var answer = await sato.Get("/hours/export?encoding=Nonsense");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("職員ポータル", answer.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_is_filtered_by_person_office_state_and_time()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var mine = await town.Reserve(town.Request(portal.Town.Desk, "2026-04-07T09:00", "2026-04-07T12:00"));
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        var other = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-08T09:00", "2026-04-08T12:00"));
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        var gone = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-09T09:00", "2026-04-09T12:00"));
        await town.Cancel(gone.Id, portal.Town.Suzuki);
        using var desk = await portal.As(portal.Town.Desk);
        async Task<IEnumerable<string?>> Find(string query) => (await desk.Get($"/api/v1/booking/bookings?{query}")).Json.EnumerateArray().Select(b => b.GetProperty("number").GetString());

        Assert.Equal([gone.Number, other.Number, mine.Number], await Find(""));
        Assert.Equal([other.Number], await Find("limit=1&cursor=1"));
        Assert.Equal([mine.Number], await Find("mine=true"));
        Assert.Equal([gone.Number], await Find("status=Cancelled"));
        Assert.Equal([other.Number], await Find("from=2026-04-08T00:00:00%2B09:00&to=2026-04-09T00:00:00%2B09:00"));
        Assert.Empty(await Find($"office={portal.Town.Geihoku}"));
        Assert.Equal(3, (await Find($"office={portal.Town.MainOffice}")).Count());
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
