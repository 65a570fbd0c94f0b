using KitaPortal.Data;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours;

/// <summary>The town's KGI: booked hours of remote-work devices, against the goal of the year.</summary>
public sealed class IndexPage(PortalDb db, IOptions<HoursOptions> options, TimeProvider clock) : FormPage
{
    /// <summary>2026 or R8; empty is the present year.</summary>
    [BindProperty(SupportsGet = true, Name = "fy")]
    public string? Fy { get; set; }

    public KgiYear Kgi { get; private set; } = null!;

    public bool IsPresent { get; private set; }

    /// <summary>The longest bar of a breakdown is drawn full.</summary>
    public static int Share(KgiShare share, IReadOnlyList<KgiShare> all) => (int)Math.Clamp(share.Minutes * 100 / Math.Max(1, all.Max(s => s.Minutes)), 0, 100);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var present = FiscalYear.Of(now);
        if (!FiscalYear.TryParse(Fy, out var year) || year > present.Next || year < new FiscalYear(2000)) year = present;
        IsPresent = year == present;
        Kgi = await KgiYear.LoadAsync(db, year, now, options.Value, ct);
    }
}
