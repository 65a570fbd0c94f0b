using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Booking.Incidents;

/// <summary>Takes reports of incidents in and does at once what must be done at once: people are told, tasks get their clocks, the device is lent no more.</summary>
public sealed class IncidentDesk(PortalDb db, Reserving reserving, LineLife life, IOptions<BookingOptions> options, TimeProvider clock)
{
    private IncidentTemplate Template => options.Value.IncidentTemplate;

    /// <summary>The report; sent twice it is one incident.</summary>
    public Task<Incident> ReportAsync(IncidentReport report, Asker by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var now = clock.GetUtcNow();
        Demand.All(string.IsNullOrWhiteSpace(report.Story) ? IncidentRules.Story.With() : null);
        var pool = await db.Devices.Where(d => d.Id == report.DeviceId).Select(d => (PoolId?)d.PoolId).SingleOrDefaultAsync(ct) ?? throw new NotHereException();
        var line = await OutOnAsync(report.DeviceId, ct);
        var booking = report.IsLoss && line is { } lent ? await life.OpenAsync(lent, now, ct) : null;
        if (booking is null) await reserving.OpenAsync([pool], now, ct);
        if (report.IsLoss && await OutOnAsync(report.DeviceId, ct) != line) throw new DbUpdateConcurrencyException("The device changed hands before its pool was locked.");    // tried again
        if (await db.Incidents.Include(i => i.Tasks).SingleOrDefaultAsync(i => i.Id == report.Id, ct) is { } earlier) return earlier.ReportedBy == by.Id ? earlier : throw new NotHereException();
        var device = await db.Devices.SingleAsync(d => d.Id == report.DeviceId, ct);
        var open = await db.Incidents.AsNoTracking().Where(i => i.DeviceId == device.Id && i.Kind == report.Kind && i.State != IncidentState.Closed && i.FoundAt == null).Select(i => i.Number).FirstOrDefaultAsync(ct);
        Demand.All(open is null ? null : IncidentRules.AlreadyOpen.With(open));

        var office = await db.Pools.Where(p => p.Id == pool).Select(p => p.OfficeId).SingleAsync(ct);
        var stakes = await StakesAsync(device, ct);
        var incident = new Incident(report, by.Id, office, device.Label, now, stakes);
        incident.Plan(await TasksAsync(incident, ct));
        db.Add(incident);
        if (report.IsLoss) device.SetStatus(DeviceStatus.Missing, incident.Number);
        if (booking is not null && booking.Line(line!.Value).Status == LineStatus.OnLoan) await life.LoseAsync(booking, line.Value, now, ct);
        if (report.Kind == IncidentKind.Damage) device.SetStatus(DeviceStatus.Maintenance, incident.Number);
        await TellAsync(incident, by, now, ct);
        await db.SaveChangesAsync(ct);
        if (device.Status != DeviceStatus.InService) await Settling.EmptyAsync(db, device, now, ct);
        return incident;
    }, ct);

    private Task<BookingLineId?> OutOnAsync(DeviceId device, CancellationToken ct)
        => db.Loans.Where(l => l.DeviceId == device && l.InAt == null).Select(l => (BookingLineId?)l.LineId).SingleOrDefaultAsync(ct);

    /// <summary>How far the harm goes; past a threshold the reports to 個人情報保護委員会 are added to the tasks.</summary>
    public Task MeasureAsync(Guid id, IncidentExtent extent, CancellationToken ct) => ChangeAsync(id, async incident =>
    {
        incident.Measure(extent);
        incident.Plan(await TasksAsync(incident, ct));
    }, ct);

    public Task DoAsync(Guid id, Guid task, StaffId by, string? evidence, CancellationToken ct) => ChangeAsync(id, i => i.Do(task, by, clock.GetUtcNow(), evidence), ct);

    public Task SkipAsync(Guid id, Guid task, StaffId by, string reason, CancellationToken ct) => ChangeAsync(id, i => i.Skip(task, by, clock.GetUtcNow(), reason), ct);

    public Task ContainAsync(Guid id, CancellationToken ct) => ChangeAsync(id, i => i.Contain(clock.GetUtcNow()), ct);

    public Task FileAsync(Guid id, CancellationToken ct) => ChangeAsync(id, i => i.File(clock.GetUtcNow()), ct);

    /// <summary>終結: only the security manager.</summary>
    public Task CloseAsync(Guid id, Asker by, string outcome, CancellationToken ct)
        => by.IsSecurityManager ? ChangeAsync(id, i => i.Close(by.Id, outcome, clock.GetUtcNow()), ct) : throw new NotHereException();

    /// <summary>The device is back at a desk: its loan ends, and it waits in maintenance until somebody has looked at it.</summary>
    public Task FindAsync(Guid id, OfficeId office, Asker by, string note, CancellationToken ct) => db.WriteAsync(async () =>
    {
        if (!by.IsDeskOf(office) && !by.IsSecurityManager) throw new NotHereException();
        var now = clock.GetUtcNow();
        var incident = await OpenAsync(id, ct);
        var device = await db.Devices.SingleAsync(d => d.Id == incident.DeviceId, ct);
        await reserving.OpenAsync([device.PoolId], now, ct);
        incident.Find(now, note);
        device.SetStatus(DeviceStatus.Maintenance, "発見後の点検待ち");
        device.CameBack([], fitToLend: true, inspected: false);
        if (await db.Loans.SingleOrDefaultAsync(l => l.DeviceId == device.Id && l.InAt == null, ct) is { } loan)
        {
            var booking = await db.Bookings.Include(b => b.Lines).SingleAsync(b => b.Lines.Any(l => l.Id == loan.LineId), ct);
            var takeBack = new TakeBack(Guid.CreateVersion7(), office, by.Id, now, Confirmation.Paper);
            db.Add(takeBack);
            loan.ComeBack(takeBack, booking.BorrowerId, loan.SetOut, DeviceCondition.Fit, null, $"発見（{incident.Number}）{note}");
            booking.ComeBackFound(loan.LineId, loan.Id);
        }
        await db.SaveChangesAsync(ct);
    }, ct);

    private Task ChangeAsync(Guid id, Action<Incident> change, CancellationToken ct) => ChangeAsync(id, i => { change(i); return Task.CompletedTask; }, ct);

    private Task ChangeAsync(Guid id, Func<Incident, Task> change, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var incident = await OpenAsync(id, ct);
        await change(incident);
        await db.SaveChangesAsync(ct);
    }, ct);

    private async Task<Incident> OpenAsync(Guid id, CancellationToken ct)
    {
        await db.LockAsync<Incident>([id], ct);
        return await db.Incidents.Include(i => i.Tasks).SingleOrDefaultAsync(i => i.Id == id, ct).OrNotHere();
    }

    private async Task<IncidentStakes> StakesAsync(Device device, CancellationToken ct)
    {
        var compliance = $"暗号化{(device.Compliance.Encrypted ? "済" : "未確認")}・遠隔消去{(device.Compliance.MdmEnrolled ? "可" : "未登録")}・更新{(device.Compliance.PatchedOn is { } patched ? JapaneseDate.Short(patched) : "未登録")}";
        var loan = await db.Loans.AsNoTracking().SingleOrDefaultAsync(l => l.DeviceId == device.Id && l.InAt == null, ct);
        if (loan is null) return new IncidentStakes(null, null, null, compliance, "貸出中ではない", null, false);
        var booking = await db.Bookings.AsNoTracking().SingleAsync(b => b.Lines.Any(l => l.Id == loan.LineId), ct);
        var permission = await db.TakeOutPermissions.AsNoTracking().Where(p => p.BookingId == booking.Id && p.RevokedAt == null).OrderByDescending(p => p.DecidedAt).FirstOrDefaultAsync(ct);
        return new IncidentStakes(loan.Id, booking.Id, booking.DepartmentId, compliance, permission is null ? "許可なし（町の施設内）" : $"{BookingWords.Of(permission.Basis)} {BookingWords.Moment(permission.DecidedAt)}", booking.InfoClass, booking.PersonalData);
    }

    private async Task<IEnumerable<IncidentTask>> TasksAsync(Incident incident, CancellationToken ct)
    {
        var (t, known) = (Template, incident.KnownAt);
        var tasks = new List<IncidentTask>();
        void Add(string code, string title, string owner, DateTimeOffset due, IncidentState stage) => tasks.Add(new IncidentTask(code, title, owner, due, stage, incident.Tasks.Count + tasks.Count));
        if (incident.Kind is IncidentKind.Loss or IncidentKind.Theft)
        {
            Add("remote-lock", "遠隔ロック・遠隔消去", "MDM担当", known.AddMinutes(t.RemoteLockMinutes), IncidentState.Contained);
            Add("stop-line", "回線の停止", "MDM担当", known.AddMinutes(t.StopLineMinutes), IncidentState.Contained);
        }
        if (incident.Kind != IncidentKind.Damage)
        {
            Add("tell-csirt", "所属長・CSIRTへの報告", "所属長", known.AddMinutes(t.TellCsirtMinutes), IncidentState.Contained);
            if (incident.Kind != IncidentKind.Leak) Add("police", "警察への届出（受理番号を記録）", "届け出た人", known.AddHours(t.PoliceHours), IncidentState.Reported);
            Add("list-data", "入っていた情報の洗い出し", "届け出た人", known.AddHours(t.ListDataHours), IncidentState.Reported);
        }
        if (incident.Extent.MustBeReported(incident.PersonalData, t.ManyPersons))
        {
            Add("prompt-report", "個人情報保護委員会への速報", "情報セキュリティ管理者", known.AddDays(t.PromptReportDays), IncidentState.Reported);
            Add("full-report", "個人情報保護委員会への確報", "情報セキュリティ管理者", known.AddDays(incident.Extent.IsMalicious ? t.FullReportMaliciousDays : t.FullReportDays), IncidentState.Closed);
        }
        Add("written-report", "物品事故報告書の提出", "所属長", await AddWorkingDaysAsync(known, t.WrittenReportWorkingDays, ct), IncidentState.Reported);
        return tasks;
    }

    private async Task<DateTimeOffset> AddWorkingDaysAsync(DateTimeOffset from, int days, CancellationToken ct)
    {
        var calendar = await db.WorkCalendarAsync(ct);
        var day = TokyoTime.DayOf(from);
        for (var left = days; left > 0;)
        {
            day = day.AddDays(1);
            if (calendar.IsOpen(day, null)) left--;
        }
        return TokyoTime.At(day, new TimeOnly(17, 15));
    }

    // A breakage is the desk's everyday business; whatever may let data out wakes everybody.
    private async Task TellAsync(Incident incident, Asker by, DateTimeOffset now, CancellationToken ct)
    {
        var told = await PeopleAsync(incident, now, ct);
        var isUrgent = incident.Kind != IncidentKind.Damage;
        incident.Tell(new News(isUrgent ? "incident.reported" : "incident.damage", $"incident:{incident.Id}", [.. told.Where(p => p != by.Id)],
            $"{IncidentWords.Of(incident.Kind)}の届け出：{incident.DeviceLabel}（{incident.Number}）",
            $"{BookingWords.Moment(now)}に届け出がありました。対応の期限は知った時から数えます。", $"/booking/incidents/{incident.Id}")
        { Importance = isUrgent ? Importance.Urgent : Importance.Important, ActorId = by.Id, InfoClass = Platform.Domain.InfoClass.Class2 });
    }

    /// <summary>Head, security managers, chief officer, MDM operator, desk; of a breakage only head and desk.</summary>
    internal async Task<IReadOnlyList<StaffId>> PeopleAsync(Incident incident, DateTimeOffset now, CancellationToken ct)
    {
        var day = TokyoTime.DayOf(now);
        var chart = await OrganisationChart.LoadAsync(db, day, ct);
        var people = (await DeskPeople.OfAsync(db, incident.OfficeId, day, ct)).ToList();
        if (incident.Kind != IncidentKind.Damage)
        {
            var numbers = new[] { Template.ChiefOfficer, Template.MdmOperator }.Where(n => n.Length > 0).ToList();
            people.AddRange(await DeskPeople.OfAsync(db, Role.SecurityManager, null, day, ct));
            people.AddRange(await db.Staff.Where(s => numbers.Contains(s.StaffNumber)).Select(s => s.Id).ToListAsync(ct));
        }
        if (incident.DepartmentId is { } section && chart.HeadFor(section, incident.CallerId) is { } head) people.Add(head.StaffId);
        return [.. people.Distinct()];
    }
}
