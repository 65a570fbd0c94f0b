using KitaPortal.Data;
using KitaPortal.Features.Approvals;
using KitaPortal.Features.Booking.Overdue;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Everything of one booking, to look at and to print as 端末持出許可書兼借用書.</summary>
public sealed class DetailPage(PortalDb db, Permitting permitting, LineLife life, Reminding reminding, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>One device place as shown and printed.</summary>
    public sealed record LineRow(BookingLine Line, string Model, string Office, string? Label, string? Serial, IReadOnlyList<string> Set, Loan? Loan, bool IsLate);

    /// <summary>One thing that happened.</summary>
    public sealed record Step(DateTimeOffset At, string What, string Who);

    [BindProperty(SupportsGet = true)]
    public BookingId Id { get; set; }

    /// <summary>When the borrower promises to come (Tokyo wall clock).</summary>
    [BindProperty]
    public TimeOnly? Until { get; set; }

    public Booking Booking { get; private set; } = null!;

    public IReadOnlyList<LineRow> Lines { get; private set; } = [];

    public TakeOutPermission? Permission { get; private set; }

    public IReadOnlyDictionary<Guid, string> People { get; private set; } = new Dictionary<Guid, string>();

    public string Department { get; private set; } = "";

    public IReadOnlyList<Step> History { get; private set; } = [];

    public bool CanCancel { get; private set; }

    public bool CanExtend { get; private set; }

    /// <summary>May let devices go in an emergency, or take the permission back.</summary>
    public bool CanPermit { get; private set; }

    /// <summary>Lines whose start has passed uncollected and whose time the borrower may still prolong once.</summary>
    public IReadOnlyList<LineRow> CanKeep { get; private set; } = [];

    /// <summary>Lines that the desk may take up again today.</summary>
    public IReadOnlyList<LineRow> CanRevive { get; private set; } = [];

    /// <summary>Reminders of the loans, the newest first.</summary>
    public IReadOnlyList<LoanReminder> Reminders { get; private set; } = [];

    /// <summary>The desk may remind by hand.</summary>
    public IReadOnlyList<LineRow> CanRemind { get; private set; } = [];

    /// <summary>The request was pulled back and lies with the applicant.</summary>
    public bool IsRequestPulledBack { get; private set; }

    public DateTimeOffset Now { get; private set; }

    public string PrintedBy => $"{me.DepartmentName}　{me.Name}";

    public override async Task LoadAsync(CancellationToken ct)
    {
        Now = clock.GetUtcNow();
        Booking = await db.Bookings.AsNoTracking().Include(b => b.Lines).VisibleTo(me).SingleOrDefaultAsync(b => b.Id == Id, ct).OrNotHere();
        var mayChange = await db.Bookings.ChangeableBy(me).AnyAsync(b => b.Id == Id, ct);
        CanCancel = Booking.Lines.Any(l => l.IsComing) && mayChange;
        CanExtend = Booking.Lines.Any(l => l is { Status: LineStatus.OnLoan, PendingTo: null }) && mayChange;
        Permission = await db.TakeOutPermissions.AsNoTracking().Where(p => p.BookingId == Id).OrderByDescending(p => p.DecidedAt).FirstOrDefaultAsync(ct);
        CanPermit = await permitting.MayLetGoAsync(me, Booking, ct) || await permitting.MayRevokeAsync(me, Booking, ct);
        await LoadLinesAsync(ct);
        if (mayChange) await LoadLaterAsync(ct);
        await LoadHistoryAsync(ct);
        var department = Booking.DepartmentId;
        Department = await db.DepartmentTerms.On(Platform.Japanese.TokyoTime.DayOf(Booking.CreatedAt)).Where(t => t.DepartmentId == department).Select(t => t.Name).FirstOrDefaultAsync(ct) ?? "";
        if (Booking.BorrowerId != me.Id && me.Is(Role.SecurityManager)) await NoteReadingAsync(ct);
    }

    /// <summary>The borrower will come later, once.</summary>
    public async Task<IActionResult> OnPostKeepAsync([FromForm] BookingLineId line, CancellationToken ct)
    {
        await MineOrNotHereAsync(line, ct);
        var until = Until is { } time ? Platform.Japanese.TokyoTime.At(Platform.Japanese.TokyoTime.DayOf(clock.GetUtcNow()), time) : DateTimeOffset.UnixEpoch;
        await life.KeepAsync(line, until, ct);
        Say($"{BookingWords.Time(until)}まで端末を取り置きます。");
        return RedirectToPage(new { id = Id });
    }

    /// <summary>The desk takes a line up again.</summary>
    public async Task<IActionResult> OnPostReviveAsync([FromForm] BookingLineId line, CancellationToken ct)
    {
        await MineOrNotHereAsync(line, ct);
        await life.ReviveAsync(line, Asker.Of(me), ct);
        Say("予約を再開しました。");
        return RedirectToPage(new { id = Id });
    }

    /// <summary>The desk reminds by hand.</summary>
    public async Task<IActionResult> OnPostRemindAsync([FromForm] LoanId loan, CancellationToken ct)
    {
        await reminding.RemindByHandAsync(loan, Asker.Of(me), ct);
        Say("返却のお願いを送りました。");
        return RedirectToPage(new { id = Id });
    }

    private Task<string> MineOrNotHereAsync(BookingLineId line, CancellationToken ct)
        => db.Bookings.ChangeableBy(me).Where(b => b.Id == Id && b.Lines.Any(l => l.Id == line)).Select(b => b.Number).SingleOrDefaultAsync(ct).OrNotHere();

    private async Task LoadLaterAsync(CancellationToken ct)
    {
        var pools = Booking.Lines.Select(l => l.PoolId).ToList();
        var offices = await db.Pools.Where(p => pools.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.OfficeId, ct);
        bool IsDesk(LineRow row) => me.IsDeskOf(offices[row.Line.PoolId]);
        CanKeep = [.. Lines.Where(r => r.Line.Status is LineStatus.Approved or LineStatus.Ready && r.Line.From <= Now && r.Line.To > Now && r.Line.KeptUntil is null)];
        CanRevive = [.. Lines.Where(r => r.Line.MayRevive(Now) && IsDesk(r))];
        CanRemind = [.. Lines.Where(r => r.IsLate && IsDesk(r))];
        var lineIds = Booking.Lines.Select(l => l.Id).ToList();
        if (Lines.Any(r => r.Loan is not null && IsDesk(r)))
            Reminders = await db.LoanReminders.AsNoTracking().Where(r => lineIds.Contains(r.LineId) && r.IsTold).OrderByDescending(r => r.At).ToListAsync(ct);
        if (Booking.ApprovalRequestId is { } id && Booking.Lines.Any(l => l.Status == LineStatus.Requested || l.PendingTo is not null))
        {
            var request = new ApprovalRequestId(id);
            IsRequestPulledBack = await db.ApprovalRequests.AnyAsync(r => r.Id == request && (r.State == RequestState.Draft || r.State == RequestState.SentBack), ct);
        }
    }

    private async Task LoadLinesAsync(CancellationToken ct)
    {
        var calendar = await db.WorkCalendarAsync(ct);
        var lineIds = Booking.Lines.Select(l => l.Id).ToList();
        var rows = await (
            from line in db.BookingLines
            where lineIds.Contains(line.Id)
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels.Include(m => m.Accessories) on pool.ModelId equals model.Id
            join office in db.Offices on pool.OfficeId equals office.Id
            join device in db.Devices on line.DeviceId equals device.Id into devices
            from device in devices.DefaultIfEmpty()
            join loan in db.Loans on line.Id equals loan.LineId into loans
            from loan in loans.DefaultIfEmpty()
            select new { line, model, office, device, loan }).AsNoTracking().ToListAsync(ct);
        Lines = [.. rows.OrderBy(r => r.model.Name).ThenBy(r => r.device?.Label).Select(r => new LineRow(r.line, r.model.Name, r.office.Name, r.device?.Label, r.device?.Serial,
            r.loan?.SetOut ?? [.. r.model.Accessories.OrderBy(a => a.SortOrder).Select(a => a.Label)], r.loan,
            r.line.Status == LineStatus.OnLoan && Now > new DeskHours(r.office, calendar).EffectiveDue(r.line.To)))];
    }

    private async Task LoadHistoryAsync(CancellationToken ct)
    {
        var subject = Booking.Id.ToString();
        var entries = await db.Set<AuditEntry>().Where(e => e.SubjectKind == "booking" && e.SubjectId == subject && e.Action.StartsWith("booking.") && e.Action != "booking.changed-from").OrderByDescending(e => e.At)
            .Select(e => new { e.At, e.Action, e.ActorId, e.Reason }).ToListAsync(ct);
        var ids = entries.Select(e => e.ActorId).OfType<Platform.Domain.StaffId>().Concat([Booking.BorrowerId, Booking.ResponsibleId]).Concat(Permission?.DecidedBy is { } d ? [d] : []).Distinct().ToList();
        People = (await db.Staff.Where(s => ids.Contains(s.Id)).Select(s => new { s.Id, Name = s.FamilyName + "\u3000" + s.GivenName }).ToListAsync(ct)).ToDictionary(s => s.Id.Value, s => s.Name);
        History = [.. entries.Select(e => new Step(e.At, Word(e.Action) + (e.Reason is null ? "" : $"（{e.Reason}）"), e.ActorId is { } actor ? People.GetValueOrDefault(actor.Value, "") : "自動"))];
    }

    private Task NoteReadingAsync(CancellationToken ct) => db.WriteAsync(() =>
    {
        db.Audit(new AuditNote("booking.read", "booking", Booking.Id.ToString()));
        return Task.CompletedTask;
    }, ct);

    private static string Word(string action) => action switch
    {
        "booking.requested" => "許可を申請しました",
        "booking.approved" => "予約が確定しました",
        "booking.rejected" => "却下されました",
        "booking.lapsed" => "期限切れになりました",
        "booking.cancelled" => "取り消しました",
        "booking.no-show" => "受取がありませんでした",
        "booking.prepared" => "準備しました",
        "booking.handed-over" => "引き渡しました",
        "booking.taken-back" => "返却を受け付けました",
        "booking.substituted" => "端末が替わりました",
        "booking.changed" => "予約を変更しました",
        "booking.extended" => "返却の予定を延ばしました",
        "booking.extension-asked" => "延長を申請しました",
        "booking.extension-refused" => "延長は認められませんでした",
        "booking.kept" => "受け取る時刻を延ばしました",
        "booking.revived" => "予約を再開しました",
        "booking.lost" => "紛失が届けられました",
        "booking.rules-passed" => "例外として受け付けました",
        "booking.let-go" => "緊急貸出として認めました",
        "booking.agreed-afterwards" => "緊急貸出の持出しが許可されました",
        "booking.permission-revoked" => "持出許可を取り消しました",
        "booking.read" => "情報セキュリティ管理者が閲覧しました",
        _ => "変更しました",
    };
}
