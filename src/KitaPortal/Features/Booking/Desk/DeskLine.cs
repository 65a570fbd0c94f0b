using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>One device place as the desk sees it.</summary>
public sealed record DeskLine
{
    public required BookingLineId LineId { get; init; }

    public required BookingId BookingId { get; init; }

    public required string Number { get; init; }

    public required PoolId PoolId { get; init; }

    public required OfficeId OfficeId { get; init; }

    public required DeviceModelId ModelId { get; init; }

    public required string Model { get; init; }

    public required bool NeedsErasure { get; init; }

    public DeviceId? DeviceId { get; init; }

    public string? Label { get; init; }

    public required bool Pinned { get; init; }

    public required StaffId BorrowerId { get; init; }

    public required string BorrowerNumber { get; init; }

    public required string FamilyName { get; init; }

    public required string GivenName { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public required LineStatus Status { get; init; }

    public string Borrower => $"{FamilyName}\u3000{GivenName}";

    public string Span => BookingWords.Span(From, To);

    public bool IsComing => Status is LineStatus.Approved or LineStatus.Ready;
}

internal static class DeskLines
{
    /// <summary>Device places with everything the desk reads, to be narrowed by the caller.</summary>
    public static IQueryable<DeskLine> DeskLinesOf(this PortalDb db) =>
        from line in db.BookingLines
        join pool in db.Pools on line.PoolId equals pool.Id
        join model in db.DeviceModels on pool.ModelId equals model.Id
        join kind in db.DeviceClasses on model.ClassId equals kind.Id
        join booking in db.Bookings on line.BookingId equals booking.Id
        join person in db.Staff on booking.BorrowerId equals person.Id
        join device in db.Devices on line.DeviceId equals (DeviceId?)device.Id into devices
        from device in devices.DefaultIfEmpty()
        select new DeskLine
        {
            LineId = line.Id,
            BookingId = booking.Id,
            Number = booking.Number,
            PoolId = pool.Id,
            OfficeId = pool.OfficeId,
            ModelId = model.Id,
            Model = model.Name,
            NeedsErasure = kind.NeedsErasure,
            DeviceId = line.DeviceId,
            Label = device == null ? null : device.Label,
            Pinned = line.Pinned,
            BorrowerId = person.Id,
            BorrowerNumber = person.StaffNumber,
            FamilyName = person.UsesFormerName && person.FormerName != null ? person.FormerName : person.FamilyName,
            GivenName = person.GivenName,
            From = line.From,
            To = line.To,
            Status = line.Status,
        };
}
