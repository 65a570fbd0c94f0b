using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Series;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Booking.Kits;
using KitaPortal.Tests.Booking.Life;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>Real races between the ways of booking, on real connections: nobody gets what somebody else has. Each goes wrong when the guards are taken away.</summary>
public sealed class MoreWaysRaceTests
{
    [Fact]
    public Task The_offer_of_the_clock_job_and_a_walk_up_race_for_one_device_and_exactly_one_gets_it() => Races.IsRightAsync(OfferAsync, 12);

    [Fact]
    public Task A_series_races_against_single_bookings_and_is_saved_whole_or_not_at_all() => Races.IsRightAsync(SeriesAsync, 10);

    [Fact]
    public Task One_person_asks_for_a_laptop_of_two_pools_at_once_and_exactly_one_is_given() => Races.IsRightAsync(LimitAsync, 20);

    [Theory]
    [InlineData("offer")]
    [InlineData("series")]
    [InlineData("limit")]
    public Task Without_the_guards_the_same_races_go_wrong(string race) => Races.GoesWrongUnguardedAsync(race switch
    {
        "offer" => OfferAsync,
        "series" => SeriesAsync,
        _ => LimitAsync,
    });

    /// <summary>Each round: a device has become free; the job offers it to who waits while the desk lends it to who stands there. Wrong: both have it.</summary>
    private static async IAsyncEnumerable<string?> OfferAsync(Track track)
    {
        var portal = track.Portal;
        var town = await SeedAsync(portal, laptops: 3, tablets: 1);
        var kit = await KitTests.MakeAsync(portal, town, laptops: 1, tablets: 1);
        for (var round = 0; ; round++)
        {
            // Somebody waits for a laptop and the tablet together, so that only the job makes the offer.
            var day = WorkCalendar.Plain.AddWorkingDays(new DateOnly(2026, 4, 6), round + 1);
            portal.Clock.SetUtcNow(TokyoTime.At(day, new TimeOnly(9, 0)));
            var first = await town.Reserve(town.Request(portal.Town.Suzuki, $"{day:yyyy-MM-dd}T10:00", $"{day:yyyy-MM-dd}T11:00"));
            var wanted = town.Request(portal.Town.Sato, $"{day:yyyy-MM-dd}T10:00", $"{day:yyyy-MM-dd}T10:45") with { Wanted = [], KitId = kit, KitOfficeId = town.OfficeId };
            var entry = await Waiting.WaitingTests.Act(portal, town, portal.Town.Sato, async (line, asker) => (await line.QueueAsync(WaitlistEntryId.New(), wanted, 0, [], asker, default)).Id);
            await town.Cancel(first.Id, portal.Town.Suzuki);
            await portal.WriteAsync(async db => { foreach (var d in await db.Devices.ToListAsync()) d.Check(d.Compliance with { AntivirusOn = day, PatchedOn = day, CheckedAt = portal.Clock.GetUtcNow() }); });

            var refused = (await track.RunAsync(
                async () => { await portal.RunJob("ClockJob"); return null; },
                async () => await Record.ExceptionAsync(() => town.AtDesk((desk, clerk) => desk.WalkUpAsync(new WalkingUp(Guid.NewGuid(), town.TabletIds[0], portal.Town.Tanaka, At($"{day:yyyy-MM-dd}T10:30"), InBuilding), clerk, default)))))[1];

            if (refused is not null) Assert.IsType<RuleViolation>(refused);
            var isOffered = await portal.ReadAsync(db => db.WaitlistEntries.AnyAsync(e => e.Id == entry && e.Status == WaitlistStatus.Offered));
            var isLent = await portal.ReadAsync(db => db.Loans.AnyAsync(l => l.InAt == null));
            var overlaps = await RaceTests.OverlapsAsync(portal);
            Assert.True(isOffered || isLent, $"Nobody got it: {refused?.Message}");
            yield return isOffered != isLent && isLent == refused is null && overlaps == 0 ? null : $"offered {isOffered}, lent {isLent}, {overlaps} overlap: {refused?.Message}";
            await Waiting.WaitingTests.Act(portal, town, portal.Town.Sato, async (line, asker) => { await line.LeaveAsync(entry, asker, default); return true; });
            if (isLent) await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), town.OfficeId, [new ReturnedItem(town.TabletIds[0])]), clerk, default));
        }
    }

    /// <summary>Each round: a series of three days against one single booking on each of them. Wrong: both have a day, or a part of the series is saved.</summary>
    private static async IAsyncEnumerable<string?> SeriesAsync(Track track)
    {
        var portal = track.Portal;
        var town = await SeedAsync(portal, tablets: 1);
        var racers = await RaceTests.RacersAsync(portal, 3);
        for (var round = 0; ; round++)
        {
            var monday = new DateOnly(2026, 5, 11).AddDays(7 * (round % 5));
            var hour = 9 + round / 5;
            DateOnly[] days = [monday, monday.AddDays(1), monday.AddDays(2)];
            var template = town.Request(portal.Town.Sato, $"{monday:yyyy-MM-dd}T{hour:00}:00", $"{monday:yyyy-MM-dd}T{hour:00}:45");
            var asked = new SeriesRequest(SeriesId.New(), template, Recurrence.Parse("FREQ=DAILY;COUNT=3"), HolidayPolicy.Skip);
            var asker = await town.AskerAsync(portal.Town.Sato);

            var problems = await track.RunAsync<Exception?>([
                async () => await Record.ExceptionAsync(() => portal.InScopeAsync(services => services.GetRequiredService<SeriesBooking>().ReserveAsync(asked, asker, default))),
                .. racers.Select((racer, i) => (Func<Task<Exception?>>)(async () => await Record.ExceptionAsync(() => town.Reserve(town.Request(racer, $"{days[i]:yyyy-MM-dd}T{hour:00}:00", $"{days[i]:yyyy-MM-dd}T{hour:00}:45"))))),
            ]);

            Assert.All(problems.OfType<Exception>(), e => Assert.IsType<RuleViolation>(e));
            var (refused, lost) = (problems[0] is not null, problems[1..].Count(p => p is not null));
            var inSeries = await portal.ReadAsync(db => db.Bookings.CountAsync(b => b.SeriesId == asked.Id));
            var overlaps = await RaceTests.OverlapsAsync(portal);
            Assert.True(!refused || lost < 3, "Nobody got anything.");
            yield return (inSeries, lost, overlaps) == (refused ? (0, 0, 0) : (3, 3, 0)) ? null : $"the series was {(refused ? "refused" : "taken")} with {inSeries} days, {lost} of three lost, {overlaps} overlap";
        }
    }

    /// <summary>Each round: one person asks for a laptop of two offices. Wrong: both are given (貸-401).</summary>
    private static async IAsyncEnumerable<string?> LimitAsync(Track track)
    {
        var portal = track.Portal;
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        using var again = await portal.As(portal.Town.Sato);
        var tokens = new[] { await sato.ScriptToken(), await again.ScriptToken() };
        for (var round = 0; ; round++)
        {
            var day = WorkCalendar.Plain.AddWorkingDays(new DateOnly(2026, 4, 8), round + 1);
            var pools = new[] { town.Laptops, town.GeihokuLaptops };

            var answers = await track.RunAsync(new[] { sato, again }.Select((client, i) => (Func<Task<Answer>>)(() => client.PostJson("/api/v1/booking/bookings", new
            {
                id = Guid.NewGuid(),
                lines = new[] { new { poolId = pools[(i + round) % 2].Value } },
                from = $"{day:yyyy-MM-dd}T09:00:00+09:00",
                to = $"{day:yyyy-MM-dd}T17:00:00+09:00",
                purpose = "HomeWork",
                destination = "Home",
                acknowledged = new[] { "booking.same-time", "booking.patch-old" },
            }, tokens[i]))));

            Assert.All(answers, a => Assert.True(!track.IsGuarded || a.Status == HttpStatusCode.Created || (a.Status == HttpStatusCode.UnprocessableEntity && a.Text.Contains("貸-401", StringComparison.Ordinal)), $"{a.Status} {a.Text}"));
            var given = answers.Count(a => a.Status == HttpStatusCode.Created);
            Assert.True(given > 0, string.Join('\n', answers.Select(a => a.Text)));
            yield return given == 1 ? null : $"{given} of two were given";
            await portal.WriteAsync(async db => { foreach (var b in await db.Bookings.Include(b => b.Lines).ToListAsync()) b.Reject("次の回へ", portal.Clock.GetUtcNow()); });
        }
    }
}
