using KitaPortal.Features.Booking.Series;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>No lending of an office, a class or a model for a time (貸出停止期間), once or repeated; null parts mean all.</summary>
public sealed class Blackout : Entity
{
    private IReadOnlyList<Period>? periods;

    private Blackout() { }

    /// <param name="repeat">An RFC 5545 rule with an end (UNTIL or COUNT), read on the Tokyo clock; null is once.</param>
    public Blackout(OfficeId? officeId, DeviceClassId? classId, DeviceModelId? modelId, DateTimeOffset from, DateTimeOffset to, string reason, string? repeat = null, Guid? id = null)
    {
        (Id, OfficeId, ClassId, ModelId, From, To, Reason, Repeat) = (id ?? Guid.CreateVersion7(), officeId, classId, modelId, from, to, reason, repeat);
        LastsUntil = Periods[^1].To;
        Audit("blackout.entered", after: new { office = officeId?.Value, @class = classId?.Value, model = modelId?.Value, from, to, repeat }, reason: reason);
    }

    public Guid Id { get; private set; }

    public OfficeId? OfficeId { get; private set; }

    public DeviceClassId? ClassId { get; private set; }

    public DeviceModelId? ModelId { get; private set; }

    /// <summary>The first time.</summary>
    public DateTimeOffset From { get; private set; }

    public DateTimeOffset To { get; private set; }

    public string Reason { get; private set; } = "";

    public string? Repeat { get; private set; }

    /// <summary>The end of the last time; moved forward when it is lifted.</summary>
    public DateTimeOffset LastsUntil { get; private set; }

    public override string SubjectId => Id.ToString();

    /// <summary>Every time, in order.</summary>
    public IReadOnlyList<Period> Periods => periods ??= [.. Times()];

    public bool Concerns(OfficeId office, DeviceClassId kind, DeviceModelId model)
        => (OfficeId is null || OfficeId == office) && (ClassId is null || ClassId == kind) && (ModelId is null || ModelId == model);

    /// <summary>The first of its times that touches the period.</summary>
    public Period? FirstWithin(Period period)
        => Periods.Where(p => p.From < LastsUntil).Select(p => p.To > LastsUntil ? p with { To = LastsUntil } : p).Where(p => p.Overlaps(period)).Select(p => (Period?)p).FirstOrDefault();

    /// <summary>It ends now, or never begins.</summary>
    public void Lift(DateTimeOffset now)
    {
        if (now >= LastsUntil) return;
        Audit("blackout.lifted", new { LastsUntil }, new { now });
        LastsUntil = now;
        if (Repeat is null && To > now) To = From < now ? now : From;
    }

    private List<Period> Times()
    {
        if (Repeat is null) return [new Period(From, To)];
        var length = To - From;
        try
        {
            List<Period> times = [.. Recurrence.Parse(Repeat).Days(TokyoTime.DayOf(From)).Select(day => TokyoTime.At(day, TokyoTime.TimeOf(From)).ToUniversalTime()).Select(start => new Period(start, start + length))];
            if (times.Count > 0) return times;
        }
        catch (RuleViolation)
        {
            // Said below in the words of this form.
        }
        throw new RuleViolation(LifeRules.Repeats.With());
    }
}
