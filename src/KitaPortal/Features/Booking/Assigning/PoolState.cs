using KitaPortal.Data;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Assigning;

/// <summary>The devices of some pools and what takes their time from now on, read once (under the pools' locks when something is to be given).
/// A device on its way between two pools belongs to the source before it is sent and to the target from its arrival on.</summary>
public sealed class PoolState
{
    private readonly ILookup<PoolId, Device> devices;
    private readonly Dictionary<DeviceId, Device> byId;
    private readonly Dictionary<DeviceId, Journey> journeys;
    private readonly IReadOnlyList<Taken> taken;
    private readonly DateTimeOffset now;

    /// <summary>An active occupancy; its line when it is a booking's.</summary>
    internal sealed record Taken(Guid OccupancyId, DeviceId DeviceId, PoolId PoolId, DateTimeOffset From, DateTimeOffset To, BookingLineId? LineId, bool Pinned, LineStatus? Status, DateTimeOffset? LineFrom);

    /// <summary>An open transfer with the time the device is on its way.</summary>
    internal sealed record Journey(DeviceId DeviceId, PoolId Target, DateTimeOffset From, DateTimeOffset To);

    private PoolState(IEnumerable<Device> devices, IEnumerable<Journey> journeys, IReadOnlyList<Taken> taken, DateTimeOffset now)
    {
        var all = devices.ToList();
        (byId, this.journeys, this.taken, this.now) = (all.ToDictionary(d => d.Id), journeys.ToDictionary(j => j.DeviceId), taken, now);
        this.devices = all.Select(d => (Pool: d.PoolId, Device: d))
            .Concat(this.journeys.Values.Where(j => byId.ContainsKey(j.DeviceId)).Select(j => (Pool: j.Target, Device: byId[j.DeviceId]))).ToLookup(p => p.Pool, p => p.Device);
    }

    public static async Task<PoolState> LoadAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset since, DateTimeOffset now, CancellationToken ct)
    {
        var journeys = await (
            from transfer in db.Transfers
            where (transfer.State == TransferState.Planned || transfer.State == TransferState.Sent) && (pools.Contains(transfer.FromPoolId) || pools.Contains(transfer.ToPoolId))
            join way in db.Occupancies on transfer.OccupancyId equals way.Id
            select new Journey(transfer.DeviceId, transfer.ToPoolId, way.From, way.To)).ToListAsync(ct);
        var guests = journeys.Where(j => pools.Contains(j.Target)).Select(j => j.DeviceId).ToList();
        var devices = await db.Devices.AsNoTracking().Where(d => pools.Contains(d.PoolId) || guests.Contains(d.Id)).ToListAsync(ct);
        var taken = await (
            from occupancy in db.Occupancies
            join device in db.Devices on occupancy.DeviceId equals device.Id
            where (pools.Contains(device.PoolId) || guests.Contains(device.Id)) && occupancy.Active && occupancy.To > since
            join line in db.BookingLines on occupancy.Id equals line.OccupancyId into lines
            from line in lines.DefaultIfEmpty()
            select new Taken(occupancy.Id, device.Id, occupancy.PoolId, occupancy.From, occupancy.To, line == null ? null : line.Id, line != null && line.Pinned,
                line == null ? null : line.Status, line == null ? null : line.From)).ToListAsync(ct);
        return new PoolState(devices, journeys, taken, now);
    }

    public Device? Find(DeviceId id) => byId.GetValueOrDefault(id);

    public IEnumerable<Device> DevicesOf(PoolId pool) => devices[pool];

    internal IEnumerable<Taken> TakenOf(DeviceId device) => taken.Where(t => t.DeviceId == device);

    /// <summary>Lendable devices of the pool with nothing in the way in the period, and those that would be given.</summary>
    internal IReadOnlyList<Device> FreeDevices(PoolId pool, Period period, IEnumerable<DeviceId> given)
        => [.. devices[pool].Where(d => given.Contains(d.Id) || (d.IsLendable && IsAt(d.Id, pool, period) && !taken.Any(t => t.DeviceId == d.Id && t.From < period.To && t.To > period.From)))];

    /// <summary>Whether the device stands at the pool for the whole period.</summary>
    public bool IsAt(DeviceId device, PoolId pool, Period period)
        => Find(device) is { } known && (journeys.TryGetValue(device, out var way)
            ? known.PoolId == pool ? period.To <= way.From : way.Target == pool && period.From >= way.To
            : known.PoolId == pool);

    /// <summary>The pool as a plan: lendable devices, what cannot move, what may. <paramref name="givenUp"/> are lines whose places are free for this plan.</summary>
    public PoolPlan Plan(PoolId pool, DeviceId? also = null, IReadOnlyCollection<BookingLineId>? givenUp = null)
    {
        var lendable = devices[pool].Where(d => d.IsLendable || d.Id == also).ToList();
        var mine = taken.Where(t => lendable.Any(d => d.Id == t.DeviceId) && (givenUp is null || t.LineId is not { } line || !givenUp.Contains(line))).ToList();
        return new PoolPlan(
            lendable.Select(d => new PlanDevice(d.Id, d.Label, Rank(d))),
            mine.Where(t => !MayMove(t, pool)).Select(t => new FixedBlock(t.DeviceId, new Period(t.From, t.To))).Concat(lendable.Select(d => Elsewhere(d, pool)).OfType<FixedBlock>()),
            mine.Where(t => MayMove(t, pool)).Select(t => new MovableBlock(t.OccupancyId, t.DeviceId, new Period(t.From, t.To))));
    }

    // The time a travelling device is at the other office.
    private FixedBlock? Elsewhere(Device device, PoolId pool)
        => journeys.TryGetValue(device.Id, out var way)
            ? new FixedBlock(device.Id, device.PoolId == pool ? new Period(way.From, DateTimeOffset.MaxValue) : new Period(DateTimeOffset.MinValue, way.To)) : null;

    // Tentative, not prepared, not begun; what a travelling device is promised to at its other office is no business of this pool.
    private bool MayMove(Taken t, PoolId pool) => t.PoolId == pool && t is { LineId: not null, Pinned: false, Status: LineStatus.Requested or LineStatus.Approved } && t.LineFrom > now;

    private static int Rank(Device d)
        => (d.OpenShortages.Length > 0 ? 2 : 0) + (d.AwaitsInspection ? 2 : 0) + (d.Compliance is { Encrypted: true, MdmEnrolled: true } ? 0 : 1);
}
