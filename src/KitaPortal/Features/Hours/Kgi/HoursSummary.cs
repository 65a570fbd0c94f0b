using KitaPortal.Data;
using KitaPortal.Features.Shared;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours.Kgi;

/// <summary>How a fiscal year stands, written down at most once a minute so that the first page computes nothing.</summary>
public sealed class HoursSummary
{
    private HoursSummary() { }

    internal HoursSummary(FiscalYear year) => FiscalYear = year;

    public FiscalYear FiscalYear { get; private set; }

    /// <summary>Booked up to today, in minutes.</summary>
    public long Minutes { get; private set; }

    /// <summary>予約済（今後）, in minutes.</summary>
    public long ComingMinutes { get; private set; }

    /// <summary>Null without any target.</summary>
    public long? TargetHours { get; private set; }

    /// <summary>暫定目標: another year's goal.</summary>
    public bool IsProvisional { get; private set; }

    /// <summary>達成率 in percent, truncated.</summary>
    public long? Rate { get; private set; }

    /// <summary>Where the ideal line stands today, in percent of the target.</summary>
    public int? IdealRate { get; private set; }

    public Grade Grade { get; private set; }

    public string GradeWord { get; private set; } = "";

    public string Sentence { get; private set; } = "";

    public DateTimeOffset AsOf { get; private set; }

    /// <summary>Booked up to today in whole hours, truncated.</summary>
    public long Hours => Minutes / 60;

    /// <summary>The pattern of the state that goes with the grade.</summary>
    public string GradeState => HoursText.StateOf(Grade, TokyoTime.DayOf(AsOf) > FiscalYear.LastDay);

    public Ring Ring => new((int)Math.Min(Rate ?? 0, 9_999), Sentence, "達成率", IdealRate);

    internal void Rewrite(KgiYear year)
    {
        (Minutes, ComingMinutes, TargetHours, IsProvisional, Rate) = (year.Booked, year.Coming, year.Goal?.Hours, year.IsProvisional, year.Rate?.Percent);
        IdealRate = year.Target > 0 ? (int)(year.IdealNow * 100 / year.Target) : null;
        (Grade, GradeWord, Sentence, AsOf) = (year.Grade, HoursText.Of(year.Grade, year.IsOver), year.Sentence, year.AsOf);
    }
}

/// <summary>Rewrites the summary of this year, and of any year the ledger was written for, every minute there was something new.</summary>
public sealed class HoursSummaryJob(PortalDb db, IOptions<HoursOptions> options) : IPortalJob
{
    // A row may become visible a little after the moment it carries.
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(2);

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var present = FiscalYear.Of(now);
        var newest = await db.HoursSummaries.AsNoTracking().Where(s => s.FiscalYear == present).Select(s => (DateTimeOffset?)s.AsOf).SingleOrDefaultAsync(ct);
        var since = (newest ?? DateTimeOffset.UnixEpoch) - (newest is null ? TimeSpan.Zero : Slack);
        var until = now + Slack;
        var years = await db.LedgerEntries.Where(e => e.PostedAt > since && e.PostedAt < until).Select(e => e.FiscalYear).Distinct().ToListAsync(ct);
        if (newest is null || TokyoTime.DayOf(newest.Value) != TokyoTime.DayOf(now) || years.Count > 0)
            foreach (var year in years.Append(present).Distinct()) await RewriteAsync(db, year, now, options.Value, ct);
        return null;
    }

    /// <summary>Writes down how the year stands now.</summary>
    public static async Task RewriteAsync(PortalDb db, FiscalYear year, DateTimeOffset now, HoursOptions options, CancellationToken ct)
    {
        var figures = await KgiYear.LoadAsync(db, year, now, options, ct);
        await db.WriteAsync(async () =>
        {
            var summary = await db.HoursSummaries.SingleOrDefaultAsync(s => s.FiscalYear == year, ct);
            if (summary is null) db.Add(summary = new HoursSummary(year));
            if (summary.AsOf <= figures.AsOf) summary.Rewrite(figures);
        }, ct);
    }
}
