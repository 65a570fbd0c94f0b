using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>All that the rules look at when one device place is judged: what is asked and what is known, read once per command. Rules read nothing else.</summary>
public sealed record LendingCase
{
    public required Stage Stage { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required Period Period { get; init; }

    public required BookingAim Aim { get; init; }

    /// <summary>即時貸出 at the desk.</summary>
    public bool IsWalkUp { get; init; }

    public required RulePolicy Policy { get; init; }

    public required BorrowerFacts Borrower { get; init; }

    public required DeviceClass Class { get; init; }

    public required DeviceModel Model { get; init; }

    public required Pool Pool { get; init; }

    public required DeskHours Desk { get; init; }

    /// <summary>How many places of this class are asked for.</summary>
    public int Count { get; init; } = 1;

    /// <summary>How many places of this pool are asked for.</summary>
    public int CountOfPool { get; init; } = 1;

    /// <summary>How many places are asked for that are collected at this desk.</summary>
    public int CountAtDesk { get; init; } = 1;

    /// <summary>The device that was named, or that lies on the counter; null while any device of the pool will do.</summary>
    public Device? Device { get; init; }

    /// <summary>While any device will do: those of the pool that are free for the whole period.</summary>
    public IReadOnlyList<Device> Candidates { get; init; } = [];

    /// <summary>No device of the pool is free for the whole period, not even by swapping tentative ones.</summary>
    public bool IsNoneFree { get; init; }

    /// <summary>Whether the named device stands at another office then; null to go by the pool it belongs to now.</summary>
    public bool? IsElsewhere { get; init; }

    /// <summary>A change that leaves the start as it was agreed.</summary>
    public bool IsStartKept { get; init; }

    /// <summary>When the named device is taken.</summary>
    public Period? TakenAt { get; init; }

    public IReadOnlyList<Blackout> Blackouts { get; init; } = [];

    /// <summary>The cap entered for this desk and day; null leaves it to the rule sets.</summary>
    public int? DeskDayCap { get; init; }

    /// <summary>Pick-ups planned at the desk in the hour of the start.</summary>
    public int PickUpsInHour { get; init; }

    /// <summary>Devices of the pool that others of the opening with a share hold at the same time, by opening.</summary>
    public IReadOnlyDictionary<Guid, int> ShareHolds { get; init; } = new Dictionary<Guid, int>();

    /// <summary>Whom the pool is open to, in words.</summary>
    public string OpenToWords { get; init; } = "";

    /// <summary>Minutes the person's section has booked, by the first day of the month; filled only where a quota of the section is set.</summary>
    public IReadOnlyDictionary<DateOnly, int> SectionMinutes { get; init; } = new Dictionary<DateOnly, int>();

    public IReadOnlyList<string> OfficeNames { get; init; } = [];

    /// <summary>The series it is a day of: its other days are the same booking to the limit of open ones.</summary>
    public SeriesId? SeriesId { get; init; }

    /// <summary>How often it is repeated.</summary>
    public int Occurrences { get; init; } = 1;

    /// <summary>What is taken up is an offer of the waiting list that has ended.</summary>
    public bool IsOfferOver { get; init; }

    /// <summary>At the desk; null before.</summary>
    public DeskFacts? Counter { get; init; }

    public bool IsOutside => Aim.DestinationKind.IsOutside();

    public bool IsSelfService => Pool.SelfService ?? Class.SelfService;

    /// <summary>Tokyo day of the start.</summary>
    public DateOnly FirstDay => TokyoTime.DayOf(Period.From);

    /// <summary>The last Tokyo day the device is out; a loan to midnight ends the day before.</summary>
    public DateOnly LastDay => TokyoTime.DayOf(Period.To > Period.From ? Period.To.AddTicks(-1) : Period.From);

    public DateOnly Today => TokyoTime.DayOf(Now);
}

/// <summary>What is known about the person a device is for, and who asks.</summary>
public sealed record BorrowerFacts
{
    public required EmploymentClass Employment { get; init; }

    /// <summary>Exclusive; only what is already public.</summary>
    public DateOnly? EmployedTo { get; init; }

    /// <summary>The main department; null when the person has none.</summary>
    public DepartmentId? DepartmentId { get; init; }

    public string DepartmentName { get; init; } = "";

    /// <summary>The person's departments and those above them.</summary>
    public IReadOnlySet<DepartmentId> Departments { get; init; } = new HashSet<DepartmentId>();

    public IReadOnlySet<Role> Roles { get; init; } = new HashSet<Role>();

    /// <summary>The person asks for themselves, or the asker is their delegate or the desk.</summary>
    public bool MayBeBookedForByAsker { get; init; } = true;

    public bool IsResponsibleFit { get; init; } = true;

    /// <summary>The last day a signed agreement for the class is valid; null when none was signed.</summary>
    public DateOnly? AgreementLastDay { get; init; }

    /// <summary>An agreement text is in force for the class.</summary>
    public bool IsAgreementPublished { get; init; } = true;

    public DateOnly? TrainingLastDay { get; init; }

    public IReadOnlyList<Suspension> Suspensions { get; init; } = [];

    /// <summary>The person's other lines: open ones, and past ones as far as limits count them.</summary>
    public IReadOnlyList<BorrowerLine> Lines { get; init; } = [];
}

/// <summary>Another line of the same person.</summary>
public sealed record BorrowerLine(BookingId BookingId, string Number, string ClassCode, bool IsOutside, Purpose Purpose, LineStatus Status, Period Period)
{
    /// <summary>The series it is a day of.</summary>
    public SeriesId? SeriesId { get; init; }

    /// <summary>Counts towards hours.</summary>
    public bool IsMain { get; init; } = true;

    public bool IsOpen => Status is LineStatus.Requested or LineStatus.Approved or LineStatus.Ready or LineStatus.OnLoan;
}

/// <summary>What is known only at the counter (or on the device's own page).</summary>
public sealed record DeskFacts
{
    public LineStatus? LineStatus { get; init; }

    /// <summary>A permission is there that covers the booking as it stands.</summary>
    public bool IsPermitted { get; init; }

    /// <summary>The clerk acts, not the borrower alone.</summary>
    public bool IsAtDesk { get; init; } = true;

    public bool IsReceiverKnown { get; init; } = true;

    /// <summary>The device belongs to another pinned or prepared line, or is of another model.</summary>
    public bool IsWrongDevice { get; init; }

    public bool IsOnAnotherLoan { get; init; }

    /// <summary>Nobody else needs the device between now and the planned start.</summary>
    public bool IsFreeBeforeStart { get; init; } = true;

    /// <summary>Accessories that should have left or come back and are not here.</summary>
    public IReadOnlyList<string> MissingSet { get; init; } = [];

    public bool IsShortageNoted { get; init; }

    public bool IsErasureConfirmed { get; init; } = true;

    public int Extensions { get; init; }

    public DateTimeOffset? Due { get; init; }
}
