using KitaPortal.Data;
using KitaPortal.Platform.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Quartz;

namespace KitaPortal.Platform.Jobs;

/// <summary>Work that happens by the clock. It finds due rows and calls their verbs; it may run late, twice, or after days of standing still.</summary>
public interface IPortalJob
{
    /// <summary>Does what is due at <paramref name="now"/>; says in a short sentence what it did, or null when nothing was due.</summary>
    Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct);
}

/// <summary>One run of a job that did something or failed.</summary>
public sealed class JobRun
{
    private JobRun() { }

    public JobRun(string job, DateTimeOffset startedAt, DateTimeOffset endedAt, string? outcome, string? error)
        => (Id, Job, StartedAt, EndedAt, Outcome, Error) = (Guid.CreateVersion7(), job, startedAt, endedAt, outcome, error);

    public Guid Id { get; private set; }

    public string Job { get; private set; } = "";

    public DateTimeOffset StartedAt { get; private set; }

    public DateTimeOffset EndedAt { get; private set; }

    public string? Outcome { get; private set; }

    public string? Error { get; private set; }
}

internal sealed class JobRunTable : IEntityTypeConfiguration<JobRun>
{
    public void Configure(EntityTypeBuilder<JobRun> table)
    {
        table.ToTable("JobRuns");
        table.Property(r => r.Id).ValueGeneratedNever();
        table.Property(r => r.Job).HasMaxLength(60);
        table.HasIndex(r => new { r.Job, r.StartedAt });
    }
}

/// <summary>Runs a portal job under Quartz in a scope of its own and writes down what it did.</summary>
[DisallowConcurrentExecution]
internal sealed class JobRunner<TJob>(IServiceScopeFactory scopes, TimeProvider clock, ILogger<TJob> log) : IJob where TJob : class, IPortalJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        db.Actor = Actor.Job(typeof(TJob).Name);
        var started = clock.GetUtcNow();
        string? outcome = null, error = null;
        try
        {
            outcome = await scope.ServiceProvider.GetRequiredService<TJob>().RunAsync(started, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogError(e, "Job {Job} failed", typeof(TJob).Name);
            error = e.GetBaseException().Message;
        }
        if (outcome is null && error is null) return;
        db.ChangeTracker.Clear();
        db.Add(new JobRun(typeof(TJob).Name, started, clock.GetUtcNow(), outcome, error));
        await db.SaveChangesAsync(CancellationToken.None);
    }
}

public static class JobRegistration
{
    /// <summary>Runs the job at every interval, from start on.</summary>
    public static IServiceCollection AddPortalJob<TJob>(this IServiceCollection services, TimeSpan every) where TJob : class, IPortalJob
        => services.AddJob<TJob>(trigger => trigger.WithSimpleSchedule(s => s.WithInterval(every).RepeatForever()));

    /// <summary>Runs the job by a Quartz cron expression, Tokyo time, and once after start so that a missed time is made up.</summary>
    public static IServiceCollection AddPortalJob<TJob>(this IServiceCollection services, string tokyoCron) where TJob : class, IPortalJob
        => services.AddJob<TJob>(trigger => trigger.WithCronSchedule(tokyoCron, c => c.InTimeZone(TimeZoneInfo.FindSystemTimeZoneById("Asia/Tokyo"))));

    private static IServiceCollection AddJob<TJob>(this IServiceCollection services, Action<ITriggerConfigurator> when) where TJob : class, IPortalJob
    {
        services.AddScoped<TJob>();
        return services.AddQuartz(quartz =>
        {
            var key = new JobKey(typeof(TJob).Name);
            quartz.AddJob<JobRunner<TJob>>(job => job.WithIdentity(key));
            quartz.AddTrigger(trigger =>
            {
                trigger.ForJob(key).WithIdentity(typeof(TJob).Name);
                when(trigger);
            });
        });
    }
}
