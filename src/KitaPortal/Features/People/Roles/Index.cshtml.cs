using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Roles;

/// <summary>役割: who may do what, by role and by person; giving and ending it.</summary>
[Authorize(Policies.Admin)]
public sealed class RolesPage(PortalDb db, RoleChanges changes, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>A role somebody holds, or will hold.</summary>
    public sealed record Row(Guid Id, Role Role, string Name, string Department, string Scope, DateOnly From, DateOnly? To, string Reason, bool IsComing);

    public sealed class GrantForm
    {
        [Display(Name = "職員番号"), Required(ErrorMessage = "職員番号を入力してください。"), StringLength(20)]
        public string StaffNumber { get; set; } = "";

        [Display(Name = "役割"), Required(ErrorMessage = "役割を選んでください。")]
        public Role? Role { get; set; }

        [Display(Name = "庁舎（貸出窓口のとき）")]
        public Guid? OfficeId { get; set; }

        [Display(Name = "始まる日"), Required(ErrorMessage = "始まる日を入力してください。")]
        public DateOnly? From { get; set; }

        [Display(Name = "最後の日")]
        public DateOnly? Until { get; set; }

        [Display(Name = "理由"), Required(ErrorMessage = "理由を入力してください。"), StringLength(200)]
        public string Reason { get; set; } = "";
    }

    [BindProperty]
    public GrantForm Form { get; set; } = new();

    [BindProperty(SupportsGet = true, Name = "by")]
    public string? By { get; set; }

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    public bool ByPerson => By == "person";

    public DateOnly Today => TokyoTime.DayOf(clock.GetUtcNow());

    public IEnumerable<SelectListItem> RoleChoices => RoleChanges.Given.Select(r => new SelectListItem(r.Japanese(), r.ToString()));

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public IEnumerable<IGrouping<string, Row>> Groups => Rows.GroupBy(r => ByPerson ? r.Name : r.Role.Japanese());

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = Today;
        var staff = await db.Staff.Select(s => new { s.Id, Name = s.FamilyName + "\u3000" + s.GivenName, s.YomiKey }).ToDictionaryAsync(s => s.Id, ct);
        var departments = await db.DepartmentTerms.On(today).ToDictionaryAsync(t => t.DepartmentId, t => t.Name, ct);
        var postings = (await db.Postings.On(today).Where(p => p.Kind == PostingKind.Main).Select(p => new { p.StaffId, p.DepartmentId }).ToListAsync(ct)).ToLookup(p => p.StaffId, p => p.DepartmentId);
        var offices = await db.Offices.ToDictionaryAsync(o => o.Id.Value, o => o.Name, ct);
        Offices = [.. offices.Select(o => new SelectListItem(o.Value, o.Key.ToString()))];
        var grants = await db.RoleGrants.AsNoTracking().Where(g => g.To == null || g.To > today).ToListAsync(ct);
        var rows = grants.Select(g => (Yomi: g.ToStaffId is { } s && staff.TryGetValue(s, out var p) ? p.YomiKey : "", Row: new Row(g.Id, g.Role,
            g.ToStaffId is { } id && staff.TryGetValue(id, out var person) ? person.Name : "所属の全員",
            g.ToStaffId is { } one ? departments.GetValueOrDefault(postings[one].FirstOrDefault(), "") : departments.GetValueOrDefault(g.ToDepartmentId ?? default, ""),
            g.ScopeId is { } scope ? offices.GetValueOrDefault(scope, "所属限定") : "全庁", g.From, g.To, g.Reason, g.From > today)));
        Rows = [.. (ByPerson ? rows.OrderBy(r => r.Yomi, StringComparer.Ordinal).ThenBy(r => r.Row.Role) : rows.OrderBy(r => r.Row.Role).ThenBy(r => r.Yomi, StringComparer.Ordinal)).Select(r => r.Row)];
        Form.From ??= today;
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var number = Form.StaffNumber.Trim();
        var person = await db.Staff.Where(s => s.StaffNumber == number).Select(s => new { s.Id, Name = s.FamilyName + "\u3000" + s.GivenName }).SingleOrDefaultAsync(ct);
        if (person is null) ModelState.AddModelError("Form.StaffNumber", $"職員番号「{number}」の職員は名簿にいません。");
        if (Form.Role is { } asked && !RoleChanges.Given.Contains(asked)) ModelState.AddModelError("Form.Role", "この役割は配属から決まるため、付けられません。");
        if (!ModelState.IsValid) return Page();
        await changes.GrantAsync(Form.Role!.Value, person!.Id, Form.OfficeId, Form.From!.Value, Form.Until?.AddDays(1), Form.Reason, me.Id, ct);
        Say($"{person.Name}さんに「{Form.Role.Value.Japanese()}」を付けました。");
        return RedirectToPage(new { by = By });
    }
}
