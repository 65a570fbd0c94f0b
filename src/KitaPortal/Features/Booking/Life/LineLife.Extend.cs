using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>延長 as a person asks for it: which lines (null: all that are out), until when.</summary>
public sealed record Extending(BookingId Id, IReadOnlyCollection<BookingLineId>? Lines, DateTimeOffset To)
{
    public IReadOnlyList<string> Acknowledged { get; init; } = [];

    /// <summary>Rule code to the written reason for passing it.</summary>
    public IReadOnlyDictionary<string, string> Overrides { get; init; } = new Dictionary<string, string>();

    /// <summary>What the approver should know.</summary>
    public string? Reason { get; init; }
}

/// <summary>延長: all rules on the new period; what needs permission holds the device at once and gives it back if refused.</summary>
public sealed partial class LineLife
{
    /// <summary>What would happen; writes nothing.</summary>
    public async Task<Judgement> PreviewExtensionAsync(Extending act, Asker by, CancellationToken ct)
    {
        var booking = await db.Bookings.AsNoTracking().Include(b => b.Lines).SingleOrDefaultAsync(b => b.Id == act.Id, ct).OrNotHere();
        return (await JudgeExtensionAsync(booking, Longer(booking, act), act, by, clock.GetUtcNow(), ct)).Judgement;
    }

    /// <summary>Moves the planned end, or holds the longer time while permission is asked. True when it is extended already.</summary>
    public Task<bool> ExtendAsync(Extending act, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var booking = await OpenAsync(act.Id, [], now, ct);
        var lines = Longer(booking, act);
        if (lines.All(l => l.To == act.To && l.Extensions > 0)) return true;
        var (judgement, request) = await JudgeExtensionAsync(booking, lines, act, by, now, ct);
        judgement.Demand(act.Acknowledged);

        await Places.MoveAsync(db, judgement.Moves, ct);
        await db.SaveChangesAsync(ct);
        foreach (var line in lines)
        {
            var until = judgement.Facts.Find(line.PoolId)!.WithTurnaround(new Period(line.From, act.To)).To;
            (await db.Occupancies.SingleAsync(o => o.Id == line.OccupancyId, ct)).StretchTo(until);
        }
        booking.PassedBy(judgement.Passed, by.Id);
        var asks = judgement.Conditions.Count > 0;
        if (asks)
        {
            var id = ApprovalRequestId.From(Guid.CreateVersion7());
            booking.AskExtension(lines, act.To, id.Value);
            booking.AsksOutsideHours |= judgement.Findings.Any(f => f.Rule == PeriodRules.OutsideHours);
            await reserving.SubmitAsync(id, booking, request, judgement, by, "端末持出許可申請・延長", ct, lines.Min(l => l.To));
        }
        else
        {
            booking.Extend(lines, act.To);
            if (booking.IsOutside) db.Add(new TakeOutPermission(booking, PermissionBasis.Deemed, null, null, null, now, null, outsideHours: false));
            booking.TellBorrower("booking.extended", "返却の予定を延ばしました", BookingWords.Span(booking.From, booking.To));
        }
        await db.SaveChangesAsync(ct);
        return !asks;
    }, ct);

    private static List<BookingLine> Longer(Booking booking, Extending act)
    {
        var lines = booking.Lines.Where(l => act.Lines is null ? l.Status == LineStatus.OnLoan : act.Lines.Contains(l.Id)).OrderBy(l => l.Id.Value).ToList();
        if (act.Lines is not null && lines.Count != act.Lines.Count) throw new NotHereException();
        Demand.All(
            [.. lines.Where(l => l.Status != LineStatus.OnLoan).Select(l => BookingRules.NotNow.With(BookingWords.Of(l.Status))).DistinctBy(b => b.Message),
            lines.Count == 0 ? BookingRules.NotNow.With(BookingWords.Of(booking.Lines[0].Status)) : null,
            booking.Lines.Any(l => l.Status == LineStatus.Requested || l.PendingTo is not null) ? LifeRules.ExtensionWaits.With() : null]);
        return lines;
    }

    private async Task<(Judgement Judgement, BookingRequest Request)> JudgeExtensionAsync(Booking booking, List<BookingLine> lines, Extending act, Asker by, DateTimeOffset now, CancellationToken ct)
    {
        if (lines.FirstOrDefault(l => act.To <= l.To && l.To != act.To) is { } shorter) throw new RuleViolation(LifeRules.LaterEnd.With(BookingWords.Moment(shorter.To)));
        if (lines.Any(l => l.To == act.To)) throw new RuleViolation(LifeRules.LaterEnd.With(BookingWords.Moment(act.To)));
        if (act.To > now.AddYears(2)) throw new RuleViolation(PeriodRules.Period.With());
        var poolIds = lines.Select(l => l.PoolId).Distinct().ToList();
        var ids = lines.Select(l => l.Id).ToList();
        var facts = await Facts.LoadAsync(db, booking.BorrowerId, booking.ResponsibleId, poolIds, new Period(booking.From, act.To), by, now, ct, ids);
        var permissions = booking.IsOutside ? await db.TakeOutPermissions.AsNoTracking().Where(p => p.BookingId == booking.Id).ToListAsync(ct) : [];
        var (findings, moves, places) = (new List<Finding>(), new Dictionary<Guid, DeviceId>(), new List<JudgedPlace>());
        foreach (var group in lines.GroupBy(l => l.PoolId))
        {
            var pool = facts.Find(group.Key)!;
            var asks = group.Select(l => new Ask(l.Id.Value, pool.WithTurnaround(new Period(now < l.To ? now : l.To, act.To)), l.DeviceId)).ToList();
            DeviceId? Also(BookingLine l) => facts.State.Find(l.DeviceId!.Value) is { IsLendable: false } ? l.DeviceId : null;
            var plan = facts.State.Plan(pool.Pool.Id, also: group.Select(Also).FirstOrDefault(d => d is not null), givenUp: ids);
            var placement = plan.Place(asks);
            foreach (var move in placement?.Moves ?? new Dictionary<Guid, DeviceId>()) moves[move.Key] = move.Value;
            foreach (var line in group)
            {
                places.Add(new JudgedPlace(pool, line.DeviceId, true));
                var takenAt = placement is null ? plan.TakenAt(line.DeviceId!.Value, asks.Single(a => a.Key == line.Id.Value).Period) : null;
                var isPermitted = !booking.IsOutside || permissions.Any(p => p.Covers(booking, line.To));
                var asked = facts.AtExtension(booking, line, act.To, takenAt, isPermitted, pool.Desk.EffectiveDue(line.To), now) with { Count = group.Count(), IsElsewhere = false };
                findings.AddRange(BookingRules.Check(asked));
            }
        }
        var request = new BookingRequest
        {
            Id = booking.Id,
            BorrowerId = booking.BorrowerId,
            ResponsibleId = booking.ResponsibleId,
            Wanted = [.. lines.Select(l => new WantedDevice(l.PoolId, l.DeviceId))],
            From = booking.From,
            To = act.To,
            Aim = booking.Aim,
            Overrides = act.Overrides,
            Reason = act.Reason,
        };
        var distinct = findings.GroupBy(f => (f.Rule.Text.Code, f.Broken.Message)).Select(g => g.First()).OrderBy(f => f.Rule.Number).ToList();
        var (left, passed) = Passing.Sort(distinct, act.Overrides, by, places.All(p => by.IsDeskOf(p.Pool.Office.Id)));
        return (new Judgement(left, places, moves, facts, booking.RuleSetVersions) { Passed = passed }, request);
    }
}
