namespace KitaPortal.Platform.Rules;

/// <summary>How a broken rule weighs: it blocks, it warns (must be ticked), or it asks somebody's permission.</summary>
public enum Severity { Block, Warn, Permission }

/// <summary>A rule of the town as it stands in the registry.</summary>
/// <param name="Number">The number in the town's rules page, for example 貸-101.</param>
/// <param name="Code">The code in API answers, for example <c>booking.period</c>.</param>
/// <param name="Sentence">What a person reads when it is broken; {name} parts are filled in.</param>
/// <param name="Remedy">What the person can do.</param>
/// <param name="Field">The form field it usually concerns.</param>
public sealed record Rule(string Number, string Code, string Sentence, string Remedy, string? Field = null)
{
    public Severity Severity { get; init; } = Severity.Block;

    /// <summary>The rule found broken, with the blanks of its sentence filled in by <paramref name="values"/> in the order they appear.</summary>
    public Broken With(params object?[] values) => new(this, Fill(Sentence, values), Remedy) { Field = Field, Severity = Severity };

    /// <summary>The same, on a named form field.</summary>
    public Broken On(string field, params object?[] values) => With(values) with { Field = field };

    private static string Fill(string sentence, object?[] values)
    {
        var next = 0;
        return System.Text.RegularExpressions.Regex.Replace(sentence, @"\{[^}]*\}",
            blank => next < values.Length ? values[next++]?.ToString() ?? "" : blank.Value);
    }
}

/// <summary>One broken rule: which, why, and what the person can do next.</summary>
public sealed record Broken(Rule Rule, string Message, string Remedy)
{
    public string? Field { get; init; }

    public Severity Severity { get; init; }

    /// <summary>Where the remedy can be done, as own-host path.</summary>
    public string? RemedyHref { get; init; }

    /// <summary>Who may pass with a written reason: d desk, s security manager; empty nobody.</summary>
    public string OverridableBy { get; init; } = "";
}

/// <summary>The town refuses: carries all broken rules at once.</summary>
public sealed class RuleViolation(IReadOnlyList<Broken> broken) : Exception(string.Join(" / ", broken.Select(b => $"{b.Rule.Number} {b.Message}")))
{
    public RuleViolation(Broken broken) : this([broken]) { }

    public IReadOnlyList<Broken> Broken { get; } = broken;

    /// <summary>422, or 409 when what the person saw has changed meanwhile.</summary>
    public int Status { get; init; } = StatusCodes.Status422UnprocessableEntity;

    /// <summary>What a program is told besides the rules, by name: for example what could be booked instead.</summary>
    public IReadOnlyDictionary<string, object?> Extras { get; init; } = new Dictionary<string, object?>();
}

/// <summary>Collects rules so that a refusal names all of them.</summary>
public static class Demand
{
    /// <summary>Refuses when any of the given rules is broken.</summary>
    public static void All(params IEnumerable<Broken?> checks)
    {
        var broken = checks.OfType<Broken>().ToList();
        if (broken.Count > 0) throw new RuleViolation(broken);
    }
}

/// <summary>Not there, or not yours: answered as 404 without telling which.</summary>
public sealed class NotHereException() : Exception("Not there, or not the person's to see.");

public static class NotHere
{
    /// <summary>The record, or a 404.</summary>
    public static T OrNotHere<T>(this T? record) where T : class => record ?? throw new NotHereException();

    /// <summary>The record found by the query, or a 404.</summary>
    public static async Task<T> OrNotHere<T>(this Task<T?> record) where T : class => await record ?? throw new NotHereException();
}
