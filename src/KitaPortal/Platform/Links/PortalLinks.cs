namespace KitaPortal.Platform.Links;

/// <summary>How records of one kind are named and opened, so that features on one floor can point at each other without knowing each other.</summary>
/// <param name="Kind">For example <c>booking</c>.</param>
/// <param name="Label">予約</param>
/// <param name="Href">The page of a record, as own-host path.</param>
/// <param name="MakeFrom">The page that makes a new one from another record (<c>source=</c> is added), or null.</param>
public sealed record LinkKind(string Kind, string Label, Func<string, string> Href, string? MakeFrom = null);

/// <summary>The registry of linkable kinds.</summary>
public sealed class PortalLinks(IEnumerable<LinkKind> kinds)
{
    private readonly Dictionary<string, LinkKind> byKind = kinds.ToDictionary(k => k.Kind);

    public IReadOnlyCollection<LinkKind> Kinds => byKind.Values;

    /// <summary>The page of a record; null for a kind nobody registered.</summary>
    public string? Href(string kind, string id) => byKind.TryGetValue(kind, out var known) ? known.Href(id) : null;

    public string Label(string kind) => byKind.TryGetValue(kind, out var known) ? known.Label : kind;
}
