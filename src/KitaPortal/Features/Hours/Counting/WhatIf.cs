using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Counting;

/// <summary>What a measure is now and would be.</summary>
public sealed record WhatIfRow(Measure Measure, long Now, long Then);

/// <summary>試算: the lines of some days counted under a draft policy, beside how they are counted now. Writes nothing.</summary>
public sealed class WhatIf(PortalDb db, TimeProvider clock)
{
    public async Task<IReadOnlyList<WhatIfRow>> CountAsync(CountingPolicy draft, DateOnly first, DateOnly last, CancellationToken ct)
    {
        var today = clock.Today();
        var policies = await db.CountingPolicies.AsNoTracking().Where(p => p.State == PolicyState.InForce).ToListAsync(ct);
        var now = new Dictionary<Measure, long>();
        var then = new Dictionary<Measure, long>();
        foreach (var month in TokyoTime.Months(first, last))
        {
            var (from, end) = (month < first ? first : month, month.AddMonths(1) > last.AddDays(1) ? last.AddDays(1) : month.AddMonths(1));
            var lines = await LinesAsync(from, end, ct);
            var keys = await db.LedgerPeople.AsNoTracking().ToDictionaryAsync(p => (p.StaffId, p.FiscalYear), p => p.Id, ct);
            var basis = await CountingBasis.LoadAsync(db, today, ct);
            Add(now, basis with { Policies = new CountingPolicies(policies) });
            Add(then, basis with { Policies = new CountingPolicies(policies.Append(draft)) });

            void Add(Dictionary<Measure, long> sums, CountingBasis by)
            {
                var recount = new LedgerRecount(by, keys, []);
                var devices = lines.Where(l => l.OutAt is not null).ToLookup(l => l.DeviceId);
                var rows = lines.SelectMany(l => recount.Line(l, devices[l.DeviceId].TakenFrom(l)))
                    .Concat(lines.Where(l => l.OutAt is not null).GroupBy(l => l.BorrowerId).SelectMany(g => recount.Person([.. g], g.SelectMany(l => LedgerRecount.DaysOut(l, today)).Where(d => d >= from && d < end).ToHashSet())));
                foreach (var row in rows.Where(r => r.Key.WorkDate >= from && r.Key.WorkDate < end)) sums[row.Key.Measure] = sums.GetValueOrDefault(row.Key.Measure) + row.Minutes;
            }
        }
        return [.. Enum.GetValues<Measure>().Where(m => m != Measure.Capacity).Select(m => new WhatIfRow(m, now.GetValueOrDefault(m), then.GetValueOrDefault(m)))];
    }

    private Task<List<CountedLine>> LinesAsync(DateOnly first, DateOnly end, CancellationToken ct)
    {
        var (from, to) = (TokyoTime.Midnight(first), TokyoTime.Midnight(end));
        var loans = db.Loans;
        return db.BookingLines.Where(l => (l.From < to && l.To > from) || loans.Any(o => o.LineId == l.Id && o.OutAt < to && (o.InAt == null || o.InAt > from))).CountedAsync(db, ct);
    }
}
