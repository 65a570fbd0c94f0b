using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>Real races on real connections: an extension against the next booking, the last device of a pool against a pinned one, a cancellation against the hand-over.
/// Each goes wrong when the guards are taken away: the race is a race.</summary>
public sealed class LifeRaceTests
{
    private const int Rounds = 30;

    [Fact]
    public Task An_extension_and_the_next_booking_never_hold_the_same_time() => Races.IsRightAsync(ExtensionAsync, Rounds);

    [Fact]
    public Task The_last_device_of_a_pool_goes_to_the_pool_or_to_who_named_it() => Races.IsRightAsync(LastDeviceAsync, Rounds);

    [Fact]
    public Task A_booking_is_cancelled_or_handed_over_never_both() => Races.IsRightAsync(CancelAsync, Rounds);

    [Fact]
    public async Task What_another_command_changed_meanwhile_is_read_again()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var (device, reads) = (town.TabletIds[0], 0);
        var (isRead, isOvertaken) = (new TaskCompletionSource(), new TaskCompletionSource());

        var slow = portal.WriteAsync(async db =>
        {
            var row = await db.Devices.SingleAsync(d => d.Id == device);
            reads++;
            isRead.TrySetResult();
            await isOvertaken.Task;
            row.SetStatus(DeviceStatus.Maintenance, "点検");
        });
        await isRead.Task;
        var quick = portal.WriteAsync(async db => (await db.Devices.SingleAsync(d => d.Id == device)).Relabel("iPad-900"));
        if (TestDatabase.IsPostgres) await quick;    // SQLite has one writer: the second waits for the first, which reads once
        isOvertaken.SetResult();
        await Task.WhenAll(slow, quick);

        var now = await portal.ReadAsync(db => db.Devices.AsNoTracking().SingleAsync(d => d.Id == device));
        Assert.Equal((TestDatabase.IsPostgres ? 2 : 1, "iPad-900", DeviceStatus.Maintenance), (reads, now.Label, now.Status));
    }

    [Theory]
    [InlineData("extension")]
    [InlineData("last device")]
    [InlineData("cancel")]
    public Task Without_the_guards_the_same_races_go_wrong(string race) => Races.GoesWrongUnguardedAsync(race switch
    {
        "extension" => ExtensionAsync,
        "last device" => LastDeviceAsync,
        _ => CancelAsync,
    });

    /// <summary>Each round: a device is out until its hour's half, its borrower extends while another books it from then on. Wrong: two places at once.</summary>
    private static async IAsyncEnumerable<string?> ExtensionAsync(Track track)
    {
        var portal = track.Portal;
        var town = await SeedAsync(portal);
        for (var round = 0; ; round++)
        {
            var from = Open(portal, round);
            var booking = await town.Reserve(Named(town, portal.Town.Sato, from, 60));
            await portal.HandOver(town, booking.Lines[0].Id);

            var answers = await track.RunAsync(
                () => Try(() => portal.Later(town, portal.Town.Sato, (life, asker) => life.ExtendAsync(new Extending(booking.Id, null, from.AddMinutes(120)), asker, default))),
                () => Try(() => town.Reserve(Named(town, portal.Town.Suzuki, from.AddMinutes(60), 60))));

            yield return await WrongAsync(portal, answers);
            await ClearAsync(portal);
        }
    }

    /// <summary>Each round: three devices, two of them taken; one asks for any, one for exactly the last. Wrong: both have it.</summary>
    private static async IAsyncEnumerable<string?> LastDeviceAsync(Track track)
    {
        var portal = track.Portal;
        var town = await SeedAsync(portal, tablets: 3);
        for (var round = 0; ; round++)
        {
            var from = Open(portal, round);
            await town.Reserve(Named(town, portal.Town.GeneralHead, from, 60, 0));
            await town.Reserve(Named(town, portal.Town.GeneralHead, from, 60, 1));

            var answers = await track.RunAsync(
                () => Try(() => town.Reserve(Named(town, portal.Town.Sato, from, 60, 2))),
                () => Try(() => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T09:00", "2026-04-06T10:00") with { From = from, To = from.AddMinutes(60) })));

            yield return await WrongAsync(portal, answers);
            await ClearAsync(portal);
        }
    }

    /// <summary>Each round: the borrower cancels while the desk hands over. Wrong: a device is out on a line that is not.</summary>
    private static async IAsyncEnumerable<string?> CancelAsync(Track track)
    {
        var portal = track.Portal;
        var town = await SeedAsync(portal);
        for (var round = 0; ; round++)
        {
            var from = Open(portal, round);
            var booking = await town.Reserve(Named(town, portal.Town.Sato, from, 60));

            var acts = await track.RunAsync(
                () => Try(() => town.Cancel(booking.Id, portal.Town.Sato)),
                () => Try(() => portal.HandOver(town, booking.Lines[0].Id)));

            Assert.Contains(true, acts);
            var line = await town.Line(booking.Id);
            var isOut = await portal.ReadAsync(db => db.Loans.AnyAsync(l => l.LineId == line.Id && l.InAt == null));
            var holds = (await portal.Place(line)).To > portal.Clock.GetUtcNow();
            yield return isOut == (line.Status == LineStatus.OnLoan) && isOut == holds ? null : $"the device is out {isOut}, the line {line.Status}, its time taken {holds}";
            await ClearAsync(portal);
        }
    }

    private static async Task<string?> WrongAsync(PortalHost portal, bool[] answers)
    {
        Assert.Contains(true, answers);
        var overlaps = await RaceTests.OverlapsAsync(portal);
        return answers.Count(a => a) == 1 && overlaps == 0 ? null : $"{answers.Count(a => a)} of two were given, {overlaps} overlap";
    }

    // One hour of one working day per round, with the clock at its start.
    private static DateTimeOffset Open(PortalHost portal, int round)
    {
        var day = KitaPortal.Platform.Japanese.WorkCalendar.Plain.AddWorkingDays(new DateOnly(2026, 4, 6), 1 + round);
        var from = At($"{day:yyyy-MM-dd}T10:00").ToUniversalTime();
        portal.Clock.SetUtcNow(from);
        return from;
    }

    private static BookingRequest Named(BookingTown town, KitaPortal.Platform.Domain.StaffId who, DateTimeOffset from, int minutes, int device = 0)
        => town.Request(who, "2026-04-06T09:00", "2026-04-06T10:00", device: town.TabletIds[device], acknowledged: "booking.same-time") with { From = from, To = from.AddMinutes(minutes) };

    private static async Task<bool> Try<T>(Func<Task<T>> act) => await Record.ExceptionAsync(() => act()) switch
    {
        null => true,
        RuleViolation or NotHereException => false,
        var e when DatabaseErrors.IsSomeoneWasFaster(e) => false,
        var e => throw e,
    };

    private static Task<bool> Try(Func<Task> act) => Try(async () => { await act(); return true; });

    private static Task ClearAsync(PortalHost portal) => portal.WriteAsync(async db =>
    {
        await db.Occupancies.ExecuteUpdateAsync(o => o.SetProperty(x => x.Active, false));
        await db.Loans.Where(l => l.InAt == null).ExecuteUpdateAsync(l => l.SetProperty(x => x.InAt, portal.Clock.GetUtcNow()));
        await db.BookingLines.ExecuteUpdateAsync(l => l.SetProperty(x => x.Status, LineStatus.Returned));
    });
}
