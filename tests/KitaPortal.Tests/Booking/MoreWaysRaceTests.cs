using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Series;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Platform.Japanese;
using KitaPortal.Tests.Booking.Kits;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>Real races between the ways of booking, on real connections: nobody gets what somebody else has.</summary>
public sealed class MoreWaysRaceTests
{
    [Fact]
    public async Task The_offer_of_the_clock_job_and_a_walk_up_race_for_one_device_and_exactly_one_gets_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 3, tablets: 1);
        var kit = await KitTests.MakeAsync(portal, town, laptops: 1, tablets: 1);
        var (offered, lent) = (0, 0);
        for (var round = 0; round < 12; round++)
        {
            // Somebody waits for a laptop and the tablet together, so that only the job makes the offer.
            var day = WorkCalendar.Plain.AddWorkingDays(new DateOnly(2026, 4, 6), round + 1);
            portal.Clock.SetUtcNow(TokyoTime.At(day, new TimeOnly(9, 0)));
            var first = await town.Reserve(town.Request(portal.Town.Suzuki, $"{day:yyyy-MM-dd}T10:00", $"{day:yyyy-MM-dd}T11:00"));
            var wanted = town.Request(portal.Town.Sato, $"{day:yyyy-MM-dd}T10:00", $"{day:yyyy-MM-dd}T10:45") with { Wanted = [], KitId = kit, KitOfficeId = town.OfficeId };
            var entry = await Waiting.WaitingTests.Act(portal, town, portal.Town.Sato, async (line, asker) => (await line.QueueAsync(WaitlistEntryId.New(), wanted, 0, [], asker, default)).Id);
            await town.Cancel(first.Id, portal.Town.Suzuki);
            await portal.WriteAsync(async db => { foreach (var d in await db.Devices.ToListAsync()) d.Check(d.Compliance with { AntivirusOn = day, PatchedOn = day, CheckedAt = portal.Clock.GetUtcNow() }); });

            var job = Task.Run(() => RunJobAsync(portal));
            var walkUp = Task.Run(async () => await Record.ExceptionAsync(() => town.AtDesk((desk, clerk) => desk.WalkUpAsync(new WalkingUp(Guid.NewGuid(), town.TabletIds[0], portal.Town.Tanaka, At($"{day:yyyy-MM-dd}T10:30"), InBuilding), clerk, default))));
            await job;
            var refused = await walkUp;

            var isOffered = await portal.ReadAsync(db => db.WaitlistEntries.AnyAsync(e => e.Id == entry && e.Status == WaitlistStatus.Offered));
            Assert.True(isOffered != refused is null, $"round {round}: offered {isOffered}, walk-up {refused?.Message ?? "lent"}");
            Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
            if (isOffered) offered++; else lent++;
            if (isOffered) await Waiting.WaitingTests.Act(portal, town, portal.Town.Sato, async (line, asker) => { await line.LeaveAsync(entry, asker, default); return true; });
            else await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), town.OfficeId, [new ReturnedItem(town.TabletIds[0])]), clerk, default));
        }
        Assert.Equal(12, offered + lent);
    }

    [Fact]
    public async Task A_series_races_against_single_bookings_and_is_saved_whole_or_not_at_all()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 1);
        var racers = await RaceTests.RacersAsync(portal, 3);
        for (var round = 0; round < 10; round++)
        {
            var monday = new DateOnly(2026, 5, 11).AddDays(7 * (round % 5));
            var hour = 9 + round / 5;
            DateOnly[] days = [monday, monday.AddDays(1), monday.AddDays(2)];
            var template = town.Request(portal.Town.Sato, $"{monday:yyyy-MM-dd}T{hour:00}:00", $"{monday:yyyy-MM-dd}T{hour:00}:45");
            var asked = new SeriesRequest(SeriesId.New(), template, Recurrence.Parse("FREQ=DAILY;COUNT=3"), HolidayPolicy.Skip);
            var asker = await town.AskerAsync(portal.Town.Sato);

            var series = Task.Run(async () => await Record.ExceptionAsync(() => portal.InScopeAsync(services => services.GetRequiredService<SeriesBooking>().ReserveAsync(asked, asker, default))));
            var singles = racers.Select((racer, i) => Task.Run(async () => await Record.ExceptionAsync(() => town.Reserve(town.Request(racer, $"{days[i]:yyyy-MM-dd}T{hour:00}:00", $"{days[i]:yyyy-MM-dd}T{hour:00}:45"))))).ToList();
            var refused = await series;
            var lost = (await Task.WhenAll(singles)).OfType<Exception>().ToList();

            var inSeries = await portal.ReadAsync(db => db.Bookings.CountAsync(b => b.SeriesId == asked.Id));
            Assert.Equal(refused is null ? 3 : 0, inSeries);
            Assert.Equal(refused is null ? 3 : 0, lost.Count);
            Assert.All(lost.Append(refused).OfType<Exception>(), e => Assert.IsType<KitaPortal.Platform.Rules.RuleViolation>(e));
            Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
        }
    }

    [Fact]
    public async Task One_person_asks_for_a_laptop_of_two_pools_at_once_and_exactly_one_is_given()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        using var again = await portal.As(portal.Town.Sato);
        var tokens = new[] { await sato.ScriptToken(), await again.ScriptToken() };
        for (var round = 0; round < 20; round++)
        {
            var day = WorkCalendar.Plain.AddWorkingDays(new DateOnly(2026, 4, 8), round + 1);
            var pools = new[] { town.Laptops, town.GeihokuLaptops };

            var answers = await Task.WhenAll(new[] { sato, again }.Select((client, i) => client.PostJson("/api/v1/booking/bookings", new
            {
                id = Guid.NewGuid(),
                lines = new[] { new { poolId = pools[(i + round) % 2].Value } },
                from = $"{day:yyyy-MM-dd}T09:00:00+09:00",
                to = $"{day:yyyy-MM-dd}T17:00:00+09:00",
                purpose = "HomeWork",
                destination = "Home",
                acknowledged = new[] { "booking.same-time", "booking.patch-old" },
            }, tokens[i])));

            Assert.Single(answers, a => a.Status == HttpStatusCode.Created);
            Assert.Contains("貸-401", Assert.Single(answers, a => a.Status == HttpStatusCode.UnprocessableEntity).Text);
            await portal.WriteAsync(async db => { foreach (var b in await db.Bookings.Include(b => b.Lines).ToListAsync()) b.Reject("次の回へ", portal.Clock.GetUtcNow()); });
        }
    }

    private static Task<bool> RunJobAsync(PortalHost portal) => portal.InScopeAsync(async services =>
    {
        await services.GetRequiredService<ClockJob>().RunAsync(portal.Clock.GetUtcNow(), default);
        return true;
    });
}
