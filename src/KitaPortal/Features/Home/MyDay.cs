using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Home;

/// <summary>One device of one of my bookings, from the request until it is back.</summary>
public sealed record MyDevice(BookingId BookingId, string Number, string? Label, string Model, string Office, DateTimeOffset From, DateTimeOffset To, LineStatus Status);

/// <summary>What the lending desk has before it today.</summary>
public sealed record DeskDay(int ToHandOver, int ToTakeBack, int Overdue);

/// <summary>What waits for a person today; one statement for each subject, whatever the amount.</summary>
public static class MyDay
{
    /// <summary>How far ahead the first page looks.</summary>
    public const int DaysAhead = 7;

    /// <summary>My devices out, and those I collect within a week; earliest first.</summary>
    public static Task<List<MyDevice>> MyDevicesAsync(this PortalDb db, CurrentStaff me, DateTimeOffset now, CancellationToken ct)
    {
        var mine = me.Id;
        var horizon = TokyoTime.Midnight(TokyoTime.DayOf(now).AddDays(DaysAhead + 1));
        return (
            from line in db.BookingLines
            where line.Status == LineStatus.OnLoan
                || ((line.Status == LineStatus.Requested || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready) && line.To > now && line.From < horizon)
            join booking in db.Bookings on line.BookingId equals booking.Id
            where booking.BorrowerId == mine
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            join device in db.Devices on line.DeviceId equals device.Id into devices
            from device in devices.DefaultIfEmpty()
            orderby line.From, line.Id
            select new MyDevice(booking.Id, booking.Number, device == null ? null : device.Label, model.Name, office.Name, line.From, line.To, line.Status))
            .AsNoTracking().ToListAsync(ct);
    }

    /// <summary>The day at the desks a person staffs; null for everybody else.</summary>
    public static async Task<DeskDay?> DeskDayAsync(this PortalDb db, CurrentStaff me, DateTimeOffset now, CancellationToken ct)
    {
        var everywhere = me.Is(Role.LendingManager);
        var offices = me.DeskOffices;
        if (!everywhere && offices.Count == 0) return null;
        var tonight = TokyoTime.Midnight(TokyoTime.DayOf(now).AddDays(1));
        return await (
            from line in db.BookingLines
            join pool in db.Pools on line.PoolId equals pool.Id
            where everywhere || offices.Contains(pool.OfficeId)
            where line.Status == LineStatus.OnLoan || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready
            group line by 1 into all
            select new DeskDay(
                all.Count(l => l.Status != LineStatus.OnLoan && l.From < tonight && l.To > now),
                all.Count(l => l.Status == LineStatus.OnLoan && l.To > now && l.To <= tonight),
                all.Count(l => l.Status == LineStatus.OnLoan && l.To <= now)))
            .AsNoTracking().SingleOrDefaultAsync(ct) ?? new DeskDay(0, 0, 0);
    }
}
