using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>An empty book: the mark up to which it is added up, and the months of this year and the next, so that no booking has to make them.</summary>
public sealed class LedgerStart(PortalDb db, TimeProvider clock) : IStartupWork
{
    public static readonly DateOnly Beginning = new(2000, 1, 1);

    public async Task RunAsync(CancellationToken ct)
    {
        var present = FiscalYear.From(clock.Today());
        await db.Database.ExecuteSqlAsync($"""INSERT INTO "LedgerMarks" ("Id", "Number", "Through") VALUES ({LedgerMark.TheOne}, 0, {Beginning}) ON CONFLICT DO NOTHING""", ct);
        foreach (var year in new[] { present, present.Next })
            if (!await db.MonthCloses.AnyAsync(m => m.FiscalYear == year, ct)) await db.WriteAsync(() => LedgerBook.EnsureAsync(db, year, ct), ct);
    }
}
