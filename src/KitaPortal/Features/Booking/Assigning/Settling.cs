using KitaPortal.Data;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Assigning;

/// <summary>Brings pools up to date with the clock: undecided requests lapse, what was not collected is free again, late loans keep their device.
/// Every command that holds the pools' locks begins with it, so correctness never waits for a job. Nothing released is ever taken again.</summary>
public static partial class Settling
{
    /// <summary>Clock minutes (desk minutes without self-service) after the start until a device that was not collected is given to others.</summary>
    public const int NoShowMinutes = 120;

    /// <summary>A late loan takes the device's time in steps of this many minutes.</summary>
    public const int OverrunMinutes = 60;

    /// <summary>Minutes before that moment at which the borrower is warned.</summary>
    public const int WarningMinutes = 30;

    /// <summary>Pools with something due, those of one booking together; the job settles them when nobody comes.</summary>
    public static async Task<List<List<PoolId>>> DuePoolsAsync(PortalDb db, DateTimeOffset now, CancellationToken ct)
    {
        var late = await LateTransfers(db, now).Select(t => t.ToPoolId).ToListAsync(ct);
        return [.. (await DueAsync(Due(db, now), db, now, ct)).GroupBy(l => l.BookingId, l => l.PoolId).Select(g => g.Distinct().ToList()), .. late.Distinct().Select(p => new List<PoolId> { p })];
    }

    /// <summary>Places without device, with their pools; the job looks for one until it is found.</summary>
    public static Task<Dictionary<Guid, PoolId>> WithoutDeviceAsync(PortalDb db, DateTimeOffset now, CancellationToken ct)
        => db.Occupancies.Where(o => o.Active && o.DeviceId == null && o.To > now).ToDictionaryAsync(o => o.Id, o => o.PoolId, ct);

    /// <summary>The pools' locks are held. What became free goes to lines without device, then to those who wait.</summary>
    public static async Task SettleAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct)
    {
        await KeepTravellingDevicesAsync(db, pools, now, ct);
        var freed = await Offers.SettleAsync(db, pools, now, ct);
        freed |= await SettleLinesAsync(db, pools, now, ct);
        if (!freed) return;
        foreach (var pool in pools) await GiveToWaitingAsync(db, pool, now, ct);
    }

    // True when devices became free by it.
    private static async Task<bool> SettleLinesAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct)
    {
        var due = await DueAsync(Due(db, now).Where(l => pools.Contains(l.PoolId)), db, now, ct);
        if (due.Count == 0) return false;

        var bookingIds = due.Select(d => d.BookingId).Distinct().ToList();
        var bookings = await db.Bookings.Include(b => b.Lines).Where(b => bookingIds.Contains(b.Id)).AsSplitQuery().ToListAsync(ct);
        var dueIds = due.Select(d => d.Id).ToHashSet();
        var freed = false;
        foreach (var booking in bookings)
        {
            var lines = booking.Lines.Where(l => dueIds.Contains(l.Id)).ToList();
            var lapsed = booking.Lapse(dueIds, now);
            if (lapsed.Count > 0) booking.TellBorrower("booking.lapsed", "許可が間に合わず、予約が期限切れになりました", "必要なときは、あらためて予約してください。", cancelled: true);
            if (lines.Any(l => l.PendingTo <= now)) await EndExtensionAsync(db, booking, "許可が間に合いませんでした。", now, ct);
            var missed = booking.NoShow([.. lines.Where(l => l.Status is LineStatus.Approved or LineStatus.Ready).Select(l => l.Id)], now);
            await Places.FreeAsync(db, lapsed.Concat(missed), now, ct);
            freed |= lapsed.Count + missed.Count > 0;
        }
        await db.SaveChangesAsync(ct);
        await KeepLateDevicesAsync(db, [.. bookings.SelectMany(b => b.Lines).Where(l => dueIds.Contains(l.Id) && l.Status == LineStatus.OnLoan).Select(l => l.OccupancyId!.Value)], now, ct);
        return freed;
    }

    private static IQueryable<BookingLine> Due(PortalDb db, DateTimeOffset now)
    {
        var occupancies = db.Occupancies;
        var uncollected = now.AddMinutes(-NoShowMinutes);
        return db.BookingLines.Where(l =>
            (l.Status == LineStatus.Requested && l.From <= now)
            || ((l.Status == LineStatus.Approved || l.Status == LineStatus.Ready) && l.From <= uncollected)
            || (l.Status == LineStatus.OnLoan && l.To <= now && (l.PendingTo <= now || occupancies.Any(o => o.Id == l.OccupancyId && o.Active && o.To <= now))));
    }

    // The desk's hours say whether it is too late to collect.
    private static async Task<List<BookingLine>> DueAsync(IQueryable<BookingLine> due, PortalDb db, DateTimeOffset now, CancellationToken ct)
    {
        var lines = await due.AsNoTracking().ToListAsync(ct);
        if (lines.Count == 0) return lines;
        var lending = await db.StandingAsync<LendingBook>(ct);
        return [.. lines.Where(l => l.Status is not (LineStatus.Approved or LineStatus.Ready) || Deadline(l, lending) <= now)];
    }

    /// <summary>When a line that was not collected ends as 未受取: so many desk minutes after its start (clock minutes with self-service), or when the borrower promised to come.</summary>
    private static DateTimeOffset Deadline(BookingLine line, LendingBook lending)
    {
        var pool = lending.Find(line.PoolId)!;
        var usual = pool.Pool.SelfService ?? pool.Class.SelfService ? line.From.AddMinutes(NoShowMinutes) : pool.Desk.AddOpenMinutes(line.From, NoShowMinutes);
        return line.KeptUntil > usual ? line.KeptUntil.Value : usual;
    }

    /// <summary>Tells borrowers that their device is given to others soon.</summary>
    internal static async Task<int> WarnOfNoShowsAsync(PortalDb db, DateTimeOffset now, CancellationToken ct)
    {
        var begun = now.AddMinutes(WarningMinutes - NoShowMinutes);
        var due = await db.BookingLines.AsNoTracking()
            .Where(l => (l.Status == LineStatus.Approved || l.Status == LineStatus.Ready) && l.From <= begun && l.NoShowWarnedAt == null && l.DeviceId != null).ToListAsync(ct);
        if (due.Count == 0) return 0;
        var lending = await db.StandingAsync<LendingBook>(ct);
        var soon = due.Select(l => (Line: l, Deadline: Deadline(l, lending))).Where(l => l.Deadline.AddMinutes(-WarningMinutes) <= now && l.Deadline > now).ToList();
        var ids = soon.Select(s => s.Line.BookingId).Distinct().ToList();
        var bookings = await db.Bookings.Include(b => b.Lines).Where(b => ids.Contains(b.Id)).ToListAsync(ct);
        return soon.Count(s => bookings.Single(b => b.Id == s.Line.BookingId).WarnOfNoShow(s.Line.Id, s.Deadline, now));
    }

    /// <summary>The longer time is given back, but a loan that is late keeps its device.</summary>
    internal static async Task EndExtensionAsync(PortalDb db, Booking booking, string reason, DateTimeOffset now, CancellationToken ct)
    {
        var ended = booking.EndExtension(reason);
        if (ended.Count == 0) return;
        booking.TellBorrower("booking.extension-refused", "延長は認められませんでした", reason);
        var pools = await Rules.Facts.PoolsAsync(db, [.. ended.Select(l => l.PoolId).Distinct()], ct);
        foreach (var line in ended)
        {
            var until = pools.Single(p => p.Pool.Id == line.PoolId).WithTurnaround(new Period(line.From, line.To)).To;
            (await db.Occupancies.SingleAsync(o => o.Id == line.OccupancyId, ct)).EndAt(until > now ? until : now.AddMinutes(OverrunMinutes));
        }
    }

    private static IQueryable<Transfer> LateTransfers(PortalDb db, DateTimeOffset now)
    {
        var occupancies = db.Occupancies;
        return db.Transfers.Where(t => (t.State == TransferState.Planned || t.State == TransferState.Sent) && t.ArriveBy <= now
            && occupancies.Any(o => o.Id == t.OccupancyId && o.Active && o.To <= now));
    }

    // A device that has not arrived yet is not free at its new office.
    private static async Task KeepTravellingDevicesAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct)
    {
        await KeepLateDevicesAsync(db, await LateTransfers(db, now).Where(t => pools.Contains(t.ToPoolId)).Select(t => t.OccupancyId).ToListAsync(ct), now, ct);
    }
}
