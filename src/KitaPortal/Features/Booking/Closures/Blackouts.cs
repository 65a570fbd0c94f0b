using KitaPortal.Data;
using KitaPortal.Features.Booking.Inventory;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>What is done with a booking that a blackout hits: そのまま, 替える, 移す, 取り消す.</summary>
public enum HitChoice { Keep, Substitute, Move, Cancel }

/// <summary>Where a hit booking could go instead.</summary>
public sealed record HitWay(PoolId Pool, string Place, DateTimeOffset From, DateTimeOffset To);

/// <summary>A line that a blackout hits, with what could be done.</summary>
public sealed record BlackoutHit(BookingLineId LineId, BookingId BookingId, string Number, string Borrower, PoolId PoolId, string Model, string Office, DateTimeOffset From, DateTimeOffset To, LineStatus Status)
{
    /// <summary>Another model or office at the same time.</summary>
    public HitWay? Substitute { get; init; }

    /// <summary>The same device place on a later day.</summary>
    public HitWay? Move { get; init; }

    /// <summary>Only what was not collected yet can go elsewhere.</summary>
    public bool IsComing => Status is LineStatus.Requested or LineStatus.Approved or LineStatus.Ready;
}

/// <summary>貸出停止期間: shows the bookings that one would hit and, when it is entered, substitutes, moves or cancels them with notice.</summary>
public sealed class Blackouts(PortalDb db, LineLife life, Reserving reserving, TimeProvider clock)
{
    /// <summary>More are listed without a proposal.</summary>
    public const int Proposed = 40;

    /// <summary>The bookings it hits, the earliest first, with what could be done for each.</summary>
    public async Task<IReadOnlyList<BlackoutHit>> HitsAsync(Blackout blackout, Asker by, CancellationToken ct)
    {
        await InventoryBook.RefuseUnknownAsync(db, blackout.OfficeId, blackout.ModelId, blackout.ClassId, null, ct);
        var hits = await FindAsync(blackout, ct);
        var pools = await CandidatesAsync(ct);
        return [.. await ProposedAsync(hits, blackout, pools, by, ct)];
    }

    /// <summary>Enters it and does what was chosen for each hit, all or nothing.</summary>
    public Task EnterAsync(Func<Blackout> draft, IReadOnlyDictionary<BookingLineId, HitChoice> choices, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var blackout = draft();
        await InventoryBook.RefuseUnknownAsync(db, blackout.OfficeId, blackout.ModelId, blackout.ClassId, null, ct);
        var pools = await CandidatesAsync(ct);
        await LockAsync([.. (await FindAsync(blackout, ct)).Where(h => choices.ContainsKey(h.LineId))], pools, ct);
        db.Add(blackout);
        await db.SaveChangesAsync(ct);
        foreach (var hit in (await FindAsync(blackout, ct)).Where(h => h.IsComing))
        {
            switch (choices.GetValueOrDefault(hit.LineId))
            {
                case HitChoice.Cancel:
                    await reserving.CancelAsync(hit.BookingId, [hit.LineId], by, $"貸出停止期間（{blackout.Reason}）", ct);
                    break;
                case HitChoice.Substitute:
                    await GoAsync(hit, await SubstituteAsync(hit, OpenOnly(blackout, pools, hit), by, ct), by, ct);
                    break;
                case HitChoice.Move:
                    await GoAsync(hit, await MoveAsync(hit, blackout, pools, by, ct), by, ct);
                    break;
            }
        }
    }, ct);

    /// <summary>It ends now, or never begins.</summary>
    public Task LiftAsync(Guid id, CancellationToken ct, int? seen = null) => db.WriteAsync(async () =>
    {
        var blackout = await db.Blackouts.SingleOrDefaultAsync(b => b.Id == id, ct).OrNotHere();
        if (seen is { } version) db.Entry(blackout).Property(b => b.Version).OriginalValue = version;
        blackout.Lift(clock.GetUtcNow());
    }, ct);

    // All requests for permission, borrowers, the days of the hits and pools at once, so that no booking slips in. Only the day a booking moves to may come later.
    private async Task LockAsync(IReadOnlyList<BlackoutHit> hits, IReadOnlyList<PoolFacts> pools, CancellationToken ct)
    {
        var bookings = hits.Select(h => h.BookingId).Distinct().ToList();
        await reserving.LockRequestsAsync(bookings, ct);
        foreach (var borrower in (await db.Bookings.Where(b => bookings.Contains(b.Id)).Select(b => b.BorrowerId).Distinct().ToListAsync(ct)).OrderBy(b => b.Value)) await reserving.LockBorrowerAsync(borrower, ct);
        await reserving.OpenAsync([.. pools.Select(p => p.Pool.Id)], clock.GetUtcNow(), ct, [.. hits.Select(h => h.From)]);
    }

    private async Task<List<BlackoutHit>> FindAsync(Blackout blackout, CancellationToken ct)
    {
        var (now, start, end, periods) = (clock.GetUtcNow(), blackout.From, blackout.LastsUntil, blackout.Periods);
        var rows = await (
            from line in db.BookingLines
            where line.From < end && line.To > start && line.To > now
                && (line.Status == LineStatus.Requested || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready || line.Status == LineStatus.OnLoan)
            join booking in db.Bookings on line.BookingId equals booking.Id
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            join person in db.Staff on booking.BorrowerId equals person.Id
            where (blackout.OfficeId == null || pool.OfficeId == blackout.OfficeId) && (blackout.ModelId == null || model.Id == blackout.ModelId) && (blackout.ClassId == null || model.ClassId == blackout.ClassId)
            orderby line.From, booking.Number
            select new BlackoutHit(line.Id, booking.Id, booking.Number, person.FamilyName + "\u3000" + person.GivenName, pool.Id, model.Name, office.Name, line.From, line.To, line.Status)).ToListAsync(ct);
        return [.. rows.Where(r => periods.Any(p => p.Overlaps(new Period(r.From, r.To))))];
    }

    // All pools with their desks.
    private async Task<IReadOnlyList<PoolFacts>> CandidatesAsync(CancellationToken ct)
    {
        var ids = await db.Pools.Select(p => p.Id).ToListAsync(ct);
        return [.. (await Facts.PoolsAsync(db, ids, ct)).OrderBy(p => p.Office.SortOrder).ThenBy(p => p.Model.Name, StringComparer.Ordinal)];
    }

    private async Task<List<BlackoutHit>> ProposedAsync(List<BlackoutHit> hits, Blackout blackout, IReadOnlyList<PoolFacts> pools, Asker by, CancellationToken ct)
    {
        var proposed = new List<BlackoutHit>();
        foreach (var (index, hit) in hits.Index())
            proposed.Add(!hit.IsComing || index >= Proposed ? hit : hit with
            {
                Substitute = await SubstituteAsync(hit, OpenOnly(blackout, pools, hit), by, ct),
                Move = await MoveAsync(hit, blackout, pools, by, ct),
            });
        return proposed;
    }

    private static List<PoolFacts> OpenOnly(Blackout blackout, IReadOnlyList<PoolFacts> pools, BlackoutHit hit)
        => [.. pools.Where(p => p.Pool.Id != hit.PoolId && !blackout.Concerns(p.Office.Id, p.Class.Id, p.Model.Id))];

    // The same model elsewhere first, then another model of the class at the same office, then the rest.
    private async Task<HitWay?> SubstituteAsync(BlackoutHit hit, IReadOnlyList<PoolFacts> pools, Asker by, CancellationToken ct)
    {
        if (await Facts.PoolsAsync(db, [hit.PoolId], ct) is not [var own, ..]) return null;
        var candidates = pools.Where(p => p.Pool.Id != hit.PoolId && p.Class.Id == own.Class.Id)
            .OrderBy(p => p.Model.Id == own.Model.Id ? 0 : p.Office.Id == own.Office.Id ? 1 : 2).Take(6);
        foreach (var pool in candidates)
            if (await PassesAsync(hit, new HitWay(pool.Pool.Id, $"{pool.Model.Name}（{pool.Office.Name}）", hit.From, hit.To), by, ct) is { } way) return way;
        return null;
    }

    // The same clock time on the first open days after it.
    private async Task<HitWay?> MoveAsync(BlackoutHit hit, Blackout blackout, IReadOnlyList<PoolFacts> pools, Asker by, CancellationToken ct)
    {
        if (pools.FirstOrDefault(p => p.Pool.Id == hit.PoolId) is not { } own) return null;
        var day = TokyoTime.DayOf(hit.From);
        var (length, tried) = (hit.To - hit.From, 0);
        for (var i = 1; i <= 60 && tried < 5; i++)
        {
            var start = TokyoTime.At(day.AddDays(i), TokyoTime.TimeOf(hit.From)).ToUniversalTime();
            var period = new Period(start, start + length);
            if (!own.Desk.IsOpenDay(day.AddDays(i)) || blackout.FirstWithin(period) is not null) continue;
            tried++;
            if (await PassesAsync(hit, new HitWay(own.Pool.Id, $"{own.Model.Name}（{own.Office.Name}）", period.From, period.To), by, ct) is { } way) return way;
        }
        return null;
    }

    private async Task<HitWay?> PassesAsync(BlackoutHit hit, HitWay way, Asker by, CancellationToken ct)
    {
        try
        {
            return (await life.PreviewChangeAsync(await ActAsync(hit, way, ct), by, ct)).Blocks.Any() ? null : way;
        }
        catch (RuleViolation)
        {
            return null;
        }
    }

    private async Task GoAsync(BlackoutHit hit, HitWay? way, Asker by, CancellationToken ct)
    {
        if (way is null) throw new RuleViolation(DeviceRules.NoneFree.With(hit.Model, hit.Office));
        await life.ChangeAsync(await ActAsync(hit, way, ct), by, ct);
    }

    private async Task<Changing> ActAsync(BlackoutHit hit, HitWay way, CancellationToken ct)
    {
        var aim = (await db.Bookings.AsNoTracking().SingleAsync(b => b.Id == hit.BookingId, ct)).Aim;
        return new Changing(hit.BookingId, way.From, way.To, aim) { Lines = [hit.LineId], Wanted = [new WantedDevice(way.Pool, null)], IsArranged = true };
    }
}
