using System.Text.Json;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking.Register;

/// <summary>What an entry of the lending register tells: out, back, kept longer, an incident.</summary>
public enum RegisterEvent { Out, In, Extended, Incident }

/// <summary>One act as the lending register (持出管理簿) keeps it, with everything spelled out at that moment. Only added, never changed: the database refuses, and lets rows go only with their year (see RegisterRetentionJob).</summary>
public sealed class RegisterEntry
{
    private RegisterEntry() { }

    internal RegisterEntry(LoanId loan, RegisterEvent kind, DateTimeOffset at, RegisterKey key, object told)
    {
        (Id, LoanId, Kind, At) = (Guid.CreateVersion7(), loan, kind, at);
        (RegisterNo, FiscalYear, OfficeId, Sequence, ClassId, DepartmentId, BorrowerId, Person) = key;
        Told = JsonSerializer.Serialize(told, told.GetType(), RegisterText.Json);
    }

    public Guid Id { get; private set; }

    public LoanId LoanId { get; private set; }

    public RegisterEvent Kind { get; private set; }

    public DateTimeOffset At { get; private set; }

    /// <summary>整理番号.</summary>
    public string RegisterNo { get; private set; } = "";

    public int FiscalYear { get; private set; }

    public OfficeId OfficeId { get; private set; }

    public int Sequence { get; private set; }

    public DeviceClassId ClassId { get; private set; }

    public DepartmentId DepartmentId { get; private set; }

    public StaffId BorrowerId { get; private set; }

    /// <summary>Name and number of the borrower, to search by.</summary>
    public string Person { get; private set; } = "";

    /// <summary>The snapshot as JSON.</summary>
    public string Told { get; private set; } = "";

    internal T Read<T>() => JsonSerializer.Deserialize<T>(Told, RegisterText.Json)!;
}

/// <summary>By what entries of one loan are found.</summary>
public sealed record RegisterKey(string RegisterNo, int FiscalYear, OfficeId OfficeId, int Sequence, DeviceClassId ClassId, DepartmentId DepartmentId, StaffId BorrowerId, string Person);

/// <summary>What was true when the device left.</summary>
public sealed record ToldOut
{
    public string Label { get; init; } = "";

    public string? Serial { get; init; }

    public string Model { get; init; } = "";

    public string Class { get; init; } = "";

    public IReadOnlyList<string> Set { get; init; } = [];

    public string Borrower { get; init; } = "";

    public string StaffNumber { get; init; } = "";

    public string Post { get; init; } = "";

    public string Department { get; init; } = "";

    public string Responsible { get; init; } = "";

    public string ReceivedBy { get; init; } = "";

    public string Booking { get; init; } = "";

    public string Purpose { get; init; } = "";

    public string Destination { get; init; } = "";

    public string Information { get; init; } = "";

    public DateTimeOffset PlannedOut { get; init; }

    public DateTimeOffset PlannedIn { get; init; }

    public string Clerk { get; init; } = "";

    /// <summary>みなし許可, 所属長等の許可, 緊急貸出; 不要 inside the premises.</summary>
    public string Basis { get; init; } = "";

    public string? PermittedBy { get; init; }

    public DateTimeOffset? PermittedAt { get; init; }

    public string? Conditions { get; init; }

    /// <summary>Encryption, updates, antivirus as they stood.</summary>
    public string Check { get; init; } = "";

    public string? Agreement { get; init; }

    public string? Training { get; init; }

    public string? Remarks { get; init; }
}

/// <summary>What was true when it came back.</summary>
public sealed record ToldIn(string Clerk, string ReturnedBy, string Office, IReadOnlyList<string> Set, IReadOnlyList<string> Missing, string Condition, bool? Erased, string? Note);

/// <summary>Kept longer, until when.</summary>
public sealed record ToldExtended(DateTimeOffset To, int Times);

/// <summary>An incident, by its number.</summary>
public sealed record ToldIncident(string Number, string Kind);

internal static class RegisterText
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
