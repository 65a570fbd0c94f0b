using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Approvals;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>延長: the rules on the new period, the device's time, permission, hours.</summary>
public sealed class ExtensionTests
{
    [Fact]
    public async Task An_extension_moves_the_end_holds_the_device_and_adds_booked_hours()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await OutAsync(portal);
        var before = await BookedAsync(portal);

        Assert.True(await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T15:00"));

        var line = await town.Line(booking.Id);
        Assert.Equal(("2026-04-06T15:00", "2026-04-06T12:00", 1), (line.To.Tokyo(), line.OriginalTo.Tokyo(), line.Extensions));
        Assert.Equal("2026-04-06T15:00", (await portal.Place(line)).To.Tokyo());
        Assert.Equal(before + 180, await BookedAsync(portal));
        Assert.Equal(180, before);
        Assert.Contains("booking.extended", await portal.Told(portal.Town.Sato));
    }

    [Fact]
    public async Task Another_booking_of_the_same_device_moves_out_of_the_way_or_refuses()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await OutAsync(portal, tablets: 2);
        var own = (await town.Line(booking.Id)).DeviceId!.Value;
        var tentative = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T12:00", "2026-04-06T14:00"));
        Assert.Equal(own, tentative.Lines[0].DeviceId);    // best fit: right after the loan

        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T13:00");
        Assert.NotEqual(own, (await town.Line(tentative.Id)).DeviceId);
        var pinned = await town.Reserve(town.Request(portal.Town.GeneralHead, "2026-04-06T15:00", "2026-04-06T16:00", device: own));

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T15:30"));
        Assert.Equal("貸-202", Assert.Single(refused.Broken).Rule.Number);
        Assert.Equal("2026-04-06T13:00", (await town.Line(booking.Id)).To.Tokyo());
        Assert.Equal(LineStatus.Approved, (await town.Line(pinned.Id)).Status);
    }

    [Fact]
    public async Task The_third_extension_waits_for_the_head_and_shrinks_back_when_refused()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await OutAsync(portal);
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T13:00");
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T14:00");

        Assert.False(await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T16:00"));
        var line = await town.Line(booking.Id);
        Assert.Equal(("2026-04-06T14:00", "2026-04-06T16:00", "2026-04-06T16:00"), (line.To.Tokyo(), line.PendingTo!.Value.Tokyo(), (await portal.Place(line)).To.Tokyo()));
        await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T15:00", "2026-04-06T16:00")));

        await portal.Act(await RequestAsync(portal, booking.Id), portal.Town.GeneralHead, (request, acting) => request.Reject(acting), "返却してください");
        line = await town.Line(booking.Id);
        Assert.Equal(("2026-04-06T14:00", null, "2026-04-06T14:00", LineStatus.OnLoan), (line.To.Tokyo(), line.PendingTo, (await portal.Place(line)).To.Tokyo(), line.Status));
        Assert.Contains("booking.extension-refused", await portal.Told(portal.Town.Sato));
        Assert.Equal(LineStatus.Approved, (await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T15:00", "2026-04-06T16:00"))).Lines[0].Status);
    }

    [Fact]
    public async Task A_refused_extension_of_a_late_loan_gives_its_device_to_nobody()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await OutAsync(portal);
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T13:00");
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T14:00");
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T17:00");
        portal.Clock.SetUtcNow(At("2026-04-06T15:00"));

        await portal.Act(await RequestAsync(portal, booking.Id), portal.Town.GeneralHead, (request, acting) => request.Reject(acting), "返却してください");

        Assert.Equal("2026-04-06T16:00", (await portal.Place(await town.Line(booking.Id))).To.Tokyo());
        Assert.Equal("貸-201", Assert.Single((await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T15:00", "2026-04-06T15:45")))).Broken).Rule.Number);
    }

    [Fact]
    public async Task A_permitted_extension_counts_and_one_nobody_decides_ends_by_settling()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await OutAsync(portal);
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T13:00");
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T14:00");
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T15:00");
        await portal.Act(await RequestAsync(portal, booking.Id), portal.Town.GeneralHead, (request, acting) => request.Approve(acting));
        Assert.Equal(("2026-04-06T15:00", 3), ((await town.Line(booking.Id)).To.Tokyo(), (await town.Line(booking.Id)).Extensions));

        Assert.False(await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T16:00"));
        portal.Clock.SetUtcNow(At("2026-04-06T16:00"));
        await portal.RunJob("ClockJob");

        var line = await town.Line(booking.Id);
        Assert.Equal((null, "2026-04-06T15:00", LineStatus.OnLoan), (line.PendingTo, line.To.Tokyo(), line.Status));
        Assert.Equal(1, await portal.ReadAsync(db => db.ApprovalRequests.CountAsync(r => r.State == RequestState.Withdrawn)));
        Assert.Empty(await DifferencesAsync(portal));
    }

    [Fact]
    public async Task After_the_due_time_only_the_desk_extends_and_says_why()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await OutAsync(portal);
        portal.Clock.SetUtcNow(At("2026-04-06T12:30"));

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T15:00"));
        Assert.Equal("貸-705", Assert.Single(refused.Broken).Rule.Number);
        await portal.Later(town, portal.Town.Desk, (life, asker) => life.ExtendAsync(new Extending(booking.Id, null, At("2026-04-06T15:00"))
        { Overrides = new Dictionary<string, string> { ["booking.overdue"] = "会議が延びたと電話で連絡あり" } }, asker, default));

        Assert.Equal("2026-04-06T15:00", (await town.Line(booking.Id)).To.Tokyo());
    }

    [Fact]
    public async Task Taking_back_ends_a_waiting_extension_and_a_later_decision_is_refused()
    {
        await using var portal = await PortalHost.StartAsync();
        var (town, booking) = await OutAsync(portal);
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T13:00");
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T14:00");
        await portal.Extend(town, portal.Town.Sato, booking.Id, "2026-04-06T16:00");
        var request = await RequestAsync(portal, booking.Id);

        await portal.TakeBack(town, (await town.Line(booking.Id)).DeviceId!.Value);

        await Assert.ThrowsAsync<RuleViolation>(() => portal.Act(request, portal.Town.GeneralHead, (r, acting) => r.Approve(acting)));
        Assert.Equal(LineStatus.Returned, (await town.Line(booking.Id)).Status);
        await portal.RunJob("ClockJob");
        Assert.Equal(RequestState.Withdrawn, await portal.ReadAsync(async db => (await db.ApprovalRequests.AsNoTracking().SingleAsync(r => r.Id == request)).State));
    }

    /// <summary>An iPad handed over at 9:00, due at 12:00; it is 9:00.</summary>
    internal static async Task<(BookingTown Town, Features.Booking.Booking Booking)> OutAsync(PortalHost portal, int tablets = 1)
    {
        var town = await SeedAsync(portal, tablets: tablets);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        await portal.HandOver(town, booking.Lines[0].Id);
        return (town, booking);
    }

    internal static Task<ApprovalRequestId> RequestAsync(PortalHost portal, BookingId id)
        => portal.ReadAsync(async db => new ApprovalRequestId((await db.Bookings.AsNoTracking().SingleAsync(b => b.Id == id)).ApprovalRequestId!.Value));

    internal static Task<int> BookedAsync(PortalHost portal)
        => portal.ReadAsync(async db => await db.LedgerEntries.Where(e => e.Measure == Measure.BookedGross).SumAsync(e => e.Minutes));

    internal static Task<IReadOnlyList<LedgerDifference>> DifferencesAsync(PortalHost portal)
        => portal.InScopeAsync(services => services.GetRequiredService<LedgerCheck>().CompareAsync(default));
}
