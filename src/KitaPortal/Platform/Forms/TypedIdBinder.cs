using System.Text.Json;
using System.Text.Json.Serialization;
using KitaPortal.Platform.Domain;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace KitaPortal.Platform.Forms;

/// <summary>Binds typed ids in routes, queries and forms.</summary>
internal sealed class TypedIdBinderProvider : IModelBinderProvider
{
    public IModelBinder? GetBinder(ModelBinderProviderContext context)
    {
        var type = Nullable.GetUnderlyingType(context.Metadata.ModelType) ?? context.Metadata.ModelType;
        return TypedIds.IsTypedId(type) ? (IModelBinder)Activator.CreateInstance(typeof(Binder<>).MakeGenericType(type))! : null;
    }

    private sealed class Binder<TId> : IModelBinder where TId : struct, ITypedId<TId>
    {
        public Task BindModelAsync(ModelBindingContext context)
        {
            var value = context.ValueProvider.GetValue(context.ModelName);
            if (value == ValueProviderResult.None || string.IsNullOrWhiteSpace(value.FirstValue)) return Task.CompletedTask;
            context.ModelState.SetModelValue(context.ModelName, value);
            if (Guid.TryParse(value.FirstValue, out var id)) context.Result = ModelBindingResult.Success(TId.From(id));
            else context.ModelState.TryAddModelError(context.ModelName, "選び直してください。");
            return Task.CompletedTask;
        }
    }
}

/// <summary>Writes and reads typed ids as plain strings in JSON.</summary>
internal sealed class TypedIdJson : JsonConverterFactory
{
    public override bool CanConvert(Type type) => TypedIds.IsTypedId(type);

    public override JsonConverter CreateConverter(Type type, JsonSerializerOptions options)
        => (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(type))!;

    private sealed class Converter<TId> : JsonConverter<TId> where TId : struct, ITypedId<TId>
    {
        public override TId Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => TId.From(reader.GetGuid());

        public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}
