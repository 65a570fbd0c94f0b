using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Incidents;

/// <summary>Reminds of every task of an incident once before its time and once when it has passed.</summary>
internal sealed class IncidentClockJob(PortalDb db, IncidentDesk desk) : IPortalJob
{
    private const int Soon = 1, Late = 2;

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var told = await db.WriteAsync(async () =>
        {
            var soon = now.AddHours(1);
            var incidents = await db.Incidents.Include(i => i.Tasks).Where(i => i.State != IncidentState.Closed && i.Tasks.Any(t => t.DoneAt == null && t.DueAt <= soon && t.RemindedStep < Late)).ToListAsync(ct);
            var count = 0;
            foreach (var incident in incidents)
            {
                var people = await desk.PeopleAsync(incident, now, ct);
                foreach (var task in incident.Tasks.Where(t => !t.IsSettled && t.DueAt <= soon))
                {
                    // Half an hour ahead for the short clocks, an hour for the long ones; never both at once.
                    var step = task.DueAt <= now ? Late : task.DueAt - now <= Ahead(incident, task) ? Soon : 0;
                    if (step == 0 || !task.Remind(step)) continue;
                    incident.Tell(new News("incident.task", $"incident.task:{task.Id}:{step}", people, step == Late ? $"期限を過ぎた対応があります：{task.Title}（{incident.Number}）" : $"まもなく期限の対応があります：{task.Title}（{incident.Number}）",
                        $"期限は{BookingWords.Moment(task.DueAt)}、担当は{task.Owner}です。", $"/booking/incidents/{incident.Id}")
                    { Importance = step == Late ? Importance.Urgent : Importance.Important, DueAt = task.DueAt });
                    count++;
                }
            }
            return count;
        }, ct);
        return told == 0 ? null : $"{told} tasks reminded of";
    }

    private static TimeSpan Ahead(Incident incident, IncidentTask task) => task.DueAt - incident.KnownAt <= TimeSpan.FromHours(2) ? TimeSpan.FromMinutes(15) : TimeSpan.FromHours(1);
}
