
namespace KitaPortal.Features.Booking.Rules;

/// <summary>貸-801 and 貸-802: series and the waiting list.</summary>
public static class MoreWaysRules
{
    public static readonly LendingRule SeriesLong = new(801, "series-long", Stage.Submit, Grade.Block, "",
        "繰り返しは{n}回までです。", "回数を減らすか、終わりの日を早めてください。", TooManyOccurrences, "Form.Until");

    public static readonly LendingRule OfferOver = new(802, "offer-over", Stage.Submit, Grade.Block, "",
        "この空き待ちの案内は終了しました。", "空き待ちの一覧に戻って確かめてください。", OfferIsOver)
    { IsFixed = true };

    public static IReadOnlyList<LendingRule> All { get; } = [SeriesLong, OfferOver];

    private static object?[]? TooManyOccurrences(LendingCase c) => c.Occurrences > c.Policy.Occurrences ? [c.Policy.Occurrences] : null;

    private static object?[]? OfferIsOver(LendingCase c) => c.IsOfferOver ? [] : null;
}
