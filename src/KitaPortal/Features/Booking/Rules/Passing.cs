using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>A rule passed by somebody who may, with the written reason.</summary>
public sealed record PassedRule(LendingRule Rule, string Reason);

/// <summary>Passing rules by a written reason (例外): the desk passes those marked d, the security manager those marked d and s. A reason without the right, or one too short, is itself refused (貸-904).</summary>
public static class Passing
{
    public const int ShortestReason = 10;

    public static bool MayPass(LendingRule rule, Asker asker, bool isDesk)
        => (rule.OverridableBy.Contains('d', StringComparison.Ordinal) && isDesk) || (rule.OverridableBy.Length > 0 && asker.IsSecurityManager);

    /// <summary>What is left of the findings, and what was passed.</summary>
    public static (IReadOnlyList<Finding> Left, IReadOnlyList<PassedRule> Passed) Sort(IEnumerable<Finding> findings, IReadOnlyDictionary<string, string> reasons, Asker asker, bool isDesk)
    {
        var (left, passed) = (new List<Finding>(), new List<PassedRule>());
        foreach (var finding in findings)
        {
            if (!reasons.TryGetValue(finding.Rule.Text.Code, out var reason)) left.Add(finding);
            else if (MayPass(finding.Rule, asker, isDesk) && reason.Trim().Length >= ShortestReason) passed.Add(new PassedRule(finding.Rule, reason.Trim().ReplaceLineEndings(" ")));
            else left.Add(finding with { Grade = Grade.Block, Broken = BookingRules.OverrideReason.With(finding.Rule.Text.Number) with { Severity = Severity.Block, OverridableBy = finding.Rule.OverridableBy } });
        }
        return (left, passed.DistinctBy(p => p.Rule.Number).ToList());
    }
}
