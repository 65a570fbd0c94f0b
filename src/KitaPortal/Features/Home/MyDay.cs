using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Home;

/// <summary>One device of one of my bookings, from the request until it is back.</summary>
public sealed record MyDevice(BookingId BookingId, string Number, string? Label, string Model, string Office, DateTimeOffset From, DateTimeOffset To, LineStatus Status);

/// <summary>What the lending desk has before it today.</summary>
public sealed record DeskDay(int ToHandOver, int ToTakeBack, int Overdue);

/// <summary>A request that waits for my decision, or for one I may take for somebody absent.</summary>
public sealed record ToDecide(ApprovalRequestId Id, string? Number, string Title, string Applicant, string Department, DateTimeOffset? Since, DateTimeOffset? DueAt, StaffId AssigneeId, string AssigneeName);

/// <summary>A request of mine that is not decided yet.</summary>
public sealed record MyRequest(ApprovalRequestId Id, string? Number, string Title, RequestState State, string? WaitsFor);

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

    /// <summary>What I decide now, my own turn and those I stand in for; most urgent first. One more than <paramref name="most"/> says there are more.</summary>
    public static async Task<List<ToDecide>> ToDecideAsync(this PortalDb db, CurrentStaff me, DateTimeOffset now, int most, CancellationToken ct)
    {
        var deputyships = await db.DeputyshipsAsync(me.Id, TokyoTime.DayOf(now), ct);
        var turns = deputyships.Where(d => d.Absent).Select(d => d.PrincipalId).Append(me.Id).Distinct().ToList();
        var mine = me.Id;
        return await (
            from request in db.ApprovalRequests
            where request.State == RequestState.Circulating && request.ApplicantId != mine
            from step in request.Steps
            where step.State == StepState.Current
            from assignee in step.Assignees
            where assignee.ActedAt == null && turns.Contains(assignee.StaffId)
            orderby request.DueAt == null, request.DueAt, step.BegunAt, request.Id
            select new ToDecide(request.Id, request.Number, request.Title, request.ApplicantName, request.ApplicantDepartment, step.BegunAt, request.DueAt, assignee.StaffId, assignee.Name))
            .AsNoTracking().Take(most + 1).ToListAsync(ct);
    }

    /// <summary>My requests on their way, those sent back to me first.</summary>
    public static Task<List<MyRequest>> MyRequestsAsync(this PortalDb db, CurrentStaff me, int most, CancellationToken ct)
    {
        var mine = me.Id;
        return (
            from request in db.ApprovalRequests
            where request.ApplicantId == mine && (request.State == RequestState.Circulating || request.State == RequestState.SentBack)
            orderby request.State == RequestState.Circulating, request.SubmittedAt descending, request.Id
            select new MyRequest(request.Id, request.Number, request.Title, request.State,
                request.Steps.Where(s => s.State == StepState.Current).Select(s => s.Name).FirstOrDefault()))
            .AsNoTracking().Take(most).ToListAsync(ct);
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
