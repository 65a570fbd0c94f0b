using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Organisation;

/// <summary>庁舎: the buildings with their opening hours; one of them is chosen for change by <c>?id=</c>.</summary>
[Authorize(Policy = Policies.Organisation)]
public sealed class OfficesPage(PortalDb db, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)] public OfficeId? Id { get; set; }

    [BindProperty] public OfficeForm Form { get; set; } = new();

    public IReadOnlyList<Office> Offices { get; private set; } = [];

    public Office? Chosen { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        Offices = await db.Offices.AsNoTracking().OrderBy(o => o.SortOrder).ThenBy(o => o.Code).ToListAsync(ct);
        if (Id is null) return;
        Chosen = Offices.SingleOrDefault(o => o.Id == Id).OrNotHere();
        if (HttpMethods.IsPost(Request.Method)) return;
        Form = new()
        {
            Code = Chosen.Code,
            Name = Chosen.Name,
            Kind = Chosen.Kind,
            Address = Chosen.Address,
            Phone = Chosen.Phone,
            SortOrder = Chosen.SortOrder,
            OpensAt = Chosen.OpensAt,
            ClosesAt = Chosen.ClosesAt,
            BreakFrom = Chosen.BreakFrom,
            BreakTo = Chosen.BreakTo,
            ClosedFrom = Chosen.ClosedFrom,
        };
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var phone = string.IsNullOrWhiteSpace(Form.Phone) ? null : JapanesePhone.Read(Form.Phone);
        if (!string.IsNullOrWhiteSpace(Form.Phone) && phone is null) ModelState.AddModelError("Form.Phone", "電話番号は市外局番から入力してください（例：0826-00-1234）。");
        if (Form.ClosesAt <= Form.OpensAt) ModelState.AddModelError("Form.ClosesAt", "閉庁は開庁より後にしてください。");
        if (Form.BreakTo < Form.BreakFrom) ModelState.AddModelError("Form.BreakTo", "休憩の終わりは始まりより後にしてください。");
        if (!ModelState.IsValid) return Page();
        await db.WriteAsync(async () =>
        {
            Office office;
            if (Id is { } id)
            {
                office = await db.Offices.SingleOrDefaultAsync(o => o.Id == id, ct).OrNotHere();
                var inUse = Form.ClosedFrom is { } from
                    ? await db.DepartmentTerms.Where(t => t.OfficeId == id && (t.To == null || t.To > from)).Select(t => t.DepartmentId).Distinct().CountAsync(ct) : 0;
                Demand.All(inUse > 0 ? PeopleRules.OfficeInUse.On("Form.ClosedFrom", office.Name, JapaneseDate.Long(Form.ClosedFrom!.Value), inUse) : null);
                office.Rename(Form.Name.Trim(), Form.Kind);
            }
            else
            {
                var code = Form.Code.Trim();
                Demand.All(await db.Offices.AnyAsync(o => o.Code == code, ct) ? PeopleRules.CodeTaken.With(code) : null);
                office = new Office(OfficeId.New(), code, Form.Name.Trim(), Form.Kind, Form.SortOrder);
                db.Add(office);
            }
            office.Locate(Form.Address?.Trim(), phone);
            office.SetHours(Form.OpensAt, Form.ClosesAt, Form.BreakFrom, Form.BreakTo);
            office.Close(Form.ClosedFrom);
        }, ct);
        Say($"{Form.Name}を登録しました。");
        return Redirect("/people/offices");
    }

    public DateOnly Today => clock.Today();

    /// <summary>A building and its hours.</summary>
    public sealed class OfficeForm
    {
        [Display(Name = "コード"), Required(ErrorMessage = "コードを入力してください。")] public string Code { get; set; } = "";

        [Display(Name = "名称"), Required(ErrorMessage = "名称を入力してください。")] public string Name { get; set; } = "";

        [Display(Name = "区分")] public OfficeKind Kind { get; set; } = OfficeKind.Outpost;

        [Display(Name = "所在地")] public string? Address { get; set; }

        [Display(Name = "電話")] public string? Phone { get; set; }

        [Display(Name = "並び順")] public int SortOrder { get; set; } = 99;

        [Display(Name = "開庁")] public TimeOnly OpensAt { get; set; } = new(8, 30);

        [Display(Name = "閉庁")] public TimeOnly ClosesAt { get; set; } = new(17, 15);

        [Display(Name = "休憩の始まり")] public TimeOnly BreakFrom { get; set; } = new(12, 0);

        [Display(Name = "休憩の終わり")] public TimeOnly BreakTo { get; set; } = new(13, 0);

        [Display(Name = "この日からなくなる")] public DateOnly? ClosedFrom { get; set; }
    }
}
