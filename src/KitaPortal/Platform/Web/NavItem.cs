namespace KitaPortal.Platform.Web;

/// <summary>One entry of the portal's navigation, registered by the feature that owns the page.</summary>
/// <param name="Section">The group it stands in; see <see cref="NavSection"/>.</param>
/// <param name="Text">What the entry is called, in Japanese.</param>
/// <param name="Href">Where it leads; entries whose address starts with it are shown as the present place.</param>
/// <param name="Icon">A symbol of <c>wwwroot/img/icons.svg</c>.</param>
/// <param name="Order">Its place inside the section.</param>
/// <param name="Policy">Who may see it; null is everybody who is signed in.</param>
public sealed record NavItem(string Section, string Text, string Href, string Icon, int Order, string? Policy = null)
{
    /// <summary>Stands in the short bar of phones and tablets as well (four at most, lowest order first).</summary>
    public bool Quick { get; init; }

    /// <summary>A shorter name for the short bar.</summary>
    public string? ShortText { get; init; }
}

/// <summary>The groups of the navigation, in the order they are shown.</summary>
public static class NavSection
{
    /// <summary>What everybody opens every day.</summary>
    public const string Daily = "毎日";

    /// <summary>Devices: booking, lending, the desk.</summary>
    public const string Devices = "機器";

    /// <summary>Requests, decisions, notices.</summary>
    public const string Paperwork = "手続き";

    /// <summary>Hours, indicators, reviews.</summary>
    public const string Results = "実績";

    /// <summary>For the few who run the portal.</summary>
    public const string Admin = "管理";

    /// <summary>All groups in order.</summary>
    public static IReadOnlyList<string> InOrder { get; } = [Daily, Devices, Paperwork, Results, Admin];
}
