using KitaPortal.Data;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KitaPortal.Tests.Host;

/// <summary>The real portal on a free loopback port, with a clock the test moves, a fresh database, and a small town. Jobs do not run by themselves.</summary>
public sealed class PortalHost : IAsyncDisposable
{
    private readonly TestDatabase database;
    private readonly WebApplication app;

    private PortalHost(TestDatabase database, WebApplication app, FakeTimeProvider clock) => (this.database, this.app, Clock) = (database, app, clock);

    public FakeTimeProvider Clock { get; }

    public Uri Address { get; private set; } = null!;

    public TestTown Town { get; } = new();

    public string DataFolder => database.Folder;

    /// <summary>Starts the portal on Monday 2026-04-06, 9:00 in Tokyo, unless told otherwise.</summary>
    public static Task<PortalHost> StartAsync(DateTimeOffset? now = null, Action<WebApplicationBuilder>? adjust = null, params string[] configuration)
        => StartAsync(seeded: true, now, adjust, configuration);

    /// <summary>Starts a portal that nobody has entered anything into yet.</summary>
    public static Task<PortalHost> StartEmptyAsync(DateTimeOffset? now = null) => StartAsync(seeded: false, now, null);

    private static async Task<PortalHost> StartAsync(bool seeded, DateTimeOffset? now, Action<WebApplicationBuilder>? adjust, params string[] configuration)
    {
        var database = await TestDatabase.CreateAsync();
        var clock = new FakeTimeProvider(now ?? new DateTimeOffset(2026, 4, 6, 9, 0, 0, TimeSpan.FromHours(9)));
        var app = Portal.Build([.. database.Configuration, "--Urls=http://127.0.0.1:0", "--Security:RateFactor=1000", .. configuration], "Test", builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Logging.ClearProviders();
            foreach (var jobs in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Name.Contains("Quartz", StringComparison.Ordinal) == true).ToList())
                builder.Services.Remove(jobs);
            adjust?.Invoke(builder);
        });
        await app.StartAsync();
        var host = new PortalHost(database, app, clock)
        {
            Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        };
        if (seeded) await host.WriteAsync(db => host.Town.SeedAsync(db));
        return host;
    }

    /// <summary>Reads or works with the portal's own services in a scope of its own.</summary>
    public async Task<T> InScopeAsync<T>(Func<IServiceProvider, Task<T>> work)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider);
    }

    public Task<T> ReadAsync<T>(Func<PortalDb, Task<T>> work) => InScopeAsync(services => work(services.GetRequiredService<PortalDb>()));

    /// <summary>Changes the database through the portal's own context, in one transaction.</summary>
    public Task<T> WriteAsync<T>(Func<PortalDb, Task<T>> work) => ReadAsync(db => db.WriteAsync(() => work(db), CancellationToken.None));

    public Task WriteAsync(Func<PortalDb, Task> work) => WriteAsync(async db => { await work(db); return true; });

    /// <summary>A browser nobody has signed in with.</summary>
    public PortalClient Anonymous() => new(Address);

    /// <summary>A browser in which the person has a real session.</summary>
    public async Task<PortalClient> As(StaffId person)
    {
        var key = await WriteAsync(db =>
        {
            var (session, key) = PortalSession.Start(person, "Test", Clock.GetUtcNow(), TimeSpan.FromDays(2000), TimeSpan.FromDays(2000));
            db.Add(session);
            return Task.FromResult(key);
        });
        var client = new PortalClient(Address);
        client.Cookies.Add(Address, new System.Net.Cookie(SessionAuthentication.CookieName(https: false), key));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        await database.DisposeAsync();
    }
}
