using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>貸-601 to 貸-607: whether the device itself may leave. On submitting it only warns: the device may still be swapped or updated.</summary>
public static class SecurityRules
{
    private const Stage Both = Stage.Submit | Stage.HandOver;

    public static readonly LendingRule NotEncrypted = new(601, "not-encrypted", Both, Grade.Warn, "",
        "暗号化が確認できていません。", "別の端末にするか、窓口で確認を登録してください。", EncryptionIsUnknown)
    { DefaultLater = Grade.Block, IsFixed = true };

    public static readonly LendingRule PatchOld = new(602, "patch-old", Both | Stage.Extend, Grade.Warn, "s",
        "更新プログラムが{日付}のままです。", "更新して登録してください。", PatchIsOld)
    { DefaultLater = Grade.Block };

    public static readonly LendingRule AntivirusOld = new(603, "antivirus-old", Stage.HandOver, Grade.Block, "d",
        "ウイルス対策の更新が必要です。", "更新して登録してください。", AntivirusIsOld);

    public static readonly LendingRule NoWipe = new(604, "no-wipe", Both, Grade.Warn, "s",
        "遠隔消去の対象になっていません。", "別の端末にしてください。", CannotBeWiped)
    { DefaultLater = Grade.Block };

    public static readonly LendingRule CheckOld = new(605, "check-old", Stage.HandOver, Grade.Warn, "",
        "端末の点検記録が古くなっています。", "点検を登録してください。", CheckIsOld);

    public static readonly LendingRule Recalled = new(606, "recalled", Both | Stage.Decide | Stage.Extend, Grade.Block, "",
        "{理由}により使用を停止しています。", "別の端末を選んでください。", IsRecalled, "Form.Choice")
    { IsFixed = true };

    public static readonly LendingRule NotInspected = new(607, "not-inspected", Stage.HandOver, Grade.Block, "d",
        "前回返却の点検・消去が終わっていません。", "点検を登録してください。", AwaitsInspection);

    public static IReadOnlyList<LendingRule> All { get; } = [NotEncrypted, PatchOld, AntivirusOld, NoWipe, CheckOld, Recalled, NotInspected];

    private static Compliance? Gated(LendingCase c) => c.Class.NeedsComplianceGate ? c.Device?.Compliance : null;

    // Of a model any device may be given: the rule is broken when too few of the free ones hold it.
    private static List<Compliance> Failing(LendingCase c, Func<Compliance, bool> holds)
    {
        if (!c.Class.NeedsComplianceGate) return [];
        if (c.Device is { } named) return holds(named.Compliance) ? [] : [named.Compliance];
        var failing = c.Candidates.Select(d => d.Compliance).Where(found => !holds(found)).ToList();
        return c.Candidates.Count - failing.Count < c.CountOfPool ? failing : [];
    }

    private static object?[]? EncryptionIsUnknown(LendingCase c) => Failing(c, found => found.Encrypted).Count > 0 ? [] : null;

    private static object?[]? PatchIsOld(LendingCase c)
        => Failing(c, found => found.PatchedOn >= c.LastDay.AddDays(-c.Policy.PatchDays)) is { Count: > 0 } old
            ? [old.Max(found => found.PatchedOn) is { } day ? JapaneseDate.Long(day) : "未登録"] : null;

    private static object?[]? AntivirusIsOld(LendingCase c)
        => Gated(c) is { } found && !(found.AntivirusOn >= c.Today.AddDays(-c.Policy.AntivirusDays)) ? [] : null;

    private static object?[]? CannotBeWiped(LendingCase c) => Failing(c, found => found.MdmEnrolled).Count > 0 ? [] : null;

    private static object?[]? CheckIsOld(LendingCase c)
        => Gated(c) is { } found && !(found.CheckedAt >= c.Now.AddDays(-c.Policy.CheckDays)) ? [] : null;

    private static object?[]? IsRecalled(LendingCase c) => c.Device?.RecallReason is { } reason ? [reason] : null;

    private static object?[]? AwaitsInspection(LendingCase c) => c.Device is { AwaitsInspection: true } ? [] : null;
}
