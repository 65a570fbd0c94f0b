namespace KitaPortal.Features.Booking;

/// <summary>What takes a device's time.</summary>
public enum OccupancyKind { Booking, Hold, Maintenance, Transfer }

/// <summary>The only row that blocks a device's time (占有). The database refuses two active ones of one device that overlap.</summary>
public sealed class Occupancy
{
    private Occupancy() { }

    internal Occupancy(DeviceId? deviceId, PoolId poolId, DateTimeOffset from, DateTimeOffset to, OccupancyKind kind, Guid sourceId, DateTimeOffset? expiresAt = null)
        => (Id, DeviceId, PoolId, From, To, Kind, SourceId, ExpiresAt, Active) = (Guid.CreateVersion7(), deviceId, poolId, from, to, kind, sourceId, expiresAt, true);

    public Guid Id { get; private set; }

    public DeviceId? DeviceId { get; private set; }

    public PoolId PoolId { get; private set; }

    public DateTimeOffset From { get; private set; }

    /// <summary>Exclusive; the turnaround is included.</summary>
    public DateTimeOffset To { get; private set; }

    public OccupancyKind Kind { get; private set; }

    public bool Active { get; private set; }

    /// <summary>The line, waiting-list entry, maintenance or transfer it stands for.</summary>
    public Guid SourceId { get; private set; }

    public DateTimeOffset? ExpiresAt { get; private set; }

    internal void MoveTo(DeviceId? device) => DeviceId = device;

    /// <summary>What was held becomes the booking's own.</summary>
    internal void TurnInto(BookingLine line, Platform.Japanese.Period taken)
        => (Kind, SourceId, DeviceId, From, To, ExpiresAt, Active) = (OccupancyKind.Booking, line.Id.Value, line.DeviceId, taken.From, taken.To, null, true);

    internal void Pause() => Active = false;

    internal void Resume() => Active = true;

    /// <summary>The device's time is free again from this moment on; nothing stays when it never began.</summary>
    internal void EndAt(DateTimeOffset moment)
    {
        if (moment < To) To = moment;
        if (To <= From) (Active, To) = (false, From);
    }

    /// <summary>It was fetched before its time.</summary>
    internal void BeginAt(DateTimeOffset moment) => From = moment < From ? moment : From;

    /// <summary>What was to come before it lasts longer; nothing stays when nothing is left.</summary>
    internal void DelayTo(DateTimeOffset moment)
    {
        if (moment > From) From = moment;
        if (From >= To) (Active, From) = (false, To);
    }

    /// <summary>What is left of its time is what counts for another device: what lay before was somebody else's.</summary>
    internal void NeedFrom(DateTimeOffset moment) => From = moment > From && moment < To ? moment : From;

    /// <summary>A journey that cannot begin as planned takes its time all the same.</summary>
    internal void PutOff(DateTimeOffset from, DateTimeOffset to) => (From, To) = (from, to);

    /// <summary>Another device, pool or time, and active again.</summary>
    internal void Become(DeviceId? device, PoolId pool, DateTimeOffset from, DateTimeOffset to)
        => (DeviceId, PoolId, From, To, Active) = (device, pool, from, to, true);

    internal void StretchTo(DateTimeOffset moment) => To = moment > To ? moment : To;
}
