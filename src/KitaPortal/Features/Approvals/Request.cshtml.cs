using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Links;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>One request: the document, its route and history, and what the reader may do with it. Each act is one verb of the request.</summary>
public sealed class RequestPage(PortalDb db, CurrentStaff me, ApprovalDesk desk, PortalLinks links, TimeProvider clock) : FormPage
{
    /// <summary>What an act carries: its own id, what was shown, and why.</summary>
    public sealed class ActForm
    {
        public Guid Id { get; set; }

        public string Hash { get; set; } = "";

        public int Seq { get; set; }

        [StringLength(1000, ErrorMessage = "理由は1,000字までです。")]
        public string? Reason { get; set; }

        public int? Target { get; set; }
    }

    [BindProperty(SupportsGet = true, Name = "id")]
    public ApprovalRequestId Id { get; set; }

    [BindProperty]
    public ActForm Act { get; set; } = new();

    public ApprovalRequest Document { get; private set; } = null!;

    public FormDefinition Definition { get; private set; } = null!;

    public IReadOnlyList<Choice> Choices { get; private set; } = [];

    /// <summary>The act whose form stands open on the page: asked for without script, or refused just now.</summary>
    public Choice? Open { get; private set; }

    public (ApprovalRequestId Id, string Title, int More)? Next { get; private set; }

    public IReadOnlySet<StaffId> AbsentPeople { get; private set; } = new HashSet<StaffId>();

    public IReadOnlyList<string> DeputyNames { get; private set; } = [];

    public bool IsMine => Document.IsOwn(me.Id);

    public bool MayEdit => Document.IsWithDrafter && Document.ApplicantId == me.Id && Document.AboutKind is null;

    public string? SubjectHref => Document.AboutKind is { } kind ? links.Href(kind, Document.AboutId!) : null;

    public string? SubjectLabel => Document.AboutKind is { } kind ? links.Label(kind) : null;

    /// <summary>The answers that changed since the revision before.</summary>
    public IReadOnlyList<(string Label, string? Before, string? After)> Changes { get; private set; } = [];

    /// <summary>One thing the reader may do here.</summary>
    public sealed record Choice(string Handler, string Word, string Question, bool ReasonNeeded, bool IsDanger = false, bool IsMain = false)
    {
        public bool AsksTarget { get; init; }
    }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        var deputyships = await db.DeputyshipsAsync(me.Id, today, ct);
        var all = db.ApprovalRequests.AsNoTracking().Include(r => r.Steps).ThenInclude(s => s.Assignees).Include(r => r.Acts).AsSplitQuery();
        var found = await all.VisibleTo(me, deputyships).SingleOrDefaultAsync(r => r.Id == Id, ct);
        if (found is null && me.ReadsWholeRegister())
        {
            found = await all.SingleOrDefaultAsync(r => r.Id == Id && r.Number != null, ct);
            if (found is not null)
            {
                db.Audit(new AuditNote("approval.read", "approval", found.SubjectId));
                await db.SaveChangesAsync(ct);
            }
        }
        Document = found.OrNotHere();
        Definition = (await db.Set<FormVersion>().AsNoTracking().SingleAsync(v => v.Id == Document.FormVersionId, ct)).Definition;
        Choices = [.. ChoicesFor(Document.CapacityOf(me.Id, deputyships))];
        var wanted = HttpMethods.IsPost(Request.Method) ? Request.Query["handler"].ToString() : Request.Query["act"].ToString();
        Open = Choices.FirstOrDefault(c => c.Handler.Equals(wanted, StringComparison.OrdinalIgnoreCase));
        Changes = FindChanges();

        var waiting = Document.Current?.Waiting.Select(a => a.StaffId).ToList() ?? [];
        AbsentPeople = await db.AbsenceCovers.On(today).Where(c => waiting.Contains(c.StaffId)).Select(c => c.StaffId).ToHashSetAsync(ct);
        var deputies = (await db.DeputiesOfAsync(waiting, today, ct)).Where(d => Document.CapacityOf(d.Deputy, [d.For]) is not (null or Capacity.Self)).Select(d => d.Deputy).ToList();
        DeputyNames = [.. (await db.Staff.AsNoTracking().Where(s => deputies.Contains(s.Id)).ToListAsync(ct)).Select(s => s.Name)];
        var mine = db.ApprovalRequests.WaitingFor(me.Id).Where(r => r.Id != Id);
        var next = await mine.OrderBy(r => r.DueAt == null).ThenBy(r => r.DueAt).ThenBy(r => r.SubmittedAt).Select(r => new { r.Id, r.Title }).FirstOrDefaultAsync(ct);
        if (next is not null) Next = (next.Id, next.Title, await mine.CountAsync(ct));
        // A refused page shows the present; posting it again means having seen that.
        Act = new ActForm { Id = Guid.CreateVersion7(clock.GetUtcNow()), Hash = Document.ContentHash, Seq = Document.LastSeq, Reason = Act.Reason, Target = Act.Target };
        foreach (var key in ModelState.Keys.Where(k => k is "Act.Id" or "Act.Hash" or "Act.Seq").ToList()) ModelState.Remove(key);
    }

    public Task<IActionResult> OnPostApproveAsync(CancellationToken ct) => DoAsync((r, by) => r.Approve(by), r => r.State == RequestState.Decided ? "決裁しました。" : "承認しました。", ct);

    public Task<IActionResult> OnPostSendBackAsync(CancellationToken ct) => DoAsync((r, by) => r.SendBack(by, Act.Target ?? -1), _ => "差し戻しました。", ct);

    public Task<IActionResult> OnPostRejectAsync(CancellationToken ct) => DoAsync((r, by) => r.Reject(by), _ => "却下しました。", ct);

    public Task<IActionResult> OnPostWithdrawAsync(CancellationToken ct) => DoAsync((r, by) => r.Withdraw(by), _ => "引き戻しました。", ct);

    public Task<IActionResult> OnPostRetractAsync(CancellationToken ct) => DoAsync((r, by) => r.Retract(by), r => r.IsOpen ? "取下げを申し出ました。今の担当者が認めると取り下げられます。" : "取り下げました。", ct);

    public Task<IActionResult> OnPostAcceptRetractAsync(CancellationToken ct) => DoAsync((r, by) => r.AcceptRetract(by), _ => "取下げを認めました。", ct);

    public async Task<IActionResult> OnPostSubmitAgainAsync(CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            var request = await MineAsync(ct);
            await desk.SubmitAgainAsync(request, Act.Id, ct);
        }, ct);
        Say("提出しました。");
        return RedirectToPage(new { id = Id });
    }

    /// <summary>A draft that was never handed in leaves no trace.</summary>
    public async Task<IActionResult> OnPostDiscardAsync(CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            var request = await MineAsync(ct);
            if (request.Number is not null) throw new NotHereException();
            db.Remove(request);
        }, ct);
        Say("下書きを捨てました。");
        return Redirect("/approvals?tab=mine");
    }

    private async Task<ApprovalRequest> MineAsync(CancellationToken ct)
    {
        var request = await desk.OpenAsync(Id, ct);
        return (request?.ApplicantId == me.Id ? request : null).OrNotHere();
    }

    private async Task<IActionResult> DoAsync(Func<ApprovalRequest, Acting, bool> verb, Func<ApprovalRequest, string> said, CancellationToken ct)
    {
        var sentence = await db.WriteAsync(async () =>
        {
            var deputyships = await db.DeputyshipsAsync(me.Id, clock.Today(), ct);
            var request = await desk.OpenAsync(Id, ct).OrNotHere();
            if (!await db.ApprovalRequests.VisibleTo(me, deputyships).AnyAsync(r => r.Id == Id, ct)) throw new NotHereException();
            var who = new Signatory(me.Id, me.Name, me.DepartmentName, me.PostName, me.DepartmentId);
            verb(request, new Acting(Act.Id, who, clock.GetUtcNow(), Act.Reason?.Trim() ?? "", new Shown(Act.Hash, Act.Seq), deputyships));
            return said(request);
        }, ct);
        Say(sentence);
        return RedirectToPage(new { id = Id });
    }

    private IEnumerable<Choice> ChoicesFor(Capacity? capacity)
    {
        if (capacity is { } as_ && Document.Current is { } step)
        {
            var decides = step.Kind == StepKind.Decide;
            var word = as_ == Capacity.DecidesForHead ? "代決する" : (decides ? "決裁する" : "承認する") + (as_ == Capacity.Covers ? "（代理）" : "");
            yield return new("Approve", word, as_ == Capacity.Self ? "この内容で進めます。" : $"不在の{step.Who}さんに代わって処理します。二人の名前が記録されます。", as_ == Capacity.DecidesForHead, IsMain: true);
            if (Document.RetractAskedAt is not null) yield return new("AcceptRetract", "取下げを認める", "申請者の取下げの申出を認めます。", false);
            yield return new("SendBack", "差し戻す", "直してほしいことを書いてください。", true) { AsksTarget = true };
            yield return new("Reject", "却下する", "却下すると元に戻せません。", true, IsDanger: true);
        }
        if (Document.MayWithdraw(me.Id)) yield return new("Withdraw", "引き戻す", "まだ次の人が処理していないので、手元に戻せます。", false);
        if (IsMine && Document is { IsOpen: true, Number: not null, RetractAskedAt: null }) yield return new("Retract", "取り下げる", "取り下げると、この申請は終わります。番号と履歴は残ります。", true, IsDanger: true);
        if (Document.ApplicantId == me.Id && Document is { IsWithDrafter: true, AboutKind: not null }) yield return new("SubmitAgain", "もう一度提出する", "今の内容のまま、もう一度提出します。", false, IsMain: true);
        if (Document.ApplicantId == me.Id && Document is { State: RequestState.Draft, Number: null }) yield return new("Discard", "下書きを捨てる", "この下書きは元に戻せません。", false, IsDanger: true);
    }

    private List<(string, string?, string?)> FindChanges()
    {
        var submitted = Document.Acts.Where(a => a.Kind == ActKind.Submit).OrderBy(a => a.Seq).ToList();
        if (submitted.Count < 2) return [];
        return [.. History.Changes(submitted[^2].ValuesJson, submitted[^1].ValuesJson).Select(c =>
        {
            var field = Definition.Fields.FirstOrDefault(f => f.Key == c.Key);
            return (field?.Label ?? c.Key, Shown(field, c.Before), Shown(field, c.After));
        })];

        static string? Shown(FormField? field, string? value) => value is null || field is null ? value : FormValues.Show(field, value);
    }
}
