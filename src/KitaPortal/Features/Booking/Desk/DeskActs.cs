using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>One device given out: for which line, which device lies on the counter (null: the one the line has), what goes with it (null: the whole set).</summary>
public sealed record HandedItem(BookingLineId LineId, DeviceId? DeviceId = null, IReadOnlyList<string>? Set = null, DeviceCondition Condition = DeviceCondition.Fit);

/// <summary>A hand-over as the desk (or the borrower alone, where self-service is allowed) enters it; the id is made by the client.</summary>
public sealed record HandingOver(Guid Id, IReadOnlyList<HandedItem> Items)
{
    /// <summary>Null: the borrower.</summary>
    public StaffId? ReceivedBy { get; init; }

    public Confirmation Confirmation { get; init; }

    public IReadOnlyList<string> Acknowledged { get; init; } = [];

    /// <summary>Rule code to the written reason for passing it.</summary>
    public IReadOnlyDictionary<string, string> Overrides { get; init; } = new Dictionary<string, string>();
}

/// <summary>One device taken back, with what came along (null: all that went out).</summary>
public sealed record ReturnedItem(DeviceId DeviceId, IReadOnlyList<string>? Set = null, DeviceCondition Condition = DeviceCondition.Fit, bool Erased = false, string? Note = null);

/// <summary>A take-back: devices of several people in any order; the id is made by the client.</summary>
public sealed record TakingBack(Guid Id, OfficeId OfficeId, IReadOnlyList<ReturnedItem> Items)
{
    public StaffId? ReturnedBy { get; init; }

    public Confirmation Confirmation { get; init; }

    public IReadOnlyDictionary<string, string> Overrides { get; init; } = new Dictionary<string, string>();
}

/// <summary>即時貸出: this device, now, to this person, until then.</summary>
public sealed record WalkingUp(Guid Id, DeviceId DeviceId, StaffId BorrowerId, DateTimeOffset To, BookingAim Aim)
{
    /// <summary>緊急貸出: why the permission cannot be waited for.</summary>
    public string? Emergency { get; init; }

    public IReadOnlyList<string> Acknowledged { get; init; } = [];

    public IReadOnlyDictionary<string, string> Overrides { get; init; } = new Dictionary<string, string>();
}

/// <summary>What happens at the counter and on a device's own page: prepare, hand over, take back, lend on the spot. Pages and API come through here.</summary>
public sealed partial class DeskActs(PortalDb db, Reserving reserving, Permitting permitting, TimeProvider clock)
{
    /// <summary>The device lies ready at the desk and stays with the line from now on.</summary>
    public Task PrepareAsync(BookingLineId lineId, DeviceId? scanned, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var (booking, line, pool) = await OpenAsync(lineId, ct);
        if (!by.IsDeskOf(pool.Office.Id)) throw new NotHereException();
        if (scanned is { } device && device != line.DeviceId) await GiveAsync(booking, line, device, now, ct);
        booking.Prepare(line.Id, line.DeviceId ?? throw new RuleViolation(DeviceRules.NoneFree.With(pool.Model.Name, pool.Office.Name)));
        booking.TellReady(pool.Office.Name);
    }, ct);

    /// <summary>Borrow on the spot, through the same rules: a booking from the running quarter hour, handed over at once. Sent again, also later, it is the same loan.</summary>
    public Task<IReadOnlyList<Loan>> WalkUpAsync(WalkingUp act, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var id = new BookingId(act.Id);
        if (await db.Bookings.AsNoTracking().Include(b => b.Lines).SingleOrDefaultAsync(b => b.Id == id, ct) is { } earlier)
        {
            var acts = db.HandOvers.Where(h => h.Id == act.Id && h.ClerkId == by.Id).Select(h => h.Id);
            var given = await db.Loans.Where(l => acts.Contains(l.HandOverId)).ToListAsync(ct);
            return given is [var loan] && loan.DeviceId == act.DeviceId && earlier.BorrowerId == act.BorrowerId && earlier.Lines[0].OriginalTo == act.To && earlier.Aim == act.Aim ? given : throw BookingRules.SameIdOtherBody();
        }
        var device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == act.DeviceId, ct).OrNotHere();
        var office = await db.Pools.Where(p => p.Id == device.PoolId).Select(p => p.OfficeId).SingleAsync(ct);
        if (act.Emergency is { } why) permitting.DemandEmergency(by, act.BorrowerId, [office], act.Aim.Purpose, why);
        var quarter = TimeSpan.FromMinutes(15).Ticks;
        var booking = await reserving.ReserveAsync(new BookingRequest
        {
            Id = id,
            BorrowerId = act.BorrowerId,
            Wanted = [new WantedDevice(device.PoolId, device.Id)],
            From = now.AddTicks(-(now.Ticks % quarter)),
            To = act.To,
            Aim = act.Aim,
            Acknowledged = act.Acknowledged,
            Overrides = act.Overrides,
            IsWalkUp = true,
            Emergency = act.Emergency?.Trim(),
        }, by, ct);
        return await HandOverAsync(new HandingOver(act.Id, [new HandedItem(booking.Lines[0].Id)]) { Acknowledged = act.Acknowledged, Overrides = act.Overrides }, by, ct);
    }, ct);


    private async Task<(Booking Booking, BookingLine Line, PoolFacts Pool)> OpenAsync(BookingLineId lineId, CancellationToken ct)
    {
        var poolId = await db.BookingLines.Where(l => l.Id == lineId).Select(l => (PoolId?)l.PoolId).SingleOrDefaultAsync(ct) ?? throw new NotHereException();
        await reserving.OpenAsync([poolId], clock.GetUtcNow(), ct);
        var booking = await db.Bookings.Include(b => b.Lines).SingleAsync(b => b.Lines.Any(l => l.Id == lineId), ct);
        return (booking, booking.Line(lineId), (await Facts.PoolsAsync(db, [poolId], ct))[0]);
    }

    /// <summary>Puts the scanned device in the place of the line's own; tentative bookings on it move out of the way, others refuse (貸-702).</summary>
    private async Task GiveAsync(Booking booking, BookingLine line, DeviceId scanned, DateTimeOffset now, CancellationToken ct)
    {
        var occupancy = await db.Occupancies.SingleAsync(o => o.Id == line.OccupancyId, ct);
        var before = occupancy.DeviceId;
        occupancy.MoveTo(null);
        occupancy.NeedFrom(now);
        await db.SaveChangesAsync(ct);
        var state = await PoolState.LoadAsync(db, [line.PoolId], now, now, ct);
        var placement = line.Pinned && before is not null && before != scanned ? null
            : state.Plan(line.PoolId).Place([new Ask(occupancy.Id, new Period(occupancy.From, occupancy.To), scanned)]);
        if (placement is null) throw new RuleViolation(CounterRules.WrongDevice.With());
        await Places.MoveAsync(db, placement.Moves, ct);
        await db.SaveChangesAsync(ct);
        occupancy.MoveTo(scanned);
        booking.Swap(line.Id, scanned);
    }
}
