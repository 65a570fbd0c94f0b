using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>整備 and 使用停止: a device is out of use for a time; bookings that need it then get others.</summary>
public sealed class Maintaining(PortalDb db, Reserving reserving, TimeProvider clock)
{
    /// <summary>Enters a maintenance; without an end it lasts until somebody ends it. The same id again is the same one.</summary>
    public Task<Maintenance> EnterAsync(Guid id, DeviceId deviceId, DateTimeOffset from, DateTimeOffset? to, string reason, string? vendor, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        if (await db.Maintenances.SingleOrDefaultAsync(m => m.Id == id, ct) is { } there) return there;
        var device = await OpenAsync(deviceId, now, ct);
        var until = to ?? Maintenance.Open;
        var inTheWay = await db.Occupancies.Where(o => o.DeviceId == deviceId && o.Active && o.From < until && o.To > from).ToListAsync(ct);
        var ids = inTheWay.Select(o => o.Id).ToList();
        var lines = await db.BookingLines.AsNoTracking().Where(l => l.OccupancyId != null && ids.Contains(l.OccupancyId.Value)).ToListAsync(ct);
        Demand.All(
            from < until && until > now && (to is null || to < now.AddYears(5)) ? null : LifeRules.MaintenancePeriod.With(),
            lines.Where(l => l.Status == LineStatus.OnLoan).Select(l => LifeRules.DeviceIsOut.With(device.Label, BookingWords.Moment(l.To))).FirstOrDefault(),
            inTheWay.Any(o => o.Kind is OccupancyKind.Maintenance or OccupancyKind.Transfer) ? LifeRules.HasMaintenance.With(device.Label) : null);

        // What is left of a turnaround is part of the maintenance.
        foreach (var rest in inTheWay.Where(o => o.Kind == OccupancyKind.Booking && lines.Any(l => l.OccupancyId == o.Id && !l.IsActive))) rest.EndAt(from);
        var occupancy = new Occupancy(deviceId, device.PoolId, from, until, OccupancyKind.Maintenance, id);
        var maintenance = new Maintenance(id, device, from, until, reason, vendor, occupancy.Id);
        await Settling.EmptyAsync(db, deviceId, new Period(from, until), now, ct, async () =>
        {
            db.AddRange(occupancy, maintenance);
            await db.SaveChangesAsync(ct);
        });
        return maintenance;
    }, ct);

    /// <summary>It is over: the device can be lent again when it is fit, and goes first to whoever waits for a substitute.</summary>
    public Task EndAsync(Guid id, string? result, bool isFit, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var deviceId = await db.Maintenances.Where(m => m.Id == id).Select(m => (DeviceId?)m.DeviceId).SingleOrDefaultAsync(ct) ?? throw new NotHereException();
        var device = await OpenAsync(deviceId, now, ct);
        var maintenance = await db.Maintenances.SingleAsync(m => m.Id == id, ct);
        if (maintenance.EndedAt is not null) return;
        maintenance.End(result, now);
        (await db.Occupancies.SingleAsync(o => o.Id == maintenance.OccupancyId, ct)).EndAt(now);
        if (isFit && device.Status == DeviceStatus.Maintenance) device.SetStatus(DeviceStatus.InService, result);
        if (isFit && device.AwaitsInspection) device.Inspect(device.OpenShortages);
        if (!isFit && device.Status == DeviceStatus.InService) device.SetStatus(DeviceStatus.Maintenance, result);
        await db.SaveChangesAsync(ct);
        if (!device.IsLendable) await Settling.EmptyAsync(db, device, now, ct);
        await Settling.GiveToWaitingAsync(db, device.PoolId, now, ct);
    }, ct);

    /// <summary>The desk looked at it: what is still missing, and whether it is fit to lend again; a maintenance that runs is over then, too.</summary>
    public Task InspectAsync(DeviceId deviceId, IReadOnlyList<string> missing, bool isFit, CancellationToken ct) => db.WriteAsync(async () =>
    {
        const string found = "窓口の点検";
        var now = clock.GetUtcNow();
        var device = await OpenAsync(deviceId, now, ct);
        device.Inspect(missing);
        foreach (var running in isFit ? await db.Maintenances.Where(m => m.DeviceId == deviceId && m.EndedAt == null && m.From <= now && m.To > now).ToListAsync(ct) : [])
        {
            running.End(found, now);
            (await db.Occupancies.SingleAsync(o => o.Id == running.OccupancyId, ct)).EndAt(now);
        }
        if (isFit && device.Status == DeviceStatus.Maintenance) device.SetStatus(DeviceStatus.InService, found);
        await db.SaveChangesAsync(ct);
        if (device.IsLendable) await Settling.GiveToWaitingAsync(db, device.PoolId, now, ct);
    }, ct);

    /// <summary>使用停止 (リコール): nobody may use it; who has it is asked to bring it back, who was to have it gets another.</summary>
    public Task RecallAsync(DeviceId deviceId, string reason, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var device = await OpenAsync(deviceId, now, ct);
        if (device.RecallReason is not null) return;
        device.Recall(reason);
        await db.SaveChangesAsync(ct);
        await Settling.EmptyAsync(db, device, now, ct);
        var holder = await (
            from loan in db.Loans
            where loan.DeviceId == deviceId && loan.InAt == null
            join line in db.BookingLines on loan.LineId equals line.Id
            join booking in db.Bookings on line.BookingId equals booking.Id
            select new { loan, booking.BorrowerId, booking.Id }).SingleOrDefaultAsync(ct);
        holder?.loan.Tell(new News("loan.return-order", $"loan.return-order:{holder.loan.Id}", [holder.BorrowerId], $"端末をすぐに返却してください（{device.Label}）",
            $"{reason}のため使用を停止しました。使うのをやめ、貸出窓口へ返却してください。", $"/booking/{holder.Id}")
        { Importance = Importance.Urgent });
    }, ct);

    public Task LiftRecallAsync(DeviceId deviceId, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var device = await OpenAsync(deviceId, now, ct);
        if (device.RecallReason is null) return;
        device.LiftRecall();
        await db.SaveChangesAsync(ct);
        await Settling.GiveToWaitingAsync(db, device.PoolId, now, ct);
    }, ct);

    // A travelling device may be promised at both offices.
    private async Task<Device> OpenAsync(DeviceId id, DateTimeOffset now, CancellationToken ct)
    {
        var home = await db.Devices.Where(d => d.Id == id).Select(d => (PoolId?)d.PoolId).SingleOrDefaultAsync(ct) ?? throw new NotHereException();
        var targets = await db.Transfers.Where(t => t.DeviceId == id && (t.State == TransferState.Planned || t.State == TransferState.Sent)).Select(t => t.ToPoolId).ToListAsync(ct);
        await reserving.OpenAsync([.. targets.Append(home).Distinct()], now, ct);
        return await db.Devices.SingleAsync(d => d.Id == id, ct);
    }
}
