using KitaPortal.Features.Booking;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>移送: two desks, one device, no moment in which nobody knows where it is.</summary>
public sealed class TransferTests
{
    [Fact]
    public async Task A_device_is_free_at_the_source_before_at_the_target_after_and_nowhere_between()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 1);
        await portal.WriteAsync(async db => (await db.Devices.SingleAsync(d => d.Label == "PC-901")).SetStatus(DeviceStatus.Maintenance, "試験"));
        await PlanAsync(portal, town, town.LaptopIds[0], "2026-04-07T12:00", "2026-04-08T12:00");

        Assert.Equal(LineStatus.Approved, (await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00", town.Laptops))).Lines[0].Status);
        Assert.Equal(["貸-201"], await RefusedAsync(town.Request(portal.Town.Sato, "2026-04-07T11:00", "2026-04-07T13:00", town.Laptops), "booking.same-time"));
        Assert.Equal(["貸-201"], await RefusedAsync(town.Request(portal.Town.Tanaka, "2026-04-08T11:00", "2026-04-08T13:00", town.GeihokuLaptops)));
        Assert.Equal(["貸-204"], await RefusedAsync(town.Request(portal.Town.Tanaka, "2026-04-08T11:00", "2026-04-08T13:00", device: town.LaptopIds[0])));
        var there = await town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-08T13:00", "2026-04-08T14:00", device: town.LaptopIds[0]));
        Assert.Equal(town.GeihokuLaptops, there.Lines[0].PoolId);

        async Task<IEnumerable<string>> RefusedAsync(BookingRequest request, params string[] ticked)
            => (await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(request with { Acknowledged = ticked }))).Broken.Select(b => b.Rule.Number);
    }

    [Fact]
    public async Task Only_the_source_sends_only_the_target_receives_and_only_then_the_pool_changes()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var device = town.LaptopIds[0];
        var transfer = await PlanAsync(portal, town, device, "2026-04-07T12:00", "2026-04-08T12:00");

        await Assert.ThrowsAsync<NotHereException>(() => SendAsync(portal, town, transfer.Id, portal.Town.GeihokuDesk));
        await Assert.ThrowsAsync<RuleViolation>(() => ReceiveAsync(portal, town, transfer.Id, portal.Town.GeihokuDesk));
        portal.Clock.SetUtcNow(At("2026-04-07T12:05"));
        await SendAsync(portal, town, transfer.Id, portal.Town.Desk);
        await Assert.ThrowsAsync<NotHereException>(() => ReceiveAsync(portal, town, transfer.Id, portal.Town.Desk));
        Assert.Equal(town.Laptops, await PoolOfAsync(portal, device));
        portal.Clock.SetUtcNow(At("2026-04-07T16:00"));
        await ReceiveAsync(portal, town, transfer.Id, portal.Town.GeihokuDesk);

        Assert.Equal(town.GeihokuLaptops, await PoolOfAsync(portal, device));
        Assert.Equal(LineStatus.Approved, (await town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-07T16:00", "2026-04-07T17:00", device: device))).Lines[0].Status);
    }

    [Fact]
    public async Task Planning_moves_tentative_bookings_and_refuses_pinned_ones_and_a_second_transfer()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 2);
        var tentative = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T09:00", "2026-04-08T10:00", town.Laptops));
        var device = tentative.Lines[0].DeviceId!.Value;
        var other = town.LaptopIds.Single(l => l != device);
        await PlanAsync(portal, town, device, "2026-04-07T12:00", "2026-04-08T12:00");
        Assert.Equal(other, (await town.Line(tentative.Id)).DeviceId);

        var second = await Assert.ThrowsAsync<RuleViolation>(() => PlanAsync(portal, town, device, "2026-04-09T12:00", "2026-04-10T12:00"));
        var stranded = await Assert.ThrowsAsync<RuleViolation>(() => PlanAsync(portal, town, other, "2026-04-07T12:00", "2026-04-08T12:00"));
        Assert.Contains("貸-841", second.Broken.Select(b => b.Rule.Number));
        Assert.Equal("貸-842", Assert.Single(stranded.Broken).Rule.Number);
        Assert.Equal(other, (await town.Line(tentative.Id)).DeviceId);
    }

    [Fact]
    public async Task A_cancelled_transfer_gives_bookings_at_the_target_other_devices()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var transfer = await PlanAsync(portal, town, town.LaptopIds[0], "2026-04-07T12:00", "2026-04-08T12:00");
        var there = await town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-09T13:00", "2026-04-09T14:00", device: town.LaptopIds[0]));

        await portal.With<Transferring, bool>(town, portal.Town.Desk, async (t, asker) => { await t.CancelAsync(transfer.Id, "不要になった", asker, default); return true; });

        var line = await town.Line(there.Id);
        Assert.Equal("PC-901", await portal.ReadAsync(async db => (await db.Devices.AsNoTracking().SingleAsync(d => d.Id == line.DeviceId)).Label));
        Assert.Equal(LineStatus.Approved, (await town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T09:00", "2026-04-08T10:00", device: town.LaptopIds[0]))).Lines[0].Status);
    }

    [Fact]
    public async Task Sent_earlier_than_planned_it_leaves_tentative_bookings_to_other_devices_and_stays_for_pinned_ones()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 2);
        var tentative = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00", town.Laptops));
        var device = tentative.Lines[0].DeviceId!.Value;
        var other = town.LaptopIds.Single(l => l != device);
        var transfer = await PlanAsync(portal, town, device, "2026-04-07T15:00", "2026-04-08T12:00");

        await SendAsync(portal, town, transfer.Id, portal.Town.Desk);

        Assert.Equal(other, (await town.Line(tentative.Id)).DeviceId);
        Assert.Equal(portal.Clock.GetUtcNow(), await portal.ReadAsync(async db => (await db.Occupancies.AsNoTracking().SingleAsync(o => o.Id == transfer.OccupancyId)).From));

        await town.Cancel(tentative.Id, portal.Town.Sato);
        var pinned = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00", device: other));
        var second = await PlanAsync(portal, town, other, "2026-04-07T15:00", "2026-04-08T12:00");
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => SendAsync(portal, town, second.Id, portal.Town.Desk));
        Assert.Equal("貸-842", Assert.Single(refused.Broken).Rule.Number);
        Assert.Equal((other, false), ((await town.Line(pinned.Id)).DeviceId, (await town.Line(pinned.Id)).NeedsSubstitute));
    }

    [Fact]
    public async Task Planning_asks_nothing_of_bookings_that_wait_for_a_device_for_another_reason()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 2);
        var waiting = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T10:00", device: town.LaptopIds[0]));
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T10:00", town.Laptops));
        await ClosureTests.EnterAsync(portal, town, Guid.NewGuid(), town.LaptopIds[0], "2026-04-06T12:00", "2026-04-07T12:00");
        Assert.True((await town.Line(waiting.Id)).NeedsSubstitute);

        Assert.Equal(TransferState.Planned, (await PlanAsync(portal, town, town.LaptopIds[1], "2026-04-08T12:00", "2026-04-09T12:00")).State);
    }

    [Fact]
    public async Task A_late_loan_puts_a_transfer_off_and_what_it_was_promised_for_gets_another_device()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 1);
        await portal.WriteAsync(async db => (await db.DeviceClasses.SingleAsync(c => c.Code == "laptop")).Lend(selfService: false, deemedPermission: true, turnaroundMinutes: 0));
        var device = town.LaptopIds[0];
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T10:00", town.Laptops));
        await portal.HandOver(town, booking.Lines[0].Id);
        var transfer = await PlanAsync(portal, town, device, "2026-04-06T10:00", "2026-04-06T11:00");
        var there = await town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-06T11:00", "2026-04-06T15:00", device: device));

        portal.Clock.SetUtcNow(At("2026-04-06T11:30"));
        await portal.RunJob("ClockJob");

        var way = await portal.ReadAsync(db => db.Occupancies.AsNoTracking().SingleAsync(o => o.Id == transfer.OccupancyId));
        Assert.Equal(("2026-04-06T12:30", "2026-04-06T13:30", true), (way.From.Tokyo(), way.To.Tokyo(), way.Active));
        Assert.NotEqual(device, (await town.Line(there.Id)).DeviceId);
        await portal.TakeBack(town, device);
        await SendAsync(portal, town, transfer.Id, portal.Town.Desk);
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
    }

    [Fact]
    public async Task A_cancelled_transfer_leaves_past_loans_at_the_target_as_they_were()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 1);
        var device = await portal.ReadAsync(async db => (await db.Devices.AsNoTracking().SingleAsync(d => d.Label == "PC-901")).Id);
        await town.LetAllBorrowAsync([portal.Town.GeihokuDesk]);
        var past = await town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-06T09:00", "2026-04-06T10:00", device: device));
        await town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(past.Lines[0].Id)]), clerk, default), portal.Town.GeihokuDesk);
        portal.Clock.SetUtcNow(At("2026-04-06T10:00"));
        await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.Geihoku, [new ReturnedItem(device)]), clerk, default), portal.Town.GeihokuDesk);
        await MoveAsync(portal.Town.MainOffice, "2026-04-06T12:00", "2026-04-06T13:00", portal.Town.GeihokuDesk, portal.Town.Desk);

        var back = await PlanAsync(portal, town, device, "2026-04-07T12:00", "2026-04-07T13:00");
        await portal.With<Transferring, bool>(town, portal.Town.Desk, async (t, asker) => { await t.CancelAsync(back.Id, null, asker, default); return true; });

        Assert.Equal((device, false), ((await town.Line(past.Id)).DeviceId, (await town.Line(past.Id)).NeedsSubstitute));

        async Task MoveAsync(Features.People.OfficeId to, string sendAt, string arriveBy, StaffId sender, StaffId receiver)
        {
            var transfer = await portal.With<Transferring, Transfer>(town, sender, (t, asker) => t.PlanAsync(Guid.NewGuid(), device, to, At(sendAt), At(arriveBy), null, asker, default));
            portal.Clock.SetUtcNow(At(sendAt));
            await SendAsync(portal, town, transfer.Id, sender);
            await ReceiveAsync(portal, town, transfer.Id, receiver);
        }
    }

    [Fact]
    public async Task What_does_not_arrive_keeps_its_time_and_is_missing_a_working_day_later_until_it_turns_up()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var device = town.LaptopIds[0];
        var transfer = await PlanAsync(portal, town, device, "2026-04-07T12:00", "2026-04-08T12:00");
        var there = await town.Reserve(town.Request(portal.Town.Tanaka, "2026-04-08T13:00", "2026-04-08T14:00", device: device));
        portal.Clock.SetUtcNow(At("2026-04-07T12:00"));
        await SendAsync(portal, town, transfer.Id, portal.Town.Desk);
        portal.Clock.SetUtcNow(At("2026-04-08T12:30"));
        await portal.RunJob("ClockJob");
        Assert.NotEqual(device, (await town.Line(there.Id)).DeviceId);

        portal.Clock.SetUtcNow(At("2026-04-09T12:00"));
        await portal.RunJob("ClockJob");
        var (state, status) = await portal.ReadAsync(async db => ((await db.Transfers.AsNoTracking().SingleAsync()).State, (await db.Devices.AsNoTracking().SingleAsync(d => d.Id == device)).Status));
        Assert.Equal((TransferState.Missing, DeviceStatus.Missing), (state, status));
        Assert.Contains("transfer.missing", await portal.Told(portal.Town.Desk));
        Assert.Contains("transfer.missing", await portal.Told(portal.Town.GeihokuDesk));

        await ReceiveAsync(portal, town, transfer.Id, portal.Town.GeihokuDesk);
        Assert.Equal(town.GeihokuLaptops, await PoolOfAsync(portal, device));
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
    }

    internal static Task<Transfer> PlanAsync(PortalHost portal, BookingTown town, DeviceId device, string sendAt, string arriveBy)
        => portal.With<Transferring, Transfer>(town, portal.Town.Desk, (t, asker) => t.PlanAsync(Guid.NewGuid(), device, portal.Town.Geihoku, At(sendAt), At(arriveBy), null, asker, default));

    internal static Task<bool> SendAsync(PortalHost portal, BookingTown town, Guid id, StaffId clerk)
        => portal.With<Transferring, bool>(town, clerk, async (t, asker) => { await t.SendAsync(id, asker, default); return true; });

    internal static Task<bool> ReceiveAsync(PortalHost portal, BookingTown town, Guid id, StaffId clerk)
        => portal.With<Transferring, bool>(town, clerk, async (t, asker) => { await t.ReceiveAsync(id, DeviceCondition.Fit, null, asker, default); return true; });

    private static Task<PoolId> PoolOfAsync(PortalHost portal, DeviceId device) => portal.ReadAsync(async db => (await db.Devices.AsNoTracking().SingleAsync(d => d.Id == device)).PoolId);
}
