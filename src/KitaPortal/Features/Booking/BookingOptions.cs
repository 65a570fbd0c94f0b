using System.ComponentModel.DataAnnotations;
using KitaPortal.Features.Booking.Incidents;

namespace KitaPortal.Features.Booking;

/// <summary>Whose names everybody reads on the timeline: the borrower with section, the section alone, nobody.</summary>
public enum TimelineNames { All, Section, None }

/// <summary>Settings of booking that are no rules (<c>Booking:*</c>).</summary>
public sealed class BookingOptions
{
    public TimelineNames TimelineNames { get; set; } = TimelineNames.All;

    public LadderSettings Ladder { get; set; } = new();

    /// <summary>The telephone number a finder reads on a label; empty: that of the device's office.</summary>
    public string FoundPhone { get; set; } = "";

    /// <summary>Label sheets as <c>name:columns,rows,width,height,left,top,step right,step down</c> in mm, separated by semicolons.</summary>
    [Required]
    public string LabelSheets { get; set; } = "24:3,8,66,33.9,6,12.9,66,33.9; 44:4,11,48.3,25.4,8.4,8.8,48.3,25.4; 65:5,13,38.1,21.2,4.75,10.7,40.6,21.2";

    /// <summary>Photos of one hand-over or take-back.</summary>
    [Range(1, 6)]
    public int MaxPhotos { get; set; } = 6;

    /// <summary>Minutes after which a receipt that was not confirmed is reminded of.</summary>
    [Range(5, 10080)]
    public int ReceiptReminderMinutes { get; set; } = 60;

    /// <summary>Who may hand over before the approvers have decided (緊急貸出).</summary>
    public EmergencyBy EmergencyBy { get; set; } = EmergencyBy.Desk;

    /// <summary>Fiscal years the lending register is kept, counted from the 1 April after the hand-over.</summary>
    [Range(1, 100)]
    public int RegisterYears { get; set; } = 5;

    public IncidentTemplate IncidentTemplate { get; set; } = new();
}

/// <summary>The reminders of a loan (督促の段階): when, and what happens. See <see cref="Overdue.LadderStep"/> for how a step is written.</summary>
public sealed class LadderSettings
{
    /// <summary>One working day before, at the due time, an hour later, then after 1, 3 and 5 working days.</summary>
    public string Steps { get; set; } = "-1d, 0, +1h, +1d head, +3d suspend, +5d incident";

    /// <summary>Other steps for a class: <c>extra: 0, +1d; tablet: 0, +1h, +1d head</c>.</summary>
    public string ByClass { get; set; } = "";
}
