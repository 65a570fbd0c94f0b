using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Incidents;

/// <summary>What the words of an incident are called on screen.</summary>
public static class IncidentWords
{
    public static string Of(IncidentKind kind) => kind switch
    {
        IncidentKind.Loss => "紛失",
        IncidentKind.Theft => "盗難",
        IncidentKind.Damage => "故障・破損",
        _ => "漏えいのおそれ",
    };

    public static string Of(IncidentState state) => state switch
    {
        IncidentState.Open => "対応中",
        IncidentState.Contained => "封じ込め済",
        IncidentState.Reported => "報告済",
        _ => "終結",
    };

    public static string Look(IncidentState state) => state switch
    {
        IncidentState.Open => "late",
        IncidentState.Contained => "wait",
        IncidentState.Reported => "ok",
        _ => "done",
    };
}

/// <summary>What the handling of incidents refuses.</summary>
public static class IncidentRules
{
    public static readonly Rule Story = new("貸-981", "booking.incident-story", "何があったかを一言で入力してください。", "「電車に置き忘れた」のように短くてかまいません。", "Form.Story");
    public static readonly Rule NotNow = new("貸-982", "booking.incident-not-now", "「{状態}」の事故には、この操作はできません。", "画面を更新して、今の状態を確認してください。");
    public static readonly Rule TasksLeft = new("貸-983", "booking.incident-tasks", "済んでいない対応があります（{対応}）。", "済ませるか、不要とする理由を記録してください。");
    public static readonly Rule SkipReason = new("貸-984", "booking.incident-skip", "不要とする理由を入力してください。", "5文字以上で入力してください。");
    public static readonly Rule Outcome = new("貸-985", "booking.incident-outcome", "結果と再発防止を入力してください。", "10文字以上で入力してください。");
    public static readonly Rule NotGone = new("貸-986", "booking.incident-not-gone", "{備品番号}は所在不明ではありません。", "画面を更新して、今の状態を確認してください。");
    public static readonly Rule AlreadyOpen = new("貸-987", "booking.incident-open", "この端末の事故はすでに届けられています（{番号}）。", "届けられた事故に書き足してください。");

    public static IReadOnlyList<Rule> All { get; } = [Story, NotNow, TasksLeft, SkipReason, Outcome, NotGone, AlreadyOpen];
}
