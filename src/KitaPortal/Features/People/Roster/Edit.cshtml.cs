using System.ComponentModel.DataAnnotations;
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

/// <summary>One person of the roster: data, postings, leaving.</summary>
[Authorize(Policy = RosterRights.Policy)]
public sealed class EditPage(PortalDb db, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)] public StaffId Id { get; set; }

    public PersonForm Form { get; set; } = new();

    public PostingForm Posting { get; set; } = new();

    public LeavingForm Leaving { get; set; } = new();

    public StaffMember Person { get; private set; } = null!;

    public DateOnly Today { get; private set; }

    public IReadOnlyList<(Posting Posting, string Department, string Post)> Postings { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Departments { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Posts { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        Today = clock.Today();
        Person = await db.Staff.AsNoTracking().Include(s => s.Postings).SingleOrDefaultAsync(s => s.Id == Id, ct).OrNotHere();
        var postNames = await db.Posts.AsNoTracking().ToDictionaryAsync(p => p.Id, p => p.Name, ct);
        var terms = (await db.DepartmentTerms.AsNoTracking().ToListAsync(ct)).ToLookup(t => t.DepartmentId);
        Postings = [.. Person.Postings.OrderByDescending(p => p.From).ThenBy(p => p.Kind).Select(p =>
            (p, terms[p.DepartmentId].Where(t => t.From <= p.From).MaxBy(t => t.From)?.Name ?? terms[p.DepartmentId].First().Name, postNames[p.PostId]))];
        var s = Person;
        Form = new()
        {
            StaffNumber = s.StaffNumber,
            FamilyName = s.FamilyName,
            GivenName = s.GivenName,
            FamilyYomi = s.FamilyYomi,
            GivenYomi = s.GivenYomi,
            FormerName = s.FormerName,
            UsesFormerName = s.UsesFormerName,
            EmploymentClass = s.EmploymentClass,
            EmployedFrom = s.EmployedFrom,
            LastDay = s.EmployedTo?.AddDays(-1),
            Mail = s.Mail,
            BusinessPhone = s.BusinessPhone,
            WorkFrom = s.WorkFrom,
            WorkTo = s.WorkTo,
            Version = s.Version,
        };
        Posting = new() { From = Today, Kind = s.MainOn(Today) is null ? PostingKind.Main : PostingKind.Additional };
        Leaving = new() { LastDay = s.EmployedTo?.AddDays(-1), PublicFrom = s.LeavingPublicFrom };
        Departments = await db.DepartmentChoicesAsync(Today, ct);
        Posts = await db.PostChoicesAsync(Today, ct);
        Offices = await db.OfficeChoicesAsync(Today, ct);
    }

    public async Task<IActionResult> OnPostPersonAsync([FromForm(Name = "Form")] PersonForm form, CancellationToken ct)
    {
        form.Check(ModelState);
        if (!ModelState.IsValid) return Page();
        await ChangeAsync(person =>
        {
            db.Entry(person).Property(p => p.Version).OriginalValue = form.Version;
            person.SetName(form.FamilyName.Trim(), form.GivenName.Trim(), form.FamilyYomi, form.GivenYomi);
            person.UseFormerName(form.FormerName?.Trim(), form.UsesFormerName);
            person.SetEmployment(form.EmploymentClass, form.EmployedFrom);
            person.SetContact(form.CleanMail, form.CleanPhone);
            person.SetWorkingTime(form.WorkFrom, form.WorkTo);
            return Task.CompletedTask;
        }, ct);
        Say("名簿を直しました。");
        return RedirectToPage(new { Id });
    }

    public async Task<IActionResult> OnPostPostingAsync([FromForm(Name = "Posting")] PostingForm form, CancellationToken ct)
    {
        form.Check(ModelState);
        if (!ModelState.IsValid) return Page();
        await ChangeAsync(async person =>
        {
            Demand.All(await OrganisationChecks.ExistsAsync(db, form.DepartmentId!.Value, form.From, "Posting.DepartmentId", ct));
            person.Post(form.DepartmentId.Value, form.PostId!.Value, form.From, form.LastDay?.AddDays(1), form.Kind, form.OfficeId, form.CleanExtension, form.IsClerk);
        }, ct);
        Say($"{JapaneseDate.Long(form.From)}からの配属を登録しました。");
        return RedirectToPage(new { Id });
    }

    public async Task<IActionResult> OnPostEndPostingAsync(Guid posting, DateOnly lastDay, CancellationToken ct)
    {
        await ChangeAsync(person =>
        {
            if (person.Postings.All(p => p.Id != posting)) throw new NotHereException();
            person.EndPosting(posting, lastDay.AddDays(1));
            return Task.CompletedTask;
        }, ct);
        Say("配属を終わりにしました。");
        return RedirectToPage(new { Id });
    }

    public async Task<IActionResult> OnPostLeaveAsync([FromForm(Name = "Leaving")] LeavingForm form, CancellationToken ct)
    {
        await ChangeAsync(person => { person.Leave(form.LastDay?.AddDays(1), form.PublicFrom); return Task.CompletedTask; }, ct);
        Say(form.LastDay is { } last ? $"{JapaneseDate.Long(last)}の退職を登録しました。" : "退職を取り消しました。");
        return RedirectToPage(new { Id });
    }

    private Task ChangeAsync(Func<StaffMember, Task> change, CancellationToken ct)
        => db.WriteAsync(async () =>
        {
            await db.LockAsync<StaffMember>([Id.Value], ct);
            await change(await db.Staff.Include(s => s.Postings).SingleOrDefaultAsync(s => s.Id == Id, ct).OrNotHere());
        }, ct);

    /// <summary>The last day at work; access ends at its midnight.</summary>
    public sealed class LeavingForm
    {
        [Display(Name = "最後に働く日")] public DateOnly? LastDay { get; set; }

        [Display(Name = "知らせてよい日（内示日）")] public DateOnly? PublicFrom { get; set; }
    }
}
