using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Approvals;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>One booking from asking to coming back, through the same services as pages and API.</summary>
public sealed class LifeOfALineTests
{
    [Fact]
    public async Task A_booking_in_the_building_is_confirmed_at_once_lent_and_returned()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);

        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T10:00", "2026-04-06T12:00"));
        Assert.Equal(LineStatus.Approved, booking.Lines[0].Status);
        portal.Clock.SetUtcNow(At("2026-04-06T10:00"));
        var loan = Assert.Single(await town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), clerk, default)));
        Assert.Equal("本庁-R8-0001", loan.RegisterNo);
        portal.Clock.SetUtcNow(At("2026-04-06T11:30"));
        await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.MainOffice, [new ReturnedItem(loan.DeviceId)]), clerk, default));

        var line = await town.Line(booking.Id);
        Assert.Equal((LineStatus.Returned, At("2026-04-06T12:00")), (line.Status, line.To.ToOffset(TimeSpan.FromHours(9))));
        var freeAgain = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-06T11:30", "2026-04-06T12:00"));
        Assert.Equal(LineStatus.Approved, freeAgain.Lines[0].Status);
    }

    [Fact]
    public async Task Taking_a_laptop_home_asks_the_head_and_is_allowed_by_the_decision()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);

        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T08:30", "2026-04-07T17:15", town.Laptops, aim: AtHome));
        Assert.Equal(LineStatus.Requested, booking.Lines[0].Status);
        await Decide(portal, booking, portal.Town.GeneralHead);

        Assert.Equal(LineStatus.Approved, (await town.Line(booking.Id)).Status);
        var permission = await portal.ReadAsync(db => db.TakeOutPermissions.SingleAsync());
        Assert.Equal((PermissionBasis.Approved, portal.Town.GeneralHead), (permission.Basis, permission.DecidedBy!.Value));
    }

    [Fact]
    public async Task Without_permission_nothing_is_handed_over()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T08:30", "2026-04-07T17:15", town.Laptops, aim: AtHome));
        portal.Clock.SetUtcNow(At("2026-04-07T08:20"));

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(booking.Lines[0].Id)]), clerk, default)));

        Assert.Equal("貸-506", Assert.Single(refused.Broken).Rule.Number);
    }

    internal static Task Decide(PortalHost portal, Features.Booking.Booking booking, StaffId head)
        => portal.Act(new ApprovalRequestId(booking.ApprovalRequestId!.Value), head, (request, acting) => request.Approve(acting));
}
