using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking;

/// <summary>申請中, 予約確定, 準備済, 貸出中, 返却済, 却下, 期限切れ, 取消, 未受取, 紛失.</summary>
public enum LineStatus { Requested, Approved, Ready, OnLoan, Returned, Rejected, Lapsed, Cancelled, NoShow, Lost }

/// <summary>One device place in a booking: which period, which device, how far it got. Planned periods never change by taking back early or late.</summary>
public sealed class BookingLine
{
    private BookingLine() { }

    internal BookingLine(BookingId bookingId, PoolId poolId, DeviceId? deviceId, bool pinned, DateTimeOffset from, DateTimeOffset to, string? kitName)
    {
        (Id, BookingId, PoolId, DeviceId, Pinned) = (BookingLineId.New(), bookingId, poolId, deviceId, pinned);
        (From, To, OriginalTo, KitName) = (from, to, to, kitName);
    }

    public BookingLineId Id { get; private set; }

    public BookingId BookingId { get; private set; }

    public PoolId PoolId { get; private set; }

    /// <summary>Every active line has one at once; null only while it waits for a substitute.</summary>
    public DeviceId? DeviceId { get; private set; }

    /// <summary>The person asked for exactly this device; otherwise the system may swap it.</summary>
    public bool Pinned { get; private set; }

    public string? KitName { get; private set; }

    public DateTimeOffset From { get; private set; }

    /// <summary>Exclusive; moved only by a change before the loan or by an extension.</summary>
    public DateTimeOffset To { get; private set; }

    public DateTimeOffset OriginalTo { get; private set; }

    public LineStatus Status { get; private set; }

    public bool NeedsSubstitute { get; private set; }

    public Guid? OccupancyId { get; private set; }

    public int Extensions { get; private set; }

    /// <summary>The end asked for by an extension that waits for permission; the device's time is held up to it.</summary>
    public DateTimeOffset? PendingTo { get; private set; }

    /// <summary>When the borrower was warned that the line would end as 未受取.</summary>
    public DateTimeOffset? NoShowWarnedAt { get; private set; }

    /// <summary>The time the borrower promised to come by; given once.</summary>
    public DateTimeOffset? KeptUntil { get; private set; }

    /// <summary>When the loss of the device became known.</summary>
    public DateTimeOffset? LostAt { get; private set; }

    /// <summary>When it became 予約確定.</summary>
    public DateTimeOffset? ConfirmedAt { get; private set; }

    /// <summary>When it ended without a loan: cancelled, rejected, lapsed, not collected.</summary>
    public DateTimeOffset? CancelledAt { get; private set; }

    public string? CancelReason { get; private set; }

    /// <summary>Counts changes a calendar must hear of.</summary>
    public int Sequence { get; private set; }

    /// <summary>Holds a place now or in the future.</summary>
    public bool IsActive => Status is LineStatus.Requested or LineStatus.Approved or LineStatus.Ready or LineStatus.OnLoan;

    /// <summary>May still be given up or collected.</summary>
    public bool IsComing => Status is LineStatus.Requested or LineStatus.Approved or LineStatus.Ready;

    /// <summary>Pinned, prepared and lent lines stay on their device.</summary>
    public bool MayMove => !Pinned && (Status is LineStatus.Requested or LineStatus.Approved);

    /// <summary>May be taken up again: 未受取 today, its end still to come.</summary>
    public bool MayRevive(DateTimeOffset now) => Status == LineStatus.NoShow && To > now && TokyoTime.DayOf(CancelledAt ?? now) == TokyoTime.DayOf(now);

    internal void Occupy(Occupancy occupancy) => OccupancyId = occupancy.Id;

    internal void Request() => Status = LineStatus.Requested;

    internal void Confirm(DateTimeOffset now) => (Status, ConfirmedAt, Sequence) = (LineStatus.Approved, ConfirmedAt ?? now, Sequence + 1);

    internal void MakeReady() => Status = LineStatus.Ready;

    internal void GoOut() => Status = LineStatus.OnLoan;

    internal void ComeBack() => (Status, PendingTo) = (LineStatus.Returned, null);

    internal void Lose(DateTimeOffset now) => (Status, LostAt, PendingTo) = (LineStatus.Lost, now, null);

    internal void EndWithout(LineStatus status, DateTimeOffset now, string? reason)
        => (Status, CancelledAt, CancelReason, NeedsSubstitute, Sequence) = (status, now, reason, false, Sequence + 1);

    internal void MoveTo(DeviceId? device) => (DeviceId, NeedsSubstitute) = (device, device is null);

    /// <summary>Another device, or none for now: what lies ready is not it.</summary>
    internal void BeGivenAnother(DeviceId? device)
    {
        if (Status == LineStatus.Ready && device != DeviceId) Status = LineStatus.Approved;
        MoveTo(device);
    }

    internal void Extend(DateTimeOffset to) => (To, PendingTo, Extensions, Sequence) = (to, null, Extensions + 1, Sequence + 1);

    internal void AskExtension(DateTimeOffset? to) => PendingTo = to;

    /// <summary>Another time, pool or device; a prepared device that is no longer the one goes back to the shelf.</summary>
    internal void Reschedule(PoolId pool, DeviceId device, bool pinned, DateTimeOffset from, DateTimeOffset to)
    {
        if (from != From) (NoShowWarnedAt, KeptUntil) = (null, null);
        (PoolId, Pinned, From, To, OriginalTo, Sequence) = (pool, pinned, from, to, to, Sequence + 1);
        BeGivenAnother(device);
    }

    internal void WarnOfNoShow(DateTimeOffset now) => NoShowWarnedAt = now;

    internal void KeepUntil(DateTimeOffset moment) => KeptUntil = moment;

    internal void Revive(DeviceId device, Occupancy occupancy, DateTimeOffset keptUntil)
    {
        (Status, CancelledAt, CancelReason, KeptUntil, Sequence) = (LineStatus.Approved, null, null, keptUntil, Sequence + 1);
        MoveTo(device);
        Occupy(occupancy);
    }
}
