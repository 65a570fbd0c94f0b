using System.Security.Cryptography;
using System.Text.Json;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking;

/// <summary>One wish: so many devices of a pool, or exactly this device; with the kit's name when it is part of one.</summary>
public sealed record WantedDevice(PoolId? PoolId, DeviceId? DeviceId, int Count = 1, string? KitName = null)
{
    /// <summary>This one if it is free, else another of the pool.</summary>
    public DeviceId? Preferred { get; init; }
}

/// <summary>What a person asks for. Page, API, desk and demo fill in the same request.</summary>
public sealed record BookingRequest
{
    /// <summary>Made by the client: the same request sent twice is one booking.</summary>
    public required BookingId Id { get; init; }

    public required StaffId BorrowerId { get; init; }

    /// <summary>使用責任者; null is the head of the borrower's department.</summary>
    public StaffId? ResponsibleId { get; init; }

    public required IReadOnlyList<WantedDevice> Wanted { get; init; }

    /// <summary>A kit whose devices are wanted too, all from <see cref="KitOfficeId"/>.</summary>
    public KitId? KitId { get; init; }

    /// <summary>Where the kit is collected.</summary>
    public OfficeId? KitOfficeId { get; init; }

    /// <summary>ある物だけ: devices of the kit that are not free are left out instead of refusing all.</summary>
    public bool TakeWhatIsThere { get; init; }

    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public required BookingAim Aim { get; init; }

    /// <summary>The borrower signs the agreement that is asked for together with the booking.</summary>
    public bool SignAgreement { get; init; }

    /// <summary>Codes of the warnings that were ticked.</summary>
    public IReadOnlyList<string> Acknowledged { get; init; } = [];

    /// <summary>Rule code to the written reason for passing it.</summary>
    public IReadOnlyDictionary<string, string> Overrides { get; init; } = new Dictionary<string, string>();

    /// <summary>Why it is asked so late, or anything the approver should know.</summary>
    public string? Reason { get; init; }

    /// <summary>即時貸出 at the desk.</summary>
    public bool IsWalkUp { get; init; }

    /// <summary>緊急貸出 at the desk: why it could not wait for the permission, which is asked for afterwards.</summary>
    public string? Emergency { get; init; }

    /// <summary>The series it is a day of.</summary>
    public SeriesId? SeriesId { get; init; }

    /// <summary>変更: lines whose places are given up for this request; they do not count against it.</summary>
    public IReadOnlyCollection<BookingLineId> Replaces { get; init; } = [];

    /// <summary>A change that leaves the start as it was agreed.</summary>
    public bool KeepsStart { get; init; }

    /// <summary>The town itself moves the booking (貸出停止期間): nobody's right to book for the borrower is asked.</summary>
    public bool IsArranged { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public Period Period => new(From, To);

    /// <summary>Fingerprint of what was asked, without ticks and reasons; the same before and after a kit was unpacked.</summary>
    internal string Hash => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new
    {
        borrower = BorrowerId.Value,
        responsible = ResponsibleId?.Value,
        wanted = Wanted.Where(w => w.KitName is null).Select(w => new { pool = w.PoolId?.Value, device = w.DeviceId?.Value, w.Count }),
        kit = KitId?.Value,
        kitOffice = KitOfficeId?.Value,
        TakeWhatIsThere,
        from = From.UtcTicks,
        to = To.UtcTicks,
        Aim,
    })));
}

/// <summary>Who asks, with what they may be: the person of the request, or whoever the demo town lets act.</summary>
public sealed record Asker(StaffId Id, IReadOnlyList<(Role Role, Guid? Scope)> Roles)
{
    public static Asker Of(CurrentStaff me) => new(me.Id, me.Roles);

    public bool IsDeskOf(OfficeId office) => Roles.Any(r => r.Role == Role.LendingManager || (r.Role == Role.Desk && r.Scope == office.Value));

    public bool IsSecurityManager => Roles.Any(r => r.Role == Role.SecurityManager);
}
