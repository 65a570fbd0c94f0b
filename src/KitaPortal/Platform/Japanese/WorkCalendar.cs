namespace KitaPortal.Platform.Japanese;

/// <summary>What an override does to a day.</summary>
public enum HolidayKind
{
    /// <summary>休日: closed although computed open.</summary>
    Closed,

    /// <summary>開庁日: open although computed closed.</summary>
    Open,
}

/// <summary>A day that an administrator closed or opened, for the town or for one office.</summary>
public sealed class HolidayOverride
{
    private HolidayOverride() => Name = "";

    public HolidayOverride(DateOnly day, Guid? officeId, HolidayKind kind, string name, string? note = null)
    {
        Id = Guid.CreateVersion7();
        (Day, OfficeId, Kind, Name, Note) = (day, officeId, kind, name, note);
    }

    public Guid Id { get; private set; }
    public DateOnly Day { get; private set; }

    /// <summary>Null for the whole town.</summary>
    public Guid? OfficeId { get; private set; }

    public HolidayKind Kind { get; private set; }
    public string Name { get; private set; }
    public string? Note { get; private set; }

    public void Change(HolidayKind kind, string name, string? note) => (Kind, Name, Note) = (kind, name, note);
}

/// <summary>The year-end closing (年末年始), by default 29 December to 3 January.</summary>
public sealed record YearEndClosing(int FromDecember = 29, int ToJanuary = 3)
{
    public bool Covers(DateOnly day) => day.Month == 12 && day.Day >= FromDecember || day.Month == 1 && day.Day <= ToJanuary;
}

/// <summary>
/// Which days the town hall is open: an immutable snapshot of the computed holidays, the year-end closing and the overrides.
/// An office's override beats the town's, which beats the computed calendar.
/// </summary>
public sealed class WorkCalendar
{
    private const int SearchedDays = 3660;
    private readonly Dictionary<(DateOnly Day, Guid? Office), (HolidayKind Kind, string Name)> overrides;
    private readonly YearEndClosing yearEnd;

    public WorkCalendar(IEnumerable<HolidayOverride>? overrides = null, YearEndClosing? yearEnd = null)
    {
        this.overrides = (overrides ?? []).ToDictionary(o => (o.Day, o.OfficeId), o => (o.Kind, o.Name));
        this.yearEnd = yearEnd ?? new();
    }

    /// <summary>The computed calendar without any override.</summary>
    public static WorkCalendar Plain { get; } = new();

    public bool IsOpen(DateOnly day, Guid? officeId = null) => ClosedBecause(day, officeId) is null;

    /// <summary>Why a day is closed (祝日の名, 土曜日, 年末年始 …), or null when it is open.</summary>
    public string? ClosedBecause(DateOnly day, Guid? officeId = null)
    {
        if (officeId is not null && overrides.TryGetValue((day, officeId), out var own)) return Reason(own);
        if (overrides.TryGetValue((day, null), out var town)) return Reason(town);
        return NationalHolidays.NameOf(day)
            ?? (yearEnd.Covers(day) ? "年末年始" : null)
            ?? day.DayOfWeek switch { DayOfWeek.Saturday => "土曜日", DayOfWeek.Sunday => "日曜日", _ => null };

        static string? Reason((HolidayKind Kind, string Name) o) => o.Kind == HolidayKind.Open ? null : o.Name;
    }

    /// <summary>The day itself if open, else the first open day after it.</summary>
    public DateOnly NextOpen(DateOnly day, Guid? officeId = null) => FirstOpen(day, 1, officeId);

    /// <summary>The day itself if open, else the last open day before it.</summary>
    public DateOnly PreviousOpen(DateOnly day, Guid? officeId = null) => FirstOpen(day, -1, officeId);

    /// <summary>The nth open day after (or, negative, before) a day; 0 is the day itself, open or not.</summary>
    public DateOnly AddWorkingDays(DateOnly day, int count, Guid? officeId = null)
    {
        var step = Math.Sign(count);
        for (var left = Math.Abs(count); left > 0; left--) day = FirstOpen(day.AddDays(step), step, officeId);
        return day;
    }

    /// <summary>Open days from the first day up to but without the end; 0 when reversed.</summary>
    public int CountWorkingDays(DateOnly from, DateOnly toExclusive, Guid? officeId = null)
    {
        var count = 0;
        for (var day = from; day < toExclusive; day = day.AddDays(1))
            if (IsOpen(day, officeId)) count++;
        return count;
    }

    private DateOnly FirstOpen(DateOnly day, int step, Guid? officeId)
    {
        for (var i = 0; i < SearchedDays; i++, day = day.AddDays(step))
            if (IsOpen(day, officeId)) return day;
        throw new InvalidOperationException("The calendar has no open day within ten years");
    }
}
