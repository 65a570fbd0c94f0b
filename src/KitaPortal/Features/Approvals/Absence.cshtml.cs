using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>不在設定: who acts for me, from when to when.</summary>
public sealed class AbsencePage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    public sealed class CoverForm
    {
        /// <summary>Made with the page, so that sending it twice sets one cover.</summary>
        public Guid Id { get; set; }

        [Display(Name = "代理者")]
        public StaffId? Deputy { get; set; }

        [Display(Name = "初日"), Required(ErrorMessage = "初日を入力してください。")]
        public DateOnly? First { get; set; }

        [Display(Name = "最終日"), Required(ErrorMessage = "最終日を入力してください。")]
        public DateOnly? Last { get; set; }

        [Display(Name = "理由"), StringLength(200, ErrorMessage = "理由は200字までです。")]
        public string? Reason { get; set; }
    }

    [BindProperty]
    public CoverForm Form { get; set; } = new();

    public IReadOnlyList<Row> Covers { get; private set; } = [];

    public IReadOnlyList<Row> ForOthers { get; private set; } = [];

    public IReadOnlyList<SelectListItem> People { get; private set; } = [];

    public IReadOnlyList<string> RightHolders { get; private set; } = [];

    /// <summary>One cover as shown.</summary>
    public sealed record Row(Guid Id, string Person, DateOnly From, DateOnly LastDay, string Reason, bool IsNow);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        var covers = await db.AbsenceCovers.AsNoTracking().Where(c => c.To > today && c.To > c.From && (c.StaffId == me.Id || c.DeputyId == me.Id)).OrderBy(c => c.From).ToListAsync(ct);
        var ids = covers.SelectMany(c => new[] { c.StaffId, c.DeputyId ?? c.StaffId }).ToList();
        var names = (await db.Staff.AsNoTracking().Where(s => ids.Contains(s.Id)).ToListAsync(ct)).ToDictionary(s => s.Id, s => s.Name);
        Covers = [.. covers.Where(c => c.StaffId == me.Id).Select(c => new Row(c.Id, c.DeputyId is { } d ? names[d] : "決めていません", c.From, c.LastDay, c.Reason, c.From <= today))];
        ForOthers = [.. covers.Where(c => c.DeputyId == me.Id).Select(c => new Row(c.Id, names[c.StaffId], c.From, c.LastDay, "", c.From <= today))];
        if (Form.Id == default) Form.Id = Guid.CreateVersion7(clock.GetUtcNow());
        People = await ChoosableAsync(today, ct);
        var chart = await OrganisationChart.LoadAsync(db, today, ct);
        RightHolders = [.. me.HeadOf.SelectMany(chart.MayDecideFor).Where(h => h.StaffId != me.Id).Select(h => $"{h.PostName} {h.Name}").Distinct()];
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var today = clock.Today();
        await db.WriteAsync(async () =>
        {
            await db.LockAsync<StaffMember>([me.Id.Value], ct);
            var mine = await db.AbsenceCovers.Where(c => c.StaffId == me.Id && c.To > today).ToListAsync(ct);
            if (mine.Any(c => c.Id == Form.Id)) return;
            var to = Form.Last!.Value == DateOnly.MaxValue ? DateOnly.MaxValue : Form.Last.Value.AddDays(1);
            if (Form.Deputy is { } deputy && !await db.Staff.On(today).AnyAsync(s => s.Id == deputy, ct))
                throw new RuleViolation(ApprovalRules.Cover.On("Form.Deputy", "代理者が今の職員ではありません。"));
            db.Add(new AbsenceCover(Form.Id == default ? Guid.CreateVersion7(clock.GetUtcNow()) : Form.Id, me.Id, Form.Deputy, Form.First!.Value, to, Form.Reason?.Trim() ?? "", today, mine));
        }, ct);
        Say("不在設定をしました。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostEndAsync(Guid cover, CancellationToken ct)
    {
        ModelState.Clear();
        await db.WriteAsync(async () => (await db.AbsenceCovers.SingleOrDefaultAsync(c => c.Id == cover && c.StaffId == me.Id, ct).OrNotHere()).End(clock.Today()), ct);
        Say("不在設定を終わりにしました。");
        return RedirectToPage();
    }

    // Colleagues of the own departments first, then heads and those with 代決権 of the town.
    private async Task<IReadOnlyList<SelectListItem>> ChoosableAsync(DateOnly today, CancellationToken ct)
    {
        var own = me.Departments.ToList();
        var found = await (
            from posting in db.Postings.On(today)
            join post in db.Posts on posting.PostId equals post.Id
            join staff in db.Staff.On(today) on posting.StaffId equals staff.Id
            join term in db.DepartmentTerms.On(today) on posting.DepartmentId equals term.DepartmentId
            where staff.Id != me.Id && (own.Contains(posting.DepartmentId) || post.IsHead || post.MayDecideForHead)
            select new { staff.Id, staff.FamilyName, staff.GivenName, staff.YomiKey, Post = post.Name, post.Rank, Department = term.Name, IsOwn = own.Contains(posting.DepartmentId) }).AsNoTracking().ToListAsync(ct);
        var (near, far) = (new SelectListGroup { Name = "同じ所属" }, new SelectListGroup { Name = "ほかの所属" });
        return [.. found.OrderByDescending(p => p.IsOwn).ThenBy(p => p.Rank).ThenBy(p => p.YomiKey, StringComparer.Ordinal).DistinctBy(p => p.Id)
            .Select(p => new SelectListItem($"{p.FamilyName}　{p.GivenName}（{p.Department} {p.Post}）", p.Id.ToString()) { Group = p.IsOwn ? near : far })];
    }
}
