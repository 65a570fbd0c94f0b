using KitaPortal.Data;
using KitaPortal.Features.People.Organisation;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Roster;

/// <summary>Somebody joins: name, employment and the first main posting in one step.</summary>
[Authorize(Policy = RosterRights.Policy)]
public sealed class NewPage(PortalDb db, TimeProvider clock) : FormPage
{
    [BindProperty] public PersonForm Form { get; set; } = new();

    [BindProperty] public PostingForm Posting { get; set; } = new();

    public IReadOnlyList<SelectListItem> Departments { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Posts { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        if (Form.EmployedFrom == default) Form.EmployedFrom = today;
        if (Posting.From == default) Posting.From = Form.EmployedFrom;
        Departments = await db.DepartmentChoicesAsync(Posting.From, ct);
        Posts = await db.PostChoicesAsync(Posting.From, ct);
        Offices = await db.OfficeChoicesAsync(Posting.From, ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        Form.Check(ModelState);
        Posting.Check(ModelState);
        if (!ModelState.IsValid) return Page();
        var id = StaffId.New();
        await db.WriteAsync(async () =>
        {
            var number = SearchFold.Key(Form.StaffNumber).ToUpperInvariant();
            Demand.All(
                await db.Staff.AnyAsync(s => s.StaffNumber == number, ct) ? PeopleRules.NumberTaken.With(number) : null,
                PeopleRules.YomiOf(PersonName.Yomi(Form.FamilyYomi) ?? "", PersonName.Yomi(Form.GivenYomi) ?? ""),
                Posting.From < Form.EmployedFrom ? PeopleRules.PostingOutside.On("Posting.From", JapaneseDate.Long(Form.EmployedFrom) + "～") : null,
                await OrganisationChecks.ExistsAsync(db, Posting.DepartmentId!.Value, Posting.From, "Posting.DepartmentId", ct));
            var person = new StaffMember(id, number, Form.FamilyName.Trim(), Form.GivenName.Trim(), Form.FamilyYomi, Form.GivenYomi, Form.EmploymentClass, Form.EmployedFrom);
            person.UseFormerName(Form.FormerName?.Trim(), Form.UsesFormerName);
            person.SetContact(Form.CleanMail, Form.CleanPhone);
            person.SetWorkingTime(Form.WorkFrom, Form.WorkTo);
            person.Post(Posting.DepartmentId.Value, Posting.PostId!.Value, Posting.From, officeId: Posting.OfficeId, extension: Posting.CleanExtension, isClerk: Posting.IsClerk);
            if (Form.LastDay is { } last) person.Leave(last.AddDays(1));
            db.Add(person);
        }, ct);
        Say($"{Form.FamilyName}　{Form.GivenName}さんを登録しました。");
        return Redirect($"/people/staff/{id}");
    }
}
