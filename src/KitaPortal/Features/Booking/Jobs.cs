using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Settles pools with something due when nobody comes, and closes requests whose booking has ended.</summary>
internal sealed class ClockJob(PortalDb db, Reserving reserving, ApprovalDesk approvals) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var due = (await Settling.DuePoolsAsync(db, now, ct)).OrderBy(p => p.Value).ToList();
        foreach (var pool in due)
        {
            await db.WriteAsync(async () =>
            {
                await reserving.LockPoolsAsync([pool], ct);
                await Settling.SettleAsync(db, [pool], now, ct);
                await Settling.GiveToWaitingAsync(db, pool, now, ct);
            }, ct);
            db.ChangeTracker.Clear();
        }
        var waiting = await Offers.DueAsync(db, now, ct);
        foreach (var pools in waiting)
        {
            await db.WriteAsync(async () =>
            {
                await reserving.LockPoolsAsync(pools, ct);
                await Settling.SettleAsync(db, pools, now, ct);
                await Offers.MakeAsync(db, pools, now, ct);
            }, ct);
            db.ChangeTracker.Clear();
        }
        var closed = await CloseRequestsOfEndedBookingsAsync(ct);
        return due.Count + waiting.Count + closed == 0 ? null : $"{due.Count} pools settled, {waiting.Count} waited for, {closed} requests closed";
    }

    private async Task<int> CloseRequestsOfEndedBookingsAsync(CancellationToken ct)
    {
        var open = await db.ApprovalRequests.AsNoTracking()
            .Where(r => r.AboutKind == "booking" && (r.State == RequestState.Circulating || r.State == RequestState.SentBack)).Select(r => new { r.Id, r.AboutId }).ToListAsync(ct);
        var ids = open.Select(r => new BookingId(Guid.Parse(r.AboutId!))).ToList();
        var stillAsking = await db.BookingLines.Where(l => ids.Contains(l.BookingId) && l.Status == LineStatus.Requested).Select(l => l.BookingId).Distinct().ToListAsync(ct);
        var known = await db.Bookings.Where(b => ids.Contains(b.Id)).Select(b => b.Id).ToListAsync(ct);
        var ended = open.Where(r => new BookingId(Guid.Parse(r.AboutId!)) is var id && known.Contains(id) && !stillAsking.Contains(id)).ToList();
        foreach (var request in ended) await db.WriteAsync(() => approvals.CloseBySubjectAsync(request.Id, "予約の期限切れ", ct), ct);
        return ended.Count;
    }
}

/// <summary>Tells once that a loan is due today, once that it is late, and a working day later the head too. Each step once per loan.</summary>
internal sealed class ReminderJob(PortalDb db) : IPortalJob
{
    private const int Due = 1, Late = 2, LateADay = 3;

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var told = await db.WriteAsync(async () =>
        {
            var calendar = await db.WorkCalendarAsync(ct);
            var soon = now.AddHours(2);
            var open = await (
                from loan in db.Loans
                where loan.InAt == null && loan.RemindedStep < LateADay
                join line in db.BookingLines on loan.LineId equals line.Id
                where line.To <= soon
                join booking in db.Bookings on line.BookingId equals booking.Id
                join office in db.Offices on loan.OfficeId equals office.Id
                select new { loan, line.To, LineId = line.Id, booking, office }).ToListAsync(ct);
            var count = 0;
            foreach (var one in open)
            {
                var due = new DeskHours(one.office, calendar).EffectiveDue(one.To);
                var step = now <= due ? Due : now < due.AddDays(1) ? Late : LateADay;
                if (!one.loan.Remind(step)) continue;
                var head = step == LateADay ? (await OrganisationChart.LoadAsync(db, Platform.Japanese.TokyoTime.DayOf(now), ct)).HeadFor(one.booking.DepartmentId, one.booking.BorrowerId)?.StaffId : null;
                one.loan.Tell(step == Due
                    ? new News("loan.due", $"loan.due:{one.LineId}", [one.booking.BorrowerId], "まもなく返却の時刻です", $"{BookingWords.Moment(due)}までに{one.office.Name}の貸出窓口へ返却してください。", $"/booking/{one.booking.Id}")
                    : new News("loan.overdue", $"loan.overdue:{one.LineId}:{step}", head is { } h ? [one.booking.BorrowerId, h] : [one.booking.BorrowerId], "返却期限を過ぎています",
                        $"返却期限は{BookingWords.Moment(due)}でした。{one.office.Name}の貸出窓口へ返却するか、連絡してください。", $"/booking/{one.booking.Id}")
                    { Importance = Importance.Important });
                count++;
            }
            return count;
        }, ct);
        return told == 0 ? null : $"{told} reminders";
    }
}
