using System.Diagnostics;

namespace KitaPortal.Benchmarks;

/// <summary>What a round of one scenario showed: how many went through, and how long one took.</summary>
/// <param name="Name">The scenario and its side, portal or bare.</param>
/// <param name="Processor">What the whole round took of the processors.</param>
public sealed record Measure(string Name, string Database, int Clients, int Done, TimeSpan Took, TimeSpan P50, TimeSpan P99, TimeSpan Processor)
{
    /// <summary>Processor time of one act, client included.</summary>
    public double ProcessorMs => Processor.TotalMilliseconds / Math.Max(1, Done);

    public double PerSecond => Done / Took.TotalSeconds;

    /// <summary>Lets every client repeat one act until the time is over. The act gets the client's number and a running number.</summary>
    public static async Task<Measure> RunAsync(string name, string database, int clients, TimeSpan time, Func<int, int, Task> act)
    {
        var times = new List<long>[clients];
        var (clock, busy) = (Stopwatch.StartNew(), PortalUnderLoad.Processor);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            var mine = times[client] = [];
            for (var n = 0; clock.Elapsed < time; n++)
            {
                var begun = Stopwatch.GetTimestamp();
                await act(client, n);
                mine.Add(Stopwatch.GetTimestamp() - begun);
            }
        })));
        var took = clock.Elapsed;
        var all = times.SelectMany(t => t).Order().ToList();
        return new Measure(name, database, clients, all.Count, took, At(all, 0.50), At(all, 0.99), PortalUnderLoad.Processor - busy);
    }

    private static TimeSpan At(List<long> sorted, double part)
        => sorted.Count == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(0, sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))]);
}
