using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Giving out: several lines at once; what is not handed over stays as it was.</summary>
public sealed partial class DeskActs
{
    /// <summary>Hands devices over; the same act sent again gives the same loans. Refuses with all broken rules of all devices.</summary>
    public Task<IReadOnlyList<Loan>> HandOverAsync(HandingOver act, Asker by, CancellationToken ct) => db.WriteAsync<IReadOnlyList<Loan>>(async () =>
    {
        var now = clock.GetUtcNow();
        var lineIds = act.Items.Select(i => i.LineId).Distinct().ToList();
        var poolIds = await db.BookingLines.Where(l => lineIds.Contains(l.Id)).Select(l => l.PoolId).Distinct().ToListAsync(ct);
        await reserving.OpenAsync(poolIds, now, ct);
        if (await db.HandOvers.SingleOrDefaultAsync(h => h.Id == act.Id, ct) is { } earlier)
        {
            var given = await db.Loans.Where(l => l.HandOverId == act.Id).ToListAsync(ct);
            return earlier.ClerkId == by.Id && IsSame(act, given) ? given : throw BookingRules.SameIdOtherBody();
        }

        var bookings = await db.Bookings.Include(b => b.Lines).Where(b => b.Lines.Any(l => lineIds.Contains(l.Id))).AsSplitQuery().ToListAsync(ct);
        if (lineIds.Count == 0 || lineIds.Any(id => !bookings.Any(b => b.Lines.Any(l => l.Id == id)))) throw new NotHereException();
        RefuseWhatIsOverAlready(bookings, lineIds, now);

        var office = await OfficeOfAsync(poolIds, ct);
        var handOver = new HandOver(act.Id, office.Id, by.Id, now, act.Confirmation);
        db.Add(handOver);
        var broken = new List<Broken>();
        var loans = new List<Loan>();
        foreach (var booking in bookings)
        {
            var items = act.Items.Where(i => booking.Lines.Any(l => l.Id == i.LineId)).ToList();
            var facts = await Facts.LoadAsync(db, booking.BorrowerId, booking.ResponsibleId, [.. items.Select(i => booking.Line(i.LineId).PoolId).Distinct()],
                new Period(booking.From, booking.To), by, now, ct);
            if (by.Id != booking.BorrowerId && !items.All(i => by.IsDeskOf(facts.Find(booking.Line(i.LineId).PoolId)!.Office.Id))) throw new NotHereException();
            var passed = new List<PassedRule>();
            foreach (var item in items) broken.AddRange(await CheckAsync(act, item, booking, facts, by, passed, now, ct));
            if (broken.Count > 0) continue;
            booking.PassedBy(passed, by.Id);
            loans.AddRange(await GiveOutAsync(booking, items, facts, handOver, office.Name, act.ReceivedBy ?? booking.BorrowerId, now, ct));
        }
        Demand.All(broken.DistinctBy(b => (b.Rule.Code, b.Message)));
        foreach (var person in loans.GroupBy(l => l.ReceivedBy)) db.Add(new Receipt(handOver, person.Key, [.. person.Select(l => l.Id)]));
        await db.SaveChangesAsync(ct);
        return loans;
    }, ct);

    private static bool IsSame(HandingOver act, List<Loan> given)
        => act.Items.Count == given.Count && (act.ReceivedBy is null || given.All(l => l.ReceivedBy == act.ReceivedBy)) && act.Items.All(i => given.Any(l => l.LineId == i.LineId
            && (i.DeviceId ?? l.DeviceId) == l.DeviceId && i.Condition == l.ConditionOut && (i.Set is null || i.Set.ToHashSet().SetEquals(l.SetOut))));

    // The desk that hands over is the one the devices belong to, whatever the client says.
    private async Task<Office> OfficeOfAsync(List<PoolId> pools, CancellationToken ct)
    {
        var offices = (await Facts.PoolsAsync(db, pools, ct)).Select(p => p.Office).DistinctBy(o => o.Id).ToList();
        return offices.Count == 1 ? offices[0] : throw new NotHereException();
    }

    // The second desk learns that it was too late, not that it did something wrong.
    private static void RefuseWhatIsOverAlready(List<Booking> bookings, List<BookingLineId> lineIds, DateTimeOffset now)
    {
        var lines = bookings.SelectMany(b => b.Lines).Where(l => lineIds.Contains(l.Id)).ToList();
        if (lines.FirstOrDefault(l => l.Status == LineStatus.OnLoan) is { } gone)
            throw new RuleViolation(BookingRules.NotNow.With(BookingWords.Of(gone.Status))) { Status = StatusCodes.Status409Conflict };
        Demand.All(lines.Select(l => l.IsComing ? null : BookingRules.NotNow.With(BookingWords.Of(l.Status)))
            .Concat(lines.Select(l => l.IsComing && l.To <= now ? BookingRules.NotNow.With("利用時間が終わった") : null)));
    }

    private async Task<IEnumerable<Broken>> CheckAsync(HandingOver act, HandedItem item, Booking booking, Facts facts, Asker by, List<PassedRule> passed, DateTimeOffset now, CancellationToken ct)
    {
        var line = booking.Line(item.LineId);
        var pool = facts.Find(line.PoolId)!;
        var deviceId = item.DeviceId ?? line.DeviceId;
        var device = deviceId is { } id ? facts.State.Find(id) ?? await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) : null;
        if (device is null) return [DeviceRules.NoneFree.With(pool.Model.Name, pool.Office.Name)];

        var isOther = device.Id != line.DeviceId;
        var set = item.Set ?? [.. pool.Model.Accessories.Where(a => !device.OpenShortages.Contains(a.Label)).Select(a => a.Label)];
        var receiver = act.ReceivedBy ?? booking.BorrowerId;
        var asked = facts.CaseOf(pool, Stage.HandOver, now, new Period(line.From, line.To), booking.Aim, notCounting: booking.Id) with
        {
            Device = device,
            Counter = new DeskFacts
            {
                LineStatus = line.Status,
                IsPermitted = await IsPermittedAsync(booking, line, ct),
                IsAtDesk = by.IsDeskOf(pool.Office.Id),
                IsReceiverKnown = receiver == booking.BorrowerId || receiver == booking.ResponsibleId
                    || await db.ReceiptProxies.AnyAsync(p => p.BookingId == booking.Id && p.PersonId == receiver && !p.IsWithdrawn, ct),
                IsWrongDevice = device.ModelId != pool.Model.Id || (isOther && ((line.Pinned && line.DeviceId is not null) || IsHeldForOthers(facts, device.Id, line, now))),
                IsOnAnotherLoan = await db.Loans.AnyAsync(l => l.DeviceId == device.Id && l.InAt == null, ct),
                IsFreeBeforeStart = now >= line.From || !facts.State.TakenOf(device.Id).Any(t => t.LineId != line.Id && t.From < line.From && t.To > now),
                MissingSet = [.. pool.Model.Accessories.Select(a => a.Label).Except(set)],
            },
        };
        var (left, reasons) = Passing.Sort(BookingRules.Check(asked).Where(f => !booking.HasPassed(f.Rule)), act.Overrides, by, by.IsDeskOf(pool.Office.Id));
        passed.AddRange(reasons);
        return left.Where(f => f.Grade == Grade.Block || (f.Grade == Grade.Warn && !act.Acknowledged.Contains(f.Rule.Text.Code))).Select(f => f.Broken);
    }

    private static bool IsHeldForOthers(Facts facts, DeviceId device, BookingLine line, DateTimeOffset now)
        => facts.State.TakenOf(device).Any(t => t.LineId != line.Id && t.From < line.To && t.To > line.From && t.To > now && (t.Pinned || t.Status is LineStatus.Ready or LineStatus.OnLoan || t.LineId is null));

    private async Task<bool> IsPermittedAsync(Booking booking, BookingLine line, CancellationToken ct)
        => !booking.IsOutside || (await db.TakeOutPermissions.AsNoTracking().Where(p => p.BookingId == booking.Id).ToListAsync(ct)).Any(p => p.Covers(booking, line.To));

    private async Task<List<Loan>> GiveOutAsync(Booking booking, List<HandedItem> items, Facts facts, HandOver handOver, string officeName, Platform.Domain.StaffId receivedBy, DateTimeOffset now, CancellationToken ct)
    {
        var counter = await TakeRegisterAsync(handOver.OfficeId, now, ct);
        var loans = new List<Loan>();
        var gone = new List<(BookingLine, DeviceId)>();
        var displaced = new List<Occupancy>();
        foreach (var item in items)
        {
            var line = booking.Line(item.LineId);
            if (item.DeviceId is { } scanned && scanned != line.DeviceId) await GiveAsync(booking, line, scanned, now, ct);
            var device = line.DeviceId!.Value;
            displaced.AddRange(await Settling.BeginNowAsync(db, await db.Occupancies.SingleAsync(o => o.Id == line.OccupancyId, ct), now, ct));
            var set = item.Set ?? [.. facts.Find(line.PoolId)!.Model.Accessories.Select(a => a.Label).Except(facts.State.Find(device)?.OpenShortages ?? [])];
            loans.Add(new Loan(line, device, handOver, counter.Take(), officeName, receivedBy, set, item.Condition));
            gone.Add((line, device));
        }
        booking.GoOut(gone, [.. loans.Select(l => l.Id)]);
        db.AddRange(loans);
        await Settling.FindSubstitutesAsync(db, displaced, now, ct);
        return loans;
    }

    // Numbers have no gap: the row is locked until the commit.
    private async Task<RegisterCounter> TakeRegisterAsync(OfficeId office, DateTimeOffset now, CancellationToken ct)
    {
        var year = FiscalYear.Of(now).Value;
        if (db.RegisterCounters.Local.FirstOrDefault(c => c.OfficeId == office && c.FiscalYear == year) is { } held) return held;
        var fresh = Guid.CreateVersion7();
        await db.Database.ExecuteSqlAsync($"INSERT INTO \"RegisterCounters\" (\"Id\", \"OfficeId\", \"FiscalYear\", \"Last\") VALUES ({fresh}, {office.Value}, {year}, 0) ON CONFLICT DO NOTHING", ct);
        var id = await db.RegisterCounters.Where(c => c.OfficeId == office && c.FiscalYear == year).Select(c => c.Id).SingleAsync(ct);
        await db.LockAsync<RegisterCounter>([id], ct);
        return await db.RegisterCounters.SingleAsync(c => c.Id == id, ct);
    }
}
