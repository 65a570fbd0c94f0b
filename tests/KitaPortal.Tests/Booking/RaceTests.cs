using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Platform.Domain;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>Real races through HTTP on real connections: exactly as many win as fit, whoever comes first.</summary>
public sealed class RaceTests
{
    private const int People = 32;
    private const int Rounds = 50;

    [Fact]
    public async Task Thirty_two_people_race_for_one_device_and_exactly_one_wins()
        => await RaceAsync(tablets: 3, places: 1, named: true);

    [Fact]
    public async Task Thirty_two_people_race_for_the_last_device_of_a_pool_and_exactly_one_wins()
        => await RaceAsync(tablets: 3, places: 1, named: false);

    [Fact]
    public async Task Two_desks_hand_over_one_device_in_the_same_second_and_there_is_one_loan()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));

        var acts = Enumerable.Range(0, 2).Select(_ => Record.ExceptionAsync(() => town.AtDesk((desk, clerk)
            => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), portal.Town.MainOffice, [new HandedItem(booking.Lines[0].Id)]), clerk, default))).AsTask());
        var problems = (await Task.WhenAll(acts)).OfType<Exception>().ToList();

        Assert.Equal(409, Assert.IsType<KitaPortal.Platform.Rules.RuleViolation>(Assert.Single(problems)).Status);
        Assert.Equal(1, await portal.ReadAsync(db => db.Loans.CountAsync()));
    }

    /// <summary>All ask for the same hour of one day per round; in the pool race all devices but one are taken before.</summary>
    private static async Task RaceAsync(int tablets, int places, bool named)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: tablets);
        var racers = await RacersAsync(portal);
        var browsers = new List<(PortalClient Client, string Token)>();
        foreach (var racer in racers)
        {
            var client = await portal.As(racer);
            browsers.Add((client, await client.Token("/booking/reserve")));
        }

        for (var round = 0; round < Rounds; round++)
        {
            var day = KitaPortal.Platform.Japanese.WorkCalendar.Plain.AddWorkingDays(new DateOnly(2026, 4, 6), 1 + (round / 8));
            var from = At($"{day:yyyy-MM-dd}T09:00").AddHours(round % 8);
            if (!named) await FillAllButOneAsync(portal, town, from, tablets - 1);
            var before = await CountAsync(portal, from);

            var answers = await Task.WhenAll(browsers.Select(b => b.Client.PostJson("/api/v1/booking/bookings", new
            {
                id = Guid.NewGuid(),
                lines = new[] { new { poolId = named ? (Guid?)null : town.Tablets.Value, deviceId = named ? town.TabletIds[0].Value : (Guid?)null } },
                from,
                to = from.AddMinutes(60),
                purpose = "OnlineMeeting",
                destination = "InBuilding",
                acknowledged = new[] { "booking.same-time" },
            }, b.Token)));

            Assert.Equal(places, answers.Count(a => a.Status == HttpStatusCode.Created));
            Assert.All(answers.Where(a => a.Status != HttpStatusCode.Created), a => Assert.True(a.Status is HttpStatusCode.UnprocessableEntity or HttpStatusCode.Conflict, $"{a.Status} {a.Text}"));
            Assert.Equal(before + places, await CountAsync(portal, from));
        }
        Assert.Equal(0, await OverlapsAsync(portal));
    }

    private static Task<int> CountAsync(PortalHost portal, DateTimeOffset from) => portal.ReadAsync(db =>
    {
        var start = from.ToUniversalTime();
        return db.Occupancies.CountAsync(o => o.Active && o.From == start);
    });

    internal static Task<int> OverlapsAsync(PortalHost portal) => portal.ReadAsync(async db =>
    {
        var all = await db.Occupancies.AsNoTracking().Where(o => o.Active && o.DeviceId != null).ToListAsync();
        return all.GroupBy(o => o.DeviceId).Sum(g => g.Sum(a => g.Count(b => a.Id.CompareTo(b.Id) < 0 && a.From < b.To && b.From < a.To)));
    });

    private static Task FillAllButOneAsync(PortalHost portal, BookingTown town, DateTimeOffset from, int taken) => portal.WriteAsync(db =>
    {
        var start = from.ToUniversalTime();
        foreach (var device in town.TabletIds.Take(taken))
            db.Add(new Occupancy(device, town.Tablets, start, start.AddHours(1), OccupancyKind.Maintenance, Guid.NewGuid()));
        return Task.CompletedTask;
    });

    internal static async Task<List<StaffId>> RacersAsync(PortalHost portal, int people = People)
    {
        var racers = Enumerable.Range(0, people).Select(_ => StaffId.New()).ToList();
        await portal.WriteAsync(db =>
        {
            foreach (var (i, id) in racers.Index()) TestTown.Add(db, id, $"9{i:00000}", "競走", $"{i}", "きょうそう", "ひと", portal.Town.GeneralAffairs, portal.Town.ClerkPost);
            return Task.CompletedTask;
        });
        return racers;
    }
}
