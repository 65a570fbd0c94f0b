using System.Text.Json;
using System.Text.Json.Serialization;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;

namespace KitaPortal.Features.Booking.Series;

/// <summary>予約した, 飛ばした, 閉庁日で飛ばした, 取り除いた.</summary>
public enum SeriesDayState { Booked, Skipped, Closed, Removed }

/// <summary>Bookings that repeat (繰り返しの予約). Every day of its rule has one row, also those that were skipped or removed: a removed day never comes back.</summary>
public sealed class BookingSeries : Entity
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new TypedIdJson(), new JsonStringEnumConverter() } };

    private readonly List<SeriesDay> days = [];

    private BookingSeries() { }

    public BookingSeries(SeriesId id, BookingRequest template, Recurrence rule, DateOnly first, HolidayPolicy holidays, string requestHash)
    {
        (Id, BorrowerId, Rule, FirstDay, Holidays, RequestHash) = (id, template.BorrowerId, rule.Text, first, holidays, requestHash);
        SetTemplate(template);
        Audit("series.made", after: new { Rule, FirstDay, Holidays });
    }

    public SeriesId Id { get; private set; }

    public StaffId BorrowerId { get; private set; }

    /// <summary>RRULE of RFC 5545.</summary>
    public string Rule { get; private set; } = "";

    public DateOnly FirstDay { get; private set; }

    public HolidayPolicy Holidays { get; private set; }

    /// <summary>The request each day repeats, as JSON.</summary>
    public string Form { get; private set; } = "";

    public string RequestHash { get; private set; } = "";

    /// <summary>The series this one was split off from (この回以降).</summary>
    public SeriesId? SplitFrom { get; private set; }

    /// <summary>The one request for permission that covers all its bookings.</summary>
    public Guid? ApprovalRequestId { get; private set; }

    public IReadOnlyList<SeriesDay> Days => days;

    public override string SubjectId => Id.ToString();

    public override string SubjectKind => "series";

    public BookingRequest Template => JsonSerializer.Deserialize<BookingRequest>(Form, Json)!;

    public Recurrence Recurrence => Recurrence.Parse(Rule);

    internal void Book(DateOnly day, DateOnly held, BookingId booking) => days.Add(new SeriesDay(day, SeriesDayState.Booked, held, booking));

    internal void LeaveOut(DateOnly day, SeriesDayState why)
    {
        if (days.All(d => d.Day != day)) days.Add(new SeriesDay(day, why, null, null));
    }

    /// <summary>Tells the borrower once for all days.</summary>
    internal void Tell(string kind, string title, string body)
        => Record(new News(kind, $"{kind}:series:{Id}:{Version}", [BorrowerId], title, body, $"/booking/series/{Id}"));

    internal void AskPermission(Guid approvalRequestId) => ApprovalRequestId = approvalRequestId;

    /// <summary>The day's booking was given up; the row stays, so the day never comes back.</summary>
    internal void Remove(BookingId booking)
    {
        if (days.FirstOrDefault(d => d.BookingId == booking && d.State == SeriesDayState.Booked) is not { } day) return;
        day.Remove();
        Audit("series.day-removed", after: new { day.Day });
    }

    /// <summary>No day after the last comes any more.</summary>
    internal void EndOn(DateOnly last)
    {
        Audit("series.shortened", new { Rule }, new { last });
        Rule = Recurrence.EndingOn(last).Text;
    }

    /// <summary>The days from <paramref name="day"/> on become a series of their own, with what was removed or skipped among them.</summary>
    internal BookingSeries SplitAt(DateOnly day, SeriesId id)
    {
        var rest = new BookingSeries(id, Template, Recurrence.EndingOn(Recurrence.Days(FirstDay)[^1]), day, Holidays, RequestHash) { SplitFrom = Id, ApprovalRequestId = ApprovalRequestId };
        foreach (var moved in days.Where(d => d.Day >= day).ToList())
        {
            days.Remove(moved);
            rest.days.Add(moved.Copy());
        }
        EndOn(day.AddDays(-1));
        return rest;
    }

    internal void SetTemplate(BookingRequest template) => Form = JsonSerializer.Serialize(template with { Acknowledged = [], Overrides = new Dictionary<string, string>() }, Json);
}

/// <summary>One day of a series by its rule; where it was moved to, and what became of it.</summary>
public sealed class SeriesDay
{
    private SeriesDay() { }

    internal SeriesDay(DateOnly day, SeriesDayState state, DateOnly? heldOn, BookingId? bookingId)
        => (Id, Day, State, HeldOn, BookingId) = (Guid.CreateVersion7(), day, state, heldOn, bookingId);

    public Guid Id { get; private set; }

    public SeriesId SeriesId { get; private set; }

    /// <summary>The day the rule names.</summary>
    public DateOnly Day { get; private set; }

    public SeriesDayState State { get; private set; }

    /// <summary>The day it is held on; another one when a closed day moved it.</summary>
    public DateOnly? HeldOn { get; private set; }

    public BookingId? BookingId { get; private set; }

    internal void Remove() => State = SeriesDayState.Removed;

    internal SeriesDay Copy() => new(Day, State, HeldOn, BookingId);
}
