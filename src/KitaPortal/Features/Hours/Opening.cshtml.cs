using KitaPortal.Data;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Opening;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours;

/// <summary>旧集計: hours of the years before the portal, as published, and what was brought over from files.</summary>
[Authorize(HoursPolicies.Work)]
public sealed class OpeningPage(PortalDb db) : FormPage
{
    public IReadOnlyList<Year> Years { get; private set; } = [];

    public IReadOnlyList<Brought> Files { get; private set; } = [];

    /// <param name="Whole">A whole year's row.</param>
    /// <param name="Own">Counted by the portal itself.</param>
    public sealed record Year(FiscalYear FiscalYear, long Whole, long Months, long Days, long Own);

    public sealed record Brought(string Kind, FiscalYear FiscalYear, int Lines, long Minutes, string Source);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var rows = await db.LedgerEntries.Where(e => e.Measure == Measure.Booked).GroupBy(e => new { e.FiscalYear, e.Grain, IsOpening = e.SourceKind == SourceKind.Opening })
            .Select(g => new { g.Key.FiscalYear, g.Key.Grain, g.Key.IsOpening, Minutes = g.Sum(e => (long)e.Minutes) }).ToListAsync(ct);
        long Of(FiscalYear year, Grain grain, bool opening) => rows.Where(r => r.FiscalYear == year && r.Grain == grain && r.IsOpening == opening).Sum(r => r.Minutes);
        Years = [.. rows.Select(r => r.FiscalYear).Distinct().Order().Select(y => new Year(y, Of(y, Grain.Year, true), Of(y, Grain.Month, true), Of(y, Grain.Day, true), Of(y, Grain.Day, false) + Of(y, Grain.Month, false)))];
        Files = [.. (await db.OpeningBalances.AsNoTracking().GroupBy(o => new { o.Kind, o.FiscalYear, o.Source }).Select(g => new { g.Key, Count = g.Count(), Minutes = g.Sum(o => o.Minutes) }).ToListAsync(ct))
            .Select(g => new Brought(g.Key.Kind, g.Key.FiscalYear, g.Count, g.Minutes, g.Key.Source)).OrderBy(b => b.FiscalYear).ThenBy(b => b.Kind, StringComparer.Ordinal)];
    }
}
