using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace KitaPortal.Platform.Domain;

/// <summary>The id of one kind of record, so that a device's id is never taken for a booking's. Values are UUID version 7.</summary>
/// <typeparam name="TSelf">The id type itself.</typeparam>
public interface ITypedId<TSelf> where TSelf : struct, ITypedId<TSelf>
{
    Guid Value { get; }

    static abstract TSelf From(Guid value);
}

/// <summary>Stores a typed id as the plain UUID of the database.</summary>
public sealed class TypedIdConverter<TId>() : ValueConverter<TId, Guid>(id => id.Value, value => Make(value))
    where TId : struct, ITypedId<TId>
{
    private static TId Make(Guid value) => TId.From(value);
}

/// <summary>Finds the typed ids of this program, for the places that must know all of them.</summary>
public static class TypedIds
{
    public static IReadOnlyList<Type> All { get; } =
        [.. typeof(TypedIds).Assembly.GetTypes().Where(IsTypedId)];

    public static bool IsTypedId(Type type)
        => type.IsValueType && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITypedId<>));
}
