using System.Net;
using KitaPortal.Data;
using KitaPortal.Features.Admin.Commands;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Web;
using KitaPortal.Tests.Host;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KitaPortal.Tests.People;

/// <summary>The trial opens only where nothing can go wrong, and never beside real records.</summary>
public sealed class EvaluationTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Born = new(2026, 4, 6, 9, 0, 0, TimeSpan.FromHours(9));
    private readonly string folder = Directory.CreateTempSubdirectory("kita-demo-").FullName;
    private readonly FakeTimeProvider clock = new(Born);

    [Fact]
    public void Of_the_whole_matrix_only_the_allowed_cell_starts_and_every_other_stops_with_its_code()
    {
        var seen = new HashSet<string>();
        foreach (var mode in (string[])["", "Evaluation", "Entra", "Guess"])
            foreach (var environment in (string[])["Production", "Evaluation", "Development"])
                foreach (var mark in (InstallationKind?[])[null, InstallationKind.Evaluation, InstallationKind.Real])
                    foreach (var address in (string[])["http://localhost:5080", "http://127.0.0.1:5080", "http://[::1]:5080", "http://0.0.0.0:5080", "http://[::]:5080", "http://*:5080", "http://192.0.2.7:5080"])
                        foreach (var proxy in (bool[])[false, true])
                            foreach (var age in (double[])[0, 13.99, 14, 400, -30])
                            {
                                var installation = mark is { } kind ? new Installation(kind, Born) : null;
                                var server = new ServerOptions { TrustedProxies = proxy ? ["10.0.0.1"] : [], PublicUrl = new Uri(mode == "Entra" ? "https://portal.town.example.jp" : "http://localhost:5080") };
                                var facts = new StartFacts(environment, installation, [address], server, Born.AddDays(age));

                                var codes = SignInStart.Problems(OptionsOf(mode), facts).Select(p => p.Code).ToHashSet();

                                var loopback = address.Contains("localhost", StringComparison.Ordinal) || address.Contains("127.", StringComparison.Ordinal) || address.Contains("::1", StringComparison.Ordinal);
                                HashSet<string> expected = mode switch
                                {
                                    "" => ["KP-CFG-001"],
                                    "Guess" => ["KP-CFG-002"],
                                    "Entra" => mark == InstallationKind.Evaluation ? ["KP-SEC-005"] : [],
                                    _ => [.. new[]
                {
                    environment == "Production" ? "KP-SEC-001" : "",
                    mark == InstallationKind.Real ? "KP-SEC-002" : "",
                    !loopback || proxy ? "KP-SEC-003" : "",
                    mark is not null && age >= 14 ? "KP-SEC-004" : "",
                }.Where(c => c.Length > 0)],
                                };
                                Assert.Equal(expected, codes);
                                seen.UnionWith(codes.Count == 0 ? ["none"] : codes);
                            }

        Assert.Equal(8, seen.Count);
    }

    [Fact]
    public void A_clock_set_back_does_not_lengthen_the_trial()
    {
        var installation = new Installation(InstallationKind.Evaluation, Born);
        installation.Seen(Born.AddDays(15));

        Assert.Equal(0, installation.EvaluationDaysLeft(Born.AddDays(1)));
    }

    [Fact]
    public void Wrong_Entra_settings_are_all_named_at_once_in_both_languages()
    {
        var signIn = new SignInOptions { Mode = "Entra", LinkBy = "Name", Entra = new EntraSettings { TenantId = "common", Authority = "https://x", ClientId = "app" } };

        var problems = SignInStart.Problems(signIn, new StartFacts("Production", null, [], new ServerOptions(), Born));

        Assert.Equal(["KP-CFG-003", "KP-CFG-011", "KP-CFG-012", "KP-CFG-014", "KP-CFG-015", "KP-CFG-016"], problems.Select(p => p.Code).Order());
        Assert.All(problems, p => Assert.True(p.Japanese.Any(c => c > 0x3000) && !p.English.Any(c => c > 0x3000) && p.Key.Length > 0));
    }

    [Theory]
    [InlineData("Evaluation", "", "http://localhost:0", "KP-CFG-001")]
    [InlineData("Production", "Evaluation", "http://localhost:0", "KP-SEC-001")]
    [InlineData("Evaluation", "Evaluation", "http://0.0.0.0:0", "KP-SEC-003")]
    public async Task A_refused_start_prints_its_code_and_ends_with_78_before_any_port_is_open(string environment, string mode, string urls, string code)
    {
        var console = new StringWriter();
        await using var app = Portal.Build([$"--SignIn:Mode={mode}", $"--Data:Folder={folder}", $"--Urls={urls}"], environment, Quiet);

        var exit = await Serving.RunAsync(app, console, TestContext.Current.CancellationToken);

        Assert.Equal(78, exit);
        Assert.Contains($"[{code}]", console.ToString());
        Assert.False(File.Exists(Path.Combine(folder, "portal.db")));
    }

    [Fact]
    public async Task A_trial_goes_from_an_empty_folder_to_a_signed_in_page_by_the_printed_token_once()
    {
        await using var trial = await StartAsync();
        using var browser = new PortalClient(trial.Address);

        var shut = await browser.Get("/people/sign-in");
        var wrong = await browser.Submit("/people/sign-in", new { Token = "guess" }, "/people/sign-in?handler=Token");
        var inside = await browser.Submit("/people/sign-in", new { trial.Token }, "/people/sign-in?handler=Token");
        await trial.SeedAsync(new TestTown());
        var choice = await browser.Get("/people/sign-in");
        using var second = new PortalClient(trial.Address);
        var again = await second.Submit("/people/sign-in", new { trial.Token }, "/people/sign-in?handler=Token");

        Assert.DoesNotContain("佐藤", shut.Words);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.Status);
        Assert.Equal(HttpStatusCode.OK, inside.Status);
        Assert.Contains("残り 14 日", choice.Words);
        Assert.Contains("佐藤　花子", choice.Words);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.Status);

        var id = System.Text.RegularExpressions.Regex.Match(choice.Text, "name=\"As\" value=\"([^\"]+)\"").Groups[1].Value;
        var home = await browser.Submit("/people/sign-in", new { As = id }, "/people/sign-in?handler=As");
        Assert.Equal("/", home.Address.AbsolutePath);
        Assert.Contains(browser.Cookies.GetCookies(trial.Address), c => c.Name == "kita-eval");
    }

    [Fact]
    public async Task The_token_is_dead_after_ten_minutes()
    {
        await using var trial = await StartAsync();
        using var browser = new PortalClient(trial.Address);
        clock.Advance(TimeSpan.FromMinutes(10));

        var late = await browser.Submit("/people/sign-in", new { trial.Token }, "/people/sign-in?handler=Token");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.Status);
    }

    [Fact]
    public async Task A_second_start_keeps_the_trial_and_the_fifteenth_day_refuses_it()
    {
        await using (var first = await StartAsync()) await first.SeedAsync(new TestTown());
        clock.Advance(TimeSpan.FromDays(13));
        await using (var second = await StartAsync()) Assert.Contains("残り 1 日", second.Printed);
        clock.Advance(TimeSpan.FromDays(1));
        var console = new StringWriter();

        var exit = await DemoCommand.RunAsync(folder, 0, reset: false, [], console, TestContext.Current.CancellationToken, Quiet, withTown: false);

        Assert.Equal(78, exit);
        Assert.Contains("[KP-SEC-004]", console.ToString());
    }

    [Fact]
    public async Task A_real_sign_in_refuses_the_database_of_a_trial()
    {
        await using (await StartAsync()) { }
        var console = new StringWriter();
        await using var app = Portal.Build(["--SignIn:Mode=Entra", $"--Data:Folder={folder}", "--Urls=http://localhost:0"], "Production", Quiet);

        var exit = await Serving.RunAsync(app, console, TestContext.Current.CancellationToken);

        Assert.Equal(78, exit);
        Assert.Contains("[KP-SEC-005]", console.ToString());
        Assert.Contains("[KP-CFG-012]", console.ToString());
    }

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static SignInOptions OptionsOf(string mode) => new()
    {
        Mode = mode,
        Entra = new EntraSettings { TenantId = "11111111-1111-1111-1111-111111111111", ClientId = "22222222-2222-2222-2222-222222222222", ClientSecret = "x" },
    };

    private void Quiet(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Logging.ClearProviders();
        foreach (var jobs in builder.Services.Where(s => s.ServiceType == typeof(Microsoft.Extensions.Hosting.IHostedService) && s.ImplementationType?.Name.Contains("Quartz", StringComparison.Ordinal) == true).ToList())
            builder.Services.Remove(jobs);
    }

    private async Task<Trial> StartAsync()
    {
        var trial = new Trial(folder, Quiet);
        await trial.OpenAsync();
        return trial;
    }

    /// <summary>A running <c>kitaportal demo</c>.</summary>
    private sealed class Trial(string folder, Action<WebApplicationBuilder> adjust) : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly StringWriter console = new();
        private IServiceProvider services = null!;
        private Task<int> running = null!;

        public Uri Address { get; private set; } = null!;

        public string Token { get; private set; } = "";

        public string Printed { get; private set; } = "";

        public async Task OpenAsync()
        {
            var synchronised = TextWriter.Synchronized(console);
            running = Task.Run(() => DemoCommand.RunAsync(folder, 0, reset: false, [], synchronised, stop.Token, builder =>
            {
                adjust(builder);
                builder.Services.AddSingleton<Microsoft.Extensions.Hosting.IHostedService>(provider => new Catch(() => services = provider));
            }, withTown: false));
            while (true)
            {
                lock (synchronised) Printed = console.ToString();
                if (Printed.Contains("Ctrl+C", StringComparison.Ordinal)) break;
                Assert.False(running.IsCompleted, Printed + running.Exception);
                await Task.Delay(20);
            }
            var line = Printed.Split('\n').Single(l => l.Contains("#token=", StringComparison.Ordinal)).Trim();
            (Address, Token) = (new Uri(new Uri(line).GetLeftPart(UriPartial.Authority)), line.Split("#token=")[1]);
        }

        public async Task SeedAsync(TestTown town)
        {
            await using var scope = services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
            await db.WriteAsync(async () => { await town.SeedAsync(db); return true; }, CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            Assert.Equal(0, await running);
            stop.Dispose();
        }

        private sealed class Catch(Action started) : Microsoft.Extensions.Hosting.IHostedService
        {
            public Task StartAsync(CancellationToken cancellationToken)
            {
                started();
                return Task.CompletedTask;
            }

            public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        }
    }
}
