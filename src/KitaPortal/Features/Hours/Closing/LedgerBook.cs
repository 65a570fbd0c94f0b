using KitaPortal.Data;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Closing;

/// <summary>A row as somebody wants it written; the book decides in which month it counts.</summary>
internal sealed record LedgerDraft(LedgerKey Key, int Revision, int Minutes, LedgerSnapshot Snapshot, Grain Grain = Grain.Day, EntryKind Kind = EntryKind.Posting, string? Reason = null);

/// <summary>
/// The one way into the ledger. A row counts in its own month while that is open, afterwards in the earliest open month of the same fiscal year.
/// Writing holds a shared lock on the months it counts in, closing an exclusive one, so nothing slips into a month being closed (SQLite: the one writer).
/// </summary>
public sealed class LedgerBook(PortalDb db, TimeProvider clock)
{
    internal async Task<int> WriteAsync(IReadOnlyCollection<LedgerDraft> drafts, CancellationToken ct)
    {
        if (drafts.Count == 0) return 0;
        await db.LockSharedAsync<LedgerMark>([LedgerMark.TheOne], ct);
        var months = await OpenMonthsAsync([.. drafts.Where(d => d.Grain != Grain.Year).Select(d => (FiscalYear.From(d.Key.WorkDate), d.Key.WorkDate.Month)).Distinct()], ct);
        var now = clock.GetUtcNow();
        foreach (var draft in drafts)
        {
            int? counted = draft.Grain == Grain.Year ? null : months[(FiscalYear.From(draft.Key.WorkDate), draft.Key.WorkDate.Month)];
            var kind = draft.Kind == EntryKind.Posting && counted != draft.Key.WorkDate.Month ? EntryKind.Adjustment : draft.Kind;
            db.Add(new LedgerEntry(draft.Key, draft.Revision, draft.Minutes, draft.Snapshot, draft.Grain, kind, counted, now, db.Actor.StaffId, draft.Reason));
        }
        return drafts.Count;
    }

    /// <summary>What has to be written so that the book says what is desired: reversals and new rows, each with the next revision of its key.</summary>
    internal static List<LedgerDraft> Differences(IReadOnlyCollection<LedgerEntry> standing, IEnumerable<Desired> desired, string? reason, Grain grain = Grain.Day, EntryKind kind = EntryKind.Posting)
    {
        var (wanted, stands, drafts) = (desired.ToLookup(d => d.Key), standing.ToLookup(s => s.Key), new List<LedgerDraft>());
        foreach (var key in wanted.Select(w => w.Key).Union(stands.Select(s => s.Key)))
        {
            var revision = stands[key].Select(s => s.Revision).DefaultIfEmpty().Max();
            var balances = stands[key].GroupBy(s => s.Snapshot).ToDictionary(g => g.Key, g => -g.Sum(s => s.Minutes));
            foreach (var want in wanted[key]) balances[want.Snapshot] = balances.GetValueOrDefault(want.Snapshot) + want.Minutes;
            drafts.AddRange(balances.Where(b => b.Value != 0).OrderBy(b => b.Value).Select(b => new LedgerDraft(key, ++revision, b.Value, b.Key, grain, kind, reason)));
        }
        return drafts;
    }

    /// <summary>For each month the one it counts in now, locked against closing until this transaction ends.</summary>
    private async Task<Dictionary<(FiscalYear Year, int Month), int>> OpenMonthsAsync(IReadOnlyCollection<(FiscalYear Year, int Month)> wanted, CancellationToken ct)
    {
        if (wanted.Count == 0) return [];
        var years = wanted.Select(w => w.Year).Distinct().ToList();
        var chosen = wanted.ToDictionary(w => w, w => w.Month);
        while (true)
        {
            await db.LockSharedAsync<MonthClose>(chosen.Select(c => MonthClose.IdOf(c.Key.Year, c.Value)), ct);
            var states = await StatesAsync(years, ct);
            // A month that closed while this waited for its lock gives way to the next open one.
            var closed = chosen.Where(c => c.Value != MonthClose.YearEnd && states[(c.Key.Year, c.Value)]).Select(c => c.Key).ToList();
            if (closed.Count == 0) return chosen;
            foreach (var month in closed)
                chosen[month] = states.Where(s => s.Key.Year == month.Year && !s.Value).Select(s => s.Key.Month).DefaultIfEmpty(MonthClose.YearEnd).MinBy(MonthClose.OrderOf);
        }
    }

    private async Task<Dictionary<(FiscalYear Year, int Month), bool>> StatesAsync(List<FiscalYear> years, CancellationToken ct)
    {
        var rows = await ReadAsync();
        var missing = years.Except(rows.Select(r => r.FiscalYear)).ToList();
        if (missing.Count > 0)
        {
            foreach (var year in missing) await EnsureAsync(db, year, ct);
            await db.LockSharedAsync<MonthClose>(missing.SelectMany(y => Enumerable.Range(1, MonthClose.YearEnd).Select(m => MonthClose.IdOf(y, m))), ct);
            rows = await ReadAsync();
        }
        return rows.ToDictionary(r => (r.FiscalYear, r.Month), r => r.IsClosed);

        Task<List<MonthState>> ReadAsync() => db.MonthCloses.Where(m => years.Contains(m.FiscalYear)).Select(m => new MonthState(m.FiscalYear, m.Month, m.ClosedAt != null)).ToListAsync(ct);
    }

    private sealed record MonthState(FiscalYear FiscalYear, int Month, bool IsClosed);

    /// <summary>Makes the thirteen rows of a fiscal year; somebody who made them in the same moment is no trouble.</summary>
    internal static async Task EnsureAsync(PortalDb db, FiscalYear year, CancellationToken ct)
    {
        for (var month = 1; month <= MonthClose.YearEnd; month++)
            await db.Database.ExecuteSqlAsync($"""INSERT INTO "MonthCloses" ("Id", "FiscalYear", "Month", "Rows", "Totals") VALUES ({MonthClose.IdOf(year, month)}, {year.Value}, {month}, 0, '[]') ON CONFLICT DO NOTHING""", ct);
    }
}
