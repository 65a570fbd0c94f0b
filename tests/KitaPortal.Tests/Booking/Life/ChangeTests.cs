using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Approvals;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>変更 and 取消: places, permission, hours.</summary>
public sealed class ChangeTests
{
    [Fact]
    public async Task A_change_moves_the_place_keeps_the_device_and_the_hours_follow()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 3);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00"));
        var device = booking.Lines[0].DeviceId;

        await portal.Change(town, portal.Town.Sato, booking, "2026-04-06T11:00", "2026-04-06T15:00");

        var line = await town.Line(booking.Id);
        var place = await portal.Place(line);
        Assert.Equal((LineStatus.Approved, device, "2026-04-06T11:00", "2026-04-06T15:00"), (line.Status, line.DeviceId, place.From.Tokyo(), place.To.Tokyo()));
        Assert.Equal(240, await ExtensionTests.BookedAsync(portal));
        Assert.Empty(await ExtensionTests.DifferencesAsync(portal));
        Assert.Contains("booking.changed", await portal.Told(portal.Town.Sato));
    }

    [Fact]
    public async Task A_change_is_judged_without_the_places_it_gives_up_and_refused_with_all_rules()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00"));
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T13:00", "2026-04-06T15:00"));

        await portal.Change(town, portal.Town.Sato, booking, "2026-04-06T10:00", "2026-04-06T13:00");
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => portal.Change(town, portal.Town.Sato, booking, "2026-04-06T10:10", "2026-04-06T14:00"));

        Assert.Equal(["貸-101", "貸-201"], refused.Broken.Select(b => b.Rule.Number));
        Assert.Equal("2026-04-06T13:00", (await town.Line(booking.Id)).To.Tokyo());
    }

    [Fact]
    public async Task Shrinking_keeps_the_permission_and_a_later_end_voids_it()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T08:30", "2026-04-07T17:15", town.Laptops, aim: AtHome));
        await LifeOfALineTests.Decide(portal, booking, portal.Town.GeneralHead);

        await portal.Change(town, portal.Town.Sato, booking, "2026-04-07T09:00", "2026-04-07T16:00");
        Assert.Equal(LineStatus.Approved, (await town.Line(booking.Id)).Status);

        var changed = await portal.Change(town, portal.Town.Sato, booking, "2026-04-07T09:00", "2026-04-08T16:00");
        Assert.Equal(LineStatus.Requested, (await town.Line(booking.Id)).Status);
        Assert.NotEqual(booking.ApprovalRequestId, changed.ApprovalRequestId);
        Assert.Equal(0, await ExtensionTests.BookedAsync(portal));
        await LifeOfALineTests.Decide(portal, changed, portal.Town.GeneralHead);
        Assert.Equal(LineStatus.Approved, (await town.Line(booking.Id)).Status);
        Assert.Equal(2, await portal.ReadAsync(db => db.TakeOutPermissions.CountAsync()));
        Assert.Empty(await ExtensionTests.DifferencesAsync(portal));
    }

    [Fact]
    public async Task Another_destination_while_asked_closes_the_old_request()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T08:30", "2026-04-07T17:15", town.Laptops, aim: AtHome));

        await portal.Change(town, portal.Town.Sato, booking, "2026-04-07T08:30", "2026-04-07T17:15", InBuilding);

        Assert.Equal(LineStatus.Approved, (await town.Line(booking.Id)).Status);
        Assert.Equal(RequestState.Withdrawn, await portal.ReadAsync(async db => (await db.ApprovalRequests.AsNoTracking().SingleAsync()).State));
    }

    [Fact]
    public async Task More_and_fewer_devices_and_another_model_are_one_change()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 3);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00"));

        await portal.Change(town, portal.Town.Sato, booking, "2026-04-06T10:00", "2026-04-06T12:00", wanted: [new WantedDevice(town.Tablets, null, 3)]);
        Assert.Equal(3, await ActiveAsync(portal, town.Tablets));
        await portal.Change(town, portal.Town.Sato, booking, "2026-04-06T10:00", "2026-04-06T12:00", wanted: [new WantedDevice(town.Laptops, null)]);

        Assert.Equal((0, 1), (await ActiveAsync(portal, town.Tablets), await ActiveAsync(portal, town.Laptops)));
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
        Assert.Empty(await ExtensionTests.DifferencesAsync(portal));
    }

    [Fact]
    public async Task A_change_writes_down_that_its_digits_are_no_my_number()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00"));

        await portal.Change(town, portal.Town.Sato, booking, "2026-04-06T10:00", "2026-04-06T11:00", booking.Aim with { PurposeNote = "資産番号 123456789018" }, acknowledged: "booking.mynumber");

        Assert.Equal(1, await portal.ReadAsync(db => db.Set<KitaPortal.Platform.Audit.AuditEntry>().CountAsync(a => a.Action == "booking.number-confirmed")));
    }

    [Fact]
    public async Task A_stale_page_gets_409_and_nothing_changed_is_said()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00"));
        var seen = await portal.ReadAsync(async db => (await db.Bookings.AsNoTracking().SingleAsync()).Version);
        await portal.Change(town, portal.Town.Sato, booking, "2026-04-06T10:00", "2026-04-06T13:00");

        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => portal.Later(town, portal.Town.Sato, (life, asker)
            => life.ChangeAsync(new Changing(booking.Id, At("2026-04-06T10:00"), At("2026-04-06T14:00"), booking.Aim) { Version = seen }, asker, default)));
        var same = await Assert.ThrowsAsync<RuleViolation>(() => portal.Change(town, portal.Town.Sato, booking, "2026-04-06T10:00", "2026-04-06T13:00"));
        Assert.Equal("貸-837", same.Broken[0].Rule.Number);
    }

    [Fact]
    public async Task A_withdrawn_request_can_be_handed_in_again_and_never_keeps_a_booking_stuck()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T08:30", "2026-04-07T17:15", town.Laptops, aim: AtHome));
        var request = new ApprovalRequestId(booking.ApprovalRequestId!.Value);
        await portal.Act(request, portal.Town.Sato, (r, acting) => r.Withdraw(acting));

        portal.Clock.SetUtcNow(At("2026-04-07T08:30"));
        await portal.RunJob("ClockJob");

        Assert.Equal(LineStatus.Lapsed, (await town.Line(booking.Id)).Status);
        Assert.Equal(RequestState.Withdrawn, await portal.ReadAsync(async db => (await db.ApprovalRequests.AsNoTracking().SingleAsync()).State));
        Assert.Equal(LineStatus.Requested, (await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T08:30", "2026-04-07T17:15", town.Laptops, aim: AtHome))).Lines[0].Status);
    }

    [Fact]
    public async Task Cancelling_keeps_the_hours_right_before_and_after_the_start()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var early = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00"));
        var late = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T10:00", "2026-04-06T12:00"));
        await town.Cancel(early.Id, portal.Town.Sato);
        portal.Clock.SetUtcNow(At("2026-04-06T10:30"));
        await town.Cancel(late.Id, portal.Town.Suzuki);

        Assert.Equal((LineStatus.Cancelled, LineStatus.NoShow), ((await town.Line(early.Id)).Status, (await town.Line(late.Id)).Status));
        Assert.Equal(0, await ExtensionTests.BookedAsync(portal));
        Assert.Empty(await ExtensionTests.DifferencesAsync(portal));
    }

    private static Task<int> ActiveAsync(PortalHost portal, PoolId pool)
        => portal.ReadAsync(db => db.BookingLines.CountAsync(l => l.PoolId == pool && l.Status == LineStatus.Approved));
}
