using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Whose bookings a person may see and change.</summary>
public static class BookingScopes
{
    /// <summary>Own ones, those made for others, the section's for its head, all for desks and the security manager.</summary>
    public static IQueryable<Booking> VisibleTo(this IQueryable<Booking> bookings, CurrentStaff me)
    {
        if (me.Is(Role.SecurityManager) || me.Is(Role.LendingManager) || me.Is(Role.Desk)) return bookings;
        var (id, heads) = (me.Id, me.HeadOf.ToList());
        return bookings.Where(b => b.BorrowerId == id || b.CreatedById == id || b.ResponsibleId == id || heads.Contains(b.DepartmentId));
    }

    /// <summary>Own ones, those made for others, and all for desks.</summary>
    public static IQueryable<Booking> ChangeableBy(this IQueryable<Booking> bookings, CurrentStaff me)
    {
        if (me.Is(Role.LendingManager) || me.Is(Role.Desk)) return bookings;
        var id = me.Id;
        return bookings.Where(b => b.BorrowerId == id || b.CreatedById == id);
    }
}

/// <summary>Which devices of an office are free and taken on some days: the table of /booking, four statements whatever the range.</summary>
public sealed record Availability(IReadOnlyList<DateOnly> Days, IReadOnlyList<Availability.Row> Rows)
{
    /// <summary>One device.</summary>
    public sealed record Row(PoolId PoolId, DeviceId DeviceId, string ClassName, string Model, string Label, DeviceStatus Status, bool IsRecalled, IReadOnlyList<Day> Days);

    /// <summary>A day of one device: the free spans inside office hours and what is taken.</summary>
    public sealed record Day(DateOnly Date, bool IsOpen, IReadOnlyList<Period> Free, IReadOnlyList<Booked> Taken);

    /// <summary>A taken span with who has it.</summary>
    public sealed record Booked(Period Period, string Who, LineStatus? Status);

    public static async Task<Availability> LoadAsync(PortalDb db, OfficeId officeId, DateOnly first, int days, DateTimeOffset now, CancellationToken ct)
    {
        var calendar = await db.WorkCalendarAsync(ct);
        var (start, end) = (TokyoTime.Midnight(first), TokyoTime.Midnight(first.AddDays(days)));
        var devices = await (
            from device in db.Devices
            where device.Status != DeviceStatus.Retired
            join pool in db.Pools on device.PoolId equals pool.Id
            where pool.OfficeId == officeId
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            orderby kind.CountsAsMain descending, kind.Name, model.Name, device.Label
            select new { device.Id, device.PoolId, device.Label, device.Status, device.RecallReason, Class = kind.Name, Model = model.Name, Office = office }).AsNoTracking().ToListAsync(ct);
        var taken = await (
            from occupancy in db.Occupancies
            where occupancy.Active && occupancy.DeviceId != null && occupancy.From < end && occupancy.To > start
            join device in db.Devices on occupancy.DeviceId equals device.Id
            join pool in db.Pools on device.PoolId equals pool.Id
            where pool.OfficeId == officeId
            join line in db.BookingLines on occupancy.Id equals line.OccupancyId into lines
            from line in lines.DefaultIfEmpty()
            join booking in db.Bookings on line.BookingId equals booking.Id into bookings
            from booking in bookings.DefaultIfEmpty()
            join person in db.Staff on booking.BorrowerId equals person.Id into people
            from person in people.DefaultIfEmpty()
            select new { DeviceId = device.Id, occupancy.From, occupancy.To, Status = line == null ? null : (LineStatus?)line.Status, Who = person == null ? "" : person.FamilyName + "\u3000" + person.GivenName }).ToListAsync(ct);
        var byDevice = taken.OrderBy(t => t.From).ToLookup(t => t.DeviceId);
        DateOnly[] dates = [.. Enumerable.Range(0, days).Select(first.AddDays)];
        return new Availability(dates,
            [.. devices.Select(d => new Row(d.PoolId, d.Id, d.Class, d.Model, d.Label, d.Status, d.RecallReason is not null,
                [.. dates.Select(date => DayOf(date, new DeskHours(d.Office, calendar), d.Status == DeviceStatus.InService && d.RecallReason is null,
                    [.. byDevice[d.Id].Select(t => new Booked(new Period(t.From, t.To), t.Who, t.Status))], now))]))]);
    }

    private static Day DayOf(DateOnly date, DeskHours desk, bool isLendable, IReadOnlyList<Booked> taken, DateTimeOffset now)
    {
        var whole = TokyoTime.DayPeriod(date);
        var mine = taken.Where(t => t.Period.Overlaps(whole)).ToList();
        var free = new List<Period>();
        if (desk.On(date) is { } open && isLendable)
        {
            var quarter = TimeSpan.FromMinutes(15).Ticks;
            var from = now > open.From ? now.AddTicks((quarter - (now.Ticks % quarter)) % quarter) : open.From;
            foreach (var busy in mine.Select(t => t.Period))
            {
                if (busy.From > from) free.Add(new Period(from, busy.From < open.To ? busy.From : open.To));
                if (busy.To > from) from = busy.To;
            }
            if (from < open.To) free.Add(new Period(from, open.To));
        }
        return new Day(date, desk.IsOpenDay(date), [.. free.Where(f => f.IsForward && f.Minutes >= 30)], mine);
    }
}
