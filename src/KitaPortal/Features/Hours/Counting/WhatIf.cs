using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Hours.Counting;

/// <summary>What a measure is now and would be.</summary>
public sealed record WhatIfRow(Measure Measure, long Now, long Then);

/// <summary>試算: the lines of some days counted under a draft policy, beside how they are counted now. Writes nothing.</summary>
public sealed class WhatIf(PortalDb db, TimeProvider clock)
{
    public async Task<IReadOnlyList<WhatIfRow>> CountAsync(CountingPolicy draft, DateOnly first, DateOnly last, CancellationToken ct)
    {
        var today = clock.Today();
        var now = new Dictionary<Measure, long>();
        var then = new Dictionary<Measure, long>();
        var keys = await PersonKeys.AllAsync(db, ct);
        var basis = await CountingBasis.LoadAsync(db, today, ct);
        foreach (var month in TokyoTime.Months(first, last))
        {
            var (from, end) = (month < first ? first : month, month.AddMonths(1) > last.AddDays(1) ? last.AddDays(1) : month.AddMonths(1));
            var lines = await db.BookingLines.Touching(db, from, end).CountedAsync(db, ct);
            Add(now, basis);
            Add(then, basis with { Policies = new CountingPolicies([draft]) });

            void Add(Dictionary<Measure, long> sums, CountingBasis by)
            {
                foreach (var row in new LedgerRecount(by, keys, []).Window(lines, from, end)) sums[row.Key.Measure] = sums.GetValueOrDefault(row.Key.Measure) + row.Minutes;
            }
        }
        return [.. Enum.GetValues<Measure>().Where(m => m != Measure.Capacity).Select(m => new WhatIfRow(m, now.GetValueOrDefault(m), then.GetValueOrDefault(m)))];
    }
}
