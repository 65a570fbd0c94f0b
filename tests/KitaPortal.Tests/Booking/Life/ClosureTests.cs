using KitaPortal.Features.Booking;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>整備, 使用停止 and 貸出停止期間, and what they do to bookings.</summary>
public sealed class ClosureTests
{
    [Fact]
    public async Task Maintenance_takes_the_device_out_and_ending_it_gives_it_to_who_waits()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var one = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00"));
        var two = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        var id = Guid.NewGuid();

        await EnterAsync(portal, town, id, (await town.Line(one.Id)).DeviceId!.Value, "2026-04-07T08:30", null);
        Assert.Single([await town.Line(one.Id), await town.Line(two.Id)], l => l.NeedsSubstitute);
        await portal.With<Maintaining, bool>(town, portal.Town.Desk, async (m, _) => { await m.EndAsync(id, "電池を交換", isFit: true, default); return true; });

        Assert.DoesNotContain([await town.Line(one.Id), await town.Line(two.Id)], l => l.NeedsSubstitute);
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
    }

    [Fact]
    public async Task Maintenance_refuses_while_the_device_is_out_or_already_planned()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await ExtensionTests.OutAsync(portal);
        var device = (await town.Line(booking.Id)).DeviceId!.Value;

        var isOut = await Assert.ThrowsAsync<RuleViolation>(() => EnterAsync(portal, town, Guid.NewGuid(), device, "2026-04-06T11:00", "2026-04-06T16:00"));
        await EnterAsync(portal, town, Guid.NewGuid(), device, "2026-04-06T13:00", "2026-04-06T16:00");
        var twice = await Assert.ThrowsAsync<RuleViolation>(() => EnterAsync(portal, town, Guid.NewGuid(), device, "2026-04-06T15:00", "2026-04-06T17:00"));
        var backwards = await Assert.ThrowsAsync<RuleViolation>(() => EnterAsync(portal, town, Guid.NewGuid(), device, "2026-04-08T15:00", "2026-04-08T14:00"));

        Assert.Equal(("貸-839", "貸-840", "貸-838"), (isOut.Broken[0].Rule.Number, twice.Broken[0].Rule.Number, backwards.Broken[0].Rule.Number));
        portal.Clock.SetUtcNow(At("2026-04-06T12:30"));    // late: the maintenance begins later
        await portal.RunJob("ClockJob");
        Assert.Equal(0, await RaceTests.OverlapsAsync(portal));
    }

    [Fact]
    public async Task A_recalled_device_is_ordered_back_and_replaced()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await ExtensionTests.OutAsync(portal, tablets: 2);
        var device = (await town.Line(booking.Id)).DeviceId!.Value;
        var next = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T13:00", "2026-04-06T14:00", device: device));

        await portal.With<Maintaining, bool>(town, portal.Town.Security, async (m, _) => { await m.RecallAsync(device, "電池の不具合", default); return true; });

        Assert.NotEqual(device, (await town.Line(next.Id)).DeviceId);
        Assert.Contains("loan.return-order", await portal.Told(portal.Town.Sato));
        Assert.Contains("booking.substituted", await portal.Told(portal.Town.Suzuki));
    }

    [Fact]
    public async Task A_weekly_blackout_refuses_every_one_of_its_times_and_no_other()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await portal.WriteAsync(db =>
        {
            db.Add(new Blackout(portal.Town.MainOffice, null, town.Tablet, At("2026-04-07T13:00"), At("2026-04-07T17:00"), "棚卸", "FREQ=WEEKLY;UNTIL=20260428T235959"));
            return Task.CompletedTask;
        });

        foreach (var day in new[] { "2026-04-07", "2026-04-14", "2026-04-28" })
            Assert.Equal("貸-111", Assert.Single((await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(town.Request(portal.Town.Sato, $"{day}T12:00", $"{day}T14:00")))).Broken).Rule.Number);
        foreach (var day in new[] { "2026-04-08", "2026-05-12" })
            Assert.Equal(LineStatus.Approved, (await town.Reserve(town.Request(portal.Town.Sato, $"{day}T12:00", $"{day}T14:00"))).Lines[0].Status);
        Assert.Throws<RuleViolation>(() => new Blackout(null, null, null, At("2026-04-07T13:00"), At("2026-04-07T17:00"), "棚卸", "FREQ=WEEKLY"));
        Assert.Throws<RuleViolation>(() => new Blackout(null, null, null, At("2026-04-07T13:00"), At("2026-04-07T17:00"), "棚卸", "every day"));
    }

    [Fact]
    public async Task A_blackout_lists_what_it_hits_and_moves_substitutes_or_cancels_with_notice()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 3, tablets: 3);
        var (moved, swapped, cancelled, kept) = (await BookAsync(portal.Town.Sato, town.Tablets), await BookAsync(portal.Town.Suzuki, town.Laptops), await BookAsync(portal.Town.GeneralHead, town.Tablets), await BookAsync(portal.Town.Tanaka, town.Tablets));
        Blackout Draft() => new(portal.Town.MainOffice, null, null, At("2026-04-08T08:30"), At("2026-04-09T17:15"), "停電");

        var hits = await portal.With<Blackouts, IReadOnlyList<BlackoutHit>>(town, portal.Town.Admin, (b, asker) => b.HitsAsync(Draft(), asker, default));
        Assert.Equal(4, hits.Count);
        Assert.Equal("持出用ノートPC（芸北支所）", Assert.Single(hits, h => h.Substitute is not null).Substitute!.Place);
        Assert.All(hits, h => Assert.Equal("2026-04-10T10:00", h.Move!.From.Tokyo()));
        await portal.With<Blackouts, bool>(town, portal.Town.Admin, async (b, asker) =>
        {
            await b.EnterAsync(Draft, new Dictionary<BookingLineId, HitChoice> { [moved.Lines[0].Id] = HitChoice.Move, [swapped.Lines[0].Id] = HitChoice.Substitute, [cancelled.Lines[0].Id] = HitChoice.Cancel }, asker, default);
            return true;
        });

        Assert.Equal("2026-04-10T10:00", (await town.Line(moved.Id)).From.Tokyo());
        Assert.Equal(town.GeihokuLaptops, (await town.Line(swapped.Id)).PoolId);
        Assert.Equal(LineStatus.Cancelled, (await town.Line(cancelled.Id)).Status);
        Assert.Equal((LineStatus.Approved, "2026-04-08T10:00"), ((await town.Line(kept.Id)).Status, (await town.Line(kept.Id)).From.Tokyo()));
        Assert.Contains("booking.changed", await portal.Told(portal.Town.Sato));
        Assert.Contains("booking.cancelled", await portal.Told(portal.Town.GeneralHead));

        Task<Features.Booking.Booking> BookAsync(StaffId who, PoolId pool) => town.Reserve(town.Request(who, "2026-04-08T10:00", "2026-04-08T12:00", pool));
    }

    internal static Task<Maintenance> EnterAsync(PortalHost portal, BookingTown town, Guid id, DeviceId device, string from, string? to)
        => portal.With<Maintaining, Maintenance>(town, portal.Town.Desk, (m, _) => m.EnterAsync(id, device, At(from), to is null ? null : At(to), "点検", "業者A", default));
}
