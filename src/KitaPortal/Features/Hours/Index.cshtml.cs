using KitaPortal.Data;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Review;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours;

/// <summary>The town's KGI: booked hours of remote-work devices, against the goal of the year.</summary>
public sealed class IndexPage(PortalDb db, CurrentStaff me, GroupSizes sizes, IOptions<HoursOptions> options, TimeProvider clock) : FormPage
{
    /// <summary>2026 or R8; empty is the present year.</summary>
    [BindProperty(SupportsGet = true, Name = "fy")]
    public string? Fy { get; set; }

    public KgiYear Kgi { get; private set; } = null!;

    public KgiParts Parts { get; private set; } = null!;

    /// <summary>The longest bar of a breakdown is drawn full.</summary>
    public static int Share(KgiShare share, IReadOnlyList<KgiShare> all) => (int)Math.Clamp(share.Minutes * 100 / Math.Max(1, all.Max(s => s.Minutes)), 0, 100);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        Kgi = await KgiYear.LoadAsync(db, new ReviewQuery { Fy = Fy }.Year(TokyoTime.DayOf(now)), now, options.Value, ct);
        Parts = await KgiParts.LoadAsync(db, Kgi, me.Is(Role.Hr) || me.Is(Role.Auditor) ? null : sizes, ct);
    }
}
