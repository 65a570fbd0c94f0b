using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.People;

/// <summary>Rules 職-n and 在-n of the town about people.</summary>
public static class PeopleRules
{
    public static readonly Rule NumberTaken = new("職-1", "people.number-taken", "職員番号{番号}はすでに使われています。", "その職員を開いて確認してください。", "Form.StaffNumber");
    public static readonly Rule MainPosting = new("職-2", "people.main-posting", "{日付}に本務の配属がないか、二つあります。", "配属の日付を直してください。");
    public static readonly Rule PostingOutside = new("職-2", "people.posting-outside", "配属の期間が在職期間（{期間}）を外れています。", "配属の日付か在職期間を直してください。");
    public static readonly Rule LeavesBeforeJoining = new("職-2", "people.leaves-before-joining", "退職日が採用日（{日付}）より前です。", "退職日を直してください。");
    public static readonly Rule DepartmentEnded = new("職-3", "people.department-ended", "{所属}は{日付}で終わっています。", "引き継いだ所属を選んでください。");
    public static readonly Rule DepartmentInUse = new("職-3", "people.department-in-use", "{所属}には{日付}以降も職員が{人数}人、下位の所属が{数}あります。", "先に異動させるか、上位所属を変えてください。");
    public static readonly Rule OfficeInUse = new("職-3", "people.office-in-use", "{庁舎}には{日付}以降も所属が{数}あります。", "先に所属の庁舎を変えてください。");
    public static readonly Rule CodeTaken = new("職-1", "people.code-taken", "コード{コード}はすでに使われています。", "別のコードを入力してください。", "Form.Code");
    public static readonly Rule Yomi = new("職-4", "people.yomi", "よみがないか、かなではありません。", "せいとめいのよみを、ひらがなで入力してください。");
    public static readonly Rule LastAdmin = new("職-5", "people.last-admin", "システム管理者がいなくなります。", "先に別の職員を管理者にしてください。");
    public static readonly Rule RoleSelf = new("職-5", "people.role-self", "自分に役割を付けることはできません。", "別の管理者に依頼してください。");
    public static readonly Rule RoleSeparation = new("職-5", "people.role-separation", "システム管理者と監査担当は兼ねられません。", "別の職員を選んでください。");
    public static readonly Rule RoleScope = new("職-5", "people.role-scope", "この役割には範囲（{範囲}）が必要です。", "庁舎または所属を選んでください。");
    public static readonly Rule EvaluationToken = new("職-9", "signin.evaluation-token", "合言葉が違うか、使用済みか、10分を過ぎています。", "kitaportal demo を起動し直して、新しいアドレスを開いてください。", "Token");
    public static readonly Rule LinkTaken = new("職-9", "link.taken", "この職員には、使用中のサインインがすでにあります。", "先に今の紐付けを止めてください。", "StaffNumber");
    public static readonly Rule RoleOrder = new("職-5", "people.role-order", "最後の日が、始まる日より前です。", "日付を直してください。", "Form.Until");
    public static readonly Rule MassLeave = new("職-7", "people.import-mass-leave", "職員の1割を超える{人数}人が退職になります。", "人数を入力して確認してください。");
    public static readonly Rule Cycle = new("職-8", "people.cycle", "{所属}は自分の下位にはできません。", "上位所属を選び直してください。");

    public static readonly Rule Depth = new("職-8", "people.depth", "所属の階層は{段}段までです。", "上位所属を選び直してください。");
    public static readonly Rule OwnDelegate = new("職-9", "people.delegate", "代理を指定できません（{理由}）。", "別の職員か別の期間を選んでください。", "Delegate.StaffId");

    public static IReadOnlyList<Rule> All { get; } = [NumberTaken, CodeTaken, MainPosting, PostingOutside, LeavesBeforeJoining, DepartmentEnded, DepartmentInUse, OfficeInUse, Yomi, LastAdmin, RoleSelf, RoleSeparation, RoleScope, RoleOrder, MassLeave, EvaluationToken, LinkTaken, Cycle, Depth, OwnDelegate];

    internal static Broken? YomiOf(string family, string given)
        => family.Length > 0 && given.Length > 0 && (family + given).All(c => c is >= 'ぁ' and <= 'ゖ' or 'ー' or 'ゔ') ? null : Yomi.On("Form.FamilyYomi");
}
