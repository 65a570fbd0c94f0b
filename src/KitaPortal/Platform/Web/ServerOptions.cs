using System.ComponentModel.DataAnnotations;

namespace KitaPortal.Platform.Web;

/// <summary>Where the portal is reached (<c>Server:*</c>).</summary>
public sealed class ServerOptions
{
    /// <summary>The one public origin: links in mails and on labels lead here.</summary>
    [Required]
    public Uri PublicUrl { get; set; } = new("http://localhost:5080");

    /// <summary>The largest request, uploads included.</summary>
    [Range(1, 2000)]
    public int MaxRequestMb { get; set; } = 25;
}

/// <summary>What the town is called (<c>Town:*</c>).</summary>
public sealed class TownOptions
{
    [Required]
    public string Name { get; set; } = "北広島町";
}
