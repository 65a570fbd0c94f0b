using KitaPortal.Data;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Review;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours;

/// <summary>The KGI as JSON, with the definitions its figures were counted by. Minutes are whole; nobody is named.</summary>
internal static class HoursApi
{
    public static void Map(RouteGroupBuilder group) => group.MapGet("/kgi", KgiAsync).WithName("Kgi").WithSummary("使用予約時間（KGI）");

    /// <param name="fy">2026, R8 or 令和8年度; empty is the present year.</param>
    private static async Task<IResult> KgiAsync([FromQuery] string? fy, PortalDb db, IOptions<HoursOptions> options, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var year = YearOf(fy, TokyoTime.DayOf(now));
        var kgi = await KgiYear.LoadAsync(db, year, now, options.Value, ct);
        return TypedResults.Ok(new
        {
            fiscalYear = year.Value,
            label = year.Label,
            asOf = kgi.AsOf,
            policy = new { kgi.Policy.Number, measure = kgi.Policy.KgiMeasure.ToString(), kgi.Policy.Classes, kgi.Policy.Span, kgi.Policy.Breaks, countOutside = kgi.Policy.CountOutside.ToString() },
            bookedMinutes = kgi.Booked,
            bookedHours = kgi.Booked / 60,
            comingMinutes = kgi.Coming,
            grossMinutes = kgi.SumOf(Measure.BookedGross),
            custodyMinutes = kgi.SumOf(Measure.Custody),
            usedMinutes = kgi.SumOf(Measure.Used),
            distributedMinutes = kgi.SumOf(Measure.Distributed),
            unusedMinutes = kgi.SumOf(Measure.Unused),
            cancelledMinutes = kgi.SumOf(Measure.Cancelled),
            target = kgi.Goal is { } goal ? new { goal.Hours, setFor = goal.SetFor.Value, provisional = kgi.IsProvisional } : null,
            rate = kgi.Rate is { } rate ? new { rate.Percent, tenths = rate.Tenths } : null,
            idealMinutes = kgi.Goal is null ? (long?)null : kgi.IdealNow,
            grade = kgi.Goal is null ? null : kgi.Grade.ToString(),
            outlook = kgi.Goal is null || kgi.IsOpening ? null : new { kind = kgi.Forecast.Outlook.ToString(), kgi.Forecast.On, kgi.Forecast.Earliest, kgi.Forecast.Latest, kgi.Forecast.YearEndMinutes },
            sentence = kgi.Sentence,
            months = kgi.Months.Select(m => new { month = m.First.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture), m.Ideal, m.Booked, m.Cumulative, m.Coming, m.LastYear, m.Used, m.Unused, m.Needed }),
        });
    }

    /// <summary>The year asked for, the present one when none is; one that cannot be read is refused, never taken for another.</summary>
    internal static FiscalYear YearOf(string? fy, DateOnly today)
    {
        if (string.IsNullOrWhiteSpace(fy)) return FiscalYear.From(today);
        return ReviewQuery.TryYear(fy, today, out var year) ? year : throw new RuleViolation(HoursRules.Year.With(fy));
    }
}
