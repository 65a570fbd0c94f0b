using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>What the clerk may pass: warnings to tick and reasons to write. What was ticked or written for an earlier answer stays, or each answer would take back the one before.</summary>
public sealed record Passable(IEnumerable<Broken> Broken, IReadOnlyCollection<string> Acknowledged, IReadOnlyDictionary<string, string?> Overrides, string Verb)
{
    public IEnumerable<(Rule Rule, string Text, bool IsTicked)> Ticks
    {
        get
        {
            var open = Broken.Where(b => b.Severity == Severity.Warn).DistinctBy(b => b.Rule.Code).ToList();
            return open.Select(b => (b.Rule, $"{b.Message} 確認しました", Acknowledged.Contains(b.Rule.Code)))
                .Concat(Known(Acknowledged).Where(r => open.All(b => b.Rule.Code != r.Code)).Select(r => (r, "確認しました", true)));
        }
    }

    public IEnumerable<(Rule Rule, string Hint, string? Reason)> Reasons
    {
        get
        {
            var open = Broken.Where(b => b.Severity != Severity.Warn && b.Rule != BookingRules.OverrideReason && b.OverridableBy.Contains('d', StringComparison.Ordinal)).DistinctBy(b => b.Rule.Code).ToList();
            return open.Select(b => (b.Rule, $"{b.Message} 10文字以上で書くと、窓口の判断で{Verb}。", Overrides.GetValueOrDefault(b.Rule.Code)))
                .Concat(Known(Overrides.Where(o => !string.IsNullOrWhiteSpace(o.Value)).Select(o => o.Key)).Where(r => open.All(b => b.Rule.Code != r.Code)).Select(r => (r, "10文字以上で書きます。空にすると、例外として扱いません。", Overrides[r.Code])));
        }
    }

    private static IEnumerable<Rule> Known(IEnumerable<string> codes) => BookingRules.Lending.Select(r => r.Text).Where(r => codes.Contains(r.Code));
}
