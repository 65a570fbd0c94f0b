using System.Globalization;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>The parameters and severities in force for one class, office, set of roles and day. For each of them the most specific published set wins,
/// the newest first; what no set names has the shipped value.</summary>
public sealed class RulePolicy
{
    private readonly IReadOnlyList<RuleSet> inForce;

    private RulePolicy(IReadOnlyList<RuleSet> inForce) => this.inForce = inForce;

    /// <summary>The shipped values.</summary>
    public static RulePolicy Shipped { get; } = new([]);

    public int MinMinutes => Number(nameof(MinMinutes), 30);

    public int SlotMinutes => Number(nameof(SlotMinutes), 15);

    public int PastMinutes => Number(nameof(PastMinutes), 10);

    public int WindowMonths => Number(nameof(WindowMonths), 3);

    public int LeadDays => Number(nameof(LeadDays), 1);

    public int LongDays => Number(nameof(LongDays), 5);

    public int TooLongDays => Number(nameof(TooLongDays), 20);

    /// <summary>Pick-ups per hour at one desk; 0 is no limit.</summary>
    public int DeskCap => Number(nameof(DeskCap), 0);

    public int ConcurrentOutside => Number(nameof(ConcurrentOutside), 1);

    public int ConcurrentInside => Number(nameof(ConcurrentInside), 10);

    /// <summary>Home-work days a week; 0 is no limit.</summary>
    public int HomeDays => Number(nameof(HomeDays), 0);

    public int OpenBookings => Number(nameof(OpenBookings), 20);

    /// <summary>Hours a month for one person; 0 is no limit.</summary>
    public int QuotaHours => Number(nameof(QuotaHours), 0);

    /// <summary>Hours a month for one section together; 0 is no limit.</summary>
    public int SectionQuotaHours => Number(nameof(SectionQuotaHours), 0);

    public int NoShows => Number(nameof(NoShows), 3);

    public int NoShowWindowDays => Number(nameof(NoShowWindowDays), 60);

    public int PatchDays => Number(nameof(PatchDays), 35);

    public int AntivirusDays => Number(nameof(AntivirusDays), 7);

    public int CheckDays => Number(nameof(CheckDays), 30);

    /// <summary>How often a series may repeat.</summary>
    public int Occurrences => Number(nameof(Occurrences), 52);

    public int EarlyMinutes => Number(nameof(EarlyMinutes), 30);

    public int Extensions => Number(nameof(Extensions), 2);

    /// <summary>Months a training counts when the record names no end.</summary>
    public int TrainingMonths => Number(nameof(TrainingMonths), 12);

    /// <summary>Employment classes that may not borrow, parted by commas; none by default.</summary>
    public IReadOnlyList<string> ExcludedEmployment => List(nameof(ExcludedEmployment));

    /// <summary>Allowed places of a destination kind (<c>Places.DesignatedPlace</c>); empty when every named place will do.</summary>
    public IReadOnlyList<string> PlacesOf(DestinationKind kind) => List($"Places.{kind}");

    /// <summary>The numbers of the sets used, as kept on the booking.</summary>
    public string Versions => string.Join(',', inForce.Select(s => s.Number.ToString(CultureInfo.InvariantCulture)).Distinct());

    public Grade? GradeOf(string ruleCode)
        => inForce.Select(s => s.Grades.GetValueOrDefault(ruleCode)).FirstOrDefault(g => g is not null) is { } grade && Enum.TryParse<Grade>(grade, true, out var known) ? known : null;

    /// <param name="sets">Published ones; others count only when <paramref name="asIfPublished"/> names them.</param>
    /// <param name="classCode">The class of the devices.</param>
    /// <param name="office">Where they are collected.</param>
    /// <param name="roles">The borrower's.</param>
    /// <param name="day">Tokyo day of the start.</param>
    /// <param name="asIfPublished">A draft that is tried out.</param>
    public static RulePolicy For(IEnumerable<RuleSet> sets, string classCode, OfficeId office, IReadOnlySet<Role> roles, DateOnly day, Guid? asIfPublished = null)
    {
        var inForce = sets
            .Where(s => s.PublishedAt is not null || s.Id == asIfPublished)
            .Where(s => s.EffectiveFrom <= day)
            .Where(s => s.ClassCode is null || s.ClassCode == classCode)
            .Where(s => s.OfficeId is null || s.OfficeId == office)
            .Where(s => s.Role is null || roles.Contains(s.Role.Value))
            .OrderByDescending(Specificity).ThenByDescending(s => s.Number).ToList();
        return inForce.Count == 0 ? Shipped : new(inForce);
    }

    // More dimensions first; among equals class before office before role.
    private static int Specificity(RuleSet set)
    {
        var (byClass, byOffice, byRole) = (set.ClassCode is null ? 0 : 1, set.OfficeId is null ? 0 : 1, set.Role is null ? 0 : 1);
        return 8 * (byClass + byOffice + byRole) + 4 * byClass + 2 * byOffice + byRole;
    }

    private string? Text(string parameter) => inForce.Select(s => s.Parameters.GetValueOrDefault(parameter)).FirstOrDefault(v => v is not null);

    private int Number(string parameter, int shipped)
        => int.TryParse(Text(parameter), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : shipped;

    private string[] List(string parameter) => (Text(parameter) ?? "").Split([',', '、'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
