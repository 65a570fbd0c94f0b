using System.Security.Cryptography;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking;

/// <summary>在宅勤務, 支所勤務, サテライト, 出張, オンライン会議, 議事録作成, 災害対応, 研修・その他.</summary>
public enum Purpose { HomeWork, BranchWork, Satellite, BusinessTrip, OnlineMeeting, Minutes, Disaster, TrainingOther }

/// <summary>庁舎内, 支所・出先, 自宅, 出張先, 指定場所; the last three are outside the town's premises.</summary>
public enum DestinationKind { InBuilding, BranchOrOutpost, Home, TripDestination, DesignatedPlace }

/// <summary>What a booking is for and where its devices go.</summary>
public sealed record BookingAim(Purpose Purpose, string? PurposeNote, string? TravelOrderNo, DestinationKind DestinationKind, string? DestinationNote, InfoClass InfoClass, bool PersonalData);

/// <summary>One request for devices (予約). Its lines carry period, device and status; what a person reads as its status follows from them.</summary>
public sealed partial class Booking : Entity
{
    private const string NumberLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    private readonly List<BookingLine> lines = [];

    private Booking() { }

    internal Booking(BookingId id, StaffId borrower, DepartmentId department, StaffId responsible, BookingAim aim, string requestHash, string factsHash, string ruleSetVersions, DateTimeOffset now)
    {
        Id = id;
        Number = $"{FiscalYear.Of(now).ShortLabel}-{RandomNumberGenerator.GetString(NumberLetters, 6)}";
        (BorrowerId, DepartmentId, ResponsibleId) = (borrower, department, responsible);
        (Purpose, PurposeNote, TravelOrderNo, DestinationKind, DestinationNote, InfoClass, PersonalData) = aim;
        (RequestHash, FactsHash, RuleSetVersions) = (requestHash, factsHash, ruleSetVersions);
    }

    public BookingId Id { get; private set; }

    /// <summary>R8-7K3F9Q: random, so that nobody queues on a counter.</summary>
    public string Number { get; private set; } = "";

    public StaffId BorrowerId { get; private set; }

    /// <summary>The department the booking is for.</summary>
    public DepartmentId DepartmentId { get; private set; }

    /// <summary>使用責任者.</summary>
    public StaffId ResponsibleId { get; private set; }

    public Purpose Purpose { get; private set; }

    public string? PurposeNote { get; private set; }

    public string? TravelOrderNo { get; private set; }

    public DestinationKind DestinationKind { get; private set; }

    public string? DestinationNote { get; private set; }

    /// <summary>What is worked with on the device.</summary>
    public InfoClass InfoClass { get; private set; }

    public bool PersonalData { get; private set; }

    /// <summary>What the client sent, so that the same id with another body is noticed.</summary>
    public string RequestHash { get; private set; } = "";

    /// <summary>What a permission was given for; a permission with another hash is void.</summary>
    public string FactsHash { get; private set; } = "";

    /// <summary>Numbers of the rule sets it was judged by.</summary>
    public string RuleSetVersions { get; private set; } = "";

    /// <summary>Rules passed by a written reason, one a line: number and reason.</summary>
    public string? Overrides { get; private set; }

    /// <summary>Closed days or time outside office hours were asked for (貸-109): only then does a permission count them.</summary>
    public bool AsksOutsideHours { get; internal set; }

    /// <summary>The open or last request for permission.</summary>
    public Guid? ApprovalRequestId { get; private set; }

    /// <summary>The series it repeats, and the day of the series' rule it stands for.</summary>
    public SeriesId? SeriesId { get; private set; }

    public DateOnly? OccurrenceDate { get; private set; }

    /// <summary>Counts its changes, so that every change of a line is a change of the booking.</summary>
    public int Changes { get; private set; }

    public IReadOnlyList<BookingLine> Lines => lines;

    public override string SubjectId => Id.ToString();

    public override string SubjectKind => "booking";

    /// <summary>What it is for and where its devices go.</summary>
    public BookingAim Aim => new(Purpose, PurposeNote, TravelOrderNo, DestinationKind, DestinationNote, InfoClass, PersonalData);

    public bool IsOutside => DestinationKind.IsOutside();

    public DateTimeOffset From => Standing.Min(l => l.From);

    public DateTimeOffset To => Standing.Max(l => l.To);

    // Places given up do not count, unless all were.
    private IEnumerable<BookingLine> Standing
        => lines.Any(l => !IsGivenUp(l)) ? lines.Where(l => !IsGivenUp(l)) : lines;

    private static bool IsGivenUp(BookingLine line) => line.Status is LineStatus.Cancelled or LineStatus.Rejected or LineStatus.Lapsed;

    internal void BelongTo(SeriesId series, DateOnly day) => (SeriesId, OccurrenceDate) = (series, day);

    public BookingLine Line(BookingLineId id) => lines.Single(l => l.Id == id);
}

/// <summary>What a booking's words mean.</summary>
public static class Destinations
{
    /// <summary>Outside the town's premises.</summary>
    public static bool IsOutside(this DestinationKind kind) => kind is DestinationKind.Home or DestinationKind.TripDestination or DestinationKind.DesignatedPlace;
}
