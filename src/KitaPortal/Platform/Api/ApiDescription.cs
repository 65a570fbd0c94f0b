using KitaPortal.Platform.Domain;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KitaPortal.Platform.Api;

/// <summary>The description of the JSON API (/openapi/v1.json): what the portal writes its own way, and the refusals all calls share.</summary>
internal static class ApiDescription
{
    public static IServiceCollection AddApiDescription(this IServiceCollection services) => services.AddOpenApi(describe =>
    {
        // Bodies are nested in their API: a device of the timeline is another one than a device of the inventory.
        describe.CreateSchemaReferenceId = json => TypedIds.IsTypedId(json.Type) ? null
            : json.Type.DeclaringType is { } api && !json.Type.IsGenericType ? $"{api.Name.Replace("Api", "", StringComparison.Ordinal)}{json.Type.Name}" : OpenApiOptions.CreateDefaultSchemaReferenceId(json);
        describe.AddSchemaTransformer((schema, context, _) =>
        {
            var type = context.JsonTypeInfo.Type;
            var plain = Nullable.GetUnderlyingType(type) ?? type;
            if (!TypedIds.IsTypedId(plain) && plain != typeof(DateTimeOffset)) return Task.CompletedTask;
            schema.Type = plain == type ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
            schema.Format = plain == typeof(DateTimeOffset) ? "date-time" : "uuid";
            return Task.CompletedTask;
        });
        describe.AddOperationTransformer((operation, context, _) =>
        {
            var answers = operation.Responses ??= [];
            void Say(int status, string words) => answers.TryAdd($"{status}", new OpenApiResponse { Description = words });
            Say(401, "Nobody is signed in.");
            Say(403, "Not the caller's right; an export may want a fresh sign-in (code session.not-fresh).");
            Say(404, "Not there, or not the caller's to see.");
            Say(422, "Refused, application/problem+json: violations has every broken rule with number, message and remedy, errors every field that cannot be read. Moments need their offset.");
            if (context.Description.HttpMethod is not ("GET" or "HEAD")) Say(409, "Somebody was faster, or the id stands for something else already; present, where there is one, is the record as it stands now.");
            return Task.CompletedTask;
        });
    });
}
