using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Rules;
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
        await reserving.LockPoolsAsync(poolIds, ct);
        if (await db.TakeBacks.AnyAsync(t => t.Id == act.Id, ct)) return await db.Loans.Where(l => l.TakeBackId == act.Id).ToListAsync(ct);
        await Settling.SettleAsync(db, poolIds, now, ct);

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
        foreach (var booking in bookings) await TakeBackAsync(act, booking, [.. loans.Where(l => booking.Lines.Any(x => x.Id == l.LineId))], pools, takeBack, by, now, ct);
        await db.SaveChangesAsync(ct);
        foreach (var pool in poolIds) await Settling.GiveToWaitingAsync(db, pool, now, ct);
        return loans;
    }, ct);

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

    private async Task TakeBackAsync(TakingBack act, Booking booking, List<Loan> loans, Dictionary<PoolId, PoolFacts> pools, TakeBack takeBack, Asker by, DateTimeOffset now, CancellationToken ct)
    {
        var broken = new List<Device>();
        foreach (var loan in loans)
        {
            var item = act.Items.First(i => i.DeviceId == loan.DeviceId);
            var line = booking.Line(loan.LineId);
            var device = await db.Devices.SingleAsync(d => d.Id == loan.DeviceId, ct);
            var missing = Missing(item, loan);
            loan.ComeBack(takeBack, act.ReturnedBy ?? booking.BorrowerId, item.Set ?? loan.SetOut, item.Condition, item.Erased, item.Note);
            device.CameBack(missing, item.Condition != DeviceCondition.Broken, inspected: by.IsDeskOf(act.OfficeId));
            var until = pools[line.PoolId].WithTurnaround(new Period(line.From, now)).To;
            (await db.Occupancies.SingleAsync(o => o.Id == line.OccupancyId, ct)).EndAt(until);
            if (item.Condition == DeviceCondition.Broken) broken.Add(device);
        }
        var lineIds = loans.Select(l => l.LineId).ToList();
        foreach (var running in await db.UseSessions.Where(s => lineIds.Contains(s.LineId) && s.To == null).ToListAsync(ct)) running.EndForgotten(now);
        booking.ComeBack([.. loans.Select(l => booking.Line(l.LineId))], [.. loans.Select(l => l.Id)]);
        await db.SaveChangesAsync(ct);
        foreach (var device in broken) await Settling.EmptyAsync(db, device, now, ct);
    }
}
