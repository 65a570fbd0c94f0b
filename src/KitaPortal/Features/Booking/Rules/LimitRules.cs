using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>貸-401 to 貸-406: how much one person may borrow.</summary>
public static class LimitRules
{
    public static readonly LendingRule Concurrent = new(401, "concurrent", Stage.Submit | Stage.Extend, Grade.Block, "d",
        "同じ区分の端末は同時に{n}台までです。", "重なっている予約を取り消すか、時間をずらしてください。", TooManyAtATime, "Form.Count");

    public static readonly LendingRule HomeDays = new(402, "home-days", Stage.Submit | Stage.Extend, Grade.Off, "",
        "在宅勤務が週{n}日を超えます。", "別の週の日を選んでください。", TooManyHomeDays);

    public static readonly LendingRule TooMany = new(403, "too-many", Stage.Submit, Grade.Block, "d",
        "予約は{n}件までです。", "不要な予約を取り消してください。", TooManyOpenBookings);

    public static readonly LendingRule Quota = new(404, "quota", Stage.Submit | Stage.Extend, Grade.Off, "d",
        "今月の予約枠（{n}時間）を超えます。", "時間を短くするか、翌月の日を選んでください。", MonthlyQuotaIsUsedUp);

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
        if (c.Aim.Purpose != Purpose.HomeWork || !c.Period.IsForward) return null;
        var limit = c.Policy.HomeDays > 0 ? c.Policy.HomeDays : 3;
        var monday = c.FirstDay.AddDays(-((int)c.FirstDay.DayOfWeek + 6) % 7);
        var days = c.Borrower.Lines.Where(l => l.IsOpen && l.Purpose == Purpose.HomeWork).Select(l => l.Period).Append(c.Period)
            .SelectMany(p => TokyoTime.CutByDay(p.From, p.To < p.From.AddDays(31) ? p.To : p.From.AddDays(31)).Select(part => part.Day))
            .Where(d => d >= monday && d < monday.AddDays(7)).Distinct().Count();
        return days > limit ? [limit] : null;
    }

    private static object?[]? TooManyOpenBookings(LendingCase c)
        => c.Borrower.Lines.Where(l => l.IsOpen).Select(l => l.BookingId).Distinct().Count() >= c.Policy.OpenBookings ? [c.Policy.OpenBookings] : null;

    private static object?[]? MonthlyQuotaIsUsedUp(LendingCase c)
    {
        if (!c.Period.IsForward) return null;
        var hours = c.Policy.QuotaHours > 0 ? c.Policy.QuotaHours : 80;
        var month = TokyoTime.MonthPeriod(c.FirstDay);
        var minutes = c.Borrower.Lines.Where(l => l.IsOpen || l.Status == LineStatus.Returned).Select(l => l.Period).Concat(Enumerable.Repeat(c.Period, c.Count))
            .Sum(p => p.Intersect(month)?.Minutes ?? 0);
        return minutes > hours * 60 ? [hours] : null;
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
