using System.ComponentModel.DataAnnotations;
using System.Net.Mime;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Sheets;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Incidents;

/// <summary>One incident: what was told, what is at stake, what is done by when; prints as 物品事故報告書.</summary>
public sealed class DetailPage(PortalDb db, CurrentStaff me, IncidentDesk desk, TimeProvider clock) : FormPage
{
    [FromRoute(Name = "id")]
    public Guid Id { get; set; }

    [BindProperty]
    public Guid TaskId { get; set; }

    [BindProperty, StringLength(1000, ErrorMessage = "1,000文字以内で入力してください。")]
    public string? Evidence { get; set; }

    [BindProperty, Display(Name = "結果と再発防止"), StringLength(2000, ErrorMessage = "2,000文字以内で入力してください。")]
    public string? Outcome { get; set; }

    [BindProperty, Display(Name = "見つかったときの様子"), StringLength(500, ErrorMessage = "500文字以内で入力してください。")]
    public string? FoundNote { get; set; }

    [BindProperty, Display(Name = "本人の数"), Range(0, 1_000_000, ErrorMessage = "人数を確かめてください。")]
    public int? Persons { get; set; }

    [BindProperty, Display(Name = "要配慮個人情報を含む")]
    public bool Sensitive { get; set; }

    [BindProperty, Display(Name = "財産的被害のおそれ")]
    public bool Financial { get; set; }

    [BindProperty, Display(Name = "不正な目的のおそれ（盗難など）")]
    public bool Malicious { get; set; }

    public Incident Incident { get; private set; } = null!;

    public IReadOnlyDictionary<Guid, string> People { get; private set; } = new Dictionary<Guid, string>();

    public string Office { get; private set; } = "";

    public string Department { get; private set; } = "";

    public string? RegisterNo { get; private set; }

    public string? BookingNumber { get; private set; }

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public string PrintedBy => $"{me.DepartmentName}　{me.Name}";

    public bool IsSecurity => me.Is(Role.SecurityManager);

    /// <summary>Writes down what was done.</summary>
    public bool MayWork => MayDirect || (Incident.State != IncidentState.Closed && (Incident.ReportedBy == me.Id || Incident.CallerId == me.Id));

    /// <summary>Says how far the harm goes, what need not be done and that a step is over.</summary>
    public bool MayDirect => Incident.State != IncidentState.Closed && (IsSecurity || me.IsDeskOf(Incident.OfficeId) || (Incident.DepartmentId is { } d && me.HeadOf.Contains(d)));

    /// <summary>Also after the incident is closed: things turn up late.</summary>
    public bool MayFind => Incident.IsGone && (IsSecurity || me.IsDeskOf(Incident.OfficeId));

    public override async Task LoadAsync(CancellationToken ct)
    {
        Incident = await db.Incidents.AsNoTracking().Include(i => i.Tasks).VisibleTo(me).SingleOrDefaultAsync(i => i.Id == Id, ct).OrNotHere();
        (Persons, Sensitive, Financial, Malicious) = Request.HasFormContentType ? (Persons, Sensitive, Financial, Malicious) : (Incident.Extent.Persons, Incident.Extent.IsSensitive, Incident.Extent.IsFinancial, Incident.Extent.IsMalicious);
        var ids = Incident.Tasks.Select(t => t.DoneBy).Append(Incident.ClosedBy).OfType<Platform.Domain.StaffId>().Concat([Incident.ReportedBy, Incident.CallerId]).Distinct().ToList();
        People = (await db.Staff.AsNoTracking().Where(s => ids.Contains(s.Id)).ToListAsync(ct)).ToDictionary(s => s.Id.Value, s => s.Name);
        Office = await db.Offices.Where(o => o.Id == Incident.OfficeId).Select(o => o.Name).SingleAsync(ct);
        var department = Incident.DepartmentId;
        Department = department is null ? "" : await db.DepartmentTerms.On(Platform.Japanese.TokyoTime.DayOf(Incident.KnownAt)).Where(t => t.DepartmentId == department).Select(t => t.Name).FirstOrDefaultAsync(ct) ?? "";
        RegisterNo = Incident.LoanId is { } loan ? await db.Loans.Where(l => l.Id == loan).Select(l => l.RegisterNo).SingleOrDefaultAsync(ct) : null;
        BookingNumber = Incident.BookingId is { } booking ? await db.Bookings.Where(b => b.Id == booking).Select(b => b.Number).SingleOrDefaultAsync(ct) : null;
    }

    public async Task OnGetAsync(CancellationToken ct)
    {
        if (Incident.ReportedBy == me.Id || !(IsSecurity || me.Is(Role.Auditor))) return;
        db.Audit(new AuditNote("incident.read", "incident", Id.ToString()));
        await db.SaveChangesAsync(ct);
    }

    public Task<IActionResult> OnPostDoAsync(CancellationToken ct) => WorkAsync(() => MayWork, () => desk.DoAsync(Id, TaskId, me.Id, Evidence, ct), "対応済みにしました。", ct);

    public Task<IActionResult> OnPostSkipAsync(CancellationToken ct) => WorkAsync(() => MayDirect, () => desk.SkipAsync(Id, TaskId, me.Id, Evidence ?? "", ct), "不要として記録しました。", ct);

    public Task<IActionResult> OnPostMeasureAsync(CancellationToken ct) => WorkAsync(() => MayDirect, () => desk.MeasureAsync(Id, new IncidentExtent(Persons, Sensitive, Financial, Malicious), ct), "影響の範囲を記録しました。", ct);

    public Task<IActionResult> OnPostContainAsync(CancellationToken ct) => WorkAsync(() => MayDirect, () => desk.ContainAsync(Id, ct), "封じ込め済みにしました。", ct);

    public Task<IActionResult> OnPostFileAsync(CancellationToken ct) => WorkAsync(() => MayDirect, () => desk.FileAsync(Id, ct), "報告済みにしました。", ct);

    public Task<IActionResult> OnPostCloseAsync(CancellationToken ct) => WorkAsync(() => MayDirect, () => desk.CloseAsync(Id, Asker.Of(me), Outcome ?? "", ct), "終結しました。", ct);

    public async Task<IActionResult> OnPostFoundAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        if (!MayFind) throw new NotHereException();
        await desk.FindAsync(Id, Incident.OfficeId, Asker.Of(me), FoundNote ?? "", ct);
        Say("発見を記録しました。端末は点検が済むまで整備中です。");
        return Redirect($"/booking/incidents/{Id}");
    }

    /// <summary>Everything the audit has about the incident, its device's loan and booking, as one CSV.</summary>
    public async Task<IActionResult> OnGetAuditAsync(CancellationToken ct)
    {
        if (!IsSecurity && !me.Is(Role.Auditor)) throw new NotHereException();
        string[] subjects = [Incident.Id.ToString(), Incident.DeviceId.ToString(), Incident.LoanId?.ToString() ?? "", Incident.BookingId?.ToString() ?? ""];
        var entries = await db.Set<AuditEntry>().AsNoTracking().Where(e => subjects.Contains(e.SubjectId)).OrderBy(e => e.At).ThenBy(e => e.Id).Take(20_000).ToListAsync(ct);
        var actors = entries.Select(e => e.ActorId).OfType<Platform.Domain.StaffId>().Distinct().ToList();
        var names = (await db.Staff.AsNoTracking().Where(s => actors.Contains(s.Id)).ToListAsync(ct)).ToDictionary(s => s.Id, s => s.Name);
        var table = new SheetTable("監査記録", ["日時", "操作", "対象", "対象ID", "操作者", "操作元", "変更前", "変更後", "理由"],
            [.. entries.Select(e => (IReadOnlyList<object?>)[e.At, e.Action, e.SubjectKind, e.SubjectId, e.ActorId is { } a ? names.GetValueOrDefault(a, "") : e.ActorName ?? e.ActorKind, e.Address, e.Before, e.After, e.Reason])]);
        db.Audit(new AuditNote("incident.audit-exported", "incident", Id.ToString(), After: new { Rows = entries.Count }));
        await db.SaveChangesAsync(ct);
        return File(table.ToCsv(), MediaTypeNames.Text.Csv, $"{Incident.Number}_監査記録.csv");
    }

    private async Task<IActionResult> WorkAsync(Func<bool> may, Func<Task> act, string said, CancellationToken ct)
    {
        await LoadAsync(ct);
        if (!may()) throw new NotHereException();
        await act();
        Say(said);
        return Redirect($"/booking/incidents/{Id}");
    }
}
