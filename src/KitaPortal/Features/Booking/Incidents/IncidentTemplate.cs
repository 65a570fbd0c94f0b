using System.ComponentModel.DataAnnotations;

namespace KitaPortal.Features.Booking.Incidents;

/// <summary>What must be done after an incident, how soon, and who besides head and security manager is told at once. The town checks these against its own procedure.</summary>
public sealed class IncidentTemplate
{
    /// <summary>Staff number of the chief information-security officer (統括情報セキュリティ責任者).</summary>
    public string ChiefOfficer { get; set; } = "";

    /// <summary>Staff number of whoever locks devices from afar.</summary>
    public string MdmOperator { get; set; } = "";

    [Range(1, 10080)]
    public int RemoteLockMinutes { get; set; } = 30;

    [Range(1, 10080)]
    public int StopLineMinutes { get; set; } = 60;

    [Range(1, 10080)]
    public int TellCsirtMinutes { get; set; } = 60;

    [Range(1, 720)]
    public int PoliceHours { get; set; } = 24;

    [Range(1, 720)]
    public int ListDataHours { get; set; } = 24;

    /// <summary>速報 to 個人情報保護委員会, calendar days.</summary>
    [Range(1, 30)]
    public int PromptReportDays { get; set; } = 3;

    /// <summary>確報, calendar days.</summary>
    [Range(1, 90)]
    public int FullReportDays { get; set; } = 30;

    /// <summary>確報 when somebody did it on purpose.</summary>
    [Range(1, 120)]
    public int FullReportMaliciousDays { get; set; } = 60;

    /// <summary>物品事故報告書, working days.</summary>
    [Range(1, 30)]
    public int WrittenReportWorkingDays { get; set; } = 3;

    /// <summary>More persons than this must be reported to the commission.</summary>
    [Range(1, 100000)]
    public int ManyPersons { get; set; } = 100;
}
