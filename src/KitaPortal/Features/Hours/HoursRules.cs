using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Hours;

/// <summary>Rules 時-n of the hours ledger.</summary>
public static class HoursRules
{
    public static readonly Rule CloseOrder = new("時-101", "hours.close-order", "{前の月}がまだ締められていないため、{月}は締められません。", "前の月を先に締めてください。");
    public static readonly Rule CloseEarly = new("時-101", "hours.close-order", "{月}はまだ終わっていないため、締められません。", "{日}を過ぎると締められます。");
    public static readonly Rule Closed = new("時-102", "hours.closed", "{月}は締め済みです。", "直すときは、計上月の開いている月への修正として登録してください。");
    public static readonly Rule ChecksOpen = new("時-103", "hours.checks-open", "照合に差異が{件数}件あります。", "照合のページで確認して再計上するか、理由を10文字以上で入れて締めてください。", "note");
    public static readonly Rule PolicyClosed = new("時-104", "hours.policy-closed", "{日}は締め済みの期間のため、計数規則を適用できません。", "締めていない月の日から適用してください。", "Form.From");
    public static readonly Rule AdjustmentReason = new("時-105", "hours.adjustment", "理由は10文字以上で入れてください。", "何があって、どの資料から数えたかを書いてください。", "Form.Reason");
    public static readonly Rule AdjustmentEvidence = new("時-105", "hours.adjustment-evidence", "根拠の資料がありません。", "紙の管理簿の写しなど、根拠のファイルを添えてください。", "Form.Evidence");
    public static readonly Rule AdjustmentMinutes = new("時-105", "hours.adjustment-minutes", "時間は0以外で、{上限}時間以内で入れてください。", "増やすときはそのまま、減らすときは − を付けて入れてください。", "Form.Hours");
    public static readonly Rule AdjustmentMonth = new("時-105", "hours.adjustment-month", "{月}はまだ始まっていません。", "今月までの月を選んでください。", "Form.Month");
    public static readonly Rule SecondPerson = new("時-105", "hours.second-person", "登録した本人は確定できません。", "別の人事担当（人事担当が1人のときは情報セキュリティ管理者）が確認してください。");
    public static readonly Rule Decided = new("時-105", "hours.decided", "もう確定または取り下げられています。", "画面を開き直してください。");
    public static readonly Rule UseEntry = new("時-106", "hours.use-entry", "{理由}ため、利用時間を登録できません。", "貸出中の時間に重ならないように、締めていない月の分を入力してください。");
    public static readonly Rule NotYours = new("時-107", "hours.not-yours", "職員ごとの時間は、人事担当と本人だけが見られます。", "所属ごとの合計をお使いください。");
    public static readonly Rule Year = new("時-108", "hours.year", "年度「{年度}」は読み取れません。", "2026、R8、令和8年度のように、2000年度から来年度までで書いてください。");
    public static readonly Rule Month = new("時-109", "hours.month", "{月}月という月はありません。", "1から12（年度整理は13）で書いてください。", "Form.Month");
    public static readonly Rule CheckMissing = new("時-103", "hours.check-missing", "{月}が終わってからの照合がまだありません。", "照合のページで照合するか、理由を10文字以上で入れて締めてください。", "note");
    public static readonly Rule PolicyForm = new("時-104", "hours.policy-form", "{項目}が読み取れません。", "時間帯は 08:30-17:15、休憩は 12:00-13:00 のように入れてください。");
    public static readonly Rule PolicyEmpty = new("時-104", "hours.policy-empty", "数える機器の区分を1つ以上選んでください。", "区分を選んでください。", "Form.Classes");
    public static readonly Rule RepostReason = new("時-105", "hours.repost-reason", "再計上の理由を10文字以上で入れてください。", "差異の原因を書いてください。", "Reason");
    public static readonly Rule Versioned = new("時-201", "hours.versioned", "目標は上書きできず、実績には出典が要ります。", "新しい版として登録し、出典を入れてください。");

    /// <summary>One of each code: 時-101 refuses both what is out of order and what is too early.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        CloseOrder, Closed, ChecksOpen, CheckMissing, PolicyClosed, PolicyForm, PolicyEmpty, AdjustmentReason, AdjustmentEvidence, AdjustmentMinutes, AdjustmentMonth, SecondPerson, Decided, RepostReason,
        UseEntry, NotYours, Year, Month, Versioned,
    ];
}
