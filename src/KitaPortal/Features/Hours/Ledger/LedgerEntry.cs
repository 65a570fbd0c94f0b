using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>予約時間, 予約時間（総）, 未利用, 取消, 貸出時間, 利用時間, 分散勤務時間, 貸出可能時間; what each means stands in the counting policy.</summary>
public enum Measure { Booked, BookedGross, Unused, Cancelled, Custody, Used, Distributed, Capacity }

/// <summary>What a row was counted from: a line of a booking, a person's day, a pool's day, an opening balance, a manual adjustment.</summary>
public enum SourceKind { Line, Person, Pool, Opening, Manual }

/// <summary>How finely a row is dated. Year rows stand in year totals only.</summary>
public enum Grain { Day, Month, Year }

/// <summary>Counted by the portal, the same after its month was closed (調整), brought over from the years before it, or entered by hand.</summary>
public enum EntryKind { Posting, Adjustment, Opening, Manual }

/// <summary>Who, where and with what, as it was on the day. People are named only by the key of <see cref="LedgerPerson"/>.</summary>
public sealed record LedgerSnapshot(Guid? PersonKey, string? PostName, DepartmentId? DepartmentId, string? DepartmentName, OfficeId? OfficeId,
    OfficeId? LendingOfficeId, Guid? DeviceId, Guid? ModelId, string? Class, string? Purpose)
{
    public static LedgerSnapshot None { get; } = new(null, null, null, null, null, null, null, null, null, null);
}

/// <summary>What a row is about. With the revision it is the row's unique key, so that posting twice cannot count twice.</summary>
public readonly record struct LedgerKey(SourceKind SourceKind, Guid SourceId, DateOnly WorkDate, Measure Measure, int PolicyNumber);

/// <summary>Minutes on one Tokyo day from one source (台帳). Append-only: a correction is another row, and the database refuses changing or deleting one.</summary>
public sealed class LedgerEntry
{
    private LedgerEntry() { }

    internal LedgerEntry(LedgerKey key, int revision, int minutes, LedgerSnapshot snapshot, Grain grain, EntryKind kind, int? countedMonth, DateTimeOffset postedAt, StaffId? postedBy, string? reason = null)
    {
        (SourceKind, SourceId, WorkDate, Measure, PolicyNumber) = (key.SourceKind, key.SourceId, key.WorkDate, key.Measure, key.PolicyNumber);
        (Revision, Minutes, Grain, Kind) = (revision, minutes, grain, kind);
        FiscalYear = FiscalYear.From(key.WorkDate);
        CountedMonth = countedMonth;
        (PersonKey, PostName, DepartmentId, DepartmentName, OfficeId, LendingOfficeId, DeviceId, ModelId, Class, Purpose) = snapshot;
        (PostedAt, PostedById, Reason) = (postedAt, postedBy, reason);
    }

    /// <summary>Its place in the book, given by the database in the order of writing.</summary>
    public long Number { get; private set; }

    public SourceKind SourceKind { get; private set; }

    public Guid SourceId { get; private set; }

    /// <summary>The Tokyo day the minutes belong to.</summary>
    public DateOnly WorkDate { get; private set; }

    public Measure Measure { get; private set; }

    public int PolicyNumber { get; private set; }

    public int Revision { get; private set; }

    /// <summary>Signed whole minutes.</summary>
    public int Minutes { get; private set; }

    public FiscalYear FiscalYear { get; private set; }

    /// <summary>The calendar month it is reported in (計上月), 13 for 年度整理; none for a whole year's row.</summary>
    public int? CountedMonth { get; private set; }

    public Grain Grain { get; private set; }

    public EntryKind Kind { get; private set; }

    public Guid? PersonKey { get; private set; }

    /// <summary>職種.</summary>
    public string? PostName { get; private set; }

    public DepartmentId? DepartmentId { get; private set; }

    public string? DepartmentName { get; private set; }

    /// <summary>The borrower's office.</summary>
    public OfficeId? OfficeId { get; private set; }

    /// <summary>The office whose pool the device came from.</summary>
    public OfficeId? LendingOfficeId { get; private set; }

    public Guid? DeviceId { get; private set; }

    public Guid? ModelId { get; private set; }

    public string? Class { get; private set; }

    public string? Purpose { get; private set; }

    public DateTimeOffset PostedAt { get; private set; }

    public StaffId? PostedById { get; private set; }

    public string? Reason { get; private set; }

    public LedgerKey Key => new(SourceKind, SourceId, WorkDate, Measure, PolicyNumber);

    public LedgerSnapshot Snapshot => new(PersonKey, PostName, DepartmentId, DepartmentName, OfficeId, LendingOfficeId, DeviceId, ModelId, Class, Purpose);
}

/// <summary>Who stands behind a person's key in one fiscal year. Once this link is deleted the rows name nobody, and every sum stays.</summary>
public sealed class LedgerPerson
{
    private LedgerPerson() { }

    /// <summary>The key the ledger's rows carry.</summary>
    public Guid Id { get; private set; }

    public StaffId StaffId { get; private set; }

    public FiscalYear FiscalYear { get; private set; }
}
