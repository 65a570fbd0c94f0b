using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.Hours.Indicators;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Kgi;

/// <summary>The goal a year is measured by, and the year it was set for: another year's goal is provisional (暫定目標).</summary>
public sealed record GoalOfYear(long Hours, FiscalYear SetFor, TargetLevel Level)
{
    public long Minutes => Hours * 60;
}

/// <summary>One month of the year in minutes; null means nothing can be said (not yet, or no rows by day).</summary>
public sealed record KgiMonth(DateOnly First, long? Ideal, long? Booked, long? Cumulative, long? Coming, long? LastYear, long? Used, long? Unused, long? Needed);

/// <summary>A past or present year in the history.</summary>
public sealed record KgiPastYear(FiscalYear Year, long? Minutes, GoalOfYear? Goal, AchievementRate? Rate, bool IsOpening);

/// <summary>Everything the KGI page, its JSON and the summary say about one fiscal year, read in a handful of queries.</summary>
public sealed class KgiYear
{
    private KgiYear() { }

    public required FiscalYear Year { get; init; }

    public required DateTimeOffset AsOf { get; init; }

    /// <summary>The day up to which figures count: today, or 31 March of a year that is over.</summary>
    public required DateOnly Until { get; init; }

    public required CountingPolicy Policy { get; init; }

    public required WorkYear Work { get; init; }

    public required IReadOnlyDictionary<DateOnly, long> Daily { get; init; }

    /// <summary>Empty when the year before has no rows by day.</summary>
    public required IReadOnlyDictionary<DateOnly, long> LastDaily { get; init; }

    /// <summary>The days of the year before, each on the same day of this year; 29 February falls on the 28th.</summary>
    public IReadOnlyDictionary<DateOnly, long> LastMoved => field ??= LastDaily.GroupBy(d => d.Key.AddYears(1)).ToDictionary(g => g.Key, g => g.Sum(d => d.Value));

    /// <summary>By 計上月, 13 for 年度整理.</summary>
    public required IReadOnlyDictionary<(int Month, Measure Measure), long> ByMonth { get; init; }

    /// <summary>The KGI up to <see cref="Until"/> by 計上月, so that a closed month never moves.</summary>
    public required IReadOnlyDictionary<int, long> Counted { get; init; }

    public required HoursOptions Options { get; init; }

    /// <summary>Months that are closed already.</summary>
    public required IReadOnlyList<int> ClosedMonths { get; init; }

    public required IReadOnlyList<KgiPastYear> History { get; init; }

    public required GoalOfYear? Goal { get; init; }

    public required DateOnly? FirstDay { get; init; }

    public required LedgerCheckRun? Check { get; init; }

    /// <summary>The KGI's minutes up to <see cref="Until"/>; an opening balance for the years before the portal.</summary>
    public long Booked => History.FirstOrDefault(h => h.Year == Year)?.Minutes ?? 0;

    /// <summary>予約済（今後）.</summary>
    public long Coming => Daily.Where(d => d.Key > Until).Sum(d => d.Value);

    public bool HasDays => Daily.Count > 0 || ByMonth.Count > 0;

    /// <summary>Only the opening balance is known.</summary>
    public bool IsOpening => History.Any(h => h.Year == Year && h.IsOpening);

    public bool IsOver => TokyoTime.DayOf(AsOf) > Year.LastDay;

    public bool IsProvisional => Goal is { } goal && goal.SetFor != Year;

    public long Target => Goal?.Minutes ?? 0;

    public AchievementRate? Rate => RateOf(Booked);

    public AchievementRate? RateOf(long minutes) => AchievementRate.Of(minutes / 60, Goal?.Hours, Options.RateRounding);

    /// <summary>年度整理: hours that came when all twelve months were closed.</summary>
    public long YearEnd => Counted.GetValueOrDefault(MonthClose.YearEnd);

    /// <summary>月締め前, 4月～9月 締め済み.</summary>
    public string CloseState => HoursText.CloseState(ClosedMonths);

    public long IdealNow => Work.Ideal(Until, Target);

    public Grade Grade => Forecast.GradeOf(Work, Booked, Target, TokyoTime.DayOf(AsOf), FirstDay, Options.GradeBehindPercent, Options.ForecastMinWorkingDays);

    public Forecast Forecast => field ??= Forecast.Of(Work, Daily, Target, TokyoTime.DayOf(AsOf), FirstDay, Options.ForecastMinWorkingDays, Options.PaceWorkingDays);

    public Needed Needed => field ??= Needed.Of(Work, Booked, Target, TokyoTime.DayOf(AsOf));

    public long SumOf(Measure measure) => ByMonth.Where(m => m.Key.Measure == measure).Sum(m => m.Value);

    /// <summary>The year in one or two sentences.</summary>
    public string Sentence
    {
        get
        {
            if (Goal is null) return $"{Year.Label}は{HoursText.Whole(Booked)}時間です。この年度の目標はありません。";
            var head = $"{Year.Label}は{HoursText.Whole(Booked)}時間で、{(IsProvisional ? "暫定目標" : "目標")}{Goal.Hours:N0}時間の{Rate!.Value.Percent:N0} %です。";
            if (IsOpening) return head;
            var ahead = Booked - IdealNow;
            var beside = IsOver || Grade == Grade.TooEarly || Booked >= Target ? "" : $"今日の目安{HoursText.Whole(IdealNow)}時間より{HoursText.Whole(Math.Abs(ahead))}時間{(ahead >= 0 ? "多く" : "少なく")}、";
            return head + beside + HoursText.Of(Forecast, Target, Options.ForecastMinWorkingDays);
        }
    }

    /// <summary>What the chart shows, in one sentence.</summary>
    public string ChartSentence
    {
        get
        {
            var beside = Goal is null ? "" : $"、{(IsOver ? "目標" : "今日の目安")}の{HoursText.Whole(IdealNow)}時間を{HoursText.Whole(Math.Abs(Booked - IdealNow))}時間{(Booked >= IdealNow ? "上回り" : "下回り")}";
            var end = !IsOver && Coming > 0 ? $"、今後の予約を加えると{HoursText.Whole(Booked + Coming)}時間になります" : Goal is null ? "す" : "ます";
            return $"4月1日から{Until.Month}月{Until.Day}日までの累計は{HoursText.Whole(Booked)}時間で{beside}{end}。";
        }
    }

    /// <summary>The twelve months in order.</summary>
    public IReadOnlyList<KgiMonth> Months => field ??= [.. Year.Months.Select(MonthOf)];

    public static async Task<KgiYear> LoadAsync(PortalDb db, FiscalYear year, DateTimeOffset now, HoursOptions options, CancellationToken ct)
    {
        var today = TokyoTime.DayOf(now);
        var until = today < year.LastDay ? today : year.LastDay;
        var (last, present, first) = (year.Previous, FiscalYear.From(today), new FiscalYear(LedgerStart.Beginning.Year));
        var policies = await db.CountingPoliciesAsync(ct);
        var calendar = await db.WorkCalendarAsync(ct);
        var goals = await db.Indicators.Where(i => i.Code == Indicator.HoursCode).SelectMany(i => i.Targets).Where(t => t.Status == FigureStatus.Adopted).AsNoTracking().ToListAsync(ct);
        var days = await db.Figures(TotalSort.Day, last, year, year.LastDay, Measure.Booked, Measure.BookedGross).Where(e => e.CountedMonth != 0)
            .GroupBy(e => new { e.WorkDate, e.CountedMonth, e.Measure }).Select(g => new { g.Key.WorkDate, g.Key.CountedMonth, g.Key.Measure, Minutes = g.Sum(e => e.Minutes) }).ToListAsync(ct);
        var kgi = days.Where(d => d.Minutes != 0 && d.Measure == policies.On(d.WorkDate).KgiMeasure.ToString()).ToList();
        var months = await db.Figures(TotalSort.Day, year, year, until).Where(e => e.CountedMonth != 0)
            .GroupBy(e => new { e.CountedMonth, e.Measure }).Select(g => new { g.Key.CountedMonth, g.Key.Measure, Minutes = g.Sum(e => e.Minutes) }).ToListAsync(ct);
        var years = (await YearsAsync(db, first, present, today, policies, ct)).ToLookup(t => t.Year);
        var byDay = years.SelectMany(y => y).Where(t => !t.IsWhole).ToList();
        var earliest = years.Select(y => y.Key).Append(year < present ? year : present).Min();
        return new KgiYear
        {
            Year = year,
            AsOf = now,
            Until = until,
            Options = options,
            Policy = policies.On(until),
            Work = new WorkYear(year, calendar),
            Daily = kgi.Where(d => year.Contains(d.WorkDate)).GroupBy(d => d.WorkDate).ToDictionary(g => g.Key, g => g.Sum(d => d.Minutes)),
            LastDaily = kgi.Where(d => last.Contains(d.WorkDate)).GroupBy(d => d.WorkDate).ToDictionary(g => g.Key, g => g.Sum(d => d.Minutes)),
            Counted = kgi.Where(d => year.Contains(d.WorkDate) && d.WorkDate <= until).GroupBy(d => d.CountedMonth).ToDictionary(g => g.Key, g => g.Sum(d => d.Minutes)),
            ByMonth = months.ToDictionary(m => (m.CountedMonth, Enum.Parse<Measure>(m.Measure)), m => m.Minutes),
            ClosedMonths = await db.MonthCloses.Where(m => m.FiscalYear == year && m.ClosedAt != null).Select(m => m.Month).ToListAsync(ct),
            History = [.. Years(earliest, year > present ? year : present).Select(y =>
            {
                long? minutes = years.Contains(y) ? years[y].Sum(t => t.Minutes) : null;
                var goal = GoalFor(goals, y, options);
                return new KgiPastYear(y, minutes, goal, minutes is { } m ? AchievementRate.Of(m / 60, goal?.Hours, options.RateRounding) : null, years[y].Any() && years[y].All(t => t.IsWhole));
            })],
            Goal = GoalFor(goals, year, options),
            FirstDay = byDay.Count == 0 ? null : byDay.Min(t => t.First),
            Check = await db.LedgerCheckRuns.AsNoTracking().OrderByDescending(r => r.At).FirstOrDefaultAsync(ct),
        };
    }

    private sealed record YearSum(FiscalYear Year, bool IsWhole, long Minutes, DateOnly First);

    // Each day by the measure that was the KGI then; almost always there was only one.
    private static async Task<List<YearSum>> YearsAsync(PortalDb db, FiscalYear first, FiscalYear last, DateOnly today, CountingPolicies policies, CancellationToken ct)
    {
        var sums = new List<YearSum>();
        foreach (var (from, until, measure) in policies.KgiMeasures)
        {
            var name = measure.ToString();
            sums.AddRange((await db.Figures(TotalSort.Day, first, last, today, Measure.Booked, Measure.BookedGross).Where(e => e.WorkDate >= from && e.WorkDate < until && (e.CountedMonth == 0 || e.Measure == name))
                .GroupBy(e => new { e.FiscalYear, IsWhole = e.CountedMonth == 0 })
                .Select(g => new { g.Key.FiscalYear, g.Key.IsWhole, Minutes = g.Sum(e => e.Minutes), First = g.Min(e => e.WorkDate) }).ToListAsync(ct))
                .Select(g => new YearSum(new FiscalYear(g.FiscalYear), g.IsWhole, g.Minutes, g.First)));
        }
        return sums;
    }

    /// <summary>The year's own goal (the highest version; the goal of the strategy before a yearly target), else the one of the latest year before.</summary>
    internal static GoalOfYear? GoalFor(IReadOnlyCollection<Target> targets, FiscalYear year, HoursOptions options)
        => targets.Count == 0 && options.KgiGoalDefault > 0 ? new(options.KgiGoalDefault / 60, year.Previous, TargetLevel.Kgi) : targets.Where(t => t.FiscalYear == year || t.FiscalYear < year && options.CarryTargetForward).OrderByDescending(t => t.FiscalYear).ThenByDescending(t => t.Level).ThenByDescending(t => t.Version)
            .Select(t => new GoalOfYear(t.Value, t.FiscalYear, t.Level)).FirstOrDefault();

    private KgiMonth MonthOf(DateOnly first)
    {
        var end = first.AddMonths(1).AddDays(-1);
        var begun = first <= Until && HasDays;
        long Booked(IReadOnlyDictionary<DateOnly, long> daily, DateOnly from, DateOnly to) => daily.Where(d => d.Key >= from && d.Key <= to).Sum(d => d.Value);
        var coming = Booked(Daily, first > Until ? first : Until.AddDays(1), end);
        return new(first, Goal is null ? null : Work.Ideal(end, Target),
            begun ? Counted.GetValueOrDefault(first.Month) : null,
            begun ? Counted.Where(c => MonthClose.OrderOf(c.Key) <= MonthClose.OrderOf(first.Month)).Sum(c => c.Value) : null,
            coming != 0 ? coming : null,
            LastMoved.Count > 0 ? Booked(LastMoved, first, end) : null,
            begun ? ByMonth.GetValueOrDefault((first.Month, Measure.Used)) : null,
            begun ? ByMonth.GetValueOrDefault((first.Month, Measure.Unused)) : null,
            Goal is not null && !IsOver && Needed.ByMonth.TryGetValue(first, out var needed) ? needed : null);
    }

    private static IEnumerable<FiscalYear> Years(FiscalYear first, FiscalYear last)
    {
        for (var year = first; year <= last; year = year.Next) yield return year;
    }
}
