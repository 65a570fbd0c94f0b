using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace KitaPortal.Platform.Web;

/// <summary>Names of the static files as they are served now: with the fingerprint that lets browsers keep them for good.</summary>
public static class StaticFiles
{
    private static readonly ConcurrentDictionary<ResourceAssetCollection, string> ImportMaps = new();

    /// <summary>The absolute address of a file below <c>wwwroot</c>, with its fingerprint.</summary>
    public static string StaticFile(this HttpContext http, string path)
    {
        var plain = path.TrimStart('~', '/');
        return $"{http.Request.PathBase}/{Assets(http)?[plain] ?? plain}";
    }

    /// <summary>
    /// The import map of our modules: absolute addresses, so that it holds under every page's address.
    /// The map the framework would make is relative and breaks below the first folder.
    /// </summary>
    public static string ImportMap(this HttpContext http)
    {
        var assets = Assets(http);
        if (assets is null) return """{"imports":{}}""";
        var root = http.Request.PathBase.Value ?? "";
        return ImportMaps.GetOrAdd(assets, all =>
        {
            var imports = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var asset in all)
            {
                var label = asset.Properties?.FirstOrDefault(p => p.Name == "label")?.Value;
                if (label is not null && label.EndsWith(".js", StringComparison.Ordinal)) imports[$"{root}/{label}"] = $"{root}/{asset.Url}";
            }

            return JsonSerializer.Serialize(new { imports });
        });
    }

    private static ResourceAssetCollection? Assets(HttpContext http)
        => http.GetEndpoint()?.Metadata.GetMetadata<ResourceAssetCollection>();
}
