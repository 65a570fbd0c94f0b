using KitaPortal.Data;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Jobs;
using KitaPortal.Platform.Web;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Admin.Commands;

/// <summary>Opens the portal once nothing speaks against it; otherwise says everything that does, before any port is open.</summary>
internal static class Serving
{
    /// <param name="beforeOpening">Work on the migrated database before the first request.</param>
    /// <param name="opened">Told the address when the portal answers.</param>
    public static async Task<int> RunAsync(WebApplication app, TextWriter console, CancellationToken ct,
        Func<IServiceProvider, Task>? beforeOpening = null, Action<string>? opened = null)
    {
        var signIn = app.Services.GetRequiredService<IOptions<SignInOptions>>().Value;
        var clock = app.Services.GetRequiredService<TimeProvider>();
        Directory.CreateDirectory(app.Services.GetRequiredService<IOptions<DataOptions>>().Value.Folder);

        var isNew = false;
        var facts = await app.Services.InDatabaseAsync(async db =>
        {
            isNew = !await Installation.IsMigratedAsync(db, ct);
            return FactsOf(app, await Installation.FindAsync(db, ct), ConfiguredAddresses(app), clock.GetUtcNow());
        });
        if (SignInStart.Problems(signIn, facts) is { Count: > 0 } problems) return Refuse(problems, console);

        await StartupWork.PrepareAsync(app.Services, ct);
        var installation = await app.Services.InDatabaseAsync(db =>
            Installation.EnsureAsync(db, isNew && signIn.IsEvaluation ? InstallationKind.Evaluation : InstallationKind.Real, clock.GetUtcNow(), ct));
        if (beforeOpening is not null) await beforeOpening(app.Services);

        await app.StartAsync(ct);
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        if (SignInStart.Problems(signIn, FactsOf(app, installation, bound, clock.GetUtcNow())) is { Count: > 0 } late)
        {
            await app.StopAsync(CancellationToken.None);
            return Refuse(late, console);
        }
        if (signIn.IsEvaluation)
        {
            app.Services.GetRequiredService<EvaluationDoor>().Open(installation);
            await app.Services.InDatabaseAsync(async db =>
            {
                db.Audit(new AuditNote("evaluation.opened", nameof(Installation), "1"));
                return await db.SaveChangesAsync(ct);
            });
        }
        opened?.Invoke(bound[0]);
        await app.WaitForShutdownAsync(ct);
        return 0;
    }

    private static StartFacts FactsOf(WebApplication app, Installation? installation, IReadOnlyList<string> addresses, DateTimeOffset now)
        => new(app.Environment.EnvironmentName, installation, addresses, app.Services.GetRequiredService<IOptions<ServerOptions>>().Value, now);

    // Kestrel's own endpoints are configured apart from the addresses, so both are looked at.
    private static List<string> ConfiguredAddresses(WebApplication app)
    {
        var urls = app.Configuration["Urls"] ?? "http://localhost:5000";
        var endpoints = app.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>();
        return [.. urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), .. endpoints];
    }

    private static int Refuse(IReadOnlyList<StartProblem> problems, TextWriter console)
    {
        console.WriteLine("KitaPortal を起動できません。 KitaPortal does not start.");
        foreach (var problem in problems) console.WriteLine(problem);
        return StartProblem.ExitCode;
    }

    private static async Task<T> InDatabaseAsync<T>(this IServiceProvider services, Func<PortalDb, Task<T>> work)
    {
        await using var scope = services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<PortalDb>());
    }
}
