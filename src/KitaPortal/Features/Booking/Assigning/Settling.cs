using KitaPortal.Data;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Features.People;
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

    private sealed record DueLine(BookingId BookingId, BookingLineId LineId, PoolId PoolId);

    /// <summary>Minutes before that moment at which the borrower is warned.</summary>
    public const int WarningMinutes = 30;

    /// <summary>Pools with something due; the job settles them when nobody comes.</summary>
    public static async Task<List<PoolId>> DuePoolsAsync(PortalDb db, DateTimeOffset now, CancellationToken ct)
        => [.. (await Due(db, now).Select(l => l.PoolId).ToListAsync(ct)).Concat(await LateTransfers(db, now).Select(t => t.ToPoolId).ToListAsync(ct)).Distinct()];

    /// <summary>The pools' locks are held. What became free goes to lines without device, then to those who wait.</summary>
    public static async Task SettleAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct)
    {
        await KeepTravellingDevicesAsync(db, pools, now, ct);
        var freed = await Offers.SettleAsync(db, pools, now, ct);
        freed |= await SettleLinesAsync(db, pools, now, ct);
        if (!freed) return;
        foreach (var pool in pools) await GiveToWaitingAsync(db, pool, now, ct);
    }

    // True when something was due.
    private static async Task<bool> SettleLinesAsync(PortalDb db, IReadOnlyList<PoolId> pools, DateTimeOffset now, CancellationToken ct)
    {
        var due = await Due(db, now).Where(l => pools.Contains(l.PoolId)).Select(l => new DueLine(l.BookingId, l.Id, l.PoolId)).ToListAsync(ct);
        if (due.Count == 0) return false;

        var bookingIds = due.Select(d => d.BookingId).Distinct().ToList();
        var bookings = await db.Bookings.Include(b => b.Lines).Where(b => bookingIds.Contains(b.Id)).AsSplitQuery().ToListAsync(ct);
        var desks = await DesksAsync(db, due.Select(d => d.PoolId).Distinct().ToList(), ct);
        var dueIds = due.Select(d => d.LineId).ToHashSet();
        foreach (var booking in bookings)
        {
            var lines = booking.Lines.Where(l => dueIds.Contains(l.Id)).ToList();
            if (lines.Any(l => l.Status == LineStatus.Requested))
            {
                var lapsed = booking.Lapse(now);
                booking.TellBorrower("booking.lapsed", "許可が間に合わず、予約が期限切れになりました", "必要なときは、あらためて予約してください。", cancelled: true);
                await Places.FreeAsync(db, lapsed, now, ct);
            }
            if (lines.Any(l => l.PendingTo <= now)) await EndExtensionAsync(db, booking, "許可が間に合いませんでした。", now, ct);
            var missed = lines.Where(l => l.Status is (LineStatus.Approved or LineStatus.Ready) && Deadline(l, desks[l.PoolId]) <= now).Select(l => l.Id).ToList();
            if (missed.Count > 0) await Places.FreeAsync(db, booking.NoShow(missed, now), now, ct);
        }
        await db.SaveChangesAsync(ct);
        foreach (var line in bookings.SelectMany(b => b.Lines).Where(l => dueIds.Contains(l.Id) && l.Status == LineStatus.OnLoan).OrderBy(l => l.To))
            await KeepLateDeviceAsync(db, line.OccupancyId!.Value, now, ct);
        return true;
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

    /// <summary>When a line that was not collected ends as 未受取: so many desk minutes after its start (clock minutes with self-service), or when the borrower promised to come.</summary>
    private static DateTimeOffset Deadline(BookingLine line, (DeskHours Hours, bool SelfService) desk)
    {
        var usual = desk.SelfService ? line.From.AddMinutes(NoShowMinutes) : desk.Hours.AddOpenMinutes(line.From, NoShowMinutes);
        return line.KeptUntil > usual ? line.KeptUntil.Value : usual;
    }

    /// <summary>Tells borrowers that their device is given to others soon.</summary>
    internal static async Task<int> WarnOfNoShowsAsync(PortalDb db, DateTimeOffset now, CancellationToken ct)
    {
        var begun = now.AddMinutes(WarningMinutes - NoShowMinutes);
        var due = await db.BookingLines.AsNoTracking()
            .Where(l => (l.Status == LineStatus.Approved || l.Status == LineStatus.Ready) && l.From <= begun && l.NoShowWarnedAt == null && l.DeviceId != null).ToListAsync(ct);
        if (due.Count == 0) return 0;
        var desks = await DesksAsync(db, due.Select(d => d.PoolId).Distinct().ToList(), ct);
        var soon = due.Select(l => (Line: l, Deadline: Deadline(l, desks[l.PoolId]))).Where(l => l.Deadline.AddMinutes(-WarningMinutes) <= now && l.Deadline > now).ToList();
        var ids = soon.Select(s => s.Line.BookingId).Distinct().ToList();
        var bookings = await db.Bookings.Include(b => b.Lines).Where(b => ids.Contains(b.Id)).ToListAsync(ct);
        return soon.Count(s => bookings.Single(b => b.Id == s.Line.BookingId).WarnOfNoShow(s.Line.Id, s.Deadline, now));
    }

    /// <summary>The longer time is given back; a loan that is late keeps its device by the next settling.</summary>
    internal static async Task EndExtensionAsync(PortalDb db, Booking booking, string reason, DateTimeOffset now, CancellationToken ct)
    {
        var ended = booking.EndExtension(reason);
        if (ended.Count == 0) return;
        booking.TellBorrower("booking.extension-refused", "延長は認められませんでした", reason);
        var pools = await Rules.Facts.PoolsAsync(db, [.. ended.Select(l => l.PoolId).Distinct()], ct);
        foreach (var line in ended)
        {
            var until = pools.Single(p => p.Pool.Id == line.PoolId).WithTurnaround(new Period(line.From, line.To)).To;
            (await db.Occupancies.SingleAsync(o => o.Id == line.OccupancyId, ct)).EndAt(until > now ? until : now);
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
        foreach (var late in await LateTransfers(db, now).Where(t => pools.Contains(t.ToPoolId)).Select(t => t.OccupancyId).ToListAsync(ct))
            await KeepLateDeviceAsync(db, late, now, ct);
    }

    private static async Task<Dictionary<PoolId, (DeskHours Hours, bool SelfService)>> DesksAsync(PortalDb db, List<PoolId> pools, CancellationToken ct)
    {
        var calendar = await db.WorkCalendarAsync(ct);
        var rows = await (
            from pool in db.Pools
            where pools.Contains(pool.Id)
            join office in db.Offices on pool.OfficeId equals office.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            join kind in db.DeviceClasses on model.ClassId equals kind.Id
            select new { pool.Id, Office = office, SelfService = pool.SelfService ?? kind.SelfService }).AsNoTracking().ToListAsync(ct);
        return rows.ToDictionary(r => r.Id, r => (new DeskHours(r.Office, calendar), r.SelfService));
    }
}
