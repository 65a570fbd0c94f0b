using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using KitaPortal.Features.Admin.Demo;
using KitaPortal.Features.People.SignIn;
using Microsoft.Data.Sqlite;

namespace KitaPortal.Features.Admin.Commands;

/// <summary><c>kitaportal demo</c>: the portal to try, on this machine only, with an invented town, for 14 days.</summary>
internal static class DemoCommand
{
    private const int UsualPort = 5080;

    public static Command Make()
    {
        var reset = new Option<bool>("--reset") { Description = "Throws the trial's data away and makes it anew." };
        var folder = new Option<string>("--folder") { Description = "Where the trial's data lies.", DefaultValueFactory = _ => "kita-demo" };
        var port = new Option<int>("--port") { Description = "The loopback port.", DefaultValueFactory = _ => UsualPort };
        var empty = new Option<bool>("--empty") { Description = "Without the invented town." };
        var demo = new Command("demo", "Tries the portal on this machine with an invented town.") { reset, folder, port, empty };
        demo.TreatUnmatchedTokensAsErrors = false;
        demo.SetAction((parsed, ct) => RunAsync(parsed.GetValue(folder)!, parsed.GetValue(port), parsed.GetValue(reset), parsed.UnmatchedTokens, Console.Out, ct, withTown: !parsed.GetValue(empty)));
        return demo;
    }

    public static async Task<int> RunAsync(string folder, int port, bool reset, IEnumerable<string> more, TextWriter console, CancellationToken ct,
        Action<WebApplicationBuilder>? adjust = null, bool withTown = true)
    {
        folder = Path.GetFullPath(folder);
        if (reset) Remove(folder);
        var free = IsFree(port) ? port : FreePort();
        if (free != port) console.WriteLine($"ポート {port} は使われているため、{free} を使います。 Port {port} is taken, using {free}.");

        var address = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{free}");
        string[] fixedSettings =
        [
            $"--SignIn:Mode={SignInModes.Evaluation}", $"--Data:Folder={folder}", "--Database:Provider=Sqlite", "--Database:ConnectionString=",
            $"--Urls={address}", $"--Server:PublicUrl={address}",
        ];
        await using var app = Portal.Build([.. more, .. fixedSettings], SignInModes.Evaluation, builder =>
        {
            adjust?.Invoke(builder);
            TravelClock.Put(builder.Services);
        });
        return await Serving.RunAsync(app, console, ct, services => withTown ? DemoTown.EnsureAsync(services, ct, text => console.WriteLine(text)) : Task.CompletedTask, bound => Welcome(app, bound, console));
    }

    private static void Welcome(WebApplication app, string address, TextWriter console)
    {
        var door = app.Services.GetRequiredService<EvaluationDoor>();
        console.WriteLine();
        console.WriteLine($"KitaPortal 評価用：残り {door.DaysLeft} 日。次のアドレスを10分以内に、この機械のブラウザーで開いてください（1回だけ使えます）。");
        console.WriteLine($"KitaPortal for evaluation, {door.DaysLeft} days left. Open this address within 10 minutes in a browser on this machine (it works once):");
        console.WriteLine();
        console.WriteLine($"    {address}/people/sign-in#token={door.NewToken()}");
        console.WriteLine();
        console.WriteLine("終わるときは Ctrl+C。 Stop with Ctrl+C.");
        console.Flush();
    }

    // Only a folder that is nothing but a trial is thrown away.
    private static void Remove(string folder)
    {
        SqliteConnection.ClearAllPools();
        if (!Directory.Exists(folder)) return;
        if (!File.Exists(Path.Combine(folder, "portal.db")) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new InvalidOperationException($"{folder} holds no trial; it is left alone.");
        Directory.Delete(folder, recursive: true);
    }

    private static bool IsFree(int port)
        => port != 0 && !IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(l => l.Port == port);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
