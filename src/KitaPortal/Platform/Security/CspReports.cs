using System.Collections.Concurrent;
using System.Text.Json;

namespace KitaPortal.Platform.Security;

/// <summary>What browsers refused because of our content security policy, counted by directive and file. Nothing of the page's content is kept.</summary>
public sealed class CspReports(ILogger<CspReports> log)
{
    private const int MostKinds = 200;
    private const int MostBytes = 64 * 1024;
    private readonly ConcurrentDictionary<(string Directive, string File), int> counts = new();

    public IReadOnlyDictionary<(string Directive, string File), int> Counts => counts;

    internal async Task<IResult> ReceiveAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength is null or > MostBytes) return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        try
        {
            using var report = await JsonDocument.ParseAsync(request.Body, cancellationToken: ct);
            var root = report.RootElement;
            foreach (var one in root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().ToList() : [root]) Count(one);
            return Results.NoContent();
        }
        catch (JsonException)
        {
            return Results.BadRequest();
        }
    }

    private void Count(JsonElement report)
    {
        if (report.ValueKind != JsonValueKind.Object) return;
        var body = Child(report, "csp-report") ?? Child(report, "body");
        if (body is not { ValueKind: JsonValueKind.Object } found) return;
        var directive = Text(found, "effectiveDirective") ?? Text(found, "effective-directive") ?? Text(found, "violated-directive") ?? "?";
        var file = FileOf(Text(found, "sourceFile") ?? Text(found, "source-file") ?? Text(found, "documentURL") ?? Text(found, "document-uri"));
        var key = (directive, file);
        if (counts.Count >= MostKinds && !counts.ContainsKey(key)) return;
        if (counts.AddOrUpdate(key, 1, (_, n) => n + 1) == 1) log.LogWarning("Content security policy refused {Directive} in {File}", directive, file);
    }

    private static JsonElement? Child(JsonElement parent, string name) => parent.TryGetProperty(name, out var child) ? child : null;

    private static string? Text(JsonElement parent, string name)
        => Child(parent, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() is { Length: > 0 } t ? t[..Math.Min(t.Length, 200)] : null : null;

    private static string FileOf(string? address)
        => Uri.TryCreate(address, UriKind.Absolute, out var uri) ? string.Concat(uri.AbsolutePath.Where(c => !char.IsControl(c))) : "?";
}
