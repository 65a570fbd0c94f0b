using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>貸出可能時間 of each pool and day, written the night after and never counted again: what the inventory becomes later does not change what could be lent then.</summary>
public sealed class CapacityPosting(PortalDb db, LedgerBook book, TimeProvider clock)
{
    // A portal that stood still makes up for so many days.
    private const int MostDays = 31;

    public async Task<int> PostAsync(CancellationToken ct)
    {
        var yesterday = clock.Today().AddDays(-1);
        var last = await db.LedgerEntries.Where(e => e.Measure == Measure.Capacity).MaxAsync(e => (DateOnly?)e.WorkDate, ct);
        var written = 0;
        for (var day = last is not { } known ? yesterday : known.AddDays(MostDays) < yesterday ? yesterday.AddDays(1 - MostDays) : known.AddDays(1); day <= yesterday; day = day.AddDays(1))
        {
            written += await db.WriteAsync(() => PostAsync(day, ct), ct);
            db.ChangeTracker.Clear();
        }
        return written;
    }

    private async Task<int> PostAsync(DateOnly day, CancellationToken ct)
    {
        var policy = (await db.CountingPoliciesAsync(ct)).On(day);
        var countable = new CountableTime(await db.WorkCalendarAsync(ct));
        var (from, to) = (TokyoTime.Midnight(day), TokyoTime.Midnight(day.AddDays(1)));
        var devices = (await db.Devices.Where(d => d.Status == DeviceStatus.InService).Select(d => new { d.Id, d.PoolId }).ToListAsync(ct)).ToLookup(d => d.PoolId, d => d.Id);
        var pools = await (
            from pool in db.Pools
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            select new { pool.Id, pool.OfficeId, pool.ModelId, kind.Code })
            .AsNoTracking().ToListAsync(ct);
        var held = (await db.Occupancies.AsNoTracking().Where(o => o.Active && (o.Kind == OccupancyKind.Maintenance || o.Kind == OccupancyKind.Transfer) && o.From < to && o.To > from && o.DeviceId != null).ToListAsync(ct))
            .ToLookup(o => o.DeviceId!.Value);
        var standing = (await db.LedgerEntries.Where(e => e.SourceKind == SourceKind.Pool && e.WorkDate == day).Select(e => e.SourceId).ToListAsync(ct)).ToHashSet();

        var drafts = new List<LedgerDraft>();
        foreach (var pool in pools.Where(p => policy.Classes.Contains(p.Code) && !standing.Contains(p.Id.Value)))
        {
            var open = countable.Of(MinuteSet.Of(from, to), day, pool.OfficeId.Value, policy.Working, outsideHoursAllowed: false);
            var minutes = devices[pool.Id].Sum(d => open.Except(MinuteSet.Union(held[d].Select(o => MinuteSet.Of(o.From, o.To)))).Minutes);
            if (minutes > 0)
                drafts.Add(new(new(SourceKind.Pool, pool.Id.Value, day, Measure.Capacity, policy.Number), 1, (int)minutes,
                    LedgerSnapshot.None with { OfficeId = pool.OfficeId, LendingOfficeId = pool.OfficeId, ModelId = pool.ModelId.Value, Class = pool.Code }));
        }
        return await book.WriteAsync(drafts, ct);
    }
}
