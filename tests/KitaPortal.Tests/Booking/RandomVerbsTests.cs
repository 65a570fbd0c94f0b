using CsCheck;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Incidents;
using KitaPortal.Features.Booking.Waiting;
using KitaPortal.Features.Hours;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Approvals;
using KitaPortal.Tests.Booking.Life;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>Random lives of two pools: whatever people do in whatever order, also twice after a lost answer, the invariants of booking hold, every device's place is known,
/// and the ledger says what counting anew gives. The power goes before and after commits and while mails are sent: every notice that must exist is there exactly once. A failing life is printed with its seed and made shorter.</summary>
public sealed class RandomVerbsTests
{
    private enum Verb
    {
        Reserve, ReserveNamed, ReserveHome, Decide, Reject, Withdraw, Change, Cancel, Prepare, HandOver, TakeBack, BreakDown, Extend, Keep, Revive, Lose, Find, Plan, Send, Receive, CallOff,
        Maintain, EndMaintenance, Wait, Accept, Leave, Repeat, Clock, ClockFar, Job, Crash, Post,
    }

    private sealed record Step(Verb Verb, int A, int B, int C)
    {
        public override string ToString() => $"{Verb}({A},{B},{C})";
    }

    // What happens often in a day at the desk happens often here.
    private static readonly Verb[] Acts =
    [
        .. Enum.GetValues<Verb>(), Verb.Reserve, Verb.Reserve, Verb.ReserveNamed, Verb.ReserveHome, Verb.Decide, Verb.HandOver, Verb.HandOver, Verb.HandOver, Verb.TakeBack, Verb.TakeBack, Verb.Extend, Verb.Extend, Verb.Change, Verb.Cancel, Verb.Plan, Verb.Send, Verb.Receive,
        Verb.Wait, Verb.Wait, Verb.Accept, Verb.Accept, Verb.Revive, Verb.Revive, Verb.Lose, Verb.Find, Verb.Clock,
    ];

    private static readonly Verb[] Often = [.. Acts, Verb.Crash, Verb.Crash, Verb.Crash, Verb.Crash, Verb.Post, Verb.Post];

    // Where there is nothing to do it with, this is done first; else somebody collects or books.
    private static readonly Dictionary<Verb, Verb[]> Before = new()
    {
        [Verb.Decide] = [Verb.ReserveHome],
        [Verb.Reject] = [Verb.ReserveHome],
        [Verb.Withdraw] = [Verb.ReserveHome],
        [Verb.Find] = [Verb.Lose],
        [Verb.Send] = [Verb.Plan],
        [Verb.CallOff] = [Verb.Plan],
        [Verb.Receive] = [Verb.Plan, Verb.Send],
        [Verb.Leave] = [Verb.Wait],
        [Verb.Accept] = [Verb.Wait, Verb.Cancel],
    };

    private static readonly Gen<Step> Steps = Gen.Select(Gen.Int[0, Often.Length - 1], Gen.Int[0, 99], Gen.Int[0, 99], Gen.Int[0, 99], (verb, a, b, c) => new Step(Often[verb], a, b, c));

    // One life each. KITA_SEED adds others, separated by commas.
    private static readonly string[] Seeds = ["0zb2Jn1qtHUc", "0aSzx8uN628V", "0DGzhRnesJQW"];

    [Fact]
    public async Task Every_life_keeps_the_invariants_of_booking()
    {
        var (done, failed) = (new Dictionary<Verb, int>(), new List<Exception>());
        foreach (var seed in Seeds.Concat((Environment.GetEnvironmentVariable("KITA_SEED") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)))
        {
            var mine = new Dictionary<Verb, int>();
            try
            {
                await Steps.List[120].SampleAsync(async life => await LiveAsync(life, mine), seed: seed, iter: 1, threads: 1, print: life => string.Join(' ', life));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed.Add(e);
            }
            foreach (var (verb, count) in mine) done[verb] = done.GetValueOrDefault(verb) + count;
            TestContext.Current.TestOutputHelper?.WriteLine($"{seed}: {string.Join(' ', mine.OrderBy(m => m.Key).Select(m => $"{m.Key}={m.Value}"))}");
        }
        if (failed.Count > 0) throw new AggregateException(failed);

        // The lives were lives: everything people do was done.
        Assert.Empty(Enum.GetValues<Verb>().Except(done.Keys));
    }

    private static async Task LiveAsync(IReadOnlyList<Step> life, Dictionary<Verb, int> done)
    {
        var (portal, crash) = await CrashPoint.StartAsync();
        await using var running = portal;
        crash.Watch();
        var town = await SeedAsync(portal, laptops: 2, tablets: 3);
        await portal.WriteAsync(async db => (await db.DeviceClasses.SingleAsync(c => c.Code == "tablet")).Lend(selfService: false, deemedPermission: false, turnaroundMinutes: 15));
        var day = new RandomDay(portal, town);
        foreach (var (number, step) in life.Index())
        {
            if (!await TryAsync(step.Verb, step))
            {
                foreach (var first in Before.GetValueOrDefault(step.Verb, [Verb.HandOver, Verb.Reserve])) await TryAsync(first, step);
                await TryAsync(step.Verb, step);
            }
            await Invariants.CheckAsync(portal, day, $"step {number} {step}", withLedger: number % 30 == 29);
            await crash.CheckAsync(portal, $"step {number} {step}", isDrained: false);
        }
        await Invariants.CheckAsync(portal, day, "the end", withLedger: true);

        // Started again, it sends what lies there; again changes nothing.
        portal.Clock.Advance(TimeSpan.FromMinutes(4));
        await crash.PostAsync(portal);
        var left = crash.Left.Count;
        await crash.PostAsync(portal);
        await crash.CheckAsync(portal, "the end", isDrained: true);
        Assert.Equal(left, crash.Left.Count);

        // False when there was nothing to do it with.
        async Task<bool> TryAsync(Verb verb, Step step)
        {
            try
            {
                if (verb == Verb.Crash)
                {
                    // Half of what people do, cut off at its first or second commit.
                    var other = Acts[step.B % Acts.Length];
                    if (other is Verb.Crash or Verb.Post || !await crash.DuringAsync(1 + (step.C % 2), step.A % 2 == 0, () => TryAsync(other, step with { B = step.C }))) return false;
                }
                else if (verb == Verb.Post) await crash.PostAsync(portal, atLetter: step.A % 3 == 0 ? int.MaxValue : 1 + (step.B % 3), isTaken: step.A % 3 == 1);
                else if (!await day.DoAsync(verb.ToString(), step.A, step.B, step.C)) return false;
                done[verb] = done.GetValueOrDefault(verb) + 1;
            }
            catch (Exception refused) when (refused is RuleViolation or NotHereException)
            {
                // A refusal changes nothing; that is checked after the step.
            }
            return true;
        }
    }
}

/// <summary>Does what a random step says with whatever is there; false when there is nothing to do it with.</summary>
internal sealed class RandomDay(PortalHost portal, BookingTown town)
{
    private readonly StaffId[] people = [portal.Town.Sato, portal.Town.Suzuki, portal.Town.GeneralHead, portal.Town.Tanaka];
    private Func<Task>? last;

    /// <summary>The device each line had when it was last looked at, and the lines that had several.</summary>
    public Dictionary<BookingLineId, DeviceId?> Devices { get; } = [];

    public HashSet<BookingLineId> Substituted { get; } = [];

    /// <summary>Planned ends as they were while the device was out.</summary>
    public Dictionary<BookingLineId, DateTimeOffset> EndsWhileOut { get; } = [];

    public PortalHost Portal => portal;

    private IReadOnlyList<DeviceId> Known => [.. town.TabletIds, .. town.LaptopIds];

    public async Task<bool> DoAsync(string verb, int a, int b, int c)
    {
        switch (verb)
        {
            case "Reserve": return await ReserveAsync(a, town.Request(people[a % 4], "2026-04-06T09:00", "2026-04-06T10:00"), b, c);
            case "ReserveNamed": return await ReserveAsync(a, town.Request(people[a % 4], "2026-04-06T09:00", "2026-04-06T10:00", device: Known[b % 5]), b, c);
            case "ReserveHome": return await ReserveAsync(a, town.Request(people[a % 2], "2026-04-06T09:00", "2026-04-06T10:00", town.Laptops, aim: AtHome), b, c);
            case "Decide": return await DecideAsync(a, (request, acting) => request.Approve(acting), "");
            case "Reject": return await DecideAsync(a, (request, acting) => request.Reject(acting), "別の日にしてください");
            case "Withdraw": return await WithdrawAsync(a);
            case "Change": return await ChangeAsync(a, b, c);
            case "Cancel": return await WithLineAsync(a, l => l.IsComing, l => town.Cancel(l.BookingId, portal.Town.Desk));
            case "Prepare": return await WithLineAsync(a, l => l.Status == LineStatus.Approved, l => town.AtDesk(async (desk, clerk) => { await desk.PrepareAsync(l.Id, null, clerk, default); return true; }));
            case "HandOver": return await WithLineAsync(a, l => l.Status is LineStatus.Approved or LineStatus.Ready, l => HandOverAsync(l, b % 3 == 0 ? Known[c % 5] : null));
            case "TakeBack": return await WithLineAsync(a, l => l.Status == LineStatus.OnLoan, l => TakeBackAsync(l, DeviceCondition.Fit));
            case "BreakDown": return await WithLineAsync(a, l => l.Status == LineStatus.OnLoan, l => TakeBackAsync(l, DeviceCondition.Broken));
            case "Extend":
                return await WithLineAsync(a, l => l.Status == LineStatus.OnLoan, l => portal.Later(town, portal.Town.Desk, (life, asker) => life.ExtendAsync(new Extending(l.BookingId, [l.Id], l.To.AddMinutes(15 * (1 + b % 12)))
                { Acknowledged = Ticked, Overrides = Reasons }, asker, default)));
            case "Keep": return await WithLineAsync(a, l => l.Status is LineStatus.Approved or LineStatus.Ready, l => portal.Later(town, portal.Town.Sato, async (life, _) => { await life.KeepAsync(l.Id, Now.AddMinutes(15 * (1 + b % 12)), default); return true; }));
            case "Revive": return await ReviveAsync(a) || (await StayAwayAsync(a) && await ReviveAsync(a));
            case "Lose": return await WithLineAsync(b, l => l.Status == LineStatus.OnLoan, l => portal.Lose(town, portal.Town.Sato, l.Id));
            case "Find": return await FindAsync(a);
            case "Wait":
                return await WithLineAsync(b, l => l.IsActive && l.DeviceId is not null && l.From > Now.AddMinutes(15), l => WithPerson<WaitingLine>(people[a % 4], (line, asker) => line.QueueAsync(WaitlistEntryId.New(),
                    town.Request(people[a % 4], "2026-04-06T09:00", "2026-04-06T10:00", device: l.DeviceId) with { From = l.From, To = l.To, Acknowledged = Ticked }, 30 * (c % 3), [], asker, default)));
            case "Accept": return await WithEntryAsync(a, e => e.Status == WaitlistStatus.Offered, (line, entry, asker) => line.AcceptAsync(entry.Id, new Acceptance(Ticked), asker, default));
            case "Leave": return await WithEntryAsync(a, e => e.IsOpen, (line, entry, asker) => line.LeaveAsync(entry.Id, asker, default));
            case "Plan": return await PlanAsync(a, b, c);
            case "Send": return await WithTransferAsync(TransferState.Planned, (t, transfer) => t.SendAsync(transfer.Id, DeskAsker, default));
            case "Receive": return await WithTransferAsync(TransferState.Sent, (t, transfer) => t.ReceiveAsync(transfer.Id, a % 4 == 0 ? DeviceCondition.Broken : DeviceCondition.Fit, null, DeskAsker, default));
            case "CallOff": return await WithTransferAsync(TransferState.Planned, (t, transfer) => t.CancelAsync(transfer.Id, null, DeskAsker, default));
            case "Maintain": return await With<Maintaining>((m, _) => m.EnterAsync(Guid.NewGuid(), Known[a % 5], Slot(b), c % 3 == 0 ? null : Slot(b).AddHours(1 + c % 8), "点検", null, default));
            case "EndMaintenance": return await EndMaintenanceAsync(a);
            case "Repeat":
                if (last is null) return false;
                await last();
                return true;
            case "Clock": return await WaitAsync(TimeSpan.FromMinutes(1 + (a * 2)));
            case "ClockFar": return await WaitAsync(TimeSpan.FromHours(6 + (a % 30)));
            default: await portal.RunJob("ClockJob"); await portal.Climb(); return true;
        }
    }

    private static readonly string[] Ticked = ["booking.same-time", "booking.year-end", "booking.check-old", "booking.patch-old", "booking.no-wipe"];

    private static readonly Dictionary<string, string> Reasons = new() { ["booking.overdue"] = "会議が延びたと電話で連絡あり", ["booking.return-closed"] = "翌朝に窓口へ返すと連絡あり", ["booking.too-early"] = "早めに受け取りたいと連絡あり", ["booking.antivirus-old"] = "窓口で更新を確認してから渡した", ["booking.patch-old"] = "窓口で更新を確認してから渡した" };

    private DateTimeOffset Now => portal.Clock.GetUtcNow();

    // Answered by the desk of 本庁, which the tests let staff 芸北 as well.
    private static readonly (Features.People.Roles.Role, Guid?)[] Everywhere = [(Features.People.Roles.Role.LendingManager, null)];

    private Asker DeskAsker => new(portal.Town.Desk, Everywhere);

    private DateTimeOffset Slot(int n)
    {
        var now = Now.ToOffset(TimeSpan.FromHours(9));
        return new DateTimeOffset(now.Date, now.Offset).AddDays(n % 3).AddMinutes(540 + (15 * (n % 30))).ToUniversalTime();
    }

    // The same in the future, on a day the desks are open.
    private DateTimeOffset Ahead(int n)
    {
        var slot = Slot(n);
        while (slot <= Now || !WorkCalendar.Plain.IsOpen(TokyoTime.DayOf(slot))) slot = slot.AddDays(1);
        return slot;
    }

    // The night posts what is still out; nothing else may need it.
    private async Task<bool> WaitAsync(TimeSpan span)
    {
        var before = TokyoTime.DayOf(Now);
        portal.Clock.Advance(span);
        if (TokyoTime.DayOf(Now) != before) await portal.RunJob("DayPostJob");
        return true;
    }

    private async Task<bool> ReserveAsync(int a, BookingRequest request, int b, int c)
    {
        var from = Ahead(b);
        request = request with { From = from, To = from.AddMinutes(30 + (15 * (c % 20))), Acknowledged = Ticked };
        await town.Reserve(request, a % 5 == 0 ? portal.Town.Desk : null);
        last = () => town.Reserve(request, a % 5 == 0 ? portal.Town.Desk : null);
        return true;
    }

    private async Task HandOverAsync(BookingLine line, DeviceId? device)
    {
        var act = new HandingOver(Guid.NewGuid(), [new HandedItem(line.Id, device)]) { Acknowledged = Ticked, Overrides = Reasons };
        await town.AtDesk((desk, _) => desk.HandOverAsync(act, DeskAsker, default));
        last = () => town.AtDesk((desk, _) => desk.HandOverAsync(act, DeskAsker, default));
    }

    private async Task TakeBackAsync(BookingLine line, DeviceCondition condition)
    {
        var act = new TakingBack(Guid.NewGuid(), portal.Town.MainOffice, [new ReturnedItem(line.DeviceId!.Value, Condition: condition)]);
        await town.AtDesk((desk, _) => desk.TakeBackAsync(act, DeskAsker, default));
        last = () => town.AtDesk((desk, _) => desk.TakeBackAsync(act, DeskAsker, default));
    }

    private async Task<bool> ChangeAsync(int a, int b, int c) => await WithLineAsync(a, l => l.IsComing, async l =>
    {
        var aim = await portal.ReadAsync(async db => (await db.Bookings.AsNoTracking().SingleAsync(x => x.Id == l.BookingId)).Aim);
        var from = b % 3 == 0 ? l.From : Slot(b);
        await portal.Later(town, portal.Town.Desk, (life, asker) => life.ChangeAsync(new Changing(l.BookingId, from, from.AddMinutes(30 + (15 * (c % 20))), aim)
        {
            Acknowledged = Ticked,
            Wanted = c % 5 == 0 ? [new WantedDevice(town.Tablets, null, 1 + (c % 2))] : null,
        }, asker, default));
    });

    private async Task<bool> PlanAsync(int a, int b, int c) => await With<Transferring>(async (t, _) =>
    {
        var device = Known[a % 5];
        var home = await portal.ReadAsync(async db => await (from d in db.Devices join p in db.Pools on d.PoolId equals p.Id where d.Id == device select p.OfficeId).SingleAsync());
        await t.PlanAsync(Guid.NewGuid(), device, home == portal.Town.MainOffice ? portal.Town.Geihoku : portal.Town.MainOffice, Ahead(b), Ahead(b).AddHours(1 + (c % 30)), null, DeskAsker, default);
    });

    private async Task<bool> WithTransferAsync(TransferState state, Func<Transferring, Transfer, Task> act)
    {
        var found = await portal.ReadAsync(db => db.Transfers.AsNoTracking().Where(t => t.State == state).OrderBy(t => t.SendAt).ThenBy(t => t.Id).FirstOrDefaultAsync());
        return found is not null && await With<Transferring>((t, _) => act(t, found));
    }

    private Task<bool> ReviveAsync(int a) => WithLineAsync(a, l => l.MayRevive(Now), l => portal.Revive(town, portal.Town.Desk, l.Id));

    // Nobody comes for it.
    private Task<bool> StayAwayAsync(int a) => WithLineAsync(a, l => l.Status == LineStatus.Approved && l.From > Now && l.To > l.From.AddMinutes(140), async l =>
    {
        await WaitAsync(l.From.AddMinutes(130) - Now);
        await portal.RunJob("ClockJob");
    });

    private async Task<bool> FindAsync(int a)
    {
        var gone = (await portal.ReadAsync(db => db.Incidents.AsNoTracking().OrderBy(i => i.KnownAt).ThenBy(i => i.Id).ToListAsync())).Where(i => i.IsGone).ToList();
        return gone.Count > 0 && await With<IncidentDesk>((desk, _) => desk.FindAsync(gone[a % gone.Count].Id, portal.Town.MainOffice, DeskAsker, "バス会社から届いた", default));
    }

    private async Task<bool> WithEntryAsync(int a, Func<WaitlistEntry, bool> which, Func<WaitingLine, WaitlistEntry, Asker, Task> act)
    {
        var entries = (await portal.ReadAsync(db => db.WaitlistEntries.AsNoTracking().OrderBy(e => e.QueuedAt).ThenBy(e => e.Id).ToListAsync())).Where(which).ToList();
        return entries.Count > 0 && await WithPerson<WaitingLine>(entries[a % entries.Count].StaffId, (line, asker) => act(line, entries[a % entries.Count], asker));
    }

    private async Task<bool> EndMaintenanceAsync(int a)
    {
        var open = await portal.ReadAsync(db => db.Maintenances.AsNoTracking().Where(m => m.EndedAt == null).OrderBy(m => m.From).ThenBy(m => m.DeviceId).ToListAsync());
        if (open.Count > 0) return await With<Maintaining>((m, _) => m.EndAsync(open[a % open.Count].Id, "済", isFit: true, default));
        await portal.WriteAsync(async db => { foreach (var d in await db.Devices.Where(d => d.Status == DeviceStatus.Maintenance).ToListAsync()) d.SetStatus(DeviceStatus.InService, "修理"); });
        return true;
    }

    private async Task<bool> DecideAsync(int a, Func<ApprovalRequest, Acting, bool> verb, string reason)
    {
        var open = await portal.ReadAsync(db => db.ApprovalRequests.AsNoTracking().Include(r => r.Steps).ThenInclude(s => s.Assignees).Where(r => r.State == RequestState.Circulating).OrderBy(r => r.Id).ToListAsync());
        if (open.Count == 0) return false;
        var request = open[a % open.Count];
        await portal.Act(request.Id, request.Current!.Waiting.First().StaffId, verb, reason);
        return true;
    }

    private async Task<bool> WithdrawAsync(int a)
    {
        var open = await portal.ReadAsync(db => db.ApprovalRequests.AsNoTracking().Where(r => r.State == RequestState.Circulating).OrderBy(r => r.Id).ToListAsync());
        if (open.Count == 0) return false;
        var request = open[a % open.Count];
        await portal.Act(request.Id, request.ApplicantId, a % 2 == 0 ? (r, acting) => r.Withdraw(acting) : (r, acting) => r.Retract(acting), "取りやめます");
        return true;
    }

    private Task<bool> With<T>(Func<T, Asker, Task> act) where T : notnull => WithPerson(portal.Town.Desk, act);

    private Task<bool> WithPerson<T>(StaffId who, Func<T, Asker, Task> act) where T : notnull
        => portal.With<T, bool>(town, who, async (service, asker) => { await act(service, asker); return true; });

    private async Task<bool> WithLineAsync(int n, Func<BookingLine, bool> which, Func<BookingLine, Task> act)
    {
        var lines = (await portal.ReadAsync(db => db.BookingLines.AsNoTracking().ToListAsync())).Where(which).OrderBy(l => l.Id.Value).ToList();
        if (lines.Count == 0) return false;
        await act(lines[n % lines.Count]);
        return true;
    }
}

/// <summary>The eight invariants of booking as far as they concern single lines, the place of every device, and the ledger.</summary>
internal static class Invariants
{
    public static async Task CheckAsync(PortalHost portal, RandomDay day, string where, bool withLedger)
    {
        var now = portal.Clock.GetUtcNow();
        var (bookings, occupancies, loans, devices, transfers, permissions) = await portal.ReadAsync(async db => (
            await db.Bookings.AsNoTracking().Include(b => b.Lines).ToListAsync(), await db.Occupancies.AsNoTracking().Where(o => o.Active).ToListAsync(), await db.Loans.AsNoTracking().ToListAsync(),
            await db.Devices.AsNoTracking().ToListAsync(), await db.Transfers.AsNoTracking().ToListAsync(), await db.TakeOutPermissions.AsNoTracking().ToListAsync()));
        var lines = bookings.SelectMany(b => b.Lines).ToList();

        // 1
        foreach (var mine in occupancies.Where(o => o.DeviceId is not null).GroupBy(o => o.DeviceId))
            foreach (var (one, next) in mine.OrderBy(o => o.From).Zip(mine.OrderBy(o => o.From).Skip(1))) Assert.True(one.To <= next.From, $"{where}: {one.Kind} {one.From:O}-{one.To:O} overlaps {next.Kind} {next.From:O}");

        // 2
        foreach (var line in lines.Where(l => l.IsActive))
        {
            var mine = occupancies.Where(o => o.SourceId == line.Id.Value).ToList();
            Assert.True(mine.Count == 1 && mine[0].Id == line.OccupancyId && mine[0].DeviceId == line.DeviceId && mine[0].PoolId == line.PoolId, $"{where}: {line.Status} line with {mine.Count} places");
            Assert.True(mine[0].To >= (line.PendingTo ?? line.To), $"{where}: {line.Status} place ends {mine[0].To:O} before {line.PendingTo ?? line.To:O}");
            if (day.Devices.TryGetValue(line.Id, out var before) && before != line.DeviceId && line.DeviceId is not null && now >= line.From) day.Substituted.Add(line.Id);
            day.Devices[line.Id] = line.DeviceId;

            // What came when the start had passed takes its device from then on.
            Assert.True(mine[0].From <= line.From || ((line.KeptUntil is not null || day.Substituted.Contains(line.Id)) && mine[0].From <= now), $"{where}: place begins after its line");
            Assert.True(line.DeviceId is not null || line.NeedsSubstitute, $"{where}: no device and nobody knows");
            Assert.True(line.Status != LineStatus.OnLoan || line.DeviceId is not null, $"{where}: out without device");
        }
        Assert.All(lines.Where(l => !l.IsActive && l.Status != LineStatus.Returned), l => Assert.DoesNotContain(occupancies, o => o.SourceId == l.Id.Value && o.To > now));

        // What is held is held for those it was offered to.
        var offered = await portal.ReadAsync(db => db.WaitlistEntries.Where(e => e.Status == WaitlistStatus.Offered).Select(e => e.Id).ToListAsync());
        Assert.Equal(offered.Select(o => o.Value).Order(), occupancies.Where(o => o.Kind == OccupancyKind.Hold).Select(o => o.SourceId).Distinct().Order());

        // 3
        Assert.All(loans.Where(l => l.InAt is null).GroupBy(l => l.DeviceId), g => Assert.Single(g));
        Assert.Equal(lines.Where(l => l.Status is LineStatus.OnLoan or LineStatus.Lost).Select(l => l.Id).ToHashSet(), loans.Where(l => l.InAt is null).Select(l => l.LineId).ToHashSet());

        // 4, 8
        foreach (var line in lines)
        {
            if (line.Status == LineStatus.OnLoan) day.EndsWhileOut[line.Id] = line.To;
            else if (line.Status is LineStatus.Returned or LineStatus.Lost && day.EndsWhileOut.TryGetValue(line.Id, out var end)) Assert.Equal(end, line.To);
            Assert.True(line.Extensions > 0 || line.To == line.OriginalTo, $"{where}: the end moved by itself");
            Assert.True(line.From.Ticks % TimeSpan.FromMinutes(15).Ticks == 0 && line.To.Ticks % TimeSpan.FromMinutes(15).Ticks == 0 && line.From < line.To, $"{where}: off the grid");
        }

        // 6
        foreach (var booking in bookings.Where(b => b.IsOutside))
            foreach (var line in booking.Lines.Where(l => l.Status == LineStatus.OnLoan)) Assert.True(permissions.Any(p => p.BookingId == booking.Id && p.Covers(booking, line.To)), $"{where}: out without permission");

        // 7: in exactly one place
        Assert.Equal(6, devices.Count);
        foreach (var device in devices)
        {
            var isOut = loans.Any(l => l.DeviceId == device.Id && l.InAt is null);
            var isTravelling = transfers.Any(t => t.DeviceId == device.Id && t.State == TransferState.Sent);
            Assert.False(isOut && isTravelling, $"{where}: {device.Label} is out and on its way");
            Assert.True(transfers.Count(t => t.DeviceId == device.Id && t.IsOpen) <= 1, $"{where}: {device.Label} travels twice");
        }
        if (withLedger) await CheckLedgerAsync(portal, lines, loans, where);
    }

    private static async Task CheckLedgerAsync(PortalHost portal, List<BookingLine> lines, List<Loan> loans, string where)
    {
        Assert.True((await ExtensionTests.DifferencesAsync(portal)) is { Count: 0 }, $"{where}: the ledger differs from a recount");
        var rows = await portal.ReadAsync(db => db.LedgerEntries.AsNoTracking().Where(e => e.SourceKind == SourceKind.Line).ToListAsync());
        foreach (var line in lines)
        {
            int Sum(Measure measure) => rows.Where(r => r.SourceId == line.Id.Value && r.Measure == measure).Sum(r => r.Minutes);
            var isBooked = line.Status is LineStatus.Approved or LineStatus.Ready or LineStatus.OnLoan or LineStatus.Returned or LineStatus.Lost;
            var loan = loans.SingleOrDefault(l => l.LineId == line.Id);
            var isLentAgain = loan is not null && lines.Any(o => o.Id != line.Id && o.From < line.To && o.To > line.From && loans.Any(x => x.LineId == o.Id && x.DeviceId == loan.DeviceId && x.OutAt > loan.OutAt));

            // Booked is what was planned, however early it came back; a no-show and a cancellation stand apart.
            if (!isLentAgain) Assert.True(Sum(Measure.BookedGross) == (isBooked ? (int)(line.To - line.From).TotalMinutes : 0), $"{where}: {line.Status} line of {(line.To - line.From).TotalMinutes} minutes has {Sum(Measure.BookedGross)} booked");
            Assert.True(line.Status == LineStatus.NoShow || Sum(Measure.Unused) == 0, $"{where}: {line.Status} line has unused minutes");
            Assert.True(line.Status == LineStatus.Cancelled || Sum(Measure.Cancelled) == 0, $"{where}: {line.Status} line has cancelled minutes");
            Assert.True(loan is not null || Sum(Measure.Custody) + Sum(Measure.Used) == 0, $"{where}: never out but in custody");
        }
    }
}
