using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>The list of the lending rules (貸-n) of the town.</summary>
public static partial class BookingRules
{
    public static readonly Rule TwoPersons = new("貸-901", "booking.two-persons", "規程は作成者とは別の情報セキュリティ管理者が公開します。", "別の管理者に公開を依頼してください。");
    public static readonly Rule RuleSetPublished = new("貸-902", "booking.rule-set-published", "公開した規程は変更できません。", "新しい版を作成してください。");
}
