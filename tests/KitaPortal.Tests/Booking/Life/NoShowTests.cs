using KitaPortal.Features.Booking;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>未受取 by the clock alone, the warning before it, the promise to come, the revival, and what happens when a device is not there.</summary>
public sealed class NoShowTests
{
    [Fact]
    public async Task It_is_warned_once_half_an_hour_before_and_may_be_kept_once()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T16:00"));
        portal.Clock.SetUtcNow(At("2026-04-06T10:29"));
        await portal.RunJob("ClockJob");
        Assert.DoesNotContain("booking.no-show-soon", await portal.Told(portal.Town.Sato));
        portal.Clock.SetUtcNow(At("2026-04-06T10:30"));
        await portal.RunJob("ClockJob");
        await portal.RunJob("ClockJob");
        Assert.Single(await portal.Told(portal.Town.Sato), k => k == "booking.no-show-soon");

        await portal.Keep(town, portal.Town.Sato, booking.Lines[0].Id, "2026-04-06T13:00");
        await Assert.ThrowsAsync<RuleViolation>(() => portal.Keep(town, portal.Town.Sato, booking.Lines[0].Id, "2026-04-06T14:00"));
        portal.Clock.SetUtcNow(At("2026-04-06T12:59"));
        await portal.RunJob("ClockJob");
        Assert.Equal(LineStatus.Approved, (await town.Line(booking.Id)).Status);
        portal.Clock.SetUtcNow(At("2026-04-06T13:00"));

        // No job: the next command settles.
        Assert.Equal(LineStatus.Approved, (await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T13:00", "2026-04-06T14:00"))).Lines[0].Status);
        Assert.Equal(LineStatus.NoShow, (await town.Line(booking.Id)).Status);
        Assert.Empty(await ExtensionTests.DifferencesAsync(portal));
    }

    [Fact]
    public async Task The_clock_set_back_takes_nothing_again()
    {
        await using var portal = await PortalHost.StartAsync(At("2026-04-06T12:00"));
        var town = await SeedAsync(portal);
        var now = portal.Clock.GetUtcNow();
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T12:00", "2026-04-06T15:00"));
        await portal.WriteAsync(db => KitaPortal.Features.Booking.Assigning.Settling.SettleAsync(db, [town.Tablets], now.AddHours(3), default));
        Assert.Equal(LineStatus.NoShow, (await town.Line(booking.Id)).Status);

        await portal.WriteAsync(db => KitaPortal.Features.Booking.Assigning.Settling.SettleAsync(db, [town.Tablets], now, default));

        Assert.Equal(LineStatus.NoShow, (await town.Line(booking.Id)).Status);
    }

    [Fact]
    public async Task The_desk_revives_it_the_same_day_when_a_device_is_free()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T16:00"));
        portal.Clock.SetUtcNow(At("2026-04-06T11:00"));
        await portal.RunJob("ClockJob");
        Assert.Equal((LineStatus.NoShow, 0), ((await town.Line(booking.Id)).Status, await ExtensionTests.BookedAsync(portal)));

        await Assert.ThrowsAsync<NotHereException>(() => portal.Revive(town, portal.Town.Sato, booking.Lines[0].Id));
        await portal.Revive(town, portal.Town.Desk, booking.Lines[0].Id);
        var loan = await portal.HandOver(town, booking.Lines[0].Id);

        Assert.Equal(LineStatus.OnLoan, (await town.Line(booking.Id)).Status);
        Assert.Equal(420, await ExtensionTests.BookedAsync(portal));
        await portal.TakeBack(town, loan.DeviceId);
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
        Assert.Empty(await ExtensionTests.DifferencesAsync(portal));
    }

    [Fact]
    public async Task Reviving_refuses_when_the_device_went_to_somebody_else_or_the_day_is_over()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-07T16:00"));
        portal.Clock.SetUtcNow(At("2026-04-06T11:00"));
        await portal.RunJob("ClockJob");
        var other = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T15:00", "2026-04-06T16:00"));

        var taken = await Assert.ThrowsAsync<RuleViolation>(() => portal.Revive(town, portal.Town.Desk, booking.Lines[0].Id));
        await town.Cancel(other.Id, portal.Town.Suzuki);
        portal.Clock.SetUtcNow(At("2026-04-07T09:00"));
        var late = await Assert.ThrowsAsync<RuleViolation>(() => portal.Revive(town, portal.Town.Desk, booking.Lines[0].Id));

        Assert.Equal(("貸-201", "貸-836"), (taken.Broken[0].Rule.Number, late.Broken[0].Rule.Number));
    }

    [Fact]
    public async Task A_late_device_is_replaced_or_the_next_one_waits_first_in_line_and_ends_without_blame()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, out_) = await ExtensionTests.OutAsync(portal, tablets: 2);
        var own = (await town.Line(out_.Id)).DeviceId!.Value;
        var other = town.TabletIds.Single(t => t != own);
        var next = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T12:00", "2026-04-06T16:00", device: own));
        var pinned = await town.Reserve(town.Request(portal.Town.GeneralHead, "2026-04-06T13:00", "2026-04-06T17:00", device: other));
        portal.Clock.SetUtcNow(At("2026-04-06T12:10"));
        await portal.RunJob("ClockJob");

        var waiting = await town.Line(next.Id);
        Assert.Equal((null, true), (waiting.DeviceId, waiting.NeedsSubstitute));
        Assert.Contains("booking.substituted", await portal.Told(portal.Town.Suzuki));
        Assert.Contains("booking.needs-substitute", await portal.Told(portal.Town.Desk));
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await portal.RunJob("ClockJob"));    // it goes on waiting, and the list of jobs says nothing of it
        await town.Cancel(pinned.Id, portal.Town.GeneralHead);    // frees the other one: it goes there first
        Assert.Equal((other, false), ((await town.Line(next.Id)).DeviceId, (await town.Line(next.Id)).NeedsSubstitute));

        await portal.Lose(town, portal.Town.Sato, out_.Lines[0].Id);
        await portal.WriteAsync(async db => { var d = await db.Devices.SingleAsync(x => x.Id == other); d.SetStatus(DeviceStatus.Maintenance, "故障"); await db.SaveChangesAsync(); await KitaPortal.Features.Booking.Assigning.Settling.EmptyAsync(db, d, portal.Clock.GetUtcNow(), default); });
        portal.Clock.SetUtcNow(At("2026-04-06T14:00"));
        await portal.RunJob("ClockJob");
        var ended = await town.Line(next.Id);
        Assert.Equal((LineStatus.Cancelled, "機器都合"), (ended.Status, ended.CancelReason));
        Assert.Empty(await ExtensionTests.DifferencesAsync(portal));
    }

    [Fact]
    public async Task An_undecided_booking_lapses_only_in_the_pools_that_are_settled_and_is_told_once_by_the_job()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        BookingRequest Both(string day) => town.Request(portal.Town.Sato, $"{day}T09:00", $"{day}T12:00", aim: AtHome) with { Wanted = [new WantedDevice(town.Tablets, null), new WantedDevice(town.Laptops, null)] };
        var first = await town.Reserve(Both("2026-04-07"));
        portal.Clock.SetUtcNow(At("2026-04-07T09:00"));
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T10:00"));
        Assert.Equal([LineStatus.Lapsed, LineStatus.Requested], await StatesAsync(first.Id));
        await portal.RunJob("ClockJob");
        Assert.Equal([LineStatus.Lapsed, LineStatus.Lapsed], await StatesAsync(first.Id));

        var second = await town.Reserve(Both("2026-04-08"));
        portal.Clock.SetUtcNow(At("2026-04-08T09:00"));
        await portal.RunJob("ClockJob");
        Assert.Equal([LineStatus.Lapsed, LineStatus.Lapsed], await StatesAsync(second.Id));
        Assert.Equal(3, (await portal.Told(portal.Town.Sato)).Count(k => k == "booking.lapsed"));

        Task<List<LineStatus>> StatesAsync(BookingId id) => portal.ReadAsync(db => db.BookingLines.Where(l => l.BookingId == id).OrderBy(l => l.PoolId != town.Tablets).Select(l => l.Status).ToListAsync());
    }

    [Fact]
    public async Task A_prepared_device_that_breaks_is_replaced_by_one_that_is_not_prepared()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00"));
        await town.AtDesk(async (desk, clerk) => { await desk.PrepareAsync(booking.Lines[0].Id, null, clerk, default); return true; });
        var prepared = (await town.Line(booking.Id)).DeviceId!.Value;

        await ClosureTests.EnterAsync(portal, town, Guid.NewGuid(), prepared, "2026-04-06T09:30", null);

        var line = await town.Line(booking.Id);
        Assert.Equal((LineStatus.Approved, town.TabletIds.Single(t => t != prepared)), (line.Status, line.DeviceId));
    }

    [Fact]
    public async Task A_line_that_waits_past_its_start_gets_the_device_that_comes_back_from_then_on()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, first) = await ExtensionTests.OutAsync(portal, tablets: 2);
        var own = (await town.Line(first.Id)).DeviceId!.Value;
        var other = town.TabletIds.Single(t => t != own);
        var second = await town.Reserve(town.Request(portal.Town.GeneralHead, "2026-04-06T09:00", "2026-04-06T12:00", device: other));
        await portal.HandOver(town, second.Lines[0].Id);
        var next = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T12:00", "2026-04-06T16:00", device: own));
        portal.Clock.SetUtcNow(At("2026-04-06T12:30"));
        await portal.RunJob("ClockJob");
        Assert.True((await town.Line(next.Id)).NeedsSubstitute);

        await portal.TakeBack(town, other);

        var line = await town.Line(next.Id);
        Assert.Equal((other, false), (line.DeviceId, line.NeedsSubstitute));
        Assert.Equal("2026-04-06T12:30", (await portal.Place(line)).From.Tokyo());
        await portal.HandOver(town, line.Id);
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
    }

    [Fact]
    public async Task After_its_start_a_line_takes_another_device_from_the_counter_that_came_back_late()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, first) = await ExtensionTests.OutAsync(portal, tablets: 2);
        var own = (await town.Line(first.Id)).DeviceId!.Value;
        var next = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T12:00", "2026-04-06T16:00"));
        portal.Clock.SetUtcNow(At("2026-04-06T12:30"));
        await portal.TakeBack(town, own);

        await portal.HandOver(town, next.Lines[0].Id, own);

        Assert.Equal(own, (await town.Line(next.Id)).DeviceId);
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
    }

    [Fact]
    public async Task A_lost_device_is_missing_and_its_line_is_lost_until_it_is_found()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await ExtensionTests.OutAsync(portal, tablets: 2);
        var own = (await town.Line(booking.Id)).DeviceId!.Value;
        var next = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T13:00", "2026-04-06T14:00", device: own));
        portal.Clock.SetUtcNow(At("2026-04-06T11:00"));

        await portal.Lose(town, portal.Town.Sato, booking.Lines[0].Id);

        Assert.Equal((LineStatus.Lost, DeviceStatus.Missing), ((await town.Line(booking.Id)).Status, await portal.ReadAsync(async db => (await db.Devices.AsNoTracking().SingleAsync(d => d.Id == own)).Status)));
        Assert.NotEqual(own, (await town.Line(next.Id)).DeviceId);
        Assert.Empty(await ExtensionTests.DifferencesAsync(portal));
        var again = await Assert.ThrowsAsync<RuleViolation>(() => portal.Lose(town, portal.Town.Sato, booking.Lines[0].Id));
        Assert.Equal("貸-987", again.Broken[0].Rule.Number);
    }
}
