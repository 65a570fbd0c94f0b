using System.Collections.Concurrent;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Platform.Hubs;

/// <summary>One open socket of a signed-in person.</summary>
public sealed class LiveConnection(string id, StaffId staff, Guid session, Action abort)
{
    public string Id { get; } = id;

    public StaffId Staff { get; } = staff;

    public Guid Session { get; } = session;

    /// <summary>The rooms it listens to; null before it has said hello.</summary>
    public IReadOnlySet<Guid>? Rooms { get; set; }

    /// <summary>The room its person looks at.</summary>
    public Guid? Open { get; set; }

    public void Abort() => abort();
}

/// <summary>The open sockets of this process. A socket keeps the person it began with, so whoever ends a session or a membership must find it here.</summary>
public sealed class HubConnections
{
    private readonly ConcurrentDictionary<string, LiveConnection> live = new();

    public IReadOnlyList<LiveConnection> All => [.. live.Values];

    public bool IsEmpty => live.IsEmpty;

    public void Add(LiveConnection connection) => live[connection.Id] = connection;

    public void Remove(string id) => live.TryRemove(id, out _);

    public LiveConnection? Find(string id) => live.GetValueOrDefault(id);
}
