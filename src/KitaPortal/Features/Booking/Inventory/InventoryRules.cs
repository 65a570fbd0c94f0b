using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Inventory;

/// <summary>What the inventory itself refuses.</summary>
internal static class InventoryRules
{
    public static readonly Rule SameModel = new("貸-943", "booking.same-model", "「{機種}」はこの区分にすでにあります。", "一覧の機種を変えるか、別の名前にしてください。");

    public static IReadOnlyList<Rule> All { get; } = [SameModel];
}
