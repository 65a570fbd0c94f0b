using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KitaPortal.Platform.Text;

namespace KitaPortal.Features.Approvals;

/// <summary>One text for one content: keys sorted by code point, strings in NFC, no blanks. What is hashed when something is decided.</summary>
public static class CanonicalJson
{
    // Not the web defaults: they take A and a for one key.
    private static readonly JsonSerializerOptions Plain = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(object content) => Sorted(JsonSerializer.SerializeToNode(content, Plain))!.ToJsonString(Plain);

    /// <summary>SHA-256 of the canonical text, 64 hexadecimal digits.</summary>
    public static string Hash(object content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Of(content))));

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject one => new JsonObject(one.OrderBy(p => p.Key, StringComparer.Ordinal).GroupBy(p => p.Key.Nfc()).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => KeyValuePair.Create(g.Key, Sorted(g.Last().Value)))),
        JsonArray many => new JsonArray([.. many.Select(Sorted)]),
        JsonValue value when value.TryGetValue<string>(out var text) => JsonValue.Create(text.Nfc()),
        _ => node?.DeepClone(),
    };
}
