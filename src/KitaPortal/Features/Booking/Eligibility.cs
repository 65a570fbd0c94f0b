using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking;

/// <summary>A text that borrowers sign (誓約書) for these classes. A new text is a new version; earlier signatures hold until they end.</summary>
public sealed class AgreementVersion : Entity
{
    private AgreementVersion() { }

    /// <param name="validMonths">Null: to the end of the fiscal year (年度末).</param>
    public AgreementVersion(string title, string text, IEnumerable<string> classCodes, int? validMonths, DateOnly effectiveFrom)
    {
        (Id, Title, Text, ClassCodes, ValidMonths, EffectiveFrom) = (Guid.CreateVersion7(), title, text, [.. classCodes], validMonths, effectiveFrom);
        Audit("agreement.published", after: new { title, ClassCodes, validMonths, effectiveFrom });
    }

    public Guid Id { get; private set; }

    public string Title { get; private set; } = "";

    public string Text { get; private set; } = "";

    public string[] ClassCodes { get; private set; } = [];

    public int? ValidMonths { get; private set; }

    public DateOnly EffectiveFrom { get; private set; }

    public override string SubjectId => Id.ToString();

    /// <summary>The last day a signature of this day is valid.</summary>
    public DateOnly LastDayWhenSignedOn(DateOnly day) => ValidMonths is { } months ? day.AddMonths(months).AddDays(-1) : FiscalYear.From(day).LastDay;

    public bool Covers(string classCode) => ClassCodes.Length == 0 || ClassCodes.Contains(classCode);

    /// <summary>The person signs now in the portal.</summary>
    public AgreementSignature SignedBy(StaffId staff, DateTimeOffset now, string method = "portal") => new(this, staff, now, method, null);

    /// <summary>The person signed on paper; somebody at the desk enters it with the scan.</summary>
    public AgreementSignature SignedOnPaperBy(StaffId staff, DateTimeOffset signedAt, StaffId enteredBy) => new(this, staff, signedAt, "paper", enteredBy);
}

/// <summary>A person's signature under an agreement.</summary>
public sealed class AgreementSignature : Entity
{
    private AgreementSignature() { }

    internal AgreementSignature(AgreementVersion version, StaffId staff, DateTimeOffset now, string method, StaffId? enteredBy)
    {
        (Id, AgreementVersionId, StaffId, SignedAt, Method, EnteredBy) = (Guid.CreateVersion7(), version.Id, staff, now, method, enteredBy);
        LastDay = version.LastDayWhenSignedOn(TokyoTime.DayOf(now));
        Audit("agreement.signed", after: new { staff = staff.Value, version.Title, LastDay, method, enteredBy = enteredBy?.Value });
    }

    public Guid Id { get; private set; }

    public Guid AgreementVersionId { get; private set; }

    public StaffId StaffId { get; private set; }

    public DateTimeOffset SignedAt { get; private set; }

    /// <summary>portal or paper.</summary>
    public string Method { get; private set; } = "";

    /// <summary>Who entered a signature on paper.</summary>
    public StaffId? EnteredBy { get; private set; }

    /// <summary>The last Tokyo day it is valid (有効期限).</summary>
    public DateOnly LastDay { get; private set; }

    public override string SubjectId => Id.ToString();
}

/// <summary>A person completed a course, for example 情報セキュリティ研修.</summary>
public sealed class TrainingRecord : Entity
{
    private TrainingRecord() { }

    public TrainingRecord(StaffId staff, string course, DateOnly completedOn, DateOnly lastDay)
    {
        (Id, StaffId, Course, CompletedOn, LastDay) = (Guid.CreateVersion7(), staff, course, completedOn, lastDay);
        Audit("training.recorded", after: new { staff = staff.Value, course, completedOn, lastDay });
    }

    public Guid Id { get; private set; }

    public StaffId StaffId { get; private set; }

    public string Course { get; private set; } = "";

    public DateOnly CompletedOn { get; private set; }

    /// <summary>The last Tokyo day it counts (有効期限).</summary>
    public DateOnly LastDay { get; private set; }

    public override string SubjectId => Id.ToString();

    /// <summary>The end was entered wrong.</summary>
    public void Correct(DateOnly lastDay)
    {
        if (lastDay == LastDay) return;
        Audit("training.corrected", new { LastDay }, new { staff = StaffId.Value, Course, lastDay });
        LastDay = lastDay;
    }
}

/// <summary>A person may not borrow for a time (貸出停止).</summary>
public sealed class Suspension : Entity
{
    private Suspension() { }

    public Suspension(StaffId staff, DateTimeOffset from, DateTimeOffset? to, string reason, LoanId? loan = null)
    {
        (Id, StaffId, From, To, Reason, LoanId) = (Guid.CreateVersion7(), staff, from, to, reason, loan);
        Audit("suspension.began", after: new { staff = staff.Value, from, to }, reason: reason);
    }

    public Guid Id { get; private set; }

    public StaffId StaffId { get; private set; }

    public DateTimeOffset From { get; private set; }

    public DateTimeOffset? To { get; private set; }

    public string Reason { get; private set; } = "";

    public LoanId? LoanId { get; private set; }

    public StaffId? LiftedBy { get; private set; }

    public override string SubjectId => Id.ToString();

    public void Lift(StaffId by, DateTimeOffset now)
    {
        Audit("suspension.lifted", new { To }, new { to = now });
        (To, LiftedBy) = (now > From ? now : From, by);
        Record(new NewsRetracted($"booking.suspended:{Id}"));
        Record(new News("booking.suspension-lifted", $"booking.suspension-lifted:{Id}", [StaffId], "貸出停止が解除されました", "端末をまた予約できます。", "/booking"));
    }

    /// <summary>The person learns why and what to do.</summary>
    internal void Tell(BookingId? about)
        => Record(new News("booking.suspended", $"booking.suspended:{Id}", [StaffId], "端末の貸出を停止しました", $"{Reason}。返却し、情報セキュリティ管理者へ連絡してください。", about is { } id ? $"/booking/{id}" : "/booking/mine")
        { Importance = Importance.Important });
}

/// <summary>The row that is locked while the limits of one borrower are counted.</summary>
public sealed class BorrowerAccount
{
    private BorrowerAccount() { }

    public BorrowerAccount(StaffId id) => Id = id;

    public StaffId Id { get; private set; }
}
