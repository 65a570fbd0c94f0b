using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>貸-301 to 貸-309: who may borrow.</summary>
public static class PersonRules
{
    private const Stage Always = Stage.Submit | Stage.Decide | Stage.HandOver | Stage.Extend;

    public static readonly LendingRule Employment = new(301, "employment", Stage.Submit | Stage.Decide | Stage.HandOver, Grade.Block, "s",
        "この職員区分は対象外です。", "情報セキュリティ管理者へ相談してください。", EmploymentIsExcluded);

    public static readonly LendingRule Leaving = new(302, "leaving", Always, Grade.Block, "s",
        "{日付}に退職・休職の予定があります。", "前日までの期間に短くしてください。", LeavesBeforeTheEnd, "Form.To");

    public static readonly LendingRule Suspended = new(303, "suspended", Stage.Submit | Stage.HandOver | Stage.Extend, Grade.Block, "s",
        "貸出停止中です（{理由}）。", "借りている端末を返却し、窓口へ連絡してください。", IsSuspended);

    public static readonly LendingRule Agreement = new(304, "agreement", Always, Grade.Block, "",
        "誓約書の有効期限が貸出期間に足りません。", "この画面で誓約書に署名してください。", AgreementEndsBeforeTheLoan, "Form.SignAgreement");

    public static readonly LendingRule Training = new(305, "training", Always, Grade.Block, "s",
        "情報セキュリティ研修の受講が必要です（期限{日付}）。", "研修を受講するか、期限までの期間に短くしてください。", TrainingEndsBeforeTheLoan);

    public static readonly LendingRule NotOpen = new(306, "not-open", Stage.Submit | Stage.HandOver, Grade.Block, "d",
        "この端末は{所属・役割}専用です。", "ほかの機種または庁舎を選んでください。", PoolIsNotOpenToThePerson, "Form.Choice");

    public static readonly LendingRule Share = new(307, "share", Stage.Submit, Grade.Block, "d",
        "{所属}の割当（{n}台）を超えます。", "別の期間を選んでください。", SectionShareIsUsedUp, "Form.Choice");

    public static readonly LendingRule NotDelegate = new(308, "not-delegate", Stage.Submit, Grade.Block, "",
        "この職員の代わりには予約できません。", "本人または窓口から予約してください。", AskerMayNotBookForThePerson, "Form.BorrowerId")
    { IsFixed = true };

    public static readonly LendingRule Responsible = new(309, "responsible", Stage.Submit | Stage.Decide, Grade.Block, "d",
        "使用責任者を確認してください。", "借受者の所属の在職者から選んでください。", ResponsibleDoesNotFit, "Form.ResponsibleId");

    public static IReadOnlyList<LendingRule> All { get; } = [Employment, Leaving, Suspended, Agreement, Training, NotOpen, Share, NotDelegate, Responsible];

    private static object?[]? EmploymentIsExcluded(LendingCase c)
        => c.Borrower.DepartmentId is null || c.Policy.ExcludedEmployment.Contains(c.Borrower.Employment.ToString(), StringComparer.OrdinalIgnoreCase) ? [] : null;

    private static object?[]? LeavesBeforeTheEnd(LendingCase c)
        => c.Borrower.EmployedTo is { } end && end <= c.LastDay ? [JapaneseDate.Long(end.AddDays(-1))] : null;

    private static object?[]? IsSuspended(LendingCase c)
        => c.Borrower.Suspensions.FirstOrDefault(s => s.From < c.Period.To && (s.To is null || s.To > c.Period.From)) is { } suspension ? [suspension.Reason] : null;

    private static object?[]? AgreementEndsBeforeTheLoan(LendingCase c)
        => c.Class.NeedsAgreement && c.Borrower.IsAgreementPublished && !(c.Borrower.AgreementLastDay >= c.LastDay) ? [] : null;

    private static object?[]? TrainingEndsBeforeTheLoan(LendingCase c)
        => c.Class.NeedsTraining && !(c.Borrower.TrainingLastDay >= c.LastDay)
            ? [c.Borrower.TrainingLastDay is { } last ? JapaneseDate.Long(last) : "：受講記録なし"] : null;

    private static object?[]? PoolIsNotOpenToThePerson(LendingCase c)
        => c.Pool.OpenTo.Count > 0 && !c.Pool.OpenTo.Any(o => IsFor(o, c)) ? [c.OpenToWords.Length > 0 ? c.OpenToWords : "ほかの所属・役割"] : null;

    // Whoever has an opening without share is not bound by the others.
    private static object?[]? SectionShareIsUsedUp(LendingCase c)
    {
        var mine = c.Pool.OpenTo.Where(o => IsFor(o, c)).ToList();
        if (mine.Count == 0 || mine.Any(o => o.ShareDevices is null || c.ShareHolds.GetValueOrDefault(o.Id) + c.CountOfPool <= o.ShareDevices)) return null;
        return [c.Borrower.DepartmentName, mine.Max(o => o.ShareDevices)];
    }

    private static bool IsFor(PoolOpening opening, LendingCase c)
        => (opening.DepartmentId is { } department && c.Borrower.Departments.Contains(department)) || (opening.Role is { } role && c.Borrower.Roles.Contains(role));

    private static object?[]? AskerMayNotBookForThePerson(LendingCase c) => c.Borrower.MayBeBookedForByAsker ? null : [];

    private static object?[]? ResponsibleDoesNotFit(LendingCase c) => c.Borrower.IsResponsibleFit ? null : [];
}
