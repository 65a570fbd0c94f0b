using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Quartz;

namespace KitaPortal.Features.Admin.Operations;

/// <summary>What the portal does by the clock, when it does it next, and how the last runs went.</summary>
[Authorize(Policies.Admin)]
public sealed class JobsPage(PortalDb db, ISchedulerFactory schedulers) : FormPage
{
    private const int Size = 50;

    [BindProperty(SupportsGet = true, Name = "job")]
    public string? Job { get; set; }

    [FromQuery(Name = "page")]
    public int PageNumber { get; set; } = 1;

    public int Total { get; private set; }

    public IReadOnlyList<JobRun> Runs { get; private set; } = [];

    public IReadOnlyList<Known> Jobs { get; private set; } = [];

    /// <summary>A job with its next time and its last run that left a record.</summary>
    public sealed record Known(string Name, DateTimeOffset? Next, JobRun? Last);

    public static string Moment(DateTimeOffset moment)
        => $"{JapaneseDate.Short(TokyoTime.DayOf(moment))} {TokyoTime.TimeOf(moment).ToString("H:mm:ss", CultureInfo.InvariantCulture)}";

    public override async Task LoadAsync(CancellationToken ct)
    {
        var runs = db.Set<JobRun>().AsNoTracking().Where(r => Job == null || r.Job == Job);
        Total = await runs.CountAsync(ct);
        Runs = await runs.OrderByDescending(r => r.StartedAt).Skip((Math.Max(1, PageNumber) - 1) * Size).Take(Size).ToListAsync(ct);

        var scheduler = await schedulers.GetScheduler(ct);
        var jobs = new List<Known>();
        foreach (var key in (await scheduler.GetJobKeys(GroupMatcher<JobKey>.AnyGroup(), ct)).OrderBy(k => k.Name, StringComparer.Ordinal))
        {
            var triggers = await scheduler.GetTriggersOfJob(key, ct);
            var last = await db.Set<JobRun>().AsNoTracking().Where(r => r.Job == key.Name).OrderByDescending(r => r.StartedAt).FirstOrDefaultAsync(ct);
            jobs.Add(new Known(key.Name, triggers.Min(t => t.NextFireTimeUtc), last));
        }
        Jobs = jobs;
    }
}
