using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Booking.Overdue;

/// <summary>督促: takes the steps of the ladder that are due for open loans, each once per loan and planned end; and reminders by hand.</summary>
public sealed class Reminding(PortalDb db, IOptions<BookingOptions> options, TimeProvider clock)
{
    /// <param name="ReturnBy">Until when it is to be brought back since its permission was taken back.</param>
    private sealed record OpenLoan(Loan Loan, BookingLineId LineId, DateTimeOffset To, Booking Booking, Office Office, string ClassCode, string Device, DateTimeOffset? ReturnBy)
    {
        /// <summary>The planned end, or the earlier time of a return order: the ladder begins anew from there.</summary>
        public DateTimeOffset Due => ReturnBy < To ? ReturnBy.Value : To;
    }

    /// <summary>One step with the end it is about: as planned or ordered, and as the desk takes back.</summary>
    private sealed record Rung(LadderStep Step, DateTimeOffset End, DateTimeOffset Due);

    /// <summary>Takes all due steps; says how many.</summary>
    public Task<int> ClimbAsync(DateTimeOffset now, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var ladder = new Ladder(options.Value.Ladder);
        var calendar = await db.WorkCalendarAsync(ct);
        var open = await OpenAsync(now.AddDays(15), ct);
        var ids = open.Select(o => o.Loan.Id).ToList();
        var taken = (await db.LoanReminders.AsNoTracking().Where(r => ids.Contains(r.LoanId)).Select(r => new { r.LoanId, r.Due, r.Step }).ToListAsync(ct)).ToHashSet();
        OrganisationChart? chart = null;
        var count = 0;
        foreach (var one in open)
        {
            var desk = new DeskHours(one.Office, calendar);
            var rungs = Rungs(one, ladder, desk).Where(r => r.Step.At(r.Due, desk, one.Office.Id.Value) <= now && !taken.Contains(new { LoanId = one.Loan.Id, Due = r.End, Step = r.Step.Name })).ToList();
            foreach (var (step, end, due) in rungs)
            {
                // After standing still, only the last of the plain reminders is told; what a step does besides is always done.
                var isTold = step == rungs[^1].Step || step.Act != LadderAct.Remind;
                var reminder = new LoanReminder(one.Loan.Id, one.LineId, end, step.Name, now, null, isTold);
                db.Add(reminder);
                if (!isTold) continue;
                if (step.Act != LadderAct.Remind) chart ??= await OrganisationChart.LoadAsync(db, TokyoTime.DayOf(now), ct);
                await TakeAsync(one, step, reminder, due, chart, now, ct);
                count++;
            }
        }
        return count;
    }, ct);

    // An order to return is itself the reminder before its time, and its end is told to head and desk as well.
    private static IEnumerable<Rung> Rungs(OpenLoan one, Ladder ladder, DeskHours desk)
    {
        var ends = desk.EffectiveDue(one.Due);
        if (one.ReturnBy is { } ordered) yield return new Rung(LadderStep.ReturnOrder, ordered, desk.EffectiveDue(ordered));
        foreach (var step in ladder.Of(one.ClassCode).Where(s => one.Due == one.To || s.IsAfter)) yield return new Rung(step, one.Due, ends);
    }

    /// <summary>The desk reminds by hand; listed beside the steps.</summary>
    public Task RemindByHandAsync(LoanId loanId, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var one = (await OpenAsync(DateTimeOffset.MaxValue, ct, loanId)).SingleOrDefault() ?? throw new NotHereException();
        if (!by.IsDeskOf(one.Office.Id)) throw new NotHereException();
        var reminder = new LoanReminder(one.Loan.Id, one.LineId, one.Due, LoanReminder.ByHand, now, by.Id, isTold: true);
        db.Add(reminder);
        var due = new DeskHours(one.Office, await db.WorkCalendarAsync(ct)).EffectiveDue(one.Due);
        one.Loan.Tell(NewsOf(one, reminder, due, [one.Booking.BorrowerId], now, null));
    }, ct);

    private Task<List<OpenLoan>> OpenAsync(DateTimeOffset dueBefore, CancellationToken ct, LoanId? only = null)
    {
        var permissions = db.TakeOutPermissions;
        return (
        from loan in db.Loans
        where loan.InAt == null && (only == null || loan.Id == only)
        join line in db.BookingLines on loan.LineId equals line.Id
        where line.Status == LineStatus.OnLoan && line.PendingTo == null
        join booking in db.Bookings on line.BookingId equals booking.Id
        let returnBy = permissions.Any(p => p.BookingId == booking.Id && p.RevokedAt == null) ? null : permissions.Where(p => p.BookingId == booking.Id).Max(p => p.ReturnBy)
        where line.To <= dueBefore || returnBy <= dueBefore
        join pool in db.Pools on line.PoolId equals pool.Id
        join office in db.Offices on pool.OfficeId equals office.Id
        join model in db.DeviceModels on pool.ModelId equals model.Id
        join kind in db.DeviceClasses on model.ClassId equals kind.Id
        join device in db.Devices on loan.DeviceId equals device.Id
        orderby loan.OutAt
        select new OpenLoan(loan, line.Id, line.To, booking, office, kind.Code, model.Name + "\u3000" + device.Label, returnBy)).ToListAsync(ct);
    }

    private async Task TakeAsync(OpenLoan one, LadderStep step, LoanReminder reminder, DateTimeOffset due, OrganisationChart? chart, DateTimeOffset now, CancellationToken ct)
    {
        var borrower = one.Booking.BorrowerId;
        List<StaffId> told = [borrower];
        if (step.Act != LadderAct.Remind && chart?.HeadFor(one.Booking.DepartmentId, borrower)?.StaffId is { } head && head != borrower) told.Add(head);
        if (step.Act == LadderAct.TellDesk) told.AddRange((await DeskPeople.OfAsync(db, one.Office.Id, TokyoTime.DayOf(now), ct)).Except(told));
        one.Loan.Tell(NewsOf(one, reminder, due, told, now, step));
        if (step.Act == LadderAct.Suspend) await SuspendAsync(one, now, ct);
        if (step.Act == LadderAct.ProposeIncident)
        {
            var managers = await DeskPeople.OfAsync(db, Role.SecurityManager, null, TokyoTime.DayOf(now), ct);
            one.Loan.Tell(new News("loan.propose-incident", $"{reminder.NewsKey}:incident", managers, $"長く返却されていない端末があります（{one.Device}）",
                $"返却期限は{BookingWords.Moment(due)}でした。借受者に連絡し、紛失のおそれがあれば事故として届け出てください。", $"/booking/{one.Booking.Id}")
            { Importance = Importance.Important });
        }
    }

    private async Task SuspendAsync(OpenLoan one, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.Suspensions.AnyAsync(s => s.LoanId == one.Loan.Id, ct)) return;
        var suspension = new Suspension(one.Booking.BorrowerId, now, null, $"返却の遅れ（{one.Loan.RegisterNo}）", one.Loan.Id);
        db.Add(suspension);
        suspension.Tell(one.Booking.Id);
    }

    private static News NewsOf(OpenLoan one, LoanReminder reminder, DateTimeOffset due, IReadOnlyList<StaffId> to, DateTimeOffset now, LadderStep? step)
    {
        var (place, moment, link) = ($"{one.Office.Name}の貸出窓口", BookingWords.Moment(due), $"/booking/{one.Booking.Id}");
        if (now < due) return new News("loan.due", reminder.NewsKey, to, "返却の予告", $"{one.Device}　{moment}までに{place}へ返却してください。長く使うときは、それまでに延長できます。", link);
        var isNow = step is { Days: 0, Minutes: 0 };
        return new News("loan.overdue", reminder.NewsKey, to, isNow ? step?.Act == LadderAct.TellDesk ? "返却を指示された端末が返却されていません" : "返却の時刻です" : "返却期限を過ぎています",
            $"{one.Device}　返却期限は{moment}{(isNow ? "です" : "でした")}。{place}へ返却するか、連絡してください。", link)
        { Importance = Importance.Important };
    }
}

/// <summary>Climbs the ladder every few minutes.</summary>
internal sealed class OverdueJob(Reminding reminding) : Platform.Jobs.IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
        => await reminding.ClimbAsync(now, ct) is > 0 and var told ? $"{told} reminders" : null;
}

/// <summary>What was told of a loan is pointless once the device is back, due later, or lost.</summary>
internal sealed class ForgetReminders(PortalDb db) : IHandle<TakenBack>, IHandle<LineExtended>, IHandle<DeviceLost>
{
    public Task HandleAsync(TakenBack happened, CancellationToken ct) => ForgetAsync(happened, ct);

    public Task HandleAsync(LineExtended happened, CancellationToken ct) => ForgetAsync(happened, ct);

    public Task HandleAsync(DeviceLost happened, CancellationToken ct) => ForgetAsync(happened, ct);

    private async Task ForgetAsync(BookingEvent happened, CancellationToken ct)
    {
        var lines = happened.LineIds;
        foreach (var told in await db.LoanReminders.AsNoTracking().Where(r => lines.Contains(r.LineId) && r.IsTold).ToListAsync(ct))
        {
            await db.PublishAsync(new NewsRetracted(told.NewsKey), ct);
            await db.PublishAsync(new NewsRetracted($"{told.NewsKey}:incident"), ct);
        }
    }
}
