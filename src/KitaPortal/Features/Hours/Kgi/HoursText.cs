using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Hours.Kgi;

/// <summary>Minutes and outlooks in the words of the pages. Hours are truncated, so that a part and its whole never disagree upwards.</summary>
public static class HoursText
{
    /// <summary>4,812: whole hours, truncated.</summary>
    public static string Whole(long minutes) => (minutes / 60).ToString("N0");

    /// <summary>123.5: tenths of hours, truncated.</summary>
    public static string Tenths(long minutes) => $"{(minutes < 0 ? "-" : "")}{Math.Abs(minutes) * 10 / 60 / 10:N0}.{Math.Abs(minutes) * 10 / 60 % 10}";

    /// <summary>予約時間, 利用時間 … as the pages call the measures.</summary>
    public static string Of(Measure measure) => measure switch
    {
        Measure.Booked => "予約時間",
        Measure.BookedGross => "予約時間（総）",
        Measure.Unused => "未利用予約",
        Measure.Cancelled => "取消",
        Measure.Custody => "貸出時間",
        Measure.Used => "利用時間",
        Measure.Distributed => "分散勤務時間",
        _ => "貸出可能時間",
    };

    /// <summary>月締め前, 4月～9月締め済み.</summary>
    public static string CloseState(IReadOnlyCollection<int> closedMonths)
        => closedMonths.Count(m => m != MonthClose.YearEnd) is var count && count == 0 ? "月締め前" : count == 12 ? "全月締め済み" : count == 1 ? "4月締め済み" : $"4月～{closedMonths.Where(m => m != MonthClose.YearEnd).MaxBy(MonthClose.OrderOf)}月締め済み";

    /// <summary>What a measure counts, in one sentence for the 説明 sheet.</summary>
    public static string Meaning(Measure measure) => measure switch
    {
        Measure.Booked => "予約が確定した機器の予定時間のうち、数える時間（計数規則の時間帯）。早く返しても減らず、取消しと未受取は0、延長は加えます。",
        Measure.BookedGross => "予約時間と同じ予約の、夜間・休日も含む実時間。",
        Measure.Unused => "受取りのなかった予約の予定時間のうち、数える時間。",
        Measure.Cancelled => "確定後に取り消された予約の予定時間のうち、数える時間。",
        Measure.Custody => "引渡しから返却までの実時間。",
        Measure.Used => "貸出時間のうち数える時間。利用開始・終了の記録がある日は、その時間。",
        Measure.Distributed => "人ごとの分散勤務（在宅・支所・サテライト・出張）の利用時間。重なりは一度だけ数えます。",
        _ => "貸出できる台数 × 数える時間から、点検と移送を除いた時間。",
    };

    public static string Of(Grade grade, bool isOver) => grade switch
    {
        Grade.Reached => "達成",
        _ when isOver => "未達",
        Grade.OnTrack => "順調",
        Grade.SlightlyBehind => "やや遅れ",
        Grade.Behind => "遅れ",
        _ => "判定不可",
    };

    /// <summary>The pattern of the state that goes with a grade.</summary>
    public static string StateOf(Grade grade, bool isOver) => grade switch
    {
        Grade.Reached or Grade.OnTrack => "ok",
        _ when isOver => "late",
        Grade.SlightlyBehind => "wait",
        Grade.Behind => "late",
        _ => "draft",
    };

    /// <summary>今のペースでは令和9年2月15日に到達見込み（2月3日～3月2日）.</summary>
    public static string Of(Forecast forecast, long targetMinutes, int minDays = Forecast.MinWorkingDays) => forecast.Outlook switch
    {
        Outlook.Reached => forecast.On is { } on ? $"{Long(on)}に目標へ到達しました。" : "目標に到達しました。",
        Outlook.WillReach => $"今のペースでは{Long(forecast.On!.Value)}に到達見込みです{Range(forecast)}。",
        Outlook.WillMiss => $"年度末見込みは{Whole(forecast.YearEndMinutes)}時間（{Whole(targetMinutes - forecast.YearEndMinutes + 59)}時間不足）です。幅は{Whole(forecast.LeastMinutes)}～{Whole(forecast.MostMinutes)}時間です。",
        Outlook.NoPace => "直近の開庁日に予約がないため、到達の時期は見込めません。",
        Outlook.Over => $"目標まで{Whole(targetMinutes - forecast.YearEndMinutes + 59)}時間届きませんでした。",
        _ => $"見込みは、開庁日を{minDays}日終えてから示します（いま{forecast.CompletedDays}日）。",
    };

    /// <summary>在宅勤務; null for a code Booking no longer knows.</summary>
    public static string? Purpose(string? code) => Enum.TryParse<Purpose>(code, out var purpose) ? BookingWords.Of(purpose) : null;

    /// <summary>令和9年2月15日（月）.</summary>
    public static string Long(DateOnly day) => JapaneseDate.Long(day);

    private static string Range(Forecast forecast)
    {
        if (forecast.Latest is null) return $"（早ければ{Short(forecast.Earliest!.Value)}、遅い場合は年度内に届きません）";
        return forecast.Earliest == forecast.Latest ? "" : $"（{Short(forecast.Earliest!.Value)}～{Short(forecast.Latest.Value)}）";
    }

    private static string Short(DateOnly day) => $"{day.Month}月{day.Day}日";
}
