using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>How a line that is there already is put before the rules again: when its permission is decided, and when it is to stay out longer.</summary>
public static class LaterStages
{
    /// <summary>Stage A: as it was asked, with what is known now.</summary>
    public static LendingCase AtDecision(this Facts facts, Booking booking, BookingLine line, DateTimeOffset now)
        => facts.CaseOf(facts.Find(line.PoolId)!, Stage.Decide, now, new Period(line.From, line.PendingTo ?? line.To), booking.Aim, notCounting: booking.Id) with
        {
            IsElsewhere = line.DeviceId is { } its && !facts.State.IsAt(its, line.PoolId, new Period(line.From, line.PendingTo ?? line.To)),
            Device = line.Pinned && line.DeviceId is { } device ? facts.State.Find(device) : null,
            IsNoneFree = line.DeviceId is null,
        };

    /// <summary>Stage E: all rules on the new period.</summary>
    /// <param name="facts">Read for the borrower, the line's pool and the period from the line's start to <paramref name="to"/>.</param>
    /// <param name="booking">Its other lines do not count against it.</param>
    /// <param name="line">The line that is out.</param>
    /// <param name="to">The new end.</param>
    /// <param name="takenAt">What takes the device in the added time and cannot be moved away; null when it may stay.</param>
    /// <param name="isPermitted">A permission covers the booking as it stands, up to the present end.</param>
    /// <param name="due">When it has to be back as things stand.</param>
    /// <param name="now">The moment of asking.</param>
    public static LendingCase AtExtension(this Facts facts, Booking booking, BookingLine line, DateTimeOffset to, Period? takenAt, bool isPermitted, DateTimeOffset due, DateTimeOffset now)
        => facts.CaseOf(facts.Find(line.PoolId)!, Stage.Extend, now, new Period(line.From, to), booking.Aim, notCounting: booking.Id) with
        {
            Device = line.DeviceId is { } device ? facts.State.Find(device) : null,
            IsNoneFree = line.DeviceId is null,
            TakenAt = takenAt,
            Counter = new DeskFacts { LineStatus = line.Status, IsPermitted = isPermitted, Extensions = line.Extensions, Due = due },
        };
}
