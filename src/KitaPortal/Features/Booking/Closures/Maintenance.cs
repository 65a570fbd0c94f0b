using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>整備: a device is repaired, updated or looked at for a time, or until further notice.</summary>
public sealed class Maintenance : Entity
{
    /// <summary>The end of one that is open.</summary>
    public static readonly DateTimeOffset Open = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private Maintenance() { }

    internal Maintenance(Guid id, Device device, DateTimeOffset from, DateTimeOffset to, string reason, string? vendor, Guid occupancyId)
    {
        (Id, DeviceId, From, To, Reason, Vendor, OccupancyId) = (id, device.Id, from, to, reason, vendor, occupancyId);
        Audit("maintenance.entered", after: new { device = device.Label, from, to, vendor }, reason: reason);
    }

    public Guid Id { get; private set; }

    public DeviceId DeviceId { get; private set; }

    public DateTimeOffset From { get; private set; }

    /// <summary>Exclusive; <see cref="Open"/> while nobody knows.</summary>
    public DateTimeOffset To { get; private set; }

    public string Reason { get; private set; } = "";

    /// <summary>Who does it (業者).</summary>
    public string? Vendor { get; private set; }

    /// <summary>What was found and done.</summary>
    public string? Result { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>What takes the device's time.</summary>
    public Guid OccupancyId { get; private set; }

    public bool IsOpenEnded => To == Open;

    public override string SubjectId => Id.ToString();

    /// <summary>It is over, or will not take place.</summary>
    internal void End(string? result, DateTimeOffset now)
    {
        Audit("maintenance.ended", new { From, To }, new { now, result });
        (Result, EndedAt) = (result, now);
        if (now < To) To = now > From ? now : From;
    }
}
