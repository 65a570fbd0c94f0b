using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Domain;
using KitaPortal.Tests.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using BookingRow = KitaPortal.Features.Booking.Booking;

namespace KitaPortal.Tests.Hours;

/// <summary>What makes hours in the booking town: devices lent for work at a branch, and the night that posts them.</summary>
internal static class HoursTown
{
    public static readonly BookingAim AtBranch = new(Purpose.BranchWork, null, null, DestinationKind.InBuilding, null, InfoClass.Class2, false);

    public static Task<BookingRow> LendAsync(PortalHost portal, BookingTown town, string from = "2026-04-06T09:00", string to = "2026-04-08T17:15")
        => LendAsync(portal, town, town.Request(portal.Town.Sato, from, to, aim: AtBranch));

    public static async Task<BookingRow> LendAsync(PortalHost portal, BookingTown town, BookingRequest request)
    {
        var booking = await town.Reserve(request);
        await HandOverAsync(portal, town, booking.Lines[0].Id);
        return booking;
    }

    public static Task<IReadOnlyList<Loan>> HandOverAsync(PortalHost portal, BookingTown town, BookingLineId line)
        => town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.CreateVersion7(), [new HandedItem(line)]) { Acknowledged = ["booking.check-old", "booking.set-incomplete"] }, clerk, CancellationToken.None));

    /// <summary>All that is out comes back, or the booking's first line.</summary>
    public static async Task TakeBackAsync(PortalHost portal, BookingTown town, BookingRow? booking = null)
    {
        var line = booking?.Lines[0].Id;
        var devices = await portal.ReadAsync(db => db.Loans.Where(l => l.InAt == null && (line == null || l.LineId == line)).Select(l => l.DeviceId).ToListAsync());
        await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.CreateVersion7(), portal.Town.MainOffice, [.. devices.Select(d => new ReturnedItem(d, Erased: true))]), clerk, CancellationToken.None));
    }

    /// <summary>What the night posts of the day that ended.</summary>
    public static Task<string?> NightAsync(PortalHost portal) => portal.InScopeAsync(services => services.GetRequiredService<DayPostJob>().RunAsync(portal.Clock.GetUtcNow(), CancellationToken.None));
}
