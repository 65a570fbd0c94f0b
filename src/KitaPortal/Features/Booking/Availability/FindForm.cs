using System.ComponentModel.DataAnnotations;
using System.Globalization;
using KitaPortal.Platform.Japanese;
using Aims = KitaPortal.Features.Booking.Purpose;

namespace KitaPortal.Features.Booking.Availability;

/// <summary>What a person looks for on /booking; times are Tokyo wall clock. All of it stands in the address.</summary>
public sealed record FindForm
{
    [Display(Name = "目的")]
    public Purpose? Purpose { get; set; }

    [Display(Name = "受取")]
    public DateTime? From { get; set; }

    [Display(Name = "返却")]
    public DateTime? To { get; set; }

    /// <summary>c and a class's id, or m and a model's; null is everything.</summary>
    [Display(Name = "区分・機種")]
    public string? What { get; set; }

    [Display(Name = "台数")]
    public int Count { get; set; } = 1;

    /// <summary>The form as part of an address, beginning with an ampersand.</summary>
    public string Query => string.Concat(
        From is { } from ? $"&Find.From={from:yyyy-MM-ddTHH:mm}" : "",
        To is { } to ? $"&Find.To={to:yyyy-MM-ddTHH:mm}" : "",
        Purpose is { } purpose ? $"&Find.Purpose={purpose}" : "",
        string.IsNullOrEmpty(What) ? "" : $"&Find.What={Uri.EscapeDataString(What)}",
        Count == 1 ? "" : $"&Find.Count={Count.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>What every link to the reserve form takes along.</summary>
    public string Rest => Purpose switch
    {
        null => "",
        Aims.HomeWork => "&Form.Purpose=HomeWork&Form.DestinationKind=Home",
        Aims.BranchWork or Aims.Satellite => $"&Form.Purpose={Purpose}&Form.DestinationKind=BranchOrOutpost",
        Aims.BusinessTrip => "&Form.Purpose=BusinessTrip&Form.DestinationKind=TripDestination",
        _ => $"&Form.Purpose={Purpose}",
    };

    /// <summary>The period asked for; null while it is not given or makes no sense.</summary>
    internal Period? Period(DateTimeOffset now)
    {
        Count = Math.Clamp(Count, 1, 50);
        if (From is not { } from || To is not { } to || from >= to || Math.Abs((from - now.UtcDateTime).TotalDays) > 1000 || (to - from).TotalDays > 400) return null;
        return new Period(new DateTimeOffset(from, TokyoTime.Offset).ToUniversalTime(), new DateTimeOffset(to, TokyoTime.Offset).ToUniversalTime());
    }

    /// <summary>The day the presets fill in: the one looked at unless it is over, else the one asked for, else the next open one.</summary>
    internal DateOnly StartDay(DateTimeOffset now, DateOnly? looked = null, DeskHours? desk = null)
    {
        var today = TokyoTime.DayOf(now);
        var day = looked > today ? looked.Value : From is { } from && DateOnly.FromDateTime(from) > today ? DateOnly.FromDateTime(from) : today.AddDays(1);
        for (var i = 0; desk is not null && i < 366 && !desk.IsOpenDay(day); i++) day = day.AddDays(1);
        return day;
    }

    internal bool Concerns(TimelinePool pool) => string.IsNullOrEmpty(What) || What == $"c{pool.ClassId}" || What == $"m{pool.ModelId}";
}
