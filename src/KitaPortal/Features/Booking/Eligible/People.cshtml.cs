using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;

namespace KitaPortal.Features.Booking.Eligible;

/// <summary>職員の状況: who lacks what, or will soon.</summary>
public sealed class PeoplePage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true)]
    public string? Q { get; set; }

    /// <summary>lacking (the default), ending or all.</summary>
    [BindProperty(SupportsGet = true)]
    public string Show { get; set; } = "lacking";

    public int Number => int.TryParse(Request.Query["page"], out var number) ? Math.Clamp(number, 1, 10_000) : 1;

    public IReadOnlyList<EligiblePeople.Row> Rows { get; private set; } = [];

    public int Total { get; private set; }

    public (int Lacking, int Ending, int All) Counts { get; private set; }

    public DateOnly Today { get; private set; }

    public bool MayEnterPaper => me.DeskOffices.Count > 0 || me.Is(Role.LendingManager);

    public override async Task LoadAsync(CancellationToken ct)
    {
        if (!EligiblePeople.MaySee(me)) throw new NotHereException();
        Today = clock.Today();
        var all = await EligiblePeople.LoadAsync(db, me, Q, clock.GetUtcNow(), ct);
        var lacking = all.Where(r => r.Lacks(Today)).ToList();
        var ending = all.Where(r => !r.Lacks(Today) && r.Lacks(Today.AddDays(30))).ToList();
        Counts = (lacking.Count, ending.Count, all.Count);
        var chosen = Show switch { "all" => all, "ending" => ending, _ => lacking };
        Total = chosen.Count;
        Rows = [.. chosen.Skip((Number - 1) * PageSize).Take(PageSize)];
    }
}
