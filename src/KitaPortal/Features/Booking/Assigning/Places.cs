using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Assigning;

/// <summary>Moves and frees the time of devices. The pools' locks are held by whoever calls.</summary>
internal static class Places
{
    /// <summary>Gives tentative lines other devices in two steps, so that the database's overlap guard holds at every moment: first all are
    /// deactivated and saved, then each is active again on its new device.</summary>
    public static async Task MoveAsync(PortalDb db, IReadOnlyDictionary<Guid, DeviceId> moves, CancellationToken ct)
    {
        if (moves.Count == 0) return;
        var ids = moves.Keys.ToList();
        var occupancies = await db.Occupancies.Where(o => ids.Contains(o.Id)).ToListAsync(ct);
        var bookings = await db.Bookings.Include(b => b.Lines).Where(b => b.Lines.Any(l => l.OccupancyId != null && ids.Contains(l.OccupancyId.Value))).ToListAsync(ct);
        foreach (var occupancy in occupancies) occupancy.Pause();
        await db.SaveChangesAsync(ct);
        foreach (var occupancy in occupancies)
        {
            var device = moves[occupancy.Id];
            occupancy.MoveTo(device);
            occupancy.Resume();
            foreach (var booking in bookings.Where(b => b.Lines.Any(l => l.OccupancyId == occupancy.Id)))
                booking.Swap(booking.Lines.Single(l => l.OccupancyId == occupancy.Id).Id, device);
        }
    }

    /// <summary>The lines need their devices no longer; what lay before <paramref name="moment"/> stays as it was.</summary>
    public static async Task FreeAsync(PortalDb db, IEnumerable<BookingLine> lines, DateTimeOffset moment, CancellationToken ct)
    {
        var ids = lines.Select(l => l.OccupancyId).OfType<Guid>().ToList();
        if (ids.Count == 0) return;
        foreach (var occupancy in await db.Occupancies.Where(o => ids.Contains(o.Id)).ToListAsync(ct)) occupancy.EndAt(moment);
    }
}
