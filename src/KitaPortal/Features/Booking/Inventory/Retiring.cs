using KitaPortal.Data;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Inventory;

/// <summary>廃止: only of a device that nobody has or was promised by name; bookings that may get another one do.</summary>
internal static class Retiring
{
    public static async Task<Broken?> BrokenAsync(PortalDb db, Device device, CancellationToken ct)
    {
        var id = device.Id;
        var numbers = (await KeptForAsync(db, db.BookingLines.Where(l => l.DeviceId == id), ct))[id].ToList();
        return numbers.Count > 0 ? InventoryRules.StillKept.With(device.Label, string.Join("、", numbers)) : null;
    }

    /// <summary>Numbers of the bookings that keep a device: it is out, laid ready, or asked for by name.</summary>
    public static async Task<ILookup<DeviceId, string>> KeptForAsync(PortalDb db, IQueryable<BookingLine> lines, CancellationToken ct)
    {
        var kept = await (
            from line in lines
            where line.DeviceId != null && (line.Status == LineStatus.OnLoan || line.Status == LineStatus.Ready || (line.Pinned && (line.Status == LineStatus.Requested || line.Status == LineStatus.Approved)))
            join booking in db.Bookings on line.BookingId equals booking.Id
            orderby line.From
            select new { line.DeviceId, booking.Number }).ToListAsync(ct);
        return kept.ToLookup(k => k.DeviceId!.Value, k => k.Number);
    }
}
