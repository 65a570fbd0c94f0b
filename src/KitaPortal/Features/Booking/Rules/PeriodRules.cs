using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>貸-101 to 貸-112: when one may borrow, and for how long.</summary>
public static class PeriodRules
{
    private const string From = "Form.From", To = "Form.To";

    public static readonly LendingRule Period = new(101, "period", Stage.Submit | Stage.Extend, Grade.Block, "",
        "利用時間を確認してください。", "終了は開始より後、最短30分、15分単位で入力してください。", OddPeriod, From)
    { IsFixed = true };

    public static readonly LendingRule Past = new(102, "past", Stage.Submit, Grade.Block, "",
        "過去の日時は予約できません。", "今より後の開始時刻を選んでください。", StartsInThePast, From)
    { IsFixed = true };

    public static readonly LendingRule Window = new(103, "window", Stage.Submit | Stage.Extend, Grade.Block, "d",
        "{日付}より先はまだ受け付けていません。", "受付が始まってから予約するか、窓口に相談してください。", BeyondTheWindow, From);

    public static readonly LendingRule Lead = new(104, "lead", Stage.Submit, Grade.Head, "d",
        "持出しの申請は{n}開庁日前までです。直前申請として扱います。", "所属長の承認を受けてください。", AskedLate);

    public static readonly LendingRule Long = new(105, "long", Stage.Submit | Stage.Extend, Grade.Head, "",
        "貸出は原則{n}開庁日以内です。", "期間を短くするか、所属長の承認を受けてください。", LongerThanUsual, To);

    public static readonly LendingRule TooLong = new(106, "too-long", Stage.Submit | Stage.Extend, Grade.Block, "s",
        "延長を含め{n}開庁日を超えられません。", "期間を上限までに短くしてください。", LongerThanAllowed, To);

    public static readonly LendingRule PickUpClosed = new(107, "pick-up-closed", Stage.Submit, Grade.Block, "d",
        "受取時刻に{庁舎}の窓口は開いていません。次に開くのは{時刻}です。", "窓口の開いている時刻を選んでください。", DeskClosedAtPickUp, From);

    public static readonly LendingRule ReturnClosed = new(108, "return-closed", Stage.Submit | Stage.Extend, Grade.Block, "d",
        "返却時刻に{庁舎}の窓口は開いていません。次に開くのは{時刻}です。", "窓口の開いている時刻を選んでください。", DeskClosedAtReturn, To);

    public static readonly LendingRule OutsideHours = new(109, "outside-hours", Stage.Submit | Stage.Extend, Grade.Head, "",
        "閉庁日または勤務時間外を含みます。", "勤務時間内に合わせるか、所属長の承認を受けてください。", OutsideOfficeHours, To);

    public static readonly LendingRule DeskFull = new(110, "desk-full", Stage.Submit, Grade.Block, "d",
        "その時間帯の窓口は予約でいっぱいです。", "別の受取時刻を選んでください。", DeskIsFull, From);

    public static readonly LendingRule NoLending = new(111, "blackout", Stage.Submit | Stage.Extend, Grade.Block, "d",
        "{期間}は{理由}のため貸出を停止しています。", "停止期間を避けて予約してください。", InBlackout, From);

    public static readonly LendingRule YearEnd = new(112, "year-end", Stage.Submit | Stage.Extend, Grade.Warn, "",
        "年度をまたぐ予約です。時間は年度ごとに集計されます。", "3月31日までと4月1日からに分けることもできます。", CrossesYearEnd, To);

    public static IReadOnlyList<LendingRule> All { get; } =
        [Period, Past, Window, Lead, Long, TooLong, PickUpClosed, ReturnClosed, OutsideHours, DeskFull, NoLending, YearEnd];

    private static object?[]? OddPeriod(LendingCase c)
        => !c.Period.IsForward || c.Period.Minutes < c.Policy.MinMinutes || !OnGrid(c.Period.From) || !OnGrid(c.Period.To) ? [] : null;

    private static bool OnGrid(DateTimeOffset moment) => moment.Ticks % (RulePolicy.Shipped.SlotMinutes * TimeSpan.TicksPerMinute) == 0;

    private static object?[]? StartsInThePast(LendingCase c)
        => !c.IsWalkUp && !c.IsStartKept && c.Period.From < c.Now.AddMinutes(-c.Policy.PastMinutes) ? [] : null;

    private static object?[]? BeyondTheWindow(LendingCase c)
    {
        var last = LastDayOfWindow(c);
        return c.FirstDay > last ? [JapaneseDate.Long(last)] : null;
    }

    internal static DateOnly LastDayOfWindow(LendingCase c) => c.Today.AddMonths(c.Policy.WindowMonths);

    private static object?[]? AskedLate(LendingCase c)
        => c.IsOutside && !c.Class.DeemedPermission && c.FirstDay < c.Desk.Calendar.AddWorkingDays(c.Today, c.Policy.LeadDays, c.Pool.OfficeId.Value) ? [c.Policy.LeadDays] : null;

    private static object?[]? LongerThanUsual(LendingCase c) => LongerThan(c, c.Policy.LongDays);

    private static object?[]? LongerThanAllowed(LendingCase c) => LongerThan(c, c.Policy.TooLongDays);

    // A period of many years is not worth counting day by day.
    private static object?[]? LongerThan(LendingCase c, int days)
        => c.Period.To - c.Period.From > TimeSpan.FromDays(366) || c.Desk.WorkingDays(c.Period) > days ? [days] : null;

    private static object?[]? DeskClosedAtPickUp(LendingCase c)
        => !c.IsSelfService && !c.IsWalkUp && !c.IsStartKept && !c.Desk.IsOpenAt(c.Period.From) ? [c.Desk.OfficeName, BookingWords.Moment(c.Desk.NextOpening(c.Period.From))] : null;

    private static object?[]? DeskClosedAtReturn(LendingCase c)
        => !c.IsSelfService && !c.Desk.TakesBackAt(c.Period.To) ? [c.Desk.OfficeName, BookingWords.Moment(c.Desk.NextOpening(c.Period.To))] : null;

    // Nights between two working days are part of taking a device home.
    private static object?[]? OutsideOfficeHours(LendingCase c)
    {
        if (!c.Period.IsForward) return null;
        var opens = c.Desk.On(c.FirstDay);
        var closes = c.Desk.On(c.LastDay);
        if (opens is null || closes is null || c.Period.From < opens.Value.From || c.Period.To > closes.Value.To) return [];
        var days = c.LastDay.DayNumber - c.FirstDay.DayNumber + 1;
        return days > 366 || c.Desk.WorkingDays(c.Period) < days ? [] : null;
    }

    private static object?[]? DeskIsFull(LendingCase c)
        => !c.IsStartKept && (c.DeskDayCap ?? c.Policy.DeskCap) is > 0 and var cap && c.PickUpsInHour + c.CountAtDesk > cap ? [] : null;

    private static object?[]? InBlackout(LendingCase c)
    {
        if (!c.Period.IsForward) return null;
        foreach (var blackout in c.Blackouts.Where(b => b.Concerns(c.Pool.OfficeId, c.Class.Id, c.Model.Id)))
            if (blackout.FirstWithin(c.Period) is { } closed) return [BookingWords.Span(closed.From, closed.To), blackout.Reason];
        return null;
    }

    private static object?[]? CrossesYearEnd(LendingCase c) => FiscalYear.From(c.FirstDay) != FiscalYear.From(c.LastDay) ? [] : null;
}
