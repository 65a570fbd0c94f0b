using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Inventory;

/// <summary>What the inventory itself refuses.</summary>
internal static class InventoryRules
{
    public static readonly Rule SameModel = new("貸-943", "booking.same-model", "「{機種}」はこの区分にすでにあります。", "一覧の機種を変えるか、別の名前にしてください。");
    public static readonly Rule StillKept = new("貸-944", "booking.still-kept", "{備品番号}は廃止できません。貸出中か、この端末を指定した予約があります（{予約}）。", "返却を受け付けるか、予約を別の端末に変えてから廃止してください。", "Form.Status");

    public static readonly Rule SameLabel = new("貸-945", "booking.same-label", "備品番号「{備品番号}」の端末は、すでに台帳にあります。", "備品番号を確かめるか、台帳の端末を変更してください。", "Form.Label");
    public static readonly Rule FutureCheck = new("貸-946", "booking.check-future", "{日付}は先の日付です。", "点検や更新をした日を入力してください。");

    public static IReadOnlyList<Rule> All { get; } = [SameModel, StillKept, SameLabel, FutureCheck];
}
