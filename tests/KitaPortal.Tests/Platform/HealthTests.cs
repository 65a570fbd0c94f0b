using System.Net;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Tests.Platform;

/// <summary>Live says the process runs; ready says it can work.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task A_portal_with_its_schema_and_room_on_the_disk_is_ready_for_everybody_to_see()
    {
        await using var portal = await PortalHost.StartAsync(null, null, "--Data:MinimumFreeMb=1");
        using var nobody = portal.Anonymous();

        Assert.Equal((HttpStatusCode.OK, "Healthy"), ((await nobody.Get("/health/live")).Status, (await nobody.Get("/health/ready")).Text));
    }

    [Fact]
    public async Task A_missing_migration_makes_it_live_but_not_ready()
    {
        await using var portal = await PortalHost.StartAsync(null, null, "--Data:MinimumFreeMb=1");
        await portal.WriteAsync(db => db.Database.ExecuteSqlAsync($"""DELETE FROM "__EFMigrationsHistory" """));
        using var nobody = portal.Anonymous();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), ((await nobody.Get("/health/live")).Status, (await nobody.Get("/health/ready")).Status));
    }

    [Fact]
    public async Task A_full_disk_makes_it_not_ready()
    {
        await using var portal = await PortalHost.StartAsync(null, null, $"--Data:MinimumFreeMb={int.MaxValue}");
        using var nobody = portal.Anonymous();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await nobody.Get("/health/ready")).Status);
    }

    [Fact]
    public async Task Job_runs_are_for_the_administrator_only()
    {
        await using var portal = await PortalHost.StartAsync();
        using var sato = await portal.As(portal.Town.Sato);
        using var admin = await portal.As(portal.Town.Admin);

        Assert.Contains("OutboxJob", (await admin.Get("/admin/jobs")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("OutboxJob", (await sato.Get("/admin/jobs")).Text, StringComparison.Ordinal);
    }
}
