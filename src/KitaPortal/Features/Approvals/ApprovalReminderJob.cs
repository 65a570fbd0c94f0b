using KitaPortal.Data;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>Reminds of requests with a due time: one working day before, two hours before, and daily once it passed; deputies from the second day on.</summary>
public sealed class ApprovalReminderJob(PortalDb db, DeputyNews deputies) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var calendar = await db.WorkCalendarAsync(ct);
        var horizon = now.AddDays(14);
        var due = await db.ApprovalRequests.Where(r => r.State == RequestState.Circulating && r.DueAt != null && r.DueAt < horizon).OrderBy(r => r.DueAt).Select(r => r.Id).ToListAsync(ct);
        var reminded = 0;
        foreach (var id in due)
        {
            reminded += await db.WriteAsync(async () =>
            {
                await db.LockAsync<ApprovalRequest>([id.Value], ct);
                var request = await db.ApprovalRequests.Include(r => r.Steps).ThenInclude(s => s.Assignees).SingleAsync(r => r.Id == id, ct);
                if (Occasion(request.DueAt!.Value, now, calendar) is not { } occasion || request.Current is not { } step) return 0;
                var to = step.Waiting.Select(a => a.StaffId).ToList();
                if (occasion.DaysLate >= 2) to.AddRange((await db.DeputiesOfAsync(to, TokyoTime.DayOf(now), ct)).Select(d => d.Deputy).Where(d => !request.IsOwn(d)));
                await deputies.TellAsync(request, ct);
                return request.Remind(occasion.Key, occasion.Title, [.. to.Distinct()]) ? 1 : 0;
            }, ct);
            db.ChangeTracker.Clear();
        }
        return reminded == 0 ? null : $"{reminded}件の催促を送りました。";
    }

    /// <summary>What to remind of at this moment; null when it is too early.</summary>
    internal static (string Key, string Title, int DaysLate)? Occasion(DateTimeOffset due, DateTimeOffset now, WorkCalendar calendar)
    {
        var today = TokyoTime.DayOf(now);
        var dueDay = TokyoTime.DayOf(due);
        if (now >= due) return ($"late-{today:yyyyMMdd}", "決裁の期限が過ぎています", today.DayNumber - dueDay.DayNumber);
        if (now >= due.AddHours(-2)) return ("2h", "まもなく決裁の期限です", 0);
        return today >= calendar.AddWorkingDays(dueDay, -1) ? ("1d", "決裁の期限が近づいています", 0) : null;
    }
}
