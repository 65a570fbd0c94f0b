using KitaPortal.Data;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Versions;

/// <summary>A booking to come that a version of the rules breaks, with what it breaks newly.</summary>
public sealed record BrokenBooking(BookingId Id, string Number, StaffId BorrowerId, string Borrower, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<BookingLineId> Lines, IReadOnlyList<Finding> Findings)
{
    /// <summary>It could not be made any more.</summary>
    public bool IsBlocked => Findings.Any(f => f.Grade == Grade.Block);
}

/// <summary>What a new version of the rules does to bookings that are there already: found out before it is published, carried out afterwards.</summary>
public sealed class RuleChange(PortalDb db, Reserving reserving, TimeProvider clock)
{
    /// <summary>So many bookings are looked at, the nearest first.</summary>
    public const int Most = 1_000;

    /// <summary>The bookings to come that would be refused or need more permission, and were not before.</summary>
    public async Task<IReadOnlyList<BrokenBooking>> EffectOfAsync(RuleSet version, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var start = TokyoTime.Midnight(version.EffectiveFrom);
        var since = start > now ? start : now;
        var (classCode, office) = (version.ClassCode, version.OfficeId);
        var ids = await (
            from line in db.BookingLines
            where line.From >= since && (line.Status == LineStatus.Requested || line.Status == LineStatus.Approved || line.Status == LineStatus.Ready)
            join pool in db.Pools on line.PoolId equals pool.Id
            where office == null || pool.OfficeId == office
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            where classCode == null || kind.Code == classCode
            orderby line.From
            select line.BookingId).Distinct().Take(Most).ToListAsync(ct);
        var bookings = await db.Bookings.AsNoTracking().Include(b => b.Lines).Where(b => ids.Contains(b.Id)).AsSplitQuery().ToListAsync(ct);
        // What was published after it is judged in its turn.
        var sets = (await PublishedRules.LoadAsync(db, ct)).Sets.Where(s => s.Id != version.Id && (version.PublishedAt is null || s.PublishedAt <= version.PublishedAt)).ToList();
        var broken = new List<BrokenBooking>();
        foreach (var booking in bookings.OrderBy(b => b.From))
            if (await BrokenByAsync(booking, version, sets, now, ct) is { } found) broken.Add(found);
        return broken;
    }

    /// <summary>Does what was decided on publishing, booking by booking; may be broken off and begun again.</summary>
    public async Task<int> CarryOutAsync(Guid id, CancellationToken ct)
    {
        var version = await db.RuleSets.AsNoTracking().SingleAsync(r => r.Id == id, ct);
        if (version is not { PublishedAt: not null, PublishedBy: { } by, CarriedOutAt: null }) return 0;
        var broken = (await EffectOfAsync(version, ct)).Where(b => b.IsBlocked || version.OnBroken == OnBroken.Ask).ToList();
        var asker = new Asker(by, []);
        foreach (var booking in broken)
        {
            var rules = string.Join("、", booking.Findings.Select(f => f.Broken.Rule.Number).Distinct());
            if (version.OnBroken == OnBroken.Cancel) await reserving.CancelAsync(booking.Id, booking.Lines, asker, $"規程の変更（第{version.Number}版、{rules}）により取り消しました。", ct);
            db.ChangeTracker.Clear();
        }
        await db.WriteAsync(async () =>
        {
            var set = await db.RuleSets.SingleAsync(r => r.Id == id, ct);
            if (set.CarriedOutAt is not null) return;
            if (set.OnBroken == OnBroken.Ask)
                foreach (var booking in broken)
                    set.Tell(new News("booking.rules-changed", $"booking.rules-changed:{set.Number}:{booking.Id}", [booking.BorrowerId], $"規程が変わり、予約を見直す必要があります（{booking.Number}）",
                        $"{JapaneseDate.Long(set.EffectiveFrom)}から：{string.Join(" ", booking.Findings.Select(f => $"{f.Broken.Rule.Number} {f.Broken.Message}"))}", $"/booking/{booking.Id}"));
            set.CarriedOut(clock.GetUtcNow(), broken.Count);
        }, ct);
        return broken.Count;
    }

    private async Task<BrokenBooking?> BrokenByAsync(Booking booking, RuleSet version, List<RuleSet> sets, DateTimeOffset now, CancellationToken ct)
    {
        var lines = booking.Lines.Where(l => l.IsComing && l.From >= now).ToList();
        if (lines.Count == 0) return null;
        var facts = await Facts.LoadAsync(db, booking.BorrowerId, booking.ResponsibleId, [.. lines.Select(l => l.PoolId).Distinct()], new Period(booking.From, booking.To), null, now, ct);
        var (findings, hit) = (new List<Finding>(), new List<BookingLineId>());
        foreach (var line in lines)
        {
            var pool = facts.Find(line.PoolId)!;
            // Judged as on the day it was asked: a longer notice does not break what was asked in time.
            var asked = facts.CaseOf(pool, Stage.Submit, booking.CreatedAt, new Period(line.From, line.To), booking.Aim, notCounting: booking.Id) with
            {
                Count = lines.Count(l => facts.Find(l.PoolId)!.Class.Id == pool.Class.Id),
                CountOfPool = lines.Count(l => l.PoolId == line.PoolId),
                CountAtDesk = 0,
            };
            var day = TokyoTime.DayOf(line.From);
            var before = BookingRules.Check(asked with { Policy = RulePolicy.For(sets, pool.Class.Code, pool.Office.Id, facts.Borrower.Roles, day) });
            var after = BookingRules.Check(asked with { Policy = RulePolicy.For([.. sets, version], pool.Class.Code, pool.Office.Id, facts.Borrower.Roles, day, version.Id) });
            var newly = after.Where(f => f.Grade is not Grade.Warn && !booking.HasPassed(f.Rule) && !before.Any(b => b.Rule == f.Rule && (b.Grade == f.Grade || b.Grade == Grade.Block))).ToList();
            if (newly.Count == 0) continue;
            findings.AddRange(newly);
            hit.Add(line.Id);
        }
        return hit.Count == 0 ? null : new BrokenBooking(booking.Id, booking.Number, booking.BorrowerId, facts.BorrowerName, booking.From, booking.To, hit, [.. findings.DistinctBy(f => f.Rule.Number)]);
    }
}

/// <summary>Does what published versions do to bookings, one after the other in the order they were published.</summary>
internal sealed class RuleChangeJob(PortalDb db, RuleChange change) : Platform.Jobs.IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var open = await db.RuleSets.Where(r => r.PublishedAt != null && r.CarriedOutAt == null).OrderBy(r => r.PublishedAt).ThenBy(r => r.Number).Select(r => r.Id).ToListAsync(ct);
        var bookings = 0;
        foreach (var id in open) bookings += await change.CarryOutAsync(id, ct);
        return open.Count == 0 ? null : $"{open.Count} versions, {bookings} bookings";
    }
}
