using System.Globalization;

namespace KitaPortal.Features.Shared;

/// <summary>A share of a goal drawn as a ring, with a tick where it should stand today.</summary>
/// <param name="Percent">Reached so far; may pass 100.</param>
/// <param name="Label">The whole statement, for people who do not see the ring.</param>
/// <param name="Word">The word under the number.</param>
/// <param name="IdealPercent">Where the ideal line stands today.</param>
public sealed record Ring(int Percent, string Label, string Word = "達成率", int? IdealPercent = null)
{
    /// <summary>Length of the first round.</summary>
    public int First => Math.Clamp(Percent, 0, 100);

    /// <summary>Length of the second round, once the goal is passed.</summary>
    public int Over => Math.Clamp(Percent - 100, 0, 100);

    /// <summary>The ideal line as an angle.</summary>
    public string? Ideal => IdealPercent is { } p ? (Math.Clamp(p, 0, 100) * 3.6).ToString("0.#", CultureInfo.InvariantCulture) : null;
}
