namespace KitaPortal.Features.Booking;

/// <summary>Whose names everybody reads on the timeline: the borrower with section, the section alone, nobody.</summary>
public enum TimelineNames { All, Section, None }

/// <summary>Settings of booking that are no rules (<c>Booking:*</c>).</summary>
public sealed class BookingOptions
{
    public TimelineNames TimelineNames { get; set; } = TimelineNames.All;

    public LadderSettings Ladder { get; set; } = new();
}

/// <summary>The reminders of a loan (督促の段階): when, and what happens. See <see cref="Overdue.LadderStep"/> for how a step is written.</summary>
public sealed class LadderSettings
{
    /// <summary>One working day before, at the due time, an hour later, then after 1, 3 and 5 working days.</summary>
    public string Steps { get; set; } = "-1d, 0, +1h, +1d head, +3d suspend, +5d incident";

    /// <summary>Other steps for a class: <c>extra: 0, +1d; tablet: 0, +1h, +1d head</c>.</summary>
    public string ByClass { get; set; } = "";
}
