using System.Net;
using KitaPortal.Tests.Host;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Kits;

/// <summary>Two people book the same two pools crosswise, again and again: no deadlock reaches anybody, and exactly as many win as fit.</summary>
public sealed class KitRaceTests
{
    private const int Rounds = 24;

    [Fact]
    public async Task Crosswise_bookings_of_two_pools_are_answered_without_a_deadlock()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 1, tablets: 1);
        var racers = await RaceTests.RacersAsync(portal, 4);
        await town.LetAllBorrowAsync(racers);
        var browsers = new List<(PortalClient Client, string Token)>();
        foreach (var racer in racers) browsers.Add((await portal.As(racer), await (await portal.As(racer)).ScriptToken()));

        for (var round = 0; round < Rounds; round++)
        {
            var from = At("2026-04-07T09:00").AddDays(round / 6).AddHours(round % 6);
            var answers = await Task.WhenAll(browsers.Select((b, i) => b.Client.PostJson("/api/v1/booking/bookings", new
            {
                id = Guid.NewGuid(),
                lines = (i % 2 == 0 ? new[] { town.Laptops, town.Tablets } : [town.Tablets, town.Laptops]).Select(p => new { poolId = p.Value }),
                from,
                to = from.AddMinutes(60),
                purpose = "OnlineMeeting",
                destination = "InBuilding",
            }, null)));

            Assert.Equal(1, answers.Count(a => a.Status == HttpStatusCode.Created));
            Assert.All(answers.Where(a => a.Status != HttpStatusCode.Created), a => Assert.True(a.Status == HttpStatusCode.UnprocessableEntity, $"{a.Status} {a.Text}"));
        }
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
    }
}
