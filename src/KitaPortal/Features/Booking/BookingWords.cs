using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking;

/// <summary>What the words of booking are called on screen.</summary>
public static class BookingWords
{
    public static string Of(Purpose purpose) => purpose switch
    {
        Purpose.HomeWork => "在宅勤務",
        Purpose.BranchWork => "支所勤務（居住近接）",
        Purpose.Satellite => "サテライト",
        Purpose.BusinessTrip => "出張",
        Purpose.OnlineMeeting => "オンライン会議",
        Purpose.Minutes => "議事録作成",
        Purpose.Disaster => "災害対応",
        _ => "研修・その他",
    };

    public static string Of(DestinationKind kind) => kind switch
    {
        DestinationKind.InBuilding => "庁舎内",
        DestinationKind.BranchOrOutpost => "支所・出先",
        DestinationKind.Home => "自宅",
        DestinationKind.TripDestination => "出張先",
        _ => "指定場所",
    };

    public static string Of(InfoClass infoClass) => infoClass switch
    {
        InfoClass.Class1 => "機密性1",
        InfoClass.Class2 => "機密性2",
        InfoClass.Class3A => "機密性3A",
        InfoClass.Class3B => "機密性3B",
        _ => "機密性3C",
    };

    public static string Of(LineStatus status) => status switch
    {
        LineStatus.Requested => "申請中",
        LineStatus.Approved => "予約確定",
        LineStatus.Ready => "準備済",
        LineStatus.OnLoan => "貸出中",
        LineStatus.Returned => "返却済",
        LineStatus.Rejected => "却下",
        LineStatus.Lapsed => "期限切れ",
        LineStatus.Cancelled => "取消",
        LineStatus.NoShow => "未受取",
        _ => "紛失",
    };

    public static string Of(DeviceStatus status) => status switch
    {
        DeviceStatus.InService => "運用中",
        DeviceStatus.Maintenance => "整備中",
        DeviceStatus.Missing => "所在不明",
        _ => "廃止",
    };

    public static string Of(DeviceCondition condition) => condition switch
    {
        DeviceCondition.Fit => "貸出可",
        DeviceCondition.Incomplete => "付属品不足",
        _ => "故障・破損",
    };

    public static string Of(PermissionBasis basis) => basis switch
    {
        PermissionBasis.Deemed => "みなし許可",
        PermissionBasis.Approved => "所属長等の許可",
        _ => "緊急貸出",
    };

    /// <summary>4月6日（月）8:30; the year is left out where it goes without saying.</summary>
    public static string Moment(DateTimeOffset moment)
    {
        var day = TokyoTime.DayOf(moment);
        return $"{day.Month}月{day.Day}日{JapaneseDate.Weekday(day)}{Time(moment)}";
    }

    /// <summary>8:30.</summary>
    public static string Time(DateTimeOffset moment)
    {
        var time = TokyoTime.TimeOf(moment);
        return $"{time.Hour}:{time.Minute:00}";
    }

    /// <summary>4月6日（月）8:30～17:15, or with both days.</summary>
    public static string Span(DateTimeOffset from, DateTimeOffset to)
    {
        var day = TokyoTime.DayOf(from);
        if (to == TokyoTime.Midnight(day.AddDays(1))) return $"{Moment(from)}～24:00";
        return TokyoTime.DayOf(to) == day ? $"{Moment(from)}～{Time(to)}" : $"{Moment(from)}～{Moment(to)}";
    }
}
