using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Waiting;

/// <summary>A person's entries and their places in the queue.</summary>
public static class WaitingPlaces
{
    /// <summary>An entry; its position is null when it no longer waits.</summary>
    public sealed record Place(WaitlistEntry Entry, int? Position);

    /// <summary>The person's newest entries, open ones first.</summary>
    public static async Task<IReadOnlyList<Place>> LoadAsync(PortalDb db, StaffId person, int most, CancellationToken ct)
    {
        var mine = await db.WaitlistEntries.AsNoTracking().Include(e => e.Pools).Where(e => e.StaffId == person).OrderByDescending(e => e.QueuedAt).Take(most).ToListAsync(ct);
        var places = new List<Place>();
        foreach (var entry in mine.OrderByDescending(e => e.Status == WaitlistStatus.Offered).ThenByDescending(e => e.Status == WaitlistStatus.Waiting).ThenBy(e => e.IsOpen ? e.From : DateTimeOffset.MaxValue))
            places.Add(new Place(entry, await PositionAsync(db, entry, ct)));
        return places;
    }

    /// <summary>1 and those before it that want a device of the same pools at the same time.</summary>
    public static async Task<int?> PositionAsync(PortalDb db, WaitlistEntry entry, CancellationToken ct)
    {
        if (!entry.IsOpen) return null;
        var (pools, queued, from, to, id) = (entry.Pools.Select(p => p.PoolId).ToList(), entry.QueuedAt, entry.From, entry.To, entry.Id);
        return 1 + await db.WaitlistEntries.CountAsync(e => e.Id != id && (e.Status == WaitlistStatus.Waiting || e.Status == WaitlistStatus.Offered)
            && e.QueuedAt < queued && e.From < to && e.To > from && e.Pools.Any(p => pools.Contains(p.PoolId)), ct);
    }
}
