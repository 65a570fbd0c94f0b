using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>What is free: the devices of an office on a day or in a week, each free time a link that fills the form.</summary>
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public OfficeId? Office { get; set; }

    [BindProperty(SupportsGet = true)]
    public DateOnly? Day { get; set; }

    [BindProperty(SupportsGet = true)]
    public bool Week { get; set; }

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public Availability Table { get; private set; } = new([], []);

    public DateOnly First { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var offices = await db.Offices.OrderBy(o => o.SortOrder).Select(o => new { o.Id, o.Name }).ToListAsync(ct);
        Office ??= me.OfficeId ?? offices.FirstOrDefault()?.Id;
        Offices = [.. offices.Select(o => new SelectListItem(o.Name, o.Id.ToString(), o.Id == Office))];
        var today = clock.Today();
        First = Day is { } day && day > today.AddYears(-3) && day < today.AddYears(3) ? day : today;
        if (Week) First = First.AddDays(-((int)First.DayOfWeek + 6) % 7);
        if (Office is { } office) Table = await Availability.LoadAsync(db, office, First, Week ? 7 : 1, clock.GetUtcNow(), ct);
    }

    public static string FillWith(Availability.Row row, Period free) => Fill($"d{row.DeviceId}", free);

    /// <summary>The address of the form filled in for this time.</summary>
    public static string Fill(string? choice, Period free)
        => $"/booking/reserve?Form.Choice={choice}&Form.From={TokyoTime.Shown(free.From):yyyy-MM-ddTHH:mm}&Form.To={TokyoTime.Shown(free.To):yyyy-MM-ddTHH:mm}";

    public string Link(DateOnly day, bool week) => $"/booking?office={Office}&day={day:yyyy-MM-dd}&week={(week ? "true" : "false")}";

    /// <summary>Presets for the chosen day: the whole of it, its morning, its afternoon.</summary>
    public IEnumerable<(string Text, string Href)> Presets =>
    [
        ("1日", Fill(null, new Period(TokyoTime.At(First, 510), TokyoTime.At(First, 1035)))),
        ("午前", Fill(null, new Period(TokyoTime.At(First, 510), TokyoTime.At(First, 720)))),
        ("午後", Fill(null, new Period(TokyoTime.At(First, 780), TokyoTime.At(First, 1035)))),
        ("在宅1日", Fill(null, new Period(TokyoTime.At(First, 510), TokyoTime.At(First, 1035))) + "&Form.Purpose=HomeWork&Form.DestinationKind=Home"),
    ];
}
