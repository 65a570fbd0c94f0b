using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>Leads to the desk a person staffs; asks which when there are several.</summary>
[Authorize(Policies.Desk)]
public sealed class OfficesPage(PortalDb db, CurrentStaff me) : FormPage
{
    public IReadOnlyList<Office> Mine { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
        => Mine = [.. (await db.Offices.AsNoTracking().OrderBy(o => o.SortOrder).ToListAsync(ct)).Where(o => me.IsDeskOf(o.Id))];

    public IActionResult OnGet() => Mine.Count == 1 ? Redirect($"/booking/desk/{Mine[0].Code}") : Page();
}
