using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>Every night: devices still out count up to yesterday, and coming days take the calendar and organisation as they stand now.</summary>
public sealed class DayPostJob(PortalDb db, LedgerPosting posting, CapacityPosting capacity, IOptions<HoursOptions> options) : IPortalJob
{
    private const int AtATime = 100;

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var today = TokyoTime.Midnight(TokyoTime.DayOf(now));
        var open = await db.BookingLines
            .Where(l => l.To > today && (l.Status == LineStatus.Approved || l.Status == LineStatus.Ready || l.Status == LineStatus.OnLoan || l.Status == LineStatus.Returned || l.Status == LineStatus.Lost))
            .Select(l => l.Id).Union(db.BookingLines.Out(db, today, now).Select(l => l.Id)).OrderBy(id => id).ToListAsync(ct);
        var written = 0;
        foreach (var some in open.Chunk(AtATime))
        {
            written += await db.WriteAsync(() => posting.PostAsync(some, ct), ct);
            db.ChangeTracker.Clear();
        }
        written += await capacity.PostAsync(ct);
        await ForgetAsync(now, ct);
        return written == 0 ? null : $"{open.Count}件の予約を数え直し、台帳に{written}行を加えました。";
    }

    // After some years the rows name nobody; sums stay.
    private Task<int> ForgetAsync(DateTimeOffset now, CancellationToken ct)
    {
        var kept = new FiscalYear(FiscalYear.Of(now).Value - options.Value.PersonalYears + 1);
        return db.LedgerPeople.Where(p => p.FiscalYear < kept).ExecuteDeleteAsync(ct);
    }
}
