using System.ComponentModel.DataAnnotations;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Platform.Sheets;

namespace KitaPortal.Features.Hours;

/// <summary>How hours are judged, told and kept (<c>Hours:*</c>).</summary>
public sealed class HoursOptions
{
    /// <summary>The goal of a year that has none, in minutes; 7,000 hours.</summary>
    [Range(0, 600_000_000)]
    public int KgiGoalDefault { get; set; } = 420_000;

    /// <summary>No forecast and no grade before so many working days.</summary>
    [Range(1, 200)]
    public int ForecastMinWorkingDays { get; set; } = Forecast.MinWorkingDays;

    /// <summary>The working days whose pace is carried on.</summary>
    [Range(1, 250)]
    public int PaceWorkingDays { get; set; } = Forecast.PaceWorkingDays;

    /// <summary>やや遅れ reaches down to this part of the ideal.</summary>
    [Range(1, 100)]
    public int GradeBehindPercent { get; set; } = 90;

    public RateRounding RateRounding { get; set; }

    /// <summary>Groups of fewer people are merged for everybody but HR.</summary>
    [Range(2, 50)]
    public int SmallGroup { get; set; } = 5;

    /// <summary>Addresses of the monthly mail; empty sends it to everybody in the HR role.</summary>
    public string[] MailRecipients { get; set; } = [];

    /// <summary>When the monthly mail and the reminder to close go out on a working day, Tokyo time.</summary>
    [RegularExpression("^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    public string MailAt { get; set; } = "08:30";

    /// <summary>After so many fiscal years the ledger forgets who stands behind its rows; sums stay.</summary>
    [Range(1, 50)]
    public int PersonalYears { get; set; } = 5;

    /// <summary>A year without its own target shows the last one as 暫定目標.</summary>
    public bool CarryTargetForward { get; set; } = true;

    /// <summary>Encoding of CSV exports: Utf8Bom or Cp932.</summary>
    public SheetEncoding SheetEncoding { get; set; } = SheetEncoding.Utf8Bom;
}
