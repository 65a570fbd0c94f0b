using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Organisation;

/// <summary>所属: all departments of today and those to come; a new one is begun here.</summary>
[Authorize(Policy = Policies.Organisation)]
public sealed class DepartmentsPage(PortalDb db, TimeProvider clock) : FormPage
{
    /// <summary>One department of the list.</summary>
    public sealed record Line(DepartmentId Id, string Code, string Name, string Kind, string Office, int Level, int People, DateOnly? From, DateOnly? To);

    [BindProperty] public DepartmentForm Form { get; set; } = new();

    public IReadOnlyList<Line> Lines { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Parents { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        if (Form.From == default) Form.From = today;
        var chart = await OrganisationChart.LoadAsync(db, today, ct);
        var offices = await db.Offices.AsNoTracking().ToDictionaryAsync(o => o.Id, o => o.Name, ct);
        var terms = await db.DepartmentTerms.AsNoTracking().ToListAsync(ct);
        var codes = await db.Departments.AsNoTracking().ToDictionaryAsync(d => d.Id, d => d.Code, ct);
        var heads = await db.Postings.On(today).Where(p => p.Kind == PostingKind.Main).GroupBy(p => p.DepartmentId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        var now = chart.InOrder().Select(u => new Line(u.Id, u.Code, u.Name, u.Kind.Label(), offices[u.OfficeId], chart.PathUp(u.Id).Count() - 1, heads.GetValueOrDefault(u.Id), null,
            terms.First(t => t.DepartmentId == u.Id && t.From <= today && (t.To is null || today < t.To)).To));
        var coming = terms.Where(t => t.From > today && chart.Find(t.DepartmentId) is null).GroupBy(t => t.DepartmentId).Select(g => g.MinBy(t => t.From)!)
            .OrderBy(t => t.From).Select(t => new Line(t.DepartmentId, codes[t.DepartmentId], t.Name, t.Kind.Label(), offices[t.OfficeId], 0, 0, t.From, null));
        Lines = [.. now, .. coming];
        Parents = await db.DepartmentChoicesAsync(Form.From, ct);
        Offices = await db.OfficeChoicesAsync(Form.From, ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var id = DepartmentId.New();
        await db.WriteAsync(async () =>
        {
            var code = Form.Code!.Trim();
            Demand.All([
                await db.Departments.AnyAsync(d => d.Code == code, ct) ? PeopleRules.CodeTaken.With(code) : null,
                .. await OrganisationChecks.PlacingAsync(db, null, Form.Name, Form.From, Form.ParentId, Form.OfficeId!.Value, ct)]);
            var department = new Department(id, code);
            Form.Begin(department);
            db.Add(department);
        }, ct);
        Say($"{Form.Name}を登録しました。");
        return RedirectToPage();
    }

    /// <summary>A department as it is called and placed from a day on.</summary>
    public sealed class DepartmentForm
    {
        [Display(Name = "コード")] public string? Code { get; set; } = "";

        [Display(Name = "この日から"), Required(ErrorMessage = "日付を入力してください。")] public DateOnly From { get; set; }

        [Display(Name = "名称"), Required(ErrorMessage = "名称を入力してください。")] public string Name { get; set; } = "";

        [Display(Name = "略称")] public string? ShortName { get; set; }

        [Display(Name = "区分")] public DepartmentKind Kind { get; set; } = DepartmentKind.Section;

        [Display(Name = "上位の所属")] public DepartmentId? ParentId { get; set; }

        [Display(Name = "庁舎"), Required(ErrorMessage = "庁舎を選んでください。")] public OfficeId? OfficeId { get; set; }

        [Display(Name = "電話")] public string? Phone { get; set; }

        [Display(Name = "並び順")] public int SortOrder { get; set; }

        internal void Begin(Department department)
            => department.Begin(From, Name.Trim(), string.IsNullOrWhiteSpace(ShortName) ? Name.Trim() : ShortName.Trim(), Kind, ParentId, OfficeId!.Value, SortOrder,
                string.IsNullOrWhiteSpace(Phone) ? null : JapanesePhone.Read(Phone));
    }
}
