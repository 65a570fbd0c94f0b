using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Approvals;

/// <summary>Rules 決-n of the town about requests and decisions.</summary>
public static class ApprovalRules
{
    public static readonly Rule Self = new("決-1", "approvals.self", "自分の申請（自分のために出された申請を含みます）は、自分では処理できません。", "上位の所属長が決裁します。");
    public static readonly Rule NotYourTurn = new("決-2", "approvals.not-your-turn", "今の担当者ではありません（今の担当：{担当者}）。", "担当者の処理を待ってください。");
    public static readonly Rule Stale = new("決-3", "approvals.stale", "表示したあとに内容が変わりました。{変更}", "変更箇所を確認して、もう一度お試しください。");
    public static readonly Rule NoApprover = new("決-4", "approvals.no-approver", "「{段}」の承認者が決まりません。", "人事担当に、所属長の配属を確認してもらってください。");
    public static readonly Rule DeputyRight = new("決-5", "approvals.deputy-right", "{決裁者}さんの代わりに決裁する権限がありません。", "代決権を持つ人か、本人に依頼してください。");
    public static readonly Rule NotAbsent = new("決-5", "approvals.not-absent", "{決裁者}さんは不在ではありません。", "本人に依頼するか、本人に不在設定をしてもらってください。");
    public static readonly Rule Cover = new("決-5", "approvals.cover", "{理由}", "不在の期間と代理者を確認してください。");
    public static readonly Rule Reason = new("決-6", "approvals.reason", "理由が入力されていません。", "理由を入力してください。", "Act.Reason");
    public static readonly Rule TooLate = new("決-7", "approvals.too-late", "次の人がすでに処理したため、引き戻せません。", "差戻しを依頼するか、取り下げてください。");
    public static readonly Rule TargetStep = new("決-8", "approvals.target-step", "差戻し先は、今より前の段か起案者です。", "差戻し先を選び直してください。", "Act.Target");
    public static readonly Rule Closed = new("決-9", "approvals.closed", "この申請は{状態}のため、この操作はできません。", "必要なら新しく申請してください。");
    public static readonly Rule FormRetired = new("決-10", "approvals.form-retired", "この様式は今は使えません。", "様式の一覧から選び直してください。");
    public static readonly Rule Values = new("決-10", "approvals.values", "{項目}：{理由}", "入力し直してください。");
    public static readonly Rule UnknownValue = new("決-10", "approvals.values", "様式にない項目「{項目}」があります。", "ページを開き直してください。");

    public static IReadOnlyList<Rule> All { get; } =
        [Self, NotYourTurn, Stale, NoApprover, DeputyRight, NotAbsent, Cover, Reason, TooLate, TargetStep, Closed, FormRetired, Values, UnknownValue];
}
