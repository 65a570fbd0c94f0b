using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>Real races through HTTP on real connections: exactly as many win as fit, whoever comes first. Each goes wrong when the guards are taken away.</summary>
public sealed class RaceTests
{
    private const int Rounds = 50;

    [Fact]
    public Task Thirty_two_people_race_for_one_device_and_exactly_one_wins() => Races.IsRightAsync(track => CrowdAsync(track, 32, named: true), Rounds);

    [Fact]
    public Task Thirty_two_people_race_for_the_last_device_of_a_pool_and_exactly_one_wins() => Races.IsRightAsync(track => CrowdAsync(track, 32, named: false), Rounds);

    [Fact]
    public Task Two_desks_hand_over_one_device_in_the_same_second_and_there_is_one_loan() => Races.IsRightAsync(TwoDesksAsync, 12);

    [Theory]
    [InlineData("one device")]
    [InlineData("last of a pool")]
    [InlineData("two desks")]
    public Task Without_the_guards_the_same_races_go_wrong(string race) => Races.GoesWrongUnguardedAsync(race switch
    {
        "one device" => track => CrowdAsync(track, 8, named: true),
        "last of a pool" => track => CrowdAsync(track, 8, named: false),
        _ => TwoDesksAsync,
    });

    [Fact]
    public async Task With_only_the_locks_gone_the_database_itself_refuses_all_but_one()
    {
        await using var track = await Unguarded.StartAsync(lastLines: false);
        await foreach (var wrong in CrowdAsync(track, 8, named: true).Take(5)) Assert.True(wrong is null, wrong);
    }

    /// <summary>All ask for the same hour of one day per round; in the pool race all devices but one are taken before.</summary>
    private static async IAsyncEnumerable<string?> CrowdAsync(Track track, int people, bool named)
    {
        var portal = track.Portal;
        var town = await SeedAsync(portal, tablets: 3);
        var browsers = new List<(PortalClient Client, string Token)>();
        foreach (var racer in await RacersAsync(portal, people))
        {
            var client = await portal.As(racer);
            browsers.Add((client, await client.Token("/booking/reserve")));
        }

        for (var round = 0; ; round++)
        {
            var day = KitaPortal.Platform.Japanese.WorkCalendar.Plain.AddWorkingDays(new DateOnly(2026, 4, 6), 1 + (round / 8));
            var from = At($"{day:yyyy-MM-dd}T09:00").AddHours(round % 8);
            if (!named) await FillAllButOneAsync(portal, town, from, 2);
            var before = await CountAsync(portal, from);

            var answers = await track.RunAsync(browsers.Select(b => (Func<Task<Answer>>)(() => b.Client.PostJson("/api/v1/booking/bookings", new
            {
                id = Guid.NewGuid(),
                lines = new[] { new { poolId = named ? (Guid?)null : town.Tablets.Value, deviceId = named ? town.TabletIds[0].Value : (Guid?)null } },
                from,
                to = from.AddMinutes(60),
                purpose = "OnlineMeeting",
                destination = "InBuilding",
                acknowledged = new[] { "booking.same-time" },
            }, b.Token))));

            Assert.All(answers, a => Assert.True(a.Status is HttpStatusCode.Created or HttpStatusCode.UnprocessableEntity or HttpStatusCode.Conflict, $"{a.Status} {a.Text}"));
            var (won, kept, overlaps) = (answers.Count(a => a.Status == HttpStatusCode.Created), await CountAsync(portal, from) - before, await OverlapsAsync(portal));
            Assert.True(won > 0, "Nobody won.");
            yield return (won, kept, overlaps) == (1, 1, 0) ? null : $"{won} of {people} won, {kept} hold the hour, {overlaps} overlap";
        }
    }

    /// <summary>Each round: two desks hand the same device over on the same line. Wrong: two loans of it.</summary>
    private static async IAsyncEnumerable<string?> TwoDesksAsync(Track track)
    {
        var portal = track.Portal;
        var town = await SeedAsync(portal);
        while (true)
        {
            var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));

            var problems = (await track.RunAsync(Enumerable.Range(0, 2).Select(_ => (Func<Task<Exception?>>)(async () => await Record.ExceptionAsync(() => town.AtDesk((desk, clerk)
                => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), clerk, default))))))).OfType<Exception>().ToList();

            Assert.All(problems, p => Assert.Equal(409, Assert.IsType<RuleViolation>(p).Status));
            var loans = await portal.ReadAsync(db => db.Loans.CountAsync(l => l.InAt == null));
            Assert.True(loans > 0, "Nobody handed over.");
            yield return (problems.Count, loans) == (1, 1) ? null : $"{problems.Count} refused, {loans} loans";
            await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.MainOffice, [new ReturnedItem(town.TabletIds[0])]), clerk, default));
        }
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

    internal static async Task<List<StaffId>> RacersAsync(PortalHost portal, int people)
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
