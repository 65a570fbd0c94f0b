using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>In what state a device left or came back: fit to lend, incomplete, broken.</summary>
public enum DeviceCondition { Fit, Incomplete, Broken }

/// <summary>How a hand-over or take-back was confirmed: in the portal, by signature at the desk, on paper.</summary>
public enum Confirmation { Portal, Signature, Paper }

/// <summary>One line's stay outside, from hand-over to take-back: one row of the lending register.</summary>
public sealed class Loan : Entity
{
    private Loan() { }

    internal Loan(BookingLine line, DeviceId device, HandOver handOver, int registerSequence, string officeName, StaffId receivedBy, IEnumerable<string> setOut, DeviceCondition condition)
    {
        (Id, LineId, DeviceId, OfficeId, HandOverId, OutAt) = (LoanId.New(), line.Id, device, handOver.OfficeId, handOver.Id, handOver.At);
        (FiscalYear, RegisterSequence) = (Platform.Japanese.FiscalYear.Of(OutAt).Value, registerSequence);
        RegisterNo = $"{officeName}-{Platform.Japanese.FiscalYear.Of(OutAt).ShortLabel}-{registerSequence:0000}";
        (ReceivedBy, SetOut, ConditionOut) = (receivedBy, [.. setOut], condition);
        Audit("loan.out", after: new { RegisterNo, device = device.Value, receivedBy = receivedBy.Value, SetOut });
    }

    public LoanId Id { get; private set; }

    public BookingLineId LineId { get; private set; }

    public DeviceId DeviceId { get; private set; }

    /// <summary>The office that handed it over.</summary>
    public OfficeId OfficeId { get; private set; }

    /// <summary>本庁-R8-0123, consecutive per office and fiscal year (整理番号).</summary>
    public string RegisterNo { get; private set; } = "";

    public int FiscalYear { get; private set; }

    public int RegisterSequence { get; private set; }

    public Guid HandOverId { get; private set; }

    public Guid? TakeBackId { get; private set; }

    public DateTimeOffset OutAt { get; private set; }

    public DateTimeOffset? InAt { get; private set; }

    public StaffId ReceivedBy { get; private set; }

    public StaffId? ReturnedBy { get; private set; }

    /// <summary>Accessories that left, for example ACアダプター×1.</summary>
    public string[] SetOut { get; private set; } = [];

    public string[] SetIn { get; private set; } = [];

    public DeviceCondition ConditionOut { get; private set; }

    public DeviceCondition? ConditionIn { get; private set; }

    public bool? Erased { get; private set; }

    public string? NoteIn { get; private set; }

    public override string SubjectId => Id.ToString();

    internal void ComeBack(TakeBack takeBack, StaffId? returnedBy, IEnumerable<string> setIn, DeviceCondition condition, bool? erased, string? note)
    {
        (TakeBackId, InAt, ReturnedBy) = (takeBack.Id, takeBack.At, returnedBy);
        (SetIn, ConditionIn, Erased, NoteIn) = ([.. setIn], condition, erased, note);
        Audit("loan.in", after: new { RegisterNo, condition, SetIn, erased, note });
    }

    internal void Tell(News news) => Record(news);
}

/// <summary>One act at the desk that gives devices out (引渡し); its id is made by the client.</summary>
public sealed class HandOver : Entity
{
    private HandOver() { }

    internal HandOver(Guid id, OfficeId office, StaffId clerk, DateTimeOffset at, Confirmation confirmation)
        => (Id, OfficeId, ClerkId, At, Confirmation) = (id, office, clerk, at, confirmation);

    public Guid Id { get; private set; }

    public OfficeId OfficeId { get; private set; }

    /// <summary>The clerk, or the borrower when the class allows self-service.</summary>
    public StaffId ClerkId { get; private set; }

    public DateTimeOffset At { get; private set; }

    public Confirmation Confirmation { get; private set; }

    public override string SubjectId => Id.ToString();
}

/// <summary>One act at the desk that takes devices back (返却); its id is made by the client.</summary>
public sealed class TakeBack : Entity
{
    private TakeBack() { }

    internal TakeBack(Guid id, OfficeId office, StaffId clerk, DateTimeOffset at, Confirmation confirmation)
        => (Id, OfficeId, ClerkId, At, Confirmation) = (id, office, clerk, at, confirmation);

    public Guid Id { get; private set; }

    public OfficeId OfficeId { get; private set; }

    public StaffId ClerkId { get; private set; }

    public DateTimeOffset At { get; private set; }

    public Confirmation Confirmation { get; private set; }

    public override string SubjectId => Id.ToString();
}

/// <summary>The last register number given at an office in a fiscal year; its row is locked while a number is taken, so numbers have no gap.</summary>
public sealed class RegisterCounter
{
    private RegisterCounter() { }

    public Guid Id { get; private set; }

    public OfficeId OfficeId { get; private set; }

    public int FiscalYear { get; private set; }

    public int Last { get; private set; }

    internal int Take() => ++Last;
}
