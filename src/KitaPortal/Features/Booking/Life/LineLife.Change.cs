using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>変更 as a person asks for it. Lines that were not collected yet get the new time; what is null stays as it is.</summary>
public sealed record Changing(BookingId Id, DateTimeOffset From, DateTimeOffset To, BookingAim Aim)
{
    /// <summary>What the person saw; another one now is answered with 409.</summary>
    public int? Version { get; init; }

    /// <summary>Only these lines; null is all that are still coming.</summary>
    public IReadOnlyCollection<BookingLineId>? Lines { get; init; }

    /// <summary>Other devices; null is the same places.</summary>
    public IReadOnlyList<WantedDevice>? Wanted { get; init; }

    public StaffId? ResponsibleId { get; init; }

    public bool SignAgreement { get; init; }

    public IReadOnlyList<string> Acknowledged { get; init; } = [];

    /// <summary>Rule code to the written reason for passing it.</summary>
    public IReadOnlyDictionary<string, string> Overrides { get; init; } = new Dictionary<string, string>();

    public string? Reason { get; init; }

    /// <summary>The town itself moves the booking: warnings need no tick.</summary>
    public bool IsArranged { get; init; }

    /// <summary>Whoever changes several bookings together tells the borrower once for all.</summary>
    public bool IsToldElsewhere { get; init; }
}

/// <summary>変更: the same rules as for a new booking, without counting the old places. A shorter one keeps its permission; a later end, another class,
/// destination or information class voids it.</summary>
public sealed partial class LineLife
{
    /// <summary>What would happen; writes nothing. Conditions are empty when the permission there is covers the change.</summary>
    public async Task<Judgement> PreviewChangeAsync(Changing act, Asker by, CancellationToken ct)
    {
        var booking = await db.Bookings.AsNoTracking().Include(b => b.Lines).SingleOrDefaultAsync(b => b.Id == act.Id, ct).OrNotHere();
        var lines = ToChange(booking, act);
        var request = RequestOf(booking, lines, act);
        var judgement = await reserving.JudgeAsync(request, by, clock.GetUtcNow(), ct);
        return KeepsPermission(booking, lines, request, judgement) ? judgement with { Findings = [.. judgement.Findings.Where(f => f.Grade is not (Grade.Head or Grade.Sec))] } : judgement;
    }

    /// <summary>Gives the lines their new places, and asks for permission again where the one there is does not cover the change.</summary>
    public Task<Booking> ChangeAsync(Changing act, Asker by, CancellationToken ct, Func<Booking, BookingRequest, Judgement, Task>? askAnew = null) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var booking = await OpenAsync(act.Id, act.Wanted is null ? [] : await WantedPoolsAsync(act.Wanted, ct), now, ct, [act.From]);
        if (act.Version is { } seen) db.Entry(booking).Property(b => b.Version).OriginalValue = seen;
        var lines = ToChange(booking, act);
        var request = RequestOf(booking, lines, act);
        var judgement = await reserving.JudgeAsync(request, by, now, ct);
        if (!act.IsArranged) judgement.Demand(act.Acknowledged);
        else Demand.All(judgement.Blocks);
        if (judgement.ToSign is null && act.SignAgreement) await reserving.SignAsync(request, judgement, by, now, ct);
        var keeps = KeepsPermission(booking, lines, request, judgement);
        var wasAsked = lines.Any(l => l.Status == LineStatus.Requested);
        var oldPools = lines.Select(l => l.PoolId).Distinct().ToList();

        var changed = await RelocateAsync(booking, lines, request, judgement, now, ct);
        booking.Change(act.Aim, judgement.Facts.ResponsibleId, request.Hash, FactsHashOf(booking, changed, request, judgement), judgement.RuleSetVersions, changed);
        booking.PassedBy(judgement.Passed, by.Id);
        booking.AsksOutsideHours = judgement.Findings.Any(f => f.Rule == PeriodRules.OutsideHours) || (booking.AsksOutsideHours && booking.Lines.Any(l => l.IsActive && !changed.Contains(l)));
        if (judgement.Findings.Any(f => f.Rule == TakeOutRules.MyNumber)) booking.ConfirmNoMyNumber();
        if (!keeps && askAnew is not null) await askAnew(booking, request, judgement);
        else if (!keeps) await AskAnewAsync(booking, request, judgement, wasAsked, by, now, ct);
        if (!act.IsToldElsewhere) booking.TellChanged(judgement.Places[0].Pool.Office.Name, by.Id);
        await db.SaveChangesAsync(ct);
        foreach (var pool in oldPools) await Settling.GiveToWaitingAsync(db, pool, now, ct);
        return booking;
    }, ct);

    private static List<BookingLine> ToChange(Booking booking, Changing act)
    {
        var lines = booking.Lines.Where(l => act.Lines is null ? l.IsComing : act.Lines.Contains(l.Id)).OrderBy(l => l.Id.Value).ToList();
        Demand.All(
            [.. lines.Where(l => !l.IsComing).Select(l => BookingRules.NotNow.With(BookingWords.Of(l.Status))).DistinctBy(b => b.Message),
            lines.Count == 0 ? BookingRules.NotNow.With(BookingWords.Of(booking.Lines[0].Status)) : null,
            booking.Lines.Any(l => l.PendingTo is not null) ? LifeRules.ExtensionWaits.With() : null,
            act.Aim != booking.Aim && booking.Lines.Any(l => l.Status is LineStatus.OnLoan or LineStatus.Returned or LineStatus.Lost) ? LifeRules.OutKeepsAim.With() : null]);
        if (act.Wanted is null && act.Aim == booking.Aim && (act.ResponsibleId is null || act.ResponsibleId == booking.ResponsibleId) && lines.All(l => l.From == act.From && l.To == act.To))
            throw new RuleViolation(LifeRules.NothingChanged.With());
        return lines;
    }

    // Prepared and pinned lines stay on their device; others keep theirs where they can.
    private static BookingRequest RequestOf(Booking booking, List<BookingLine> lines, Changing act) => new()
    {
        Id = booking.Id,
        BorrowerId = booking.BorrowerId,
        ResponsibleId = act.ResponsibleId ?? booking.ResponsibleId,
        Wanted = act.Wanted ?? [.. lines.Select(l => new WantedDevice(l.PoolId, l.Pinned || l.Status == LineStatus.Ready ? l.DeviceId : null) { Preferred = l.DeviceId })],
        From = act.From,
        To = act.To,
        Aim = act.Aim,
        SignAgreement = act.SignAgreement,
        Acknowledged = act.Acknowledged,
        Overrides = act.Overrides,
        Reason = act.Reason,
        SeriesId = booking.SeriesId,
        Replaces = [.. lines.Select(l => l.Id)],
        KeepsStart = lines.All(l => l.From == act.From),
        IsArranged = act.IsArranged,
    };

    private async Task<List<PoolId>> WantedPoolsAsync(IReadOnlyList<WantedDevice> wanted, CancellationToken ct)
    {
        var named = wanted.Where(w => w.PoolId is null).Select(w => w.DeviceId).OfType<DeviceId>().ToList();
        var pools = await db.Devices.Where(d => named.Contains(d.Id)).Select(d => d.PoolId).ToListAsync(ct);
        var targets = await db.Transfers.Where(t => named.Contains(t.DeviceId) && (t.State == TransferState.Planned || t.State == TransferState.Sent)).Select(t => t.ToPoolId).ToListAsync(ct);
        return [.. wanted.Select(w => w.PoolId).OfType<PoolId>().Concat(pools).Concat(targets)];
    }

    private static string FactsHashOf(Booking booking, List<BookingLine> changed, BookingRequest request, Judgement judgement)
        => booking.Lines.Any(l => l.IsActive && !changed.Contains(l)) && request.Aim == booking.Aim
            ? booking.FactsHash : Judgement.FactsHashOf(request, judgement.Places.Select(p => p.Pool.Class.Code).Distinct());

    // Not longer in any direction, not more devices, nothing a permission is given for.
    private static bool KeepsPermission(Booking booking, List<BookingLine> lines, BookingRequest request, Judgement judgement)
        => lines.All(l => request.From >= l.From && request.To <= l.To) && judgement.Places.Count <= lines.Count
            && request.Aim.Purpose == booking.Purpose
            && FactsHashOf(booking, [.. booking.Lines.Where(l => l.IsActive)], request, judgement) == booking.FactsHash;

    // All places are given up first and taken anew, so that the overlap guard holds at every moment.
    private async Task<List<BookingLine>> RelocateAsync(Booking booking, List<BookingLine> lines, BookingRequest request, Judgement judgement, DateTimeOffset now, CancellationToken ct)
    {
        var ids = lines.Select(l => l.OccupancyId).OfType<Guid>().ToList();
        var occupancies = await db.Occupancies.Where(o => ids.Contains(o.Id)).ToDictionaryAsync(o => o.Id, ct);
        foreach (var occupancy in occupancies.Values) occupancy.Pause();
        await db.SaveChangesAsync(ct);
        await Places.MoveAsync(db, judgement.Moves, ct);
        await db.SaveChangesAsync(ct);

        var left = lines.ToList();
        var changed = new List<BookingLine>();
        foreach (var place in judgement.Places)
        {
            var (pool, device) = (place.Pool.Pool.Id, place.Device!.Value);
            var line = left.FirstOrDefault(l => l.DeviceId == device) ?? left.FirstOrDefault(l => l.PoolId == pool) ?? left.FirstOrDefault();
            var taken = place.Pool.WithTurnaround(request.Period);
            if (line is null)
            {
                line = booking.Add(pool, device, place.Pinned, request.From, request.To);
                if (lines.All(l => l.Status != LineStatus.Requested)) line.Confirm(now);
                var occupancy = new Occupancy(device, pool, taken.From, taken.To, OccupancyKind.Booking, line.Id.Value);
                line.Occupy(occupancy);
                db.Add(occupancy);
                db.Add(line);
            }
            else
            {
                left.Remove(line);
                line.Reschedule(pool, device, IsPinned(line, place), request.From, request.To);
                occupancies[line.OccupancyId!.Value].Become(device, pool, taken.From, taken.To);
            }
            changed.Add(line);
        }
        if (left.Count > 0) booking.Drop(left, now);
        return changed;

        // A prepared line that was asked for by its device only to keep it is not pinned by that.
        static bool IsPinned(BookingLine line, JudgedPlace place) => place.Pinned && (line.Pinned || line.Status != LineStatus.Ready);
    }

    private async Task AskAnewAsync(Booking booking, BookingRequest request, Judgement judgement, bool wasAsked, Asker by, DateTimeOffset now, CancellationToken ct)
    {
        if (wasAsked) await reserving.EndRequestAsync(booking, "予約の変更", ct);
        if (judgement.Conditions.Count > 0)
        {
            var id = ApprovalRequestId.From(Guid.CreateVersion7());
            booking.AskPermission(id.Value);
            await reserving.SubmitAsync(id, booking, request, judgement, by, "端末持出許可申請・変更", ct);
            return;
        }
        booking.Confirm(now);
        if (booking.IsOutside) db.Add(new TakeOutPermission(booking, PermissionBasis.Deemed, null, null, null, now, null, outsideHours: false));
    }
}
