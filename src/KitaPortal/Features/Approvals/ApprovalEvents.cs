using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Approvals;

/// <summary>The last approver said yes; the subject may still veto.</summary>
/// <param name="OnBehalfOf">For whom a deputy decided.</param>
/// <param name="Capacity">本人, 代決 or 代理.</param>
/// <param name="SheetsSaved">Sheets of paper this request did not need.</param>
public sealed record RequestDecided(ApprovalRequestId RequestId, string FormCode, string? SubjectKind, string? SubjectId, StaffId DecidedBy, StaffId? OnBehalfOf,
    string Capacity, DateTimeOffset At, int SheetsSaved) : DomainEvent;

/// <summary>却下: final.</summary>
public sealed record RequestRejected(ApprovalRequestId RequestId, string FormCode, string? SubjectKind, string? SubjectId, StaffId By, string Reason, DateTimeOffset At) : DomainEvent;

/// <summary>差戻し to the drafter.</summary>
public sealed record RequestReturned(ApprovalRequestId RequestId, string FormCode, string? SubjectKind, string? SubjectId, StaffId By, string Reason, DateTimeOffset At) : DomainEvent;

/// <summary>取下げ by the applicant.</summary>
public sealed record RequestRetracted(ApprovalRequestId RequestId, string FormCode, string? SubjectKind, string? SubjectId, DateTimeOffset At) : DomainEvent;

/// <summary>A step of the route began to wait for its people.</summary>
public sealed record StepBegan(ApprovalRequestId RequestId, int StepNo) : DomainEvent;

/// <summary>A person is absent from a day on.</summary>
public sealed record AbsenceSet(StaffId StaffId, DateOnly From) : DomainEvent;
