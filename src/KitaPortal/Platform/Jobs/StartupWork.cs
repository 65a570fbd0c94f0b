namespace KitaPortal.Platform.Jobs;

/// <summary>What a feature puts right once before the portal opens, after the migrations: for example its shipped forms. Must be harmless when repeated.</summary>
public interface IStartupWork
{
    Task RunAsync(CancellationToken ct);
}

public static class StartupWork
{
    public static IServiceCollection AddStartupWork<TWork>(this IServiceCollection services) where TWork : class, IStartupWork
        => services.AddScoped<IStartupWork, TWork>();

    /// <summary>Migrates the database and runs the features' start-up work in the order they were registered.</summary>
    public static async Task PrepareAsync(IServiceProvider services, CancellationToken ct)
    {
        await using (var scope = services.CreateAsyncScope())
            await Data.DatabaseSetup.MigrateAsync(scope.ServiceProvider.GetRequiredService<Data.PortalDb>(), ct);
        await using var work = services.CreateAsyncScope();
        foreach (var one in work.ServiceProvider.GetServices<IStartupWork>()) await one.RunAsync(ct);
    }
}
