using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>貸-401 to 貸-406: how much one person may borrow.</summary>
public static class LimitRules
{
    public static readonly LendingRule Concurrent = new(401, "concurrent", Stage.Submit | Stage.Extend, Grade.Block, "d",
        "同じ区分の端末は同時に{n}台までです。", "重なっている予約を取り消すか、時間をずらしてください。", TooManyAtATime, "Form.Count");

    public static readonly LendingRule HomeDays = new(402, "home-days", Stage.Submit | Stage.Extend, Grade.Head, "",
        "在宅勤務が週{n}日を超えます。", "別の週の日を選んでください。", TooManyHomeDays);

    public static readonly LendingRule TooMany = new(403, "too-many", Stage.Submit, Grade.Block, "d",
        "予約は{n}件までです。", "不要な予約を取り消してください。", TooManyOpenBookings);

    public static readonly LendingRule Quota = new(404, "quota", Stage.Submit | Stage.Extend, Grade.Block, "d",
        "{月}の予約枠（{n}時間）を超えます（残り{時間}）。", "残りの時間に収めるか、ほかの月の日を選んでください。", MonthlyQuotaIsUsedUp);

    public static readonly LendingRule NoShows = new(405, "no-shows", Stage.Submit, Grade.Head, "",
        "未受取が続いています（{n}回）。", "所属長の確認を受けてください。", NotCollectedTooOften);

    public static readonly LendingRule SameTime = new(406, "same-time", Stage.Submit | Stage.Extend, Grade.Warn, "",
        "同じ時間に別の予約があります（{番号}）。", "重なってよいか確認してください。", AnotherBookingThen);

    public static IReadOnlyList<LendingRule> All { get; } = [Concurrent, HomeDays, TooMany, Quota, NoShows, SameTime];

    private static object?[]? TooManyAtATime(LendingCase c)
    {
        if (!c.Class.CountsAsMain || !c.Period.IsForward) return null;
        var same = c.Borrower.Lines.Where(l => l.IsOpen && l.ClassCode == c.Class.Code && l.Period.Overlaps(c.Period)).ToList();
        var limit = c.IsOutside ? c.Policy.ConcurrentOutside : c.Policy.ConcurrentInside;
        var held = Peak(same.Where(l => !c.IsOutside || l.IsOutside).Select(l => l.Period), c.Period);
        return held + c.Count > limit ? [limit] : null;
    }

    /// <summary>The most periods that lie over one moment of <paramref name="within"/>; half-open neighbours do not meet.</summary>
    internal static int Peak(IEnumerable<Period> periods, Period within)
    {
        var all = periods.Select(p => p.Intersect(within)).OfType<Period>().ToList();
        return all.Count == 0 ? 0 : all.Max(p => all.Count(other => other.Contains(p.From)));
    }

    // Weeks begin on Monday.
    private static object?[]? TooManyHomeDays(LendingCase c)
    {
        var limit = c.Policy.HomeDays;
        if (limit == 0 || c.Aim.Purpose != Purpose.HomeWork || !c.Period.IsForward) return null;
        var asked = DaysOf(c.Period).Select(MondayOf).ToHashSet();
        var days = c.Borrower.Lines.Where(l => l.IsMain && l.Purpose == Purpose.HomeWork && (l.IsOpen || l.Status == LineStatus.Returned)).Select(l => l.Period).Append(c.Period)
            .SelectMany(DaysOf).Where(c.Desk.IsOpenDay).Distinct();
        return days.GroupBy(MondayOf).Any(week => asked.Contains(week.Key) && week.Count() > limit) ? [limit] : null;

        static IEnumerable<DateOnly> DaysOf(Period p) => TokyoTime.CutByDay(p.From, p.To < p.From.AddDays(31) ? p.To : p.From.AddDays(31)).Select(part => part.Day);
        static DateOnly MondayOf(DateOnly day) => day.AddDays(-((int)day.DayOfWeek + 6) % 7);
    }

    // A series is one booking, however many days it has.
    private static object?[]? TooManyOpenBookings(LendingCase c)
        => c.Borrower.Lines.Where(l => l.IsOpen && (l.SeriesId is null || l.SeriesId != c.SeriesId)).Select(l => l.SeriesId?.Value ?? l.BookingId.Value).Distinct().Count() >= c.Policy.OpenBookings ? [c.Policy.OpenBookings] : null;

    private static object?[]? MonthlyQuotaIsUsedUp(LendingCase c)
    {
        if (!c.Period.IsForward || !c.Class.CountsAsMain || c.Period.To - c.Period.From > TimeSpan.FromDays(366)) return null;
        if (c.Policy is { QuotaHours: 0, SectionQuotaHours: 0 }) return null;
        var own = c.Policy.QuotaHours > 0 ? c.Policy.QuotaHours : int.MaxValue;
        for (var month = new DateOnly(c.FirstDay.Year, c.FirstDay.Month, 1); month <= c.LastDay; month = month.AddMonths(1))
        {
            var whole = TokyoTime.MonthPeriod(month);
            var asked = (c.Period.Intersect(whole)?.Minutes ?? 0) * c.Count;
            var held = c.Borrower.Lines.Where(l => l.IsMain && (l.IsOpen || l.Status == LineStatus.Returned)).Sum(l => l.Period.Intersect(whole)?.Minutes ?? 0);
            if (held + asked > own * 60L) return Quota(month, own, held);
            if (c.Policy.SectionQuotaHours > 0 && c.SectionMinutes.GetValueOrDefault(month) + asked > c.Policy.SectionQuotaHours * 60L)
                return Quota(month, c.Policy.SectionQuotaHours, c.SectionMinutes.GetValueOrDefault(month));
        }
        return null;

        static object?[] Quota(DateOnly month, int hours, int held)
            => [$"{month.Month}月", hours, Math.Max(0, hours * 60 - held) is var left && left % 60 == 0 ? $"{left / 60}時間" : $"{left / 60}時間{left % 60}分"];
    }

    private static object?[]? NotCollectedTooOften(LendingCase c)
    {
        var since = c.Now.AddDays(-c.Policy.NoShowWindowDays);
        var times = c.Borrower.Lines.Where(l => l.Status == LineStatus.NoShow && l.Period.From >= since).Select(l => l.BookingId).Distinct().Count();
        return times >= c.Policy.NoShows ? [times] : null;
    }

    private static object?[]? AnotherBookingThen(LendingCase c)
        => c.Borrower.Lines.FirstOrDefault(l => l.IsOpen && l.Period.Overlaps(c.Period)) is { } other ? [other.Number] : null;
}
