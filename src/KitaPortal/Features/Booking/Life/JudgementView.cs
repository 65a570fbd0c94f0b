using KitaPortal.Features.Approvals;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>What the rules say to a change or an extension, as the side of its page shows it.</summary>
/// <param name="Verb">延長, 変更: 「このままでは…できません」.</param>
public sealed record JudgementView(string Verb, Judgement? Judgement, IReadOnlyList<RoutePreview> Route, IReadOnlyList<Broken> Refused, IReadOnlyList<string> Acknowledged, string WhenFree)
{
    public IEnumerable<Broken> Blocks => Refused.Concat(Judgement?.Blocks ?? []);
}
