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

/// <summary>One department: renamed, moved or ended from a day on.</summary>
[Authorize(Policy = Policies.Organisation)]
public sealed class DepartmentEditPage(PortalDb db, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)] public DepartmentId Id { get; set; }

    public DepartmentsPage.DepartmentForm Form { get; set; } = new();

    public ClosingForm Closing { get; set; } = new();

    public Department Department { get; private set; } = null!;

    public string Name { get; private set; } = "";

    public IReadOnlyList<(DepartmentTerm Term, string Parent, string Office)> Terms { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Parents { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        Department = await db.Departments.AsNoTracking().Include(d => d.Terms).SingleOrDefaultAsync(d => d.Id == Id, ct).OrNotHere();
        var names = (await db.DepartmentTerms.AsNoTracking().ToListAsync(ct)).ToLookup(t => t.DepartmentId);
        var offices = await db.Offices.AsNoTracking().ToDictionaryAsync(o => o.Id, o => o.Name, ct);
        Terms = [.. Department.Terms.OrderByDescending(t => t.From).Select(t => (t,
            t.ParentId is { } p ? (names[p].Where(n => n.From <= t.From).MaxBy(n => n.From) ?? names[p].First()).Name : "", offices[t.OfficeId]))];
        var present = Department.On(today) ?? Department.Terms.MaxBy(t => t.From)!;
        Name = present.Name;
        Form = new() { From = today, Name = present.Name, ShortName = present.ShortName, Kind = present.Kind, ParentId = present.ParentId, OfficeId = present.OfficeId, Phone = present.Phone, SortOrder = present.SortOrder };
        Closing = new() { From = today };
        Parents = [.. (await db.DepartmentChoicesAsync(today, ct)).Where(p => p.Value != Id.ToString())];
        Offices = await db.OfficeChoicesAsync(today, ct);
    }

    public async Task<IActionResult> OnPostTermAsync([FromForm(Name = "Form")] DepartmentsPage.DepartmentForm form, CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            var department = await FoundAsync(ct);
            Demand.All(await OrganisationChecks.PlacingAsync(db, Id, form.Name, form.From, form.ParentId, form.OfficeId!.Value, ct));
            form.Begin(department);
        }, ct);
        Say($"{JapaneseDate.Long(form.From)}からの名称と位置を登録しました。");
        return RedirectToPage(new { Id });
    }

    public async Task<IActionResult> OnPostCloseAsync([FromForm(Name = "Closing")] ClosingForm form, CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            var department = await FoundAsync(ct);
            Demand.All(
                await OrganisationChecks.EmptyAsync(db, Id, department.On(form.From)?.Name ?? department.Code, form.From, ct),
                form.SuccessorId == Id ? PeopleRules.Cycle.On("Closing.SuccessorId", department.Code) : null,
                form.SuccessorId is { } next ? await OrganisationChecks.ExistsAsync(db, next, form.From, "Closing.SuccessorId", ct) : null);
            department.Close(form.From, form.SuccessorId);
        }, ct);
        Say($"{JapaneseDate.Long(form.From)}で終わりにしました。");
        return RedirectToPage(new { Id });
    }

    private Task<Department> FoundAsync(CancellationToken ct) => db.Departments.Include(d => d.Terms).SingleOrDefaultAsync(d => d.Id == Id, ct).OrNotHere();

    /// <summary>From when the department no longer is, and who goes on with its work.</summary>
    public sealed class ClosingForm
    {
        [Display(Name = "この日からなくなる"), Required(ErrorMessage = "日付を入力してください。")] public DateOnly From { get; set; }

        [Display(Name = "引き継ぐ所属")] public DepartmentId? SuccessorId { get; set; }
    }
}
