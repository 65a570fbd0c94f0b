using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Incidents;
using KitaPortal.Features.Booking.Overdue;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using BookingRow = KitaPortal.Features.Booking.Booking;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>The later verbs of a booking, as people of the booking town say them.</summary>
internal static class LifeTown
{
    public static async Task<T> Later<T>(this PortalHost portal, BookingTown town, StaffId who, Func<LineLife, Asker, Task<T>> act)
    {
        var asker = await town.AskerAsync(who);
        return await portal.InScopeAsync(services => act(services.GetRequiredService<LineLife>(), asker));
    }

    public static async Task<T> With<TService, T>(this PortalHost portal, BookingTown town, StaffId who, Func<TService, Asker, Task<T>> act) where TService : notnull
    {
        var asker = await town.AskerAsync(who);
        return await portal.InScopeAsync(services => act(services.GetRequiredService<TService>(), asker));
    }

    public static Task<BookingRow> Change(this PortalHost portal, BookingTown town, StaffId who, BookingRow booking, string from, string to, BookingAim? aim = null, IReadOnlyList<WantedDevice>? wanted = null, params string[] acknowledged)
        => portal.Later(town, who, (life, asker) => life.ChangeAsync(new Changing(booking.Id, BookingTown.At(from), BookingTown.At(to), aim ?? booking.Aim) { Wanted = wanted, Acknowledged = acknowledged }, asker, default));

    public static Task<bool> Extend(this PortalHost portal, BookingTown town, StaffId who, BookingId booking, string to, params string[] acknowledged)
        => portal.Later(town, who, (life, asker) => life.ExtendAsync(new Extending(booking, null, BookingTown.At(to)) { Acknowledged = acknowledged }, asker, default));

    public static Task<bool> Keep(this PortalHost portal, BookingTown town, StaffId who, BookingLineId line, string until)
        => portal.Later(town, who, async (life, _) => { await life.KeepAsync(line, BookingTown.At(until), default); return true; });

    public static Task<bool> Revive(this PortalHost portal, BookingTown town, StaffId who, BookingLineId line)
        => portal.Later(town, who, async (life, asker) => { await life.ReviveAsync(line, asker, default); return true; });

    public static async Task<Incident> Lose(this PortalHost portal, BookingTown town, StaffId who, BookingLineId line)
    {
        var device = await portal.ReadAsync(db => db.BookingLines.Where(l => l.Id == line).Select(l => l.DeviceId!.Value).SingleAsync());
        return await portal.With<IncidentDesk, Incident>(town, who, (desk, asker) => desk.ReportAsync(new IncidentReport(Guid.NewGuid(), IncidentKind.Loss, device, "バスに置き忘れた"), asker, default));
    }

    public static async Task<Loan> HandOver(this PortalHost portal, BookingTown town, BookingLineId line, DeviceId? device = null)
        => (await town.AtDesk((desk, clerk) => desk.HandOverAsync(new HandingOver(Guid.NewGuid(), [new HandedItem(line, device)]), clerk, default))).Single();

    public static async Task<Loan> TakeBack(this PortalHost portal, BookingTown town, DeviceId device, DeviceCondition condition = DeviceCondition.Fit)
        => (await town.AtDesk((desk, clerk) => desk.TakeBackAsync(new TakingBack(Guid.NewGuid(), portal.Town.MainOffice, [new ReturnedItem(device, Condition: condition)]), clerk, default))).Single();

    /// <summary>Runs a job of the portal as Quartz would.</summary>
    public static Task<string?> RunJob(this PortalHost portal, string name) => portal.InScopeAsync(services =>
    {
        var type = typeof(LineLife).Assembly.GetTypes().Single(t => t.Name == name);
        return ((IPortalJob)services.GetRequiredService(type)).RunAsync(portal.Clock.GetUtcNow(), default);
    });

    public static Task<int> Climb(this PortalHost portal) => portal.InScopeAsync(services => services.GetRequiredService<Reminding>().ClimbAsync(portal.Clock.GetUtcNow(), default));

    /// <summary>What the person was told, newest last, without what was taken back.</summary>
    public static Task<List<string>> Told(this PortalHost portal, StaffId person) => portal.ReadAsync(db => db.Set<Features.Notifications.Notification>().AsNoTracking()
        .Where(n => n.StaffId == person && n.RetractedAt == null).OrderBy(n => n.Id).Select(n => n.Kind).ToListAsync());

    public static Task<Occupancy> Place(this PortalHost portal, BookingLine line) => portal.ReadAsync(db => db.Occupancies.AsNoTracking().SingleAsync(o => o.Id == line.OccupancyId));

    public static string Tokyo(this DateTimeOffset moment) => moment.ToOffset(TimeSpan.FromHours(9)).ToString("yyyy-MM-ddTHH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
