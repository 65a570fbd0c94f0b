using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Taking back: any devices in any order, of several people, accessories against what went out.</summary>
public sealed partial class DeskActs
{
    /// <summary>Takes devices back; the same act sent again gives the same loans. A device that is not fit to lend goes to maintenance and its bookings get others.</summary>
    public Task<IReadOnlyList<Loan>> TakeBackAsync(TakingBack act, Asker by, CancellationToken ct) => db.WriteAsync<IReadOnlyList<Loan>>(async () =>
    {
        var now = clock.GetUtcNow();
        var deviceIds = act.Items.Select(i => i.DeviceId).Distinct().ToList();
        var poolIds = await (
            from loan in db.Loans
            where deviceIds.Contains(loan.DeviceId) && (loan.InAt == null || loan.TakeBackId == act.Id)
            join line in db.BookingLines on loan.LineId equals line.Id
            select line.PoolId).Distinct().ToListAsync(ct);
        // Alone at a device one gives it back where it belongs; a desk takes back what belongs elsewhere, too, and sends it home.
        if (!by.IsDeskOf(act.OfficeId)) act = act with { OfficeId = (await OfficeOfAsync(poolIds, ct)).Id };
        var here = await PoolsHereAsync(act.OfficeId, poolIds, ct);
        await reserving.OpenAsync([.. poolIds.Concat(here.Values).Distinct()], now, ct);
        if (await db.TakeBacks.SingleOrDefaultAsync(t => t.Id == act.Id, ct) is { } earlier)
        {
            var returned = await db.Loans.Where(l => l.TakeBackId == act.Id).ToListAsync(ct);
            return earlier.ClerkId == by.Id && earlier.OfficeId == act.OfficeId && IsSame(act, returned) ? returned : throw BookingRules.SameIdOtherBody();
        }

        var loans = await db.Loans.Where(l => deviceIds.Contains(l.DeviceId) && l.InAt == null).ToListAsync(ct);
        if (deviceIds.Count == 0 || loans.Count != deviceIds.Count) throw new NotHereException();
        var lineIds = loans.Select(l => l.LineId).ToList();
        var bookings = await db.Bookings.Include(b => b.Lines).Where(b => b.Lines.Any(l => lineIds.Contains(l.Id))).AsSplitQuery().ToListAsync(ct);
        var pools = (await Facts.PoolsAsync(db, poolIds, ct)).ToDictionary(p => p.Pool.Id);
        if (bookings.Any(b => b.BorrowerId != by.Id) && !by.IsDeskOf(act.OfficeId)) throw new NotHereException();

        Demand.All(bookings.SelectMany(b => b.Lines).Any(l => lineIds.Contains(l.Id) && l.Status == LineStatus.Lost) ? Desk.DeskRules.WasLost.With() : null);

        var takeBack = new TakeBack(act.Id, act.OfficeId, by.Id, now, act.Confirmation);
        db.Add(takeBack);
        var rules = await PublishedRules.LoadAsync(db, ct);
        var roles = new Dictionary<Platform.Domain.StaffId, IReadOnlySet<People.Roles.Role>>();
        foreach (var borrower in bookings.Select(b => b.BorrowerId).Distinct()) roles[borrower] = await rules.RolesOfAsync(db, borrower, now, ct);
        Demand.All(bookings.SelectMany(b =>
        {
            var passed = new List<PassedRule>();
            var broken = b.Lines.Where(l => lineIds.Contains(l.Id)).SelectMany(line =>
            {
                var (loan, pool) = (loans.Single(l => l.LineId == line.Id), pools[line.PoolId]);
                var policy = rules.For(pool.Class.Code, pool.Office.Id, roles[b.BorrowerId], TokyoTime.DayOf(line.From));
                return Check(act, act.Items.First(i => i.DeviceId == loan.DeviceId), b, line, loan, pool, policy, by, passed, now);
            }).ToList();
            b.PassedBy(passed, by.Id);
            return broken;
        }));
        foreach (var booking in bookings) await TakeBackAsync(act, booking, [.. loans.Where(l => booking.Lines.Any(x => x.Id == l.LineId))], pools, here, takeBack, by, now, ct);
        await db.SaveChangesAsync(ct);
        foreach (var pool in poolIds) await Settling.GiveToWaitingAsync(db, pool, now, ct);
        return loans;
    }, ct);

    private static bool IsSame(TakingBack act, List<Loan> returned)
        => act.Items.Count == returned.Count && act.Items.All(i => returned.Any(l => l.DeviceId == i.DeviceId && i.Condition == l.ConditionIn && i.Note == l.NoteIn
            && (i.Set is null || i.Set.ToHashSet().SetEquals(l.SetIn))));

    private static IEnumerable<Broken> Check(TakingBack act, ReturnedItem item, Booking booking, BookingLine line, Loan loan, PoolFacts pool, RulePolicy policy, Asker by, List<PassedRule> passed, DateTimeOffset now)
    {
        var asked = new LendingCase
        {
            Stage = Stage.TakeBack,
            Now = now,
            Period = new Period(line.From, line.To),
            Aim = booking.Aim,
            Policy = policy,
            Borrower = new BorrowerFacts { Employment = People.EmploymentClass.Regular },
            Class = pool.Class,
            Model = pool.Model,
            Pool = pool.Pool,
            Desk = pool.Desk,
            Counter = new DeskFacts
            {
                IsAtDesk = by.IsDeskOf(act.OfficeId),
                MissingSet = Missing(item, loan),
                IsShortageNoted = !string.IsNullOrWhiteSpace(item.Note),
                IsErasureConfirmed = item.Erased || item.Condition == DeviceCondition.Broken,
            },
        };
        var (left, reasons) = Passing.Sort(BookingRules.Check(asked), act.Overrides, by, by.IsDeskOf(act.OfficeId));
        passed.AddRange(reasons);
        return left.Where(f => f.Grade == Grade.Block).Select(f => f.Broken);
    }

    private static List<string> Missing(ReturnedItem item, Loan loan) => item.Set is null ? [] : [.. loan.SetOut.Except(item.Set)];

    private async Task TakeBackAsync(TakingBack act, Booking booking, List<Loan> loans, Dictionary<PoolId, PoolFacts> pools, Dictionary<PoolId, PoolId> here, TakeBack takeBack, Asker by, DateTimeOffset now, CancellationToken ct)
    {
        var (broken, away) = (new List<Device>(), new List<(Device Device, Occupancy Ended)>());
        foreach (var loan in loans)
        {
            var item = act.Items.First(i => i.DeviceId == loan.DeviceId);
            var line = booking.Line(loan.LineId);
            var device = await db.Devices.SingleAsync(d => d.Id == loan.DeviceId, ct);
            var missing = Missing(item, loan);
            loan.ComeBack(takeBack, act.ReturnedBy ?? booking.BorrowerId, item.Set ?? loan.SetOut, item.Condition, item.Erased, item.Note);
            device.CameBack(missing, item.Condition != DeviceCondition.Broken, inspected: by.IsDeskOf(act.OfficeId));
            var occupancy = await db.Occupancies.SingleAsync(o => o.Id == line.OccupancyId, ct);
            var isAway = here.ContainsKey(device.PoolId);
            occupancy.EndAt(isAway ? now : pools[line.PoolId].WithTurnaround(new Period(line.From, now)).To);
            if (isAway) away.Add((device, occupancy));
            if (item.Condition == DeviceCondition.Broken) broken.Add(device);
        }
        var lineIds = loans.Select(l => l.LineId).ToList();
        foreach (var running in await db.UseSessions.Where(s => lineIds.Contains(s.LineId) && s.To == null).ToListAsync(ct)) running.EndForgotten(now);
        booking.ComeBack([.. loans.Select(l => booking.Line(l.LineId))], [.. loans.Select(l => l.Id)]);
        await db.SaveChangesAsync(ct);
        var displaced = new List<Occupancy>();
        foreach (var (device, ended) in away) displaced.AddRange(await SendHomeAsync(device, ended, here[device.PoolId], now, ct));
        await Settling.FindSubstitutesAsync(db, displaced, now, ct);
        foreach (var device in broken) await Settling.EmptyAsync(db, device, now, ct);
    }

    /// <summary>The office's own pools for the models of devices that belong to another office, by the pool they belong to.</summary>
    private async Task<Dictionary<PoolId, PoolId>> PoolsHereAsync(OfficeId office, List<PoolId> homes, CancellationToken ct)
    {
        var here = new Dictionary<PoolId, PoolId>();
        foreach (var home in await db.Pools.Where(p => homes.Contains(p.Id) && p.OfficeId != office).Select(p => new { p.Id, p.ModelId }).ToListAsync(ct))
            here[home.Id] = await Transferring.PoolAtAsync(db, office, home.ModelId, ct);
        return here;
    }

    // 預かり: it lies at this office and is to be at home by the end of the next working day. Who was to have it there before needs another.
    private async Task<List<Occupancy>> SendHomeAsync(Device device, Occupancy ended, PoolId here, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.Transfers.AnyAsync(t => t.DeviceId == device.Id && (t.State == TransferState.Planned || t.State == TransferState.Sent), ct)) return [];
        var home = device.PoolId;
        var desk = (await Facts.PoolsAsync(db, [home], ct))[0].Desk;
        var arriveBy = desk.On(TokyoTime.DayOf(desk.NextOpening(TokyoTime.Midnight(TokyoTime.DayOf(now).AddDays(1)))))?.To ?? now.AddDays(1);
        var displaced = await Settling.DisplaceAsync(db, ended, arriveBy, ct);
        device.MoveTo(here, device.ModelId);
        var id = Guid.CreateVersion7();
        var way = new Occupancy(device.Id, home, now, arriveBy, OccupancyKind.Transfer, id);
        db.AddRange(way, new Transfer(id, device, home, now, arriveBy, "預かり", way.Id));
        await db.SaveChangesAsync(ct);
        return displaced;
    }
}
