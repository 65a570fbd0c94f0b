using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>再計上: counts sources anew and writes the difference with a reason. Never by itself.</summary>
public sealed class Reposting(PortalDb db, LedgerPosting posting)
{
    private const int AtATime = 100;

    /// <summary>Posts the lines behind the differences of a check run.</summary>
    public async Task<int> RepostAsync(LedgerCheckRun run, string? reason, CancellationToken ct)
    {
        Demand.All((reason ?? "").Trim().Length < ManualAdjustment.LeastReason ? HoursRules.RepostReason.With() : null);
        var lines = run.Found.Where(d => d.SourceKind == SourceKind.Line).Select(d => new BookingLineId(d.SourceId)).ToHashSet();
        // A person's day is counted from the lines lent on it.
        foreach (var day in run.Found.Where(d => d.SourceKind == SourceKind.Person))
        {
            var staff = await db.LedgerPeople.Where(p => p.Id == day.SourceId).Select(p => p.StaffId).ToListAsync(ct);
            var (from, to) = (TokyoTime.Midnight(day.WorkDate), TokyoTime.Midnight(day.WorkDate.AddDays(1)));
            lines.UnionWith(await db.BookingLines.Of(db, staff).Out(db, from, to).Select(l => l.Id).ToListAsync(ct));
        }
        return await RepostAsync(lines, reason!.Trim(), ct);
    }

    /// <summary>Posts everything on or after a day anew, for example under a counting policy that begins then.</summary>
    public async Task<int> RepostFromAsync(DateOnly day, string reason, CancellationToken ct)
    {
        var lines = await db.BookingLines.Touching(db, day, new DateOnly(2900, 1, 1)).Select(l => l.Id).ToListAsync(ct);
        return await RepostAsync(lines, reason, ct);
    }

    private async Task<int> RepostAsync(IReadOnlyCollection<BookingLineId> lines, string reason, CancellationToken ct)
    {
        var written = 0;
        foreach (var some in lines.OrderBy(l => l.Value).Chunk(AtATime))
        {
            written += await db.WriteAsync(() => posting.PostAsync(some, ct, reason), ct);
            db.ChangeTracker.Clear();
        }
        await db.WriteAsync(() =>
        {
            db.Audit(new AuditNote("hours.reposted", "hours-ledger", "", After: new { lines = lines.Count, rows = written }, Reason: reason));
            return Task.CompletedTask;
        }, ct);
        return written;
    }
}
