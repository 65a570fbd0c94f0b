using KitaPortal.Data;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Assigning;

/// <summary>The devices of some pools and what takes their time from now on, read once (under the pools' locks when something is to be given).</summary>
public sealed class PoolState
{
    private readonly ILookup<PoolId, Device> devices;
    private readonly Dictionary<DeviceId, Device> byId;
    private readonly IReadOnlyList<Taken> taken;
    private readonly DateTimeOffset now;

    /// <summary>An active occupancy; its line when it is a booking's.</summary>
    internal sealed record Taken(Guid OccupancyId, DeviceId DeviceId, DateTimeOffset From, DateTimeOffset To, BookingLineId? LineId, bool Pinned, LineStatus? Status, DateTimeOffset? LineFrom);

    private PoolState(IEnumerable<Device> devices, IReadOnlyList<Taken> taken, DateTimeOffset now)
    {
        var all = devices.ToList();
        (this.devices, byId, this.taken, this.now) = (all.ToLookup(d => d.PoolId), all.ToDictionary(d => d.Id), taken, now);
    }

    public static async Task<PoolState> LoadAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset since, DateTimeOffset now, CancellationToken ct)
    {
        var devices = await db.Devices.AsNoTracking().Where(d => pools.Contains(d.PoolId)).ToListAsync(ct);
        var taken = await (
            from occupancy in db.Occupancies
            join device in db.Devices on occupancy.DeviceId equals device.Id
            where pools.Contains(device.PoolId) && occupancy.Active && occupancy.To > since
            join line in db.BookingLines on occupancy.Id equals line.OccupancyId into lines
            from line in lines.DefaultIfEmpty()
            select new Taken(occupancy.Id, device.Id, occupancy.From, occupancy.To, line == null ? null : line.Id, line != null && line.Pinned,
                line == null ? null : line.Status, line == null ? null : line.From)).ToListAsync(ct);
        return new PoolState(devices, taken, now);
    }

    public Device? Find(DeviceId id) => byId.GetValueOrDefault(id);

    public IEnumerable<Device> DevicesOf(PoolId pool) => devices[pool];

    internal IEnumerable<Taken> TakenOf(DeviceId device) => taken.Where(t => t.DeviceId == device);

    /// <summary>Lendable devices of the pool with nothing in the way in the period, and those that would be given.</summary>
    internal IReadOnlyList<Device> FreeDevices(PoolId pool, Platform.Japanese.Period period, IEnumerable<DeviceId> given)
        => [.. devices[pool].Where(d => given.Contains(d.Id) || (d.IsLendable && !taken.Any(t => t.DeviceId == d.Id && t.From < period.To && t.To > period.From)))];

    /// <summary>The pool as a plan: lendable devices, what cannot move, what may.</summary>
    public PoolPlan Plan(PoolId pool, DeviceId? also = null, DeviceId? except = null)
    {
        var lendable = devices[pool].Where(d => (d.IsLendable || d.Id == also) && d.Id != except).ToList();
        var mine = taken.Where(t => lendable.Any(d => d.Id == t.DeviceId)).ToList();
        return new PoolPlan(
            lendable.Select(d => new PlanDevice(d.Id, d.Label, Rank(d))),
            mine.Where(t => !MayMove(t)).Select(t => new FixedBlock(t.DeviceId, new Period(t.From, t.To))),
            mine.Where(MayMove).Select(t => new MovableBlock(t.OccupancyId, t.DeviceId, new Period(t.From, t.To))));
    }

    // Tentative, not prepared, not begun.
    private bool MayMove(Taken t) => t is { LineId: not null, Pinned: false, Status: LineStatus.Requested or LineStatus.Approved } && t.LineFrom > now;

    private static int Rank(Device d)
        => (d.OpenShortages.Length > 0 ? 2 : 0) + (d.AwaitsInspection ? 2 : 0) + (d.Compliance is { Encrypted: true, MdmEnrolled: true } ? 0 : 1);
}
