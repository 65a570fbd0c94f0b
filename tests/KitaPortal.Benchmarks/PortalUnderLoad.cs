using System.Net.Http.Json;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Jobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KitaPortal.Benchmarks;

/// <summary>The real portal on a free loopback port with a small town: one office, pools of laptops, and a signed-in borrower for each client.</summary>
public sealed class PortalUnderLoad : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly string folder;

    private PortalUnderLoad(WebApplication app, string folder) => (this.app, this.folder) = (app, folder);

    /// <summary>Signed-in people, some for each client, since one person may only have so many bookings.</summary>
    public IReadOnlyList<IReadOnlyList<Borrower>> Borrowers { get; private set; } = [];

    public HttpClient Http { get; private set; } = null!;

    /// <summary>One person's browser as far as headers go.</summary>
    public sealed record Borrower(string Cookie, string Csrf);

    public IReadOnlyList<PoolId> Pools { get; private set; } = [];

    public IReadOnlyList<Device> Devices { get; private set; } = [];

    public OfficeId Office { get; private set; }

    /// <summary>Processor time of this process, the loading clients included.</summary>
    public static TimeSpan Processor => System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime;

    public static async Task<PortalUnderLoad> StartAsync(string[] database, int clients, int peoplePerClient, int devicesPerPool, int? pools = null)
    {
        var folder = Directory.CreateTempSubdirectory("kita-bench-").FullName;
        var app = Portal.Build([.. database, $"--Data:Folder={folder}", "--Urls=http://127.0.0.1:0", "--Security:RateFactor=1000000"], "Test", builder => builder.Logging.ClearProviders());
        await StartupWork.PrepareAsync(app.Services, CancellationToken.None);
        var portal = new PortalUnderLoad(app, folder);
        await app.StartAsync();
        await portal.SeedAsync(clients, peoplePerClient, devicesPerPool, pools ?? clients);
        return portal;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Books through the JSON API as a browser would; the status of the answer.</summary>
    public async Task<int> BookAsync(Borrower borrower, PoolId? pool, DateTimeOffset from, DateTimeOffset to, DeviceId? device = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/booking/bookings")
        {
            Content = JsonContent.Create(new { id = Guid.NewGuid(), lines = new[] { new { poolId = pool?.Value, deviceId = device?.Value } }, from, to, purpose = "OnlineMeeting", destination = "InBuilding" }),
        };
        request.Headers.Add("Cookie", borrower.Cookie);
        request.Headers.Add("X-Kita-Csrf", borrower.Csrf);
        using var answer = await Http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    /// <summary>Asks for a page as a browser does; the bytes that came over the wire.</summary>
    public async Task<int> GetAsync(Borrower reader, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", reader.Cookie);
        request.Headers.AcceptEncoding.ParseAdd("br");
        using var answer = await Http.SendAsync(request);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}.");
        return (await answer.Content.ReadAsByteArrayAsync()).Length;
    }

    /// <summary>Posts a form as a page's script does, and demands that the page answers so; the bytes that came over the wire.</summary>
    public async Task<int> PostAsync(Borrower person, string path, IReadOnlyDictionary<string, string> fields, string said)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("Cookie", person.Cookie);
        request.Headers.Add("X-Kita-Csrf", person.Csrf);
        using var answer = await Http.SendAsync(request);
        var page = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode || !page.Contains(said, StringComparison.Ordinal)) throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode} without 「{said}」.");
        return System.Text.Encoding.UTF8.GetByteCount(page);
    }

    /// <summary>Writes into the portal's database as the portal does.</summary>
    public async Task<T> WriteAsync<T>(Func<PortalDb, DateTimeOffset, Task<T>> work)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var (db, now) = (scope.ServiceProvider.GetRequiredService<PortalDb>(), scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow());
        return await db.WriteAsync(() => work(db, now), CancellationToken.None);
    }

    private async Task SeedAsync(int clients, int peoplePerClient, int devicesPerPool, int pools)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        var now = scope.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        var since = new DateOnly(2020, 4, 1);
        var keys = new List<string>();
        var office = new Office(OfficeId.New(), "01", "本庁", OfficeKind.Main, 1);
        var department = new Department(DepartmentId.New(), "0101");
        var post = new Post(PostId.New(), "30", "主事", 30);
        Office = office.Id;
        department.Begin(since, "総務課", "総務", DepartmentKind.Section, null, office.Id, 1);
        await db.WriteAsync(async () =>
        {
            db.AddRange(office, department, post);
            var kind = await db.DeviceClasses.SingleAsync(c => c.Code == "tablet");
            Pools = [.. Enumerable.Range(0, pools).Select(p => AddPool(db, office.Id, kind, p, devicesPerPool))];
            Devices = [.. db.ChangeTracker.Entries<Device>().Select(e => e.Entity)];
            for (var n = 0; n < clients * peoplePerClient; n++)
            {
                var person = new StaffMember(StaffId.New(), $"{n:000000}", "佐藤", $"{n}番", "さとう", "ばん", EmploymentClass.Regular, since);
                person.Post(department.Id, post.Id, since);
                var (session, key) = PortalSession.Start(person.Id, "Test", now, TimeSpan.FromHours(10), TimeSpan.FromHours(10));
                db.AddRange(person, session);
                if (n == 0) db.Add(new RoleGrant(Role.Desk, person.Id, null, office.Id.Value, since, null, "the desk of the benchmark", null));
                keys.Add(key);
            }
        }, CancellationToken.None);
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
#pragma warning disable RS0030 // the clients of the benchmark
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address };
#pragma warning restore RS0030
        Http.DefaultRequestHeaders.Add("Origin", address.GetLeftPart(UriPartial.Authority));
        var signedIn = new List<Borrower>();
        foreach (var key in keys) signedIn.Add(await SignedInAsync(key));
        Borrowers = [.. signedIn.Chunk(peoplePerClient)];
    }

    private static PoolId AddPool(PortalDb db, OfficeId office, DeviceClass kind, int number, int devices)
    {
        var model = new DeviceModel(DeviceModelId.New(), kind.Id, $"iPad {number}");
        var pool = new Pool(PoolId.New(), office, model.Id);
        db.AddRange(model, pool);
        for (var d = 0; d < devices; d++) db.Add(new Device(DeviceId.New(), $"T-{number}-{d}", model.Id, pool.Id));
        return pool.Id;
    }

    private async Task<Borrower> SignedInAsync(string key)
    {
        var cookie = $"{SessionAuthentication.CookieName(https: false)}={key}";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/session");
        request.Headers.Add("Cookie", cookie);
        using var answer = await Http.SendAsync(request);
        var session = await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>();
        var csrf = answer.Headers.GetValues("Set-Cookie").Select(c => c.Split(';')[0]).First(c => c.StartsWith("kita-csrf", StringComparison.Ordinal));
        return new Borrower($"{cookie}; {csrf}", session.GetProperty("csrf").GetString()!);
    }
}
