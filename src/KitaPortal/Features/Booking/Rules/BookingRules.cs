using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>The list of the lending rules (貸-n) of the town, in the order of their numbers. Each hundred has its own file.</summary>
public static class BookingRules
{
    public static readonly Rule TwoPersons = new("貸-901", "booking.two-persons", "規程は作成者とは別の情報セキュリティ管理者が公開します。", "別の管理者に公開を依頼してください。");
    public static readonly Rule RuleSetPublished = new("貸-902", "booking.rule-set-published", "公開した規程は変更できません。", "新しい版を作成してください。");
    public static readonly Rule OtherBody = new("貸-903", "booking.same-id", "同じ受付番号で、別の内容がすでに登録されています。", "予約の一覧を確認し、新しい予約として入力してください。");
    public static readonly Rule OverrideReason = new("貸-904", "booking.override", "{番号}を例外として扱うには、権限と10文字以上の理由が必要です。", "理由を入力するか、権限のある職員に依頼してください。");
    public static readonly Rule NotNow = new("貸-905", "booking.not-now", "「{状態}」の予約には、この操作はできません。", "画面を更新して、今の状態を確認してください。");

    public static readonly Rule FixedRule = new("貸-906", "booking.fixed-rule", "{番号}は、どの版でも変えられません。", "ほかの決まりで調整してください。");
    public static readonly Rule RuleSetDay = new("貸-907", "booking.rule-set-day", "過ぎた日から規程を適用することはできません。", "今日以後の適用日にしてください。", "Form.EffectiveFrom");

    /// <summary>The rules a request is judged by.</summary>
    public static IReadOnlyList<LendingRule> Lending { get; } =
        [.. PeriodRules.All, .. DeviceRules.All, .. PersonRules.All, .. LimitRules.All, .. TakeOutRules.All, .. SecurityRules.All, .. CounterRules.All, .. MoreWaysRules.All];

    /// <summary>409: the id stands already with other content.</summary>
    public static RuleViolation SameIdOtherBody() => new(OtherBody.With()) { Status = StatusCodes.Status409Conflict };

    /// <summary>All texts, for the registry.</summary>
    public static IReadOnlyList<Rule> All { get; } = [.. Lending.Select(r => r.Text), TwoPersons, RuleSetPublished, OtherBody, OverrideReason, NotNow, FixedRule, RuleSetDay];

    /// <summary>Everything that is broken, in the order of the numbers: never only the first.</summary>
    public static IReadOnlyList<Finding> Check(LendingCase asked)
        => [.. Lending.Select(rule => rule.Find(asked)).OfType<Finding>()];
}
