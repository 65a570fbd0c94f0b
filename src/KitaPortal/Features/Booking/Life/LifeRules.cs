using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>貸-831 to 貸-846: what is asked when a booking, a device's time or a suspension changes later. They cannot be switched off.</summary>
public static class LifeRules
{
    public static readonly Rule KeptAlready = new("貸-831", "booking.kept-already", "受取時刻はすでに{時刻}まで延ばしています。", "それまでに受け取るか、予約を変更してください。");
    public static readonly Rule KeepWithin = new("貸-832", "booking.keep-within", "受取時刻は今より後、返却（{時刻}）より前にしてください。", "時刻を選び直してください。", "Until");
    public static readonly Rule ExtensionWaits = new("貸-833", "booking.extension-waits", "この予約には、まだ決まっていない許可の申請があります。", "許可が決まってから、もう一度お試しください。");
    public static readonly Rule LaterEnd = new("貸-834", "booking.later-end", "延長後の返却は、今の返却予定（{時刻}）より後にしてください。", "返却の時刻を選び直してください。", "Form.To");
    public static readonly Rule OutKeepsAim = new("貸-835", "booking.out-keeps-aim", "貸出中の端末があるため、目的・持出先・扱う情報は変更できません。", "時間だけを変更するか、新しく予約してください。");
    public static readonly Rule ReviveToday = new("貸-836", "booking.revive-today", "再開できるのは、未受取になった当日、返却予定より前だけです。", "新しく予約してください。");
    public static readonly Rule NothingChanged = new("貸-837", "booking.nothing-changed", "変更がありません。", "時間、場所などを変えてください。");
    public static readonly Rule MaintenancePeriod = new("貸-838", "booking.maintenance-period", "整備の期間を確認してください。", "終わりは始まりより後にしてください。", "Form.To");
    public static readonly Rule DeviceIsOut = new("貸-839", "booking.device-is-out", "{備品番号}は貸出中です（返却予定{時刻}）。", "返却を受け付けてから、または返却予定より後の期間で登録してください。", "Form.From");
    public static readonly Rule HasMaintenance = new("貸-840", "booking.has-maintenance", "{備品番号}には、その期間に整備または移送の予定があります。", "先の予定を終えるか、期間を変えてください。", "Form.From");
    public static readonly Rule TransferOpen = new("貸-841", "booking.transfer-open", "{備品番号}には、終わっていない移送があります。", "先の移送を受け取るか、取り消してください。", "Form.Label");
    public static readonly Rule TransferPinned = new("貸-842", "booking.transfer-pinned", "{備品番号}には、発送より後に動かせない予約があります（{番号}）。", "発送を遅らせるか、借受者と相談して予約を変えてください。", "Form.SendAt");
    public static readonly Rule TransferTimes = new("貸-843", "booking.transfer-times", "発送は今より後、到着は発送より後にしてください。", "日時を選び直してください。", "Form.ArriveBy");
    public static readonly Rule TransferState = new("貸-844", "booking.transfer-state", "「{状態}」の移送には、この操作はできません。", "画面を更新して、今の状態を確認してください。");
    public static readonly Rule TransferElsewhere = new("貸-845", "booking.transfer-elsewhere", "送り先は、今の庁舎（{庁舎}）と別にしてください。", "送り先を選び直してください。", "Form.ToOfficeId");
    public static readonly Rule Repeats = new("貸-846", "booking.repeats", "繰り返しの決まりを読めません。", "毎日・毎週・毎月から選び、終わりの日を入れてください。", "Form.Repeat");

    public static IReadOnlyList<Rule> All { get; } =
        [KeptAlready, KeepWithin, ExtensionWaits, LaterEnd, OutKeepsAim, ReviveToday, NothingChanged, MaintenancePeriod, DeviceIsOut, HasMaintenance, TransferOpen, TransferPinned, TransferTimes, TransferState, TransferElsewhere, Repeats];
}
