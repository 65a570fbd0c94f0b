using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace KitaPortal.Platform.Web;

/// <summary>Ready means: the database answers with the schema this program was made for, and there is room on the disk. /health/live says only that the process runs.</summary>
public static class ReadyChecks
{
    private const string Ready = "ready";

    public static IServiceCollection AddReadyChecks(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<DatabaseCheck>("database", tags: [Ready]).AddCheck<DiskCheck>("disk", tags: [Ready]);
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new() { Predicate = check => check.Tags.Contains(Ready) }).AllowAnonymous();
    }

    private sealed class DatabaseCheck(PortalDb db) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var pending = await db.Database.GetPendingMigrationsAsync(cancellationToken);
            return pending.Any() ? HealthCheckResult.Unhealthy("Migrations are pending.") : HealthCheckResult.Healthy();
        }
    }

    private sealed class DiskCheck(IOptions<DataOptions> data) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var free = new DriveInfo(Path.GetFullPath(data.Value.Folder)).AvailableFreeSpace / (1024 * 1024);
            return Task.FromResult(free >= data.Value.MinimumFreeMb ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"{free} MB free"));
        }
    }
}
