using System.Collections.Concurrent;

namespace KitaPortal.Platform.Domain;

/// <summary>A higher floor's reaction to news from below, inside the same transaction. It may veto by throwing <see cref="Rules.RuleViolation"/>.
/// It sends no mail and calls nobody: what leaves the process goes through the outbox.</summary>
public interface IHandle<in TEvent> where TEvent : DomainEvent
{
    Task HandleAsync(TEvent happened, CancellationToken ct);
}

/// <summary>Hands domain events to the handlers that features registered.</summary>
public sealed class EventDispatcher(IServiceProvider? services)
{
    private static readonly ConcurrentDictionary<Type, Func<IServiceProvider, DomainEvent, CancellationToken, Task>> Callers = new();

    public static EventDispatcher None { get; } = new(null);

    public Task DispatchAsync(DomainEvent happened, CancellationToken ct)
        => services is null ? Task.CompletedTask : Callers.GetOrAdd(happened.GetType(), CallerFor)(services, happened, ct);

    private static Func<IServiceProvider, DomainEvent, CancellationToken, Task> CallerFor(Type eventType)
        => typeof(EventDispatcher).GetMethod(nameof(CallAsync), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(eventType)
            .CreateDelegate<Func<IServiceProvider, DomainEvent, CancellationToken, Task>>();

    private static async Task CallAsync<TEvent>(IServiceProvider services, DomainEvent happened, CancellationToken ct) where TEvent : DomainEvent
    {
        foreach (var handler in services.GetServices<IHandle<TEvent>>())
            await handler.HandleAsync((TEvent)happened, ct);
    }
}

public static class EventRegistration
{
    /// <summary>Registers a handler for every event it handles.</summary>
    public static IServiceCollection AddHandler<THandler>(this IServiceCollection services) where THandler : class
    {
        services.AddScoped<THandler>();
        foreach (var handled in typeof(THandler).GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IHandle<>)))
            services.AddScoped(handled, provider => provider.GetRequiredService<THandler>());
        return services;
    }
}
