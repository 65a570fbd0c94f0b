namespace KitaPortal.Features.Booking.Rules;

/// <summary>貸-701 to 貸-709: what is asked at the counter, when a device goes out, stays longer or comes back.</summary>
public static class CounterRules
{
    public static readonly LendingRule Receiver = new(701, "receiver", Stage.HandOver, Grade.Block, "d",
        "受取人が予約と異なります。", "本人、使用責任者、または登録した代理の方に渡してください。", ReceiverIsSomebodyElse);

    public static readonly LendingRule WrongDevice = new(702, "wrong-device", Stage.HandOver, Grade.Block, "",
        "この端末は別の予約に固定されています。", "正しい端末を読み取ってください。", DeviceIsForSomebodyElse)
    { IsFixed = true };

    public static readonly LendingRule TooEarly = new(703, "too-early", Stage.HandOver, Grade.Block, "d",
        "受取は{時刻}からです。", "時刻まで待つか、別の端末にしてください。", FetchedTooEarly);

    public static readonly LendingRule Extensions = new(704, "extensions", Stage.Extend, Grade.Head, "",
        "延長は{n}回までです。", "一度返却してください。", ExtendedTooOften);

    public static readonly LendingRule Overdue = new(705, "overdue", Stage.Extend, Grade.Block, "d",
        "返却期限を過ぎています。", "窓口へ連絡してください。", DueHasPassed);

    public static readonly LendingRule SubLending = new(706, "sub-lending", Stage.HandOver, Grade.Block, "",
        "又貸しはできません。返却手続きが先です。", "先に返却を読み取ってください。", DeviceIsStillOut)
    { IsFixed = true };

    public static readonly LendingRule SetMissing = new(707, "set-missing", Stage.TakeBack, Grade.Block, "",
        "付属品がそろっていません（{付属品}）。", "不足を記録して返却してください。", SetIsMissingWithoutNote)
    { IsFixed = true };

    public static readonly LendingRule NotErased = new(708, "not-erased", Stage.TakeBack, Grade.Block, "d",
        "データ消去の確認が必要です。", "消去を確認するか、整備へ回してください。", ErasureIsNotConfirmed);

    public static readonly LendingRule NoSelfService = new(709, "no-self-service", Stage.HandOver | Stage.TakeBack, Grade.Block, "",
        "この端末は窓口でお渡しします。", "窓口の開いている時間にお越しください。", SelfServiceIsNotAllowed);

    public static IReadOnlyList<LendingRule> All { get; } = [Receiver, WrongDevice, TooEarly, Extensions, Overdue, SubLending, SetMissing, NotErased, NoSelfService];

    private static object?[]? ReceiverIsSomebodyElse(LendingCase c) => c.Counter is { IsReceiverKnown: false } ? [] : null;

    private static object?[]? DeviceIsForSomebodyElse(LendingCase c) => c.Counter is { IsWrongDevice: true } ? [] : null;

    private static object?[]? FetchedTooEarly(LendingCase c)
    {
        var earliest = c.Period.From.AddMinutes(-c.Policy.EarlyMinutes);
        return c.Now < earliest && c.Counter is { IsFreeBeforeStart: false } ? [BookingWords.Moment(earliest)] : null;
    }

    private static object?[]? ExtendedTooOften(LendingCase c) => c.Counter is { } counter && counter.Extensions >= c.Policy.Extensions ? [c.Policy.Extensions] : null;

    private static object?[]? DueHasPassed(LendingCase c) => c.Counter?.Due is { } due && c.Now > due ? [] : null;

    private static object?[]? DeviceIsStillOut(LendingCase c) => c.Counter is { IsOnAnotherLoan: true } ? [] : null;

    private static object?[]? SetIsMissingWithoutNote(LendingCase c)
        => c.Counter is { MissingSet.Count: > 0, IsShortageNoted: false } counter ? [string.Join("、", counter.MissingSet)] : null;

    private static object?[]? ErasureIsNotConfirmed(LendingCase c) => c.Class.NeedsErasure && c.Counter is { IsErasureConfirmed: false } ? [] : null;

    private static object?[]? SelfServiceIsNotAllowed(LendingCase c) => c.Counter is { IsAtDesk: false } && !c.IsSelfService ? [] : null;
}
