using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>Something happened to lines of a booking; higher floors hear it in the same transaction.</summary>
public abstract record BookingEvent(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : DomainEvent;

/// <summary>申請された; permission is asked.</summary>
public sealed record BookingRequested(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>予約確定.</summary>
public sealed record BookingApproved(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>Period, destination or device class changed.</summary>
public sealed record BookingChanged(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>却下.</summary>
public sealed record BookingRejected(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>期限切れ: its start passed undecided.</summary>
public sealed record BookingLapsed(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>取消.</summary>
public sealed record BookingCancelled(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>未受取.</summary>
public sealed record LineNoShow(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>Another device stands in.</summary>
public sealed record LineSubstituted(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>引渡し.</summary>
public sealed record HandedOver(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds, IReadOnlyList<LoanId> LoanIds) : BookingEvent(BookingId, LineIds);

/// <summary>返却.</summary>
public sealed record TakenBack(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds, IReadOnlyList<LoanId> LoanIds) : BookingEvent(BookingId, LineIds);

/// <summary>延長.</summary>
public sealed record LineExtended(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>許可取消.</summary>
public sealed record PermissionRevoked(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>利用開始, 利用終了, or a use entered or corrected afterwards.</summary>
public sealed record UseRecorded(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);

/// <summary>紛失; its incident is opened by whoever hears it.</summary>
public sealed record DeviceLost(BookingId BookingId, IReadOnlyList<BookingLineId> LineIds) : BookingEvent(BookingId, LineIds);
