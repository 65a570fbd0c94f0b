using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>The pages of booking as a browser sees them.</summary>
public sealed class PagesTests
{
    [Fact]
    public async Task A_person_books_a_device_and_finds_it_among_the_own_bookings()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);

        var free = await sato.Get("/booking?day=2026-04-07");
        Assert.Contains("iPad-001", free.Words);
        var made = await sato.Submit("/booking/reserve", Form(town));

        Assert.Equal(HttpStatusCode.OK, made.Status);
        Assert.Contains("予約しました", made.Words);
        var number = await portal.ReadAsync(db => db.Bookings.Select(b => b.Number).SingleAsync());
        Assert.Contains(number, (await sato.Get("/booking/mine")).Words);
        Assert.Contains("佐藤　花子", (await sato.Get("/booking?day=2026-04-07")).Words);
    }

    [Fact]
    public async Task A_form_posted_twice_is_one_booking()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        var form = Form(town);

        await sato.Submit("/booking/reserve", form);
        var again = await sato.Submit("/booking/reserve", form);
        var other = await sato.Submit("/booking/reserve", new Dictionary<string, string>(form) { ["Form.To"] = "2026-04-07T11:00" });

        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(HttpStatusCode.Conflict, other.Status);
        Assert.Equal(1, await portal.ReadAsync(db => db.Bookings.CountAsync()));
    }

    [Fact]
    public async Task Several_broken_rules_come_back_together_and_the_form_is_kept()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var desk = await portal.As(portal.Town.Desk);    // signed nothing, no training

        var refused = await desk.Submit("/booking/reserve", new Dictionary<string, string>(Form(town))
        {
            ["Form.Choice"] = $"p{town.Laptops}",
            ["Form.From"] = "2026-04-07T20:00",
            ["Form.To"] = "2026-04-07T19:00",
            ["Form.PurposeNote"] = "夜の会議",
        });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        foreach (var number in new[] { "貸-101", "貸-107", "貸-108", "貸-304", "貸-305" }) Assert.Contains(number, refused.Words);
        Assert.Contains("夜の会議", refused.Text);
    }

    [Theory]
    [InlineData("2027-02-29T09:00", "2027-02-29T10:00")]
    [InlineData("ふめい", "2026-04-07T10:00")]
    [InlineData("9999-12-31T23:45", "9999-12-31T23:59")]
    [InlineData("1850-01-01T09:00", "1850-01-01T10:00")]
    [InlineData("2056-04-07T09:00", "2056-04-07T10:00")]
    public async Task Impossible_dates_are_refused_with_a_sentence(string from, string to)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);

        var refused = await sato.Submit("/booking/reserve", new Dictionary<string, string>(Form(town)) { ["Form.From"] = from, ["Form.To"] = to });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal(0, await portal.ReadAsync(db => db.Bookings.CountAsync()));
    }

    [Fact]
    public async Task Another_persons_booking_is_not_there()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T10:00"));
        using var sato = await portal.As(portal.Town.Sato);
        using var tanaka = await portal.As(portal.Town.Tanaka);

        Assert.Equal(HttpStatusCode.OK, (await sato.Get($"/booking/{booking.Id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await tanaka.Get($"/booking/{booking.Id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await tanaka.Submit("/booking/mine", new Dictionary<string, string> { ["Form.Reason"] = "" }, $"/booking/{booking.Id}/cancel")).Status);
        Assert.Equal(LineStatus.Approved, (await town.Line(booking.Id)).Status);
    }

    [Fact]
    public async Task A_cancelled_booking_frees_its_time()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T10:00"));
        using var sato = await portal.As(portal.Town.Sato);

        var cancelled = await sato.Submit($"/booking/{booking.Id}/cancel", new Dictionary<string, string> { ["Form.Reason"] = "会議が延期" });

        Assert.Contains("取り消しました", cancelled.Words);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T10:00"));
    }

    private static Dictionary<string, string> Form(BookingTown town) => new()
    {
        ["Form.Id"] = "0198c0de-0000-7000-8000-000000000001",
        ["Form.Choice"] = $"p{town.Tablets}",
        ["Form.Count"] = "1",
        ["Form.From"] = "2026-04-07T09:00",
        ["Form.To"] = "2026-04-07T10:00",
        ["Form.Purpose"] = "OnlineMeeting",
        ["Form.DestinationKind"] = "InBuilding",
        ["Form.InfoClass"] = "Class2",
    };
}
