using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>Names a class of devices (区分).</summary>
public readonly record struct DeviceClassId(Guid Value) : ITypedId<DeviceClassId>
{
    public static DeviceClassId New() => new(Guid.CreateVersion7());

    public static DeviceClassId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>Names a model (機種).</summary>
public readonly record struct DeviceModelId(Guid Value) : ITypedId<DeviceModelId>
{
    public static DeviceModelId New() => new(Guid.CreateVersion7());

    public static DeviceModelId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>Names a pool: the devices of one model at one office.</summary>
public readonly record struct PoolId(Guid Value) : ITypedId<PoolId>
{
    public static PoolId New() => new(Guid.CreateVersion7());

    public static PoolId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>Names a device (端末).</summary>
public readonly record struct DeviceId(Guid Value) : ITypedId<DeviceId>
{
    public static DeviceId New() => new(Guid.CreateVersion7());

    public static DeviceId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>Names a booking; made by the client, so that a repeated request is harmless.</summary>
public readonly record struct BookingId(Guid Value) : ITypedId<BookingId>
{
    public static BookingId New() => new(Guid.CreateVersion7());

    public static BookingId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>Names one device place in a booking.</summary>
public readonly record struct BookingLineId(Guid Value) : ITypedId<BookingLineId>
{
    public static BookingLineId New() => new(Guid.CreateVersion7());

    public static BookingLineId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>Names a kit (セット).</summary>
public readonly record struct KitId(Guid Value) : ITypedId<KitId>
{
    public static KitId New() => new(Guid.CreateVersion7());

    public static KitId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>Names a series of bookings; made by the client.</summary>
public readonly record struct SeriesId(Guid Value) : ITypedId<SeriesId>
{
    public static SeriesId New() => new(Guid.CreateVersion7());

    public static SeriesId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>Names an entry of the waiting list; made by the client.</summary>
public readonly record struct WaitlistEntryId(Guid Value) : ITypedId<WaitlistEntryId>
{
    public static WaitlistEntryId New() => new(Guid.CreateVersion7());

    public static WaitlistEntryId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>Names a loan.</summary>
public readonly record struct LoanId(Guid Value) : ITypedId<LoanId>
{
    public static LoanId New() => new(Guid.CreateVersion7());

    public static LoanId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}
