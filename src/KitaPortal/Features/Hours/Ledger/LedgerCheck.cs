using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>One source and day on which the ledger does not say what counting anew gives.</summary>
public sealed record LedgerDifference(SourceKind SourceKind, Guid SourceId, DateOnly WorkDate, Measure Measure, int Stands, int Counted);

/// <summary>One comparison of the whole ledger with a count from the bookings (照合).</summary>
public sealed class LedgerCheckRun
{
    private LedgerCheckRun() { }

    internal LedgerCheckRun(DateTimeOffset at, int sources, int differences) => (Id, At, Sources, Differences) = (Guid.CreateVersion7(at), at, sources, differences);

    public Guid Id { get; private set; }

    public DateTimeOffset At { get; private set; }

    public int Sources { get; private set; }

    public int Differences { get; private set; }
}

/// <summary>Compares the ledger with a count from the bookings. It finds, and never repairs.</summary>
public sealed class LedgerCheck(PortalDb db, TimeProvider clock)
{
    /// <summary>Every difference; empty when Σ ledger = Σ recount.</summary>
    public async Task<IReadOnlyList<LedgerDifference>> CompareAsync(CancellationToken ct) => (await CountAsync(ct)).Differences;

    internal async Task<(int Sources, IReadOnlyList<LedgerDifference> Differences)> CountAsync(CancellationToken ct)
    {
        var today = clock.Today();
        var lines = await db.BookingLines.CountedAsync(db, ct);
        var rows = await db.LedgerEntries.AsNoTracking().Where(e => e.Kind == EntryKind.Posting).ToListAsync(ct);
        var keys = await db.LedgerPeople.AsNoTracking().ToDictionaryAsync(p => (p.StaffId, p.FiscalYear), p => p.Id, ct);
        var recount = new LedgerRecount(await CountingBasis.LoadAsync(db, today, ct), keys, rows);

        var devices = lines.Where(l => l.OutAt is not null).ToLookup(l => l.DeviceId);
        var counted = lines.SelectMany(l => recount.Line(l, devices[l.DeviceId].TakenFrom(l)))
            .Concat(lines.Where(l => l.OutAt is not null).GroupBy(l => l.BorrowerId)
                .SelectMany(g => recount.Person([.. g], g.SelectMany(l => LedgerRecount.DaysOut(l, today)).ToHashSet())))
            .ToDictionary(d => d.Key, d => d.Minutes);
        var stands = rows.GroupBy(r => r.Key).ToDictionary(g => g.Key, g => g.Sum(r => r.Minutes));
        var differences = counted.Keys.Union(stands.Keys)
            .Select(k => new LedgerDifference(k.SourceKind, k.SourceId, k.WorkDate, k.Measure, stands.GetValueOrDefault(k), counted.GetValueOrDefault(k)))
            .Where(d => d.Stands != d.Counted).OrderBy(d => d.WorkDate).ToList();
        return (lines.Count, differences);
    }
}

/// <summary>Checks the ledger every night and leaves the outcome for the pages that show its figures.</summary>
public sealed class LedgerCheckJob(PortalDb db, LedgerCheck check, ILogger<LedgerCheckJob> log) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var (sources, differences) = await check.CountAsync(ct);
        foreach (var one in differences.Take(20)) log.LogError("Ledger differs: {Difference}", one);
        db.Add(new LedgerCheckRun(now, sources, differences.Count));
        await db.SaveChangesAsync(ct);
        return $"予約{sources:N0}件と照合しました。差異 {differences.Count:N0}件。";
    }
}
