using System.Linq.Expressions;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>移送: the source desk plans and sends, the target desk receives. A device is free at the source before it is sent and at the target from its arrival on.</summary>
public sealed class Transferring(PortalDb db, Reserving reserving, TimeProvider clock)
{
    /// <summary>Plans a transfer; tentative bookings after the dispatch get other devices, others refuse it. The same id again is the same transfer.</summary>
    public Task<Transfer> PlanAsync(Guid id, DeviceId deviceId, OfficeId toOffice, DateTimeOffset sendAt, DateTimeOffset arriveBy, string? note, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var source = await db.Devices.Where(d => d.Id == deviceId).Select(d => d.PoolId).SingleOrDefaultAsync(ct);
        var from = await db.Pools.AsNoTracking().SingleOrDefaultAsync(p => p.Id == source, ct).OrNotHere();
        if (!by.IsDeskOf(from.OfficeId) && !by.IsDeskOf(toOffice)) throw new NotHereException();
        var target = await PoolAtAsync(db, toOffice, from.ModelId, ct);
        if (await db.Transfers.SingleOrDefaultAsync(t => t.Id == id, ct) is { } there)
            return (there.DeviceId, there.ToPoolId, there.SendAt, there.ArriveBy, there.Note) == (deviceId, target, sendAt, arriveBy, note) ? there : throw BookingRules.SameIdOtherBody();
        await reserving.OpenAsync([source, target], now, ct);
        var device = await db.Devices.SingleAsync(d => d.Id == deviceId, ct);
        await DemandAsync(device, from, toOffice, sendAt, arriveBy, now, ct);

        await EndTurnaroundAsync(deviceId, sendAt, ct);
        var occupancy = new Occupancy(deviceId, target, sendAt, arriveBy, OccupancyKind.Transfer, id);
        var transfer = new Transfer(id, device, target, sendAt, arriveBy, note, occupancy.Id);
        var displaced = await Settling.EmptyAsync(db, deviceId, new Period(sendAt, Maintenance.Open), now, ct, async () =>
        {
            db.AddRange(occupancy, transfer);
            await db.SaveChangesAsync(ct);
        });
        await RefuseForAsync(device, displaced, line => line.DeviceId == null, ct);
        return transfer;
    }, ct);

    /// <summary>The source desk sends it; earlier than planned only when nobody needs it before.</summary>
    public Task SendAsync(Guid id, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var (transfer, device, occupancy) = await OpenAsync(id, t => t.FromPoolId, by, now, ct);
        if (await db.Loans.AnyAsync(l => l.DeviceId == device.Id && l.InAt == null, ct)) throw new RuleViolation(CounterRules.SubLending.With());
        transfer.Send(by.Id, now);
        var displaced = await Settling.BeginNowAsync(db, occupancy, now, ct);
        await RefuseForAsync(device, displaced, line => line.Pinned || line.Status == LineStatus.Ready, ct);
        await Settling.FindSubstitutesAsync(db, displaced, now, ct);
        await RefuseForAsync(device, displaced, line => line.DeviceId == null, ct);
    }, ct);

    /// <summary>The target desk receives it: only now it belongs to the other pool.</summary>
    public Task ReceiveAsync(Guid id, DeviceCondition condition, string? remark, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var (transfer, device, occupancy) = await OpenAsync(id, t => t.ToPoolId, by, now, ct);
        transfer.Receive(by.Id, condition, remark, now);
        occupancy.EndAt(now);
        if (device.Status == DeviceStatus.Missing) device.SetStatus(DeviceStatus.InService, "移送で届いた");
        device.MoveTo(transfer.ToPoolId, device.ModelId);
        if (condition == DeviceCondition.Broken) device.SetStatus(DeviceStatus.Maintenance, "移送で届いた時の状態");
        await db.SaveChangesAsync(ct);
        if (!device.IsLendable) await Settling.EmptyAsync(db, device, now, ct);
        await Settling.GiveToWaitingAsync(db, transfer.ToPoolId, now, ct);
    }, ct);

    /// <summary>It stays; bookings made at the target for it get other devices there.</summary>
    public Task CancelAsync(Guid id, string? reason, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var (transfer, device, occupancy) = await OpenAsync(id, t => t.FromPoolId, by, now, ct);
        transfer.Cancel(reason);
        await LeaveTargetAsync(transfer, device, occupancy, now, ct);
        await Settling.GiveToWaitingAsync(db, transfer.FromPoolId, now, ct);
    }, ct);

    /// <summary>Transfers that should have arrived a working day ago are missing; both desks are told.</summary>
    internal async Task<int> MissAsync(DateTimeOffset now, CancellationToken ct)
    {
        var calendar = await db.WorkCalendarAsync(ct);
        var late = await (
            from transfer in db.Transfers
            where transfer.State == TransferState.Sent && transfer.ArriveBy < now
            join to in db.Pools on transfer.ToPoolId equals to.Id
            select new { transfer.Id, transfer.ArriveBy, to.OfficeId }).ToListAsync(ct);
        var gone = late.Where(t => TokyoTime.At(calendar.AddWorkingDays(TokyoTime.DayOf(t.ArriveBy), 1, t.OfficeId.Value), TokyoTime.TimeOf(t.ArriveBy)) <= now).ToList();
        foreach (var one in gone)
        {
            await db.WriteAsync(async () =>
            {
                var (transfer, device, occupancy) = await OpenAsync(one.Id, null, null, now, ct);
                if (transfer.State != TransferState.Sent) return;
                var today = TokyoTime.DayOf(now);
                var from = await db.Pools.Where(p => p.Id == transfer.FromPoolId).Select(p => p.OfficeId).SingleAsync(ct);
                transfer.Miss([.. (await DeskPeople.OfAsync(db, from, today, ct)).Concat(await DeskPeople.OfAsync(db, one.OfficeId, today, ct)).Distinct()], device.Label);
                device.SetStatus(DeviceStatus.Missing, "移送中の所在不明");
                await LeaveTargetAsync(transfer, device, occupancy, now, ct);
            }, ct);
            db.ChangeTracker.Clear();
        }
        return gone.Count;
    }

    private async Task DemandAsync(Device device, Pool from, OfficeId toOffice, DateTimeOffset sendAt, DateTimeOffset arriveBy, DateTimeOffset now, CancellationToken ct)
    {
        var source = await db.Offices.Where(o => o.Id == from.OfficeId).Select(o => o.Name).SingleAsync(ct);
        var open = await db.Transfers.AnyAsync(t => t.DeviceId == device.Id && (t.State == TransferState.Planned || t.State == TransferState.Sent), ct);
        var blocks = await (
            from occupancy in db.Occupancies
            where occupancy.DeviceId == device.Id && occupancy.Active && occupancy.To > sendAt
            join line in db.BookingLines on occupancy.Id equals line.OccupancyId into lines
            from line in lines.DefaultIfEmpty()
            join booking in db.Bookings on line.BookingId equals booking.Id into bookings
            from booking in bookings.DefaultIfEmpty()
            orderby occupancy.From
            select new { occupancy.Kind, occupancy.To, Status = line == null ? null : (LineStatus?)line.Status, Pinned = line != null && line.Pinned, Number = booking == null ? "" : booking.Number }).ToListAsync(ct);
        var fixedOnes = blocks.Where(b => b is { Pinned: true, Status: LineStatus.Requested or LineStatus.Approved } or { Status: LineStatus.Ready }).Select(b => b.Number).ToList();
        Demand.All(
            from.OfficeId != toOffice ? null : LifeRules.TransferElsewhere.With(source),
            sendAt < arriveBy && sendAt >= now.AddMinutes(-15) && arriveBy > now && arriveBy < now.AddYears(1) ? null : LifeRules.TransferTimes.With(),
            open ? LifeRules.TransferOpen.With(device.Label) : null,
            device.Status is DeviceStatus.Missing or DeviceStatus.Retired ? DeviceRules.NotInService.Text.On("Form.Label", device.Label, BookingWords.Of(device.Status)) : null,
            blocks.Where(b => b.Status == LineStatus.OnLoan).Select(b => LifeRules.DeviceIsOut.On("Form.SendAt", device.Label, BookingWords.Moment(b.To))).FirstOrDefault(),
            !open && blocks.Any(b => b.Kind is OccupancyKind.Maintenance or OccupancyKind.Transfer) ? LifeRules.HasMaintenance.On("Form.SendAt", device.Label) : null,
            fixedOnes.Count > 0 ? LifeRules.TransferPinned.With(device.Label, string.Join("、", fixedOnes)) : null);
    }

    // What is left of a turnaround is done by the desk that receives it.
    private async Task EndTurnaroundAsync(DeviceId device, DateTimeOffset sendAt, CancellationToken ct)
    {
        var rest = await (
            from occupancy in db.Occupancies
            where occupancy.DeviceId == device && occupancy.Active && occupancy.Kind == OccupancyKind.Booking && occupancy.To > sendAt
            join line in db.BookingLines on occupancy.Id equals line.OccupancyId
            where line.Status == LineStatus.Returned || line.Status == LineStatus.NoShow || line.Status == LineStatus.Cancelled || line.Status == LineStatus.Lost
            select occupancy).ToListAsync(ct);
        foreach (var occupancy in rest) occupancy.EndAt(sendAt);
        await db.SaveChangesAsync(ct);
    }

    // Bookings that nothing else in the pool can serve, or that were promised this device, keep it where it is.
    private async Task RefuseForAsync(Device device, IReadOnlyList<Occupancy> displaced, Expression<Func<BookingLine, bool>> which, CancellationToken ct)
    {
        if (displaced.Count == 0) return;
        var ids = displaced.Select(o => o.Id).ToList();
        var kept = await db.BookingLines.Where(l => l.OccupancyId != null && ids.Contains(l.OccupancyId.Value)).Where(which).Join(db.Bookings, l => l.BookingId, b => b.Id, (l, b) => b.Number).Distinct().ToListAsync(ct);
        if (kept.Count > 0) throw new RuleViolation(LifeRules.TransferPinned.With(device.Label, string.Join("、", kept)));
    }

    // What was promised at the target from its arrival on.
    private async Task LeaveTargetAsync(Transfer transfer, Device device, Occupancy occupancy, DateTimeOffset now, CancellationToken ct)
    {
        var arrival = occupancy.To;
        occupancy.EndAt(transfer.State == TransferState.Cancelled ? occupancy.From : now);
        await db.SaveChangesAsync(ct);
        await Settling.EmptyAsync(db, device.Id, new Period(arrival, Maintenance.Open), now, ct);
    }

    private async Task<(Transfer Transfer, Device Device, Occupancy Occupancy)> OpenAsync(Guid id, Func<Transfer, PoolId>? deskOf, Asker? by, DateTimeOffset now, CancellationToken ct)
    {
        var pools = await db.Transfers.Where(t => t.Id == id).Select(t => new { t.FromPoolId, t.ToPoolId }).SingleOrDefaultAsync(ct).OrNotHere();
        await reserving.OpenAsync([pools.FromPoolId, pools.ToPoolId], now, ct);
        var transfer = await db.Transfers.SingleAsync(t => t.Id == id, ct);
        if (deskOf is not null)
        {
            var pool = deskOf(transfer);
            var office = await db.Pools.Where(p => p.Id == pool).Select(p => p.OfficeId).SingleAsync(ct);
            if (by is null || !by.IsDeskOf(office)) throw new NotHereException();
        }
        return (transfer, await db.Devices.SingleAsync(d => d.Id == transfer.DeviceId, ct), await db.Occupancies.SingleAsync(o => o.Id == transfer.OccupancyId, ct));
    }

    internal static async Task<PoolId> PoolAtAsync(PortalDb db, OfficeId office, DeviceModelId model, CancellationToken ct)
    {
        if (await db.Pools.Where(p => p.OfficeId == office && p.ModelId == model).Select(p => (PoolId?)p.Id).SingleOrDefaultAsync(ct) is { } there) return there;
        var pool = new Pool(PoolId.New(), office, model);
        db.Add(pool);
        await db.SaveChangesAsync(ct);
        return pool.Id;
    }
}
