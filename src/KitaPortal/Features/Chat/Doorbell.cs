using System.Collections.Concurrent;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Chat;

/// <summary>Rung after a commit and never waited for: what changed is read from the database and told by <see cref="ChatBroadcast"/>. A ring that is lost costs at most one digest.</summary>
public sealed class Doorbell : IDisposable
{
    private readonly ConcurrentDictionary<ChannelId, long> channels = new();
    private readonly ConcurrentQueue<(StaffId Person, ChannelMember Mark)> marks = new();
    private readonly SemaphoreSlim rung = new(0, 1);
    private volatile bool stirred;

    /// <summary>The channel changed, from this number on.</summary>
    public void Ring(ChannelId channel, long from)
    {
        channels.AddOrUpdate(channel, from, (_, earlier) => Math.Min(earlier, from));
        Wake();
    }

    /// <summary>A person's own mark moved, which concerns the person's other devices.</summary>
    public void RingOwn(StaffId person, ChannelMember mark)
    {
        marks.Enqueue((person, mark));
        Wake();
    }

    /// <summary>Somebody came or left.</summary>
    public void Stirred()
    {
        stirred = true;
        Wake();
    }

    internal Task<bool> WaitAsync(TimeSpan most, CancellationToken ct) => rung.WaitAsync(most, ct);

    internal IReadOnlyList<(ChannelId Channel, long From)> TakeChannels()
        => [.. channels.Keys.Select(key => channels.TryRemove(key, out var from) ? (key, from) : default).Where(c => c.from > 0)];

    internal IEnumerable<(StaffId Person, ChannelMember Mark)> TakeMarks()
    {
        while (marks.TryDequeue(out var mark)) yield return mark;
    }

    internal bool TakeStirred() => stirred && !(stirred = false);

    public void Dispose() => rung.Dispose();

    private void Wake()
    {
        if (rung.CurrentCount > 0) return;
        try
        {
            rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // Rung already.
        }
    }
}
