using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Waiting;

/// <summary>Offers freed devices to those who wait, the oldest entry that fits first, and takes offers back that were not answered in time.
/// The pools' locks are held by whoever calls.</summary>
internal static class Offers
{
    /// <summary>Ends offers and entries whose time is over; true when devices became free by it.</summary>
    public static async Task<bool> SettleAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct)
    {
        var over = await db.WaitlistEntries.Where(e => e.Pools.Any(p => pools.Contains(p.PoolId)))
            .Where(e => (e.Status == WaitlistStatus.Offered && e.OfferUntil <= now) || (e.Status == WaitlistStatus.Waiting && e.From <= now)).Include(e => e.Pools).ToListAsync(ct);
        var freed = false;
        foreach (var entry in over)
        {
            if (entry.Status == WaitlistStatus.Offered)
            {
                // Devices of a pool whose lock is not held wait for the job, which holds all.
                if (entry.OfferPoolId is { } one ? !pools.Contains(one) : entry.Pools.Any(p => !pools.Contains(p.PoolId))) continue;
                entry.Miss(now);
                freed |= await ReleaseAsync(db, entry, ct);
            }
            else if (entry.LastStart <= now) entry.EndAtStart(now);
        }
        if (over.Count > 0) await db.SaveChangesAsync(ct);
        return freed;
    }

    /// <summary>Gives back what was held for the entry; nobody used it, so nothing stays.</summary>
    public static async Task<bool> ReleaseAsync(PortalDb db, WaitlistEntry entry, CancellationToken ct)
    {
        var held = await HeldForAsync(db, entry.Id, ct);
        foreach (var row in held) row.EndAt(row.From);
        return held.Count > 0;
    }

    /// <summary>The device is needed or gone: those it was offered to wait on, with their old place in the queue.</summary>
    public static async Task TakeBackAsync(PortalDb db, DeviceId? device, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        var held = await db.Occupancies.Where(o => o.DeviceId == device && o.Active && o.Kind == OccupancyKind.Hold && o.From < to && o.To > from).Select(o => o.SourceId).Distinct().ToListAsync(ct);
        if (held.Count == 0) return;
        var ids = held.Select(id => new WaitlistEntryId(id)).ToList();
        foreach (var entry in await db.WaitlistEntries.Where(e => ids.Contains(e.Id) && e.Status == WaitlistStatus.Offered).ToListAsync(ct))
        {
            entry.TakeBack();
            await ReleaseAsync(db, entry, ct);
        }
        await db.SaveChangesAsync(ct);
    }

    public static Task<List<Occupancy>> HeldForAsync(PortalDb db, WaitlistEntryId entry, CancellationToken ct)
        => db.Occupancies.Where(o => o.SourceId == entry.Value && o.Kind == OccupancyKind.Hold && o.Active).ToListAsync(ct);

    /// <summary>Makes offers as long as something fits. An entry that needs pools whose locks are not held is left to the job.</summary>
    public static async Task MakeAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct)
    {
        var waiting = await db.WaitlistEntries.Where(e => e.Status == WaitlistStatus.Waiting && e.Pools.Any(p => pools.Contains(p.PoolId)))
            .Include(e => e.Pools).OrderBy(e => e.QueuedAt).ThenBy(e => e.Id).AsSplitQuery().ToListAsync(ct);
        if (waiting.Count == 0) return;
        var free = await FreeAsync(db, pools, now, ct);
        foreach (var entry in waiting)
        {
            if (!await TryAsync(db, entry, pools, free, now, ct)) continue;
            await db.SaveChangesAsync(ct);
            free = await FreeAsync(db, pools, now, ct);
        }
    }

    /// <summary>Pools with an entry that is over or for which there is room; the job tries them when nobody comes. Pools one entry needs together stand together.</summary>
    public static async Task<List<List<PoolId>>> DueAsync(PortalDb db, DateTimeOffset now, CancellationToken ct)
    {
        var open = await db.WaitlistEntries.AsNoTracking().Where(e => e.Status == WaitlistStatus.Waiting || (e.Status == WaitlistStatus.Offered && e.OfferUntil <= now)).Include(e => e.Pools).ToListAsync(ct);
        if (open.Count == 0) return [];
        var free = await FreeAsync(db, [.. open.SelectMany(e => e.Pools).Select(p => p.PoolId).Distinct()], now, ct);
        var due = new List<List<PoolId>>();
        foreach (var entry in open)
            if (entry.Status == WaitlistStatus.Offered || entry.LastStart <= now || await HasRoomAsync(entry)) due.Add([.. entry.Pools.Select(p => p.PoolId)]);
        return due;

        async Task<bool> HasRoomAsync(WaitlistEntry entry)
        {
            foreach (var (variant, _) in entry.Variants(now))
                if (await WithRoomAsync(db, variant, free, ct) is not null) return true;
            return false;
        }
    }

    private static async Task<Dictionary<PoolId, PoolFacts>> PoolFactsAsync(PortalDb db, IReadOnlyList<PoolId> pools, CancellationToken ct)
        => (await Facts.PoolsAsync(db, pools, ct)).ToDictionary(p => p.Pool.Id);

    private sealed record FreeNow(PoolState State, Dictionary<PoolId, PoolFacts> Pools);

    private static async Task<FreeNow> FreeAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct)
        => new(await PoolState.LoadAsync(db, pools, now, now, ct), await PoolFactsAsync(db, pools, ct));

    private static async Task<bool> TryAsync(PortalDb db, WaitlistEntry entry, IReadOnlyList<PoolId> pools, FreeNow free, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var (variant, place) in entry.Variants(now))
        {
            if (place is { } one ? !pools.Contains(one) : entry.Pools.Any(p => !pools.Contains(p.PoolId))) continue;
            if (await WithRoomAsync(db, variant, free, ct) is not { } whole) continue;
            var judgement = await Reserving.JudgeAsync(db, whole, new Asker(entry.StaffId, []), now, ct);

            // An agreement can be signed while accepting; whatever else forbids the loan would only hold the device for nothing.
            if (judgement.Findings.Any(f => f.Grade == Grade.Block && f.Rule != PersonRules.Agreement) || judgement.Places.Any(p => p.Device is null)) continue;
            await HoldAsync(db, entry, whole, place, judgement, now, ct);
            return true;
        }
        return false;
    }

    // A cheap look before all the rules are asked. A kit that is lent no more, or needs a pool the entry does not name, has none.
    private static async Task<BookingRequest?> WithRoomAsync(PortalDb db, BookingRequest variant, FreeNow free, CancellationToken ct)
    {
        try
        {
            return await variant.UnpackedAsync(db, ct) is var whole && HasRoom(whole, free) ? whole : null;
        }
        catch (RuleViolation)
        {
            return null;
        }
    }

    private static bool HasRoom(BookingRequest request, FreeNow free) => request.TakeWhatIsThere || request.Wanted.GroupBy(w => w.PoolId ?? free.State.Find(w.DeviceId!.Value)?.PoolId).All(wishes =>
    {
        if (wishes.Key is not { } key || !free.Pools.TryGetValue(key, out var pool)) return wishes.All(w => w.PoolId is null);    // a device that is elsewhere now: the rules decide
        var period = pool.WithTurnaround(request.Period);
        return free.State.Plan(key).Place([.. wishes.SelectMany(w => Enumerable.Range(0, w.Count).Select(_ => new Ask(Guid.NewGuid(), period, w.DeviceId)))]) is not null;
    });

    private static async Task HoldAsync(PortalDb db, WaitlistEntry entry, BookingRequest request, PoolId? place, Judgement judgement, DateTimeOffset now, CancellationToken ct)
    {
        var until = judgement.Places[0].Pool.Desk.AddOpenMinutes(now, WaitlistEntry.OfferMinutes);
        var latest = request.From.AddMinutes(-WaitlistEntry.LeadMinutes);
        if (latest < until) until = latest;
        await Places.MoveAsync(db, judgement.Moves, ct);
        foreach (var found in judgement.Places)
        {
            var taken = found.Pool.WithTurnaround(request.Period);
            db.Add(new Occupancy(found.Device, found.Pool.Pool.Id, taken.From, taken.To, OccupancyKind.Hold, entry.Id.Value, until));
        }
        entry.Offer(request.From, place, until, string.Join("、", judgement.Places.GroupBy(p => p.Pool).Select(g => $"{g.Key.Model.Name}（{g.Key.Office.Name}）{g.Count()}台")), now);
    }
}
