using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace KitaPortal.BrowserTests;

/// <summary>The real portal as its own process: evaluation, its own folder, its own port.</summary>
public sealed partial class PortalProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> console = new();
    private readonly string folder = Directory.CreateTempSubdirectory("kita-browser-").FullName;
    private readonly TaskCompletionSource<string> signIn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int port = FreePort();
    private Process? process;

    /// <summary>Where it listens.</summary>
    public string Url => $"http://localhost:{port}";

    /// <summary>What it printed so far.</summary>
    public string Console => string.Join('\n', console);

    /// <summary>The address with the one-time token, as a person copies it from the console.</summary>
    public Task<string> SignInAddress => signIn.Task;

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "kitaportal.dll"), "demo", "--folder", Path.Combine(folder, "trial"), "--port", port.ToString(CultureInfo.InvariantCulture) },
            Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Evaluation" },
        };
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Heard(line.Data);
        process.ErrorDataReceived += (_, line) => Heard(line.Data);
        process.Exited += (_, _) => signIn.TrySetException(new InvalidOperationException("The portal ended:\n" + Console));
        process.EnableRaisingEvents = true;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await signIn.Task.WaitAsync(TimeSpan.FromMinutes(3));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException("No sign-in address within 3 minutes:\n" + Console);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process?.Dispose();
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A file still held by the ending process: the system's temp cleaning takes it.
        }
    }

    private void Heard(string? line)
    {
        if (line is null) return;
        console.Enqueue(line);
        if (SignInLine().Match(line) is { Success: true } found) signIn.TrySetResult(found.Value);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"https?://\S+#token=\S+")]
    private static partial Regex SignInLine();
}
