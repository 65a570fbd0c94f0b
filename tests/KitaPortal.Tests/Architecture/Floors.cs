using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace KitaPortal.Tests.Architecture;

/// <summary>The floors of the house: a feature uses Platform, Data and features on floors below it, never its own floor or above.</summary>
public static class Floors
{
    private static readonly Dictionary<string, int> Floor = new()
    {
        ["Platform"] = 0,
        ["Data"] = 0,
        ["People"] = 1,
        ["Approvals"] = 2,
        ["Notifications"] = 2,
        ["Booking"] = 3,
        ["Chat"] = 3,
        ["Notices"] = 3,
        ["Hours"] = 4,
        ["Minutes"] = 4,
        ["Home"] = 5,
        ["Admin"] = 5,
    };

    /// <summary>Every use of a higher or neighbouring feature, as "user -> used".</summary>
    /// <param name="root">The namespace that holds Platform, Data and Features.</param>
    public static IReadOnlyList<string> Violations(System.Reflection.Assembly assembly, string root)
    {
        var house = new ArchLoader().LoadAssembly(assembly).Build();
        return [.. house.Types
            .SelectMany(type => type.Dependencies.Select(d => (From: type, To: d.Target)))
            .Select(use => (use.From, use.To, FromFeature: Feature(use.From, root), ToFeature: Feature(use.To, root)))
            .Where(use => use.FromFeature is not null && use.ToFeature is not null && use.FromFeature != use.ToFeature)
            .Where(use => Floor[use.ToFeature!] >= Floor[use.FromFeature!] && Floor[use.FromFeature!] + Floor[use.ToFeature!] > 0)
            .Select(use => $"{use.From.FullName} -> {use.To.FullName}")
            .Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The feature a type belongs to; null for Shared views and foreign types.</summary>
    private static string? Feature(IType type, string root)
    {
        var space = type.Namespace?.FullName ?? "";
        if (!space.StartsWith(root + ".", StringComparison.Ordinal)) return null;
        var parts = space[(root.Length + 1)..].Split('.');
        var name = parts[0] == "Features" ? parts.ElementAtOrDefault(1) : parts[0];
        return name is not null && Floor.ContainsKey(name) ? name : null;
    }
}
