using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>The register (台帳) of one fiscal year, as far as the person may read it; as CSV and XLSX too.</summary>
public sealed class RegisterPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    private const int PageSize = 100;
    private IReadOnlyList<Deputyship> deputyships = [];

    [BindProperty(SupportsGet = true, Name = "year")]
    public int? Year { get; set; }

    [BindProperty(SupportsGet = true, Name = "series")]
    public string? Series { get; set; }

    [BindProperty(SupportsGet = true, Name = "page-no")]
    public int PageNo { get; set; } = 1;

    public FiscalYear FiscalYear => new(Year ?? FiscalYear.From(clock.Today()).Value);

    public IReadOnlyList<int> Years { get; private set; } = [];

    public IReadOnlyList<string> AllSeries { get; private set; } = [];

    public IReadOnlyList<Line> Lines { get; private set; } = [];

    public int Total { get; private set; }

    public ApprovalTabs Tabs { get; private set; } = new("register", 0, 0, 0);

    public string Reader => me.Name;

    public string AsOf => ApprovalWords.LongMoment(clock.GetUtcNow());

    /// <summary>One request in the register.</summary>
    public sealed record Line(ApprovalRequestId Id, string Number, string Title, string FormName, string Department, string Applicant, DateTimeOffset? SubmittedAt, DateTimeOffset? DecidedAt,
        string? DecidedBy, Capacity? Capacity, RequestState State, DateOnly? RetentionUntil);

    public override async Task LoadAsync(CancellationToken ct)
    {
        deputyships = await db.DeputyshipsAsync(me.Id, clock.Today(), ct);
        var readable = db.ApprovalRequests.AsNoTracking().InRegisterFor(me, deputyships);
        Years = [.. (await readable.Select(r => r.FiscalYear!.Value).Distinct().ToListAsync(ct)).Append(FiscalYear.From(clock.Today()).Value).Distinct().OrderDescending()];
        AllSeries = await readable.Select(r => r.Series).Distinct().OrderBy(s => s).ToListAsync(ct);
        Total = await Chosen().CountAsync(ct);
        Lines = await LinesAsync(Chosen().Skip((Math.Max(1, PageNo) - 1) * PageSize).Take(PageSize), ct);
        Tabs = new ApprovalTabs("register", await db.ApprovalRequests.WaitingFor(me.Id).CountAsync(ct), await db.ApprovalRequests.OpenToDeputy(me.Id, deputyships).CountAsync(ct),
            await db.ApprovalRequests.Of(me.Id).CountAsync(r => r.State == RequestState.Draft || r.State == RequestState.Circulating || r.State == RequestState.SentBack, ct));
        if (me.ReadsWholeRegister()) await NoteAsync("approval.register-read", ct);
    }

    public async Task<IActionResult> OnGetCsvAsync(CancellationToken ct) => File((await SheetAsync(ct)).ToCsv(), "text/csv; charset=utf-8", $"申請台帳_{FiscalYear.ShortLabel}.csv");

    public async Task<IActionResult> OnGetXlsxAsync(CancellationToken ct)
        => File((await SheetAsync(ct)).ToXlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", $"申請台帳_{FiscalYear.ShortLabel}.xlsx");

    private async Task<SheetTable> SheetAsync(CancellationToken ct)
    {
        var lines = await LinesAsync(Chosen(), ct);
        await NoteAsync("approval.register-exported", ct);
        return new SheetTable("申請台帳", ["番号", "件名", "様式", "所属", "申請者", "提出日時", "決裁日時", "決裁者", "決裁の区分", "状態", "保存期限"],
            [.. lines.Select(l => (IReadOnlyList<object?>)[l.Number, l.Title, l.FormName, l.Department, l.Applicant, l.SubmittedAt, l.DecidedAt, l.DecidedBy,
                l.Capacity is { } capacity ? ApprovalRequest.CapacityWord(capacity) : null, ApprovalRequest.StateWord(l.State), l.RetentionUntil])])
        {
            About = [("内容", "申請の台帳（提出した日の年度）"), ("年度", FiscalYear.Label), ("区分", Series ?? "すべて"), ("作成日時", AsOf), ("作成者", me.Name), ("件数", $"{lines.Count}")],
        };
    }

    private IQueryable<ApprovalRequest> Chosen()
    {
        var (year, series) = (FiscalYear.Value, Series);
        var chosen = db.ApprovalRequests.AsNoTracking().InRegisterFor(me, deputyships).Where(r => r.FiscalYear == year);
        if (!string.IsNullOrEmpty(series)) chosen = chosen.Where(r => r.Series == series);
        return chosen.OrderBy(r => r.Series).ThenBy(r => r.Number!.Length).ThenBy(r => r.Number);
    }

    private static async Task<List<Line>> LinesAsync(IQueryable<ApprovalRequest> requests, CancellationToken ct)
        => await requests.Select(r => new Line(r.Id, r.Number!, r.Title, r.FormName, r.ApplicantDepartment, r.ApplicantName, r.SubmittedAt, r.DecidedAt, r.DecidedByName,
            r.DecidedAt == null ? null : r.Steps.Where(s => s.Kind == StepKind.Decide).SelectMany(s => s.Assignees).Where(a => a.ActedAt != null).Select(a => a.Capacity).FirstOrDefault(),
            r.State, r.RetentionUntil)).ToListAsync(ct);

    private async Task NoteAsync(string action, CancellationToken ct)
    {
        db.Audit(new AuditNote(action, "approval-register", $"{FiscalYear.Value}", After: new { Series, Total }));
        await db.SaveChangesAsync(ct);
    }
}
