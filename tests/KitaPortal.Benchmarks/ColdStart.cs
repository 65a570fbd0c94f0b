using System.Diagnostics;

namespace KitaPortal.Benchmarks;

/// <summary>How long the portal takes from nothing to its first page, and how much memory it then holds.</summary>
public static class ColdStart
{
    public sealed record Result(TimeSpan First, TimeSpan Second, long MemoryBytes);

    /// <summary>Starts the evaluation twice in an empty folder: the first time it also makes the database and the demo town.</summary>
    /// <param name="program">kitaportal.dll, as built beside the benchmarks or as published for one system.</param>
    public static async Task<Result> RunAsync(string program)
    {
        var folder = Directory.CreateTempSubdirectory("kita-start-").FullName;
        try
        {
            var (first, _) = await StartAsync(program, folder);
            var (second, memory) = await StartAsync(program, folder);
            return new Result(first, second, memory);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(TimeSpan Took, long Memory)> StartAsync(string program, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, "demo", $"--Data:Folder={Path.Combine(folder, "kita-demo")}"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var clock = Stopwatch.StartNew();
        Uri? address = null;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf("http://", StringComparison.Ordinal) is >= 0 and var at && line.Contains("/people/sign-in", StringComparison.Ordinal))
            {
                address = new Uri(line[at..].Split(' ', '#')[0]);
                break;
            }
        }
        if (address is null) throw new InvalidOperationException("The portal ended before it printed an address.");
        _ = process.StandardOutput.ReadToEndAsync();    // a full pipe would stop the portal
#pragma warning disable RS0030 // the client of the benchmark
        using var http = new HttpClient { BaseAddress = address };
#pragma warning restore RS0030
        while (!(await http.GetAsync("/people/sign-in")).IsSuccessStatusCode) await Task.Delay(20);
        var took = clock.Elapsed;
        process.Refresh();
        var memory = process.WorkingSet64;
        process.Kill();
        await process.WaitForExitAsync();
        return (took, memory);
    }
}
