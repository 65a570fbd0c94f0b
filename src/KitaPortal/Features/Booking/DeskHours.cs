using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking;

/// <summary>When the lending desk of an office is open: the office's hours on its open days.</summary>
public sealed class DeskHours(Office office, WorkCalendar calendar)
{
    public string OfficeName => office.Name;

    public WorkCalendar Calendar => calendar;

    public bool IsOpenDay(DateOnly day) => calendar.IsOpen(day, office.Id.Value) && (office.ClosedFrom is null || day < office.ClosedFrom);

    /// <summary>The opening hours of a day; null when closed.</summary>
    public Period? On(DateOnly day)
        => IsOpenDay(day) ? new Period(TokyoTime.At(day, office.OpensAt), TokyoTime.At(day, office.ClosesAt)) : null;

    /// <summary>One may collect from opening on and until just before closing.</summary>
    public bool IsOpenAt(DateTimeOffset moment) => On(TokyoTime.DayOf(moment)) is { } open && open.Contains(moment);

    /// <summary>One may bring back up to the moment of closing.</summary>
    public bool TakesBackAt(DateTimeOffset moment) => On(TokyoTime.DayOf(moment)) is { } open && open.From < moment && moment <= open.To;

    /// <summary>The moment itself when the desk is open, else its next opening.</summary>
    public DateTimeOffset NextOpening(DateTimeOffset moment)
    {
        if (IsOpenAt(moment)) return moment;
        var day = TokyoTime.DayOf(moment);
        for (var i = 0; i < 3660; i++, day = day.AddDays(1))
            if (On(day) is { } open && open.From >= moment) return open.From;
        return moment;
    }

    /// <summary>When a loan planned to end at this moment must be back: a closed desk moves it to the next opening, without blame.</summary>
    public DateTimeOffset EffectiveDue(DateTimeOffset due) => TakesBackAt(due) ? due : NextOpening(due);

    /// <summary>So many open minutes later; nights and closed days do not count.</summary>
    public DateTimeOffset AddOpenMinutes(DateTimeOffset moment, int minutes)
    {
        var left = TimeSpan.FromMinutes(minutes);
        while (left > TimeSpan.Zero)
        {
            moment = NextOpening(moment);
            if (On(TokyoTime.DayOf(moment)) is not { } open || !open.Contains(moment)) return moment + left;
            var step = open.To - moment < left ? open.To - moment : left;
            (moment, left) = (moment + step, left - step);
        }
        return moment;
    }

    /// <summary>Open days touched by the period.</summary>
    public int WorkingDays(Period period)
        => TokyoTime.CutByDay(period.From, period.To).Count(part => IsOpenDay(part.Day));
}
