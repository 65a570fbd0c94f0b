using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Incidents;

/// <summary>Incidents that still need somebody, and those that are over.</summary>
[Authorize(IncidentFeature.Policy)]
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true, Name = "closed")]
    public bool Closed { get; set; }

    [FromQuery(Name = "page")]
    public int PageNo { get; set; } = 1;

    public IReadOnlyList<Incident> Incidents { get; private set; } = [];

    public int Total { get; private set; }

    public int OpenCount { get; private set; }

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public override async Task LoadAsync(CancellationToken ct)
    {
        var visible = db.Incidents.AsNoTracking().VisibleTo(me);
        OpenCount = await visible.CountAsync(i => i.State != IncidentState.Closed, ct);
        var chosen = visible.Where(i => Closed ? i.State == IncidentState.Closed : i.State != IncidentState.Closed);
        Total = await chosen.CountAsync(ct);
        Incidents = await chosen.Include(i => i.Tasks).OrderByDescending(i => i.KnownAt).Skip((Math.Max(1, PageNo) - 1) * 50).Take(50).AsSplitQuery().ToListAsync(ct);
    }
}
