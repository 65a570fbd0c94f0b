using System.ComponentModel.DataAnnotations;

namespace KitaPortal.Platform.Web;

/// <summary>Where the portal is reached (<c>Server:*</c>). No feature has an address of its own.</summary>
public sealed class ServerOptions
{
    /// <summary>The one public origin: links in mails and on labels lead here, and only its pages may write. On loopback (evaluation, tests) the address of the request counts.</summary>
    [Required]
    public Uri PublicUrl { get; set; } = new("http://localhost:5080");

    /// <summary>The largest request, uploads included.</summary>
    [Range(1, 2000)]
    public int MaxRequestMb { get; set; } = 25;

    /// <summary>Further exact origins from which the portal is used.</summary>
    public Uri[] ExtraOrigins { get; set; } = [];

    /// <summary>Proxies (addresses or networks) whose forwarded headers are believed.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>All origins of the portal's own pages.</summary>
    public IEnumerable<Uri> Origins => ExtraOrigins.Prepend(PublicUrl);
}

/// <summary>What the town is called (<c>Town:*</c>).</summary>
public sealed class TownOptions
{
    [Required]
    public string Name { get; set; } = "北広島町";
}
