using System.Globalization;
using System.Text.RegularExpressions;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Overdue;

/// <summary>What a step of the ladder does besides reminding the borrower.</summary>
public enum LadderAct { Remind, TellHead, TellDesk, Suspend, ProposeIncident }

/// <summary>One step of the reminder ladder (督促), written <c>-1d</c>, <c>0</c>, <c>+1h</c>, <c>+30m</c> or <c>+3d suspend</c>; <c>d</c> are open days of the desk.</summary>
public sealed partial record LadderStep(string Name, int Days, int Minutes, LadderAct Act)
{
    /// <summary>The time of an order to return has come: head and desk are told too. It stands in no setting.</summary>
    public static LadderStep ReturnOrder { get; } = new("ordered", 0, 0, LadderAct.TellDesk);

    public bool IsAfter => Days > 0 || Minutes > 0;

    /// <summary>When it is taken for a loan that must be back at the effective due.</summary>
    public DateTimeOffset At(DateTimeOffset due, DeskHours desk, Guid office)
    {
        if (Days == 0) return due.AddMinutes(Minutes);
        var day = desk.Calendar.AddWorkingDays(TokyoTime.DayOf(due), Days, office);
        return TokyoTime.At(day, TokyoTime.TimeOf(due));
    }

    /// <summary>Reads a ladder; throws <see cref="FormatException"/> with the step that cannot be read.</summary>
    public static IReadOnlyList<LadderStep> Read(string steps)
        => [.. steps.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ReadOne)];

    private static LadderStep ReadOne(string text)
    {
        if (Written().Match(text) is not { Success: true } found) throw new FormatException($"Booking:Ladder: 「{text}」を読めません。");
        var number = int.Parse(found.Groups[1].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var act = found.Groups[3].Value switch
        {
            "head" => LadderAct.TellHead,
            "suspend" => LadderAct.Suspend,
            "incident" => LadderAct.ProposeIncident,
            _ => LadderAct.Remind,
        };
        var name = found.Groups[1].Value + found.Groups[2].Value;
        return found.Groups[2].Value switch
        {
            "d" => new(name, number, 0, act),
            "h" => new(name, 0, number * 60, act),
            _ => new(name, 0, number, act),
        };
    }

    [GeneratedRegex("^([+-]?[0-9]{1,3})([dhm]?)(?: (head|suspend|incident))?$")]
    private static partial Regex Written();
}

/// <summary>The ladders of all classes.</summary>
public sealed class Ladder
{
    private readonly IReadOnlyList<LadderStep> usual;
    private readonly Dictionary<string, IReadOnlyList<LadderStep>> byClass = [];

    public Ladder(LadderSettings settings)
    {
        usual = LadderStep.Read(settings.Steps);
        foreach (var part in settings.ByClass.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1) throw new FormatException($"Booking:Ladder:ByClass: 「{part}」を読めません。");
            byClass[part[..colon].Trim()] = LadderStep.Read(part[(colon + 1)..]);
        }
    }

    public IReadOnlyList<LadderStep> Of(string classCode) => byClass.GetValueOrDefault(classCode, usual);

    /// <summary>Whether the settings can be read.</summary>
    public static bool CanRead(LadderSettings settings)
    {
        try
        {
            _ = new Ladder(settings);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
