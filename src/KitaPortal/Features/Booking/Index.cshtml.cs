using KitaPortal.Data;
using KitaPortal.Features.Booking.Availability;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Booking;

/// <summary>Finding a device: what is asked for (all of it in the address), what is free then, and the office's devices on a day, in a week, in a month; each free time is a link that fills the form.</summary>
public sealed class IndexPage(PortalDb db, CurrentStaff me, IOptions<BookingOptions> options, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public FindForm Find { get; set; } = new();

    [BindProperty(SupportsGet = true)]
    public TimelineView View { get; set; }

    [BindProperty(SupportsGet = true)]
    public OfficeId? Office { get; set; }

    [BindProperty(SupportsGet = true)]
    public DateOnly? Day { get; set; }

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Things { get; private set; } = [];

    public IEnumerable<SelectListItem> Purposes => Enum.GetValues<Purpose>().Select(p => new SelectListItem(BookingWords.Of(p), p.ToString(), p == Find.Purpose));

    public DateOnly First { get; private set; }

    /// <summary>Null while no office is registered.</summary>
    public Timeline? Timeline { get; private set; }

    public TimelineTable? Table { get; private set; }

    /// <summary>What is free in the period asked for, the pools with enough devices first.</summary>
    public IReadOnlyList<Found> Results { get; private set; } = [];

    public IReadOnlyList<Usual> UsualOnes { get; private set; } = [];

    public Period? Asked { get; private set; }

    /// <summary>A pool and how many of its devices are free in the period asked for.</summary>
    public sealed record Found(TimelinePool Pool, int Free, bool Fits, string Href);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var offices = (await db.StandingAsync<OrganisationBook>(ct)).Offices.ToList();
        var office = offices.FirstOrDefault(o => o.Id == Office) ?? await UsualOfficeAsync(offices, ct);
        if (office is null) return;
        Office = office.Id;
        Offices = [.. offices.Where(o => o.ClosedFrom is null || o.ClosedFrom > clock.Today() || o.Id == Office).Select(o => new SelectListItem(o.Name, o.Id.ToString(), o.Id == Office))];
        Asked = Find.Period(now);
        SetFirst(now);
        var days = View switch { TimelineView.Day => 1, TimelineView.Week => 7, _ => DateTime.DaysInMonth(First.Year, First.Month) };
        var whole = await Timeline.LoadAsync(db, office, null, First, days, Asked is { } asked ? new Period(asked.From, asked.To.AddDays(4)) : null, options.Value.TimelineNames, now, ct);
        Things = ThingsOf(whole);
        Timeline = whole with { Pools = [.. whole.Pools.Where(Find.Concerns)] };
        Table = new TimelineTable(Timeline, View, me.Id, Find.Rest, now);
        Results = ResultsOf(Timeline, await db.StandingAsync<LendingBook>(ct));
        UsualOnes = await Usual.LoadAsync(db, me.Id, Timeline.Desk, Find.StartDay(now), ct);
    }

    // The own office; where it lends nothing, the one booked at last, else the first that does.
    private async Task<Office?> UsualOfficeAsync(List<Office> offices, CancellationToken ct)
    {
        var lending = (await db.StandingAsync<LendingBook>(ct)).Pools.Select(p => p.Office.Id).ToHashSet();
        if (me.OfficeId is { } own && lending.Contains(own)) return offices.FirstOrDefault(o => o.Id == own);
        var last = await (
            from booking in db.Bookings
            where booking.BorrowerId == me.Id
            join line in db.BookingLines on booking.Id equals line.BookingId
            join pool in db.Pools on line.PoolId equals pool.Id
            orderby line.From descending
            select (OfficeId?)pool.OfficeId).FirstOrDefaultAsync(ct);
        return offices.FirstOrDefault(o => o.Id == last) ?? offices.FirstOrDefault(o => lending.Contains(o.Id)) ?? offices.FirstOrDefault(o => o.Id == me.OfficeId) ?? offices.FirstOrDefault();
    }

    /// <summary>This page with other days or another view, everything else as it is.</summary>
    public string Link(DateOnly day, TimelineView view) => $"/booking?view={view}&day={day:yyyy-MM-dd}&office={Office}{Find.Query}";

    public DateOnly Step(int by) => View switch { TimelineView.Day => First.AddDays(by), TimelineView.Week => First.AddDays(7 * by), _ => First.AddMonths(by) };

    /// <summary>Presets for the day looked at (or the next open one): they fill in the find form.</summary>
    public IEnumerable<(string Text, string Href)> Presets
    {
        get
        {
            if (Timeline is not { } shown) yield break;
            var day = Find.StartDay(clock.GetUtcNow(), View == TimelineView.Day ? First : null, shown.Desk);
            var (opens, closes) = (shown.Office.OpensAt, shown.Office.ClosesAt);
            yield return ("午前", Preset(day, opens, shown.Office.BreakFrom, Find.Purpose));
            yield return ("午後", Preset(day, shown.Office.BreakTo, closes, Find.Purpose));
            yield return ("1日", Preset(day, opens, closes, Find.Purpose));
            yield return ("在宅1日", Preset(day, opens, closes, Purpose.HomeWork));
        }
    }

    private string Preset(DateOnly day, TimeOnly from, TimeOnly to, Purpose? purpose)
        => $"/booking?view={View}&office={Office}{(Find with { From = day.ToDateTime(from), To = day.ToDateTime(to), Purpose = purpose }).Query}";

    private void SetFirst(DateTimeOffset now)
    {
        var today = TokyoTime.DayOf(now);
        var day = Day ?? (Asked is { } asked ? TokyoTime.DayOf(asked.From) : today);
        if (day < today.AddYears(-3) || day > today.AddYears(3)) day = today;
        First = View switch { TimelineView.Day => day, TimelineView.Week => day.AddDays(-((int)day.DayOfWeek + 6) % 7), _ => TokyoTime.FirstOfMonth(day) };
    }

    private List<SelectListItem> ThingsOf(Timeline whole)
    {
        var things = new List<SelectListItem>();
        foreach (var kind in whole.Pools.GroupBy(p => p.ClassId))
        {
            var group = new SelectListGroup { Name = kind.First().ClassName };
            things.Add(new SelectListItem($"{group.Name}すべて", $"c{kind.Key}", Find.What == $"c{kind.Key}") { Group = group });
            things.AddRange(kind.DistinctBy(p => p.ModelId).Select(p => new SelectListItem(p.Model, $"m{p.ModelId}", Find.What == $"m{p.ModelId}") { Group = group }));
        }
        return things;
    }

    private List<Found> ResultsOf(Timeline shown, LendingBook lending)
    {
        if (Asked is not { } asked) return [];
        return [.. shown.Pools.Select(p => (Pool: p, Period: lending.Find(p.Id)!.WithTurnaround(asked)))
            .Select(p => new Found(p.Pool, p.Pool.FreeIn(p.Period), p.Pool.Fits(Find.Count, p.Period), ReserveLink.OfPool(p.Pool.Id, Find.Count, asked, Find.Rest)))
            .OrderByDescending(r => r.Fits)];
    }
}
