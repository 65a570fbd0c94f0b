using System.Net;
using System.Text.Json;
using KitaPortal.Tests.Host;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace KitaPortal.Tests.Platform;

/// <summary>The description of the JSON API: every operation is in it and says what it does.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Every_operation_of_the_api_is_described_in_a_sentence()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);

        var answer = await sato.Get("/openapi/v1.json");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.DoesNotContain("\"paths\"", (await portal.Anonymous().Get("/openapi/v1.json")).Text, StringComparison.Ordinal);
        var described = JsonDocument.Parse(answer.Text).RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(verb => (Operation: $"{verb.Name.ToUpperInvariant()} {path.Name}", verb.Value)))
            .ToDictionary(o => o.Operation, o => o.Value.TryGetProperty("summary", out var summary) ? summary.GetString()! : "");
        var mapped = await portal.InScopeAsync(services => Task.FromResult(services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.TrimStart('/').StartsWith("api/v1", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(verb => $"{verb} /{System.Text.RegularExpressions.Regex.Replace(e.RoutePattern.RawText!.Trim('/'), ":[^}]*}", "}")}")).ToList()));

        Assert.NotEmpty(mapped);
        Assert.Empty(mapped.Except(described.Keys));
        Assert.Empty(described.Where(d => d.Value.Length == 0).Select(d => d.Key));
        Assert.Empty(described.Values.GroupBy(s => s).Where(g => g.Count() > 1).Select(g => g.Key));
    }

    [Fact]
    public async Task Ids_and_moments_are_described_as_what_they_are_and_refusals_as_problems()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);

        var described = (await sato.Get("/openapi/v1.json")).Json;

        var schemas = described.GetProperty("components").GetProperty("schemas");
        var (device, shown) = (schemas.GetProperty("InventoryDeviceAnswer").GetProperty("properties"), schemas.GetProperty("TimelineDeviceAnswer").GetProperty("properties"));
        Assert.Equal(("string", "uuid", "string", "uuid"), (Type(device, "id"), Format(device, "id"), Type(device, "poolId"), Format(device, "poolId")));
        Assert.True(shown.TryGetProperty("state", out _) && !device.TryGetProperty("state", out _));
        var row = schemas.GetProperty("RegisterRowAnswer").GetProperty("properties");
        Assert.Equal(("string", "date-time", "uuid"), (Type(row, "outAt"), Format(row, "outAt"), Format(row, "loanId")));
        var post = described.GetProperty("paths").GetProperty("/api/v1/booking/devices").GetProperty("post").GetProperty("responses");
        Assert.Equal(["201", "401", "403", "404", "409", "422"], post.EnumerateObject().Select(r => r.Name).Order());
        Assert.Equal("#/components/schemas/InventoryDeviceAnswer", post.GetProperty("201").GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString());

        static string? Type(System.Text.Json.JsonElement properties, string name) => properties.GetProperty(name).GetProperty("type").GetString();
        static string? Format(System.Text.Json.JsonElement properties, string name) => properties.GetProperty(name).GetProperty("format").GetString();
    }
}
