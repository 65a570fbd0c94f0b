using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Me;

/// <summary>自分の情報: own data, the numbers one is reached at, working time, and who acts for one.</summary>
public sealed class MePage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    public ContactForm Form { get; set; } = new();

    public DelegateForm Delegate { get; set; } = new();

    public StaffMember Person { get; private set; } = null!;

    public IReadOnlyList<(Posting Posting, string Department, string Post, string Office)> Places { get; private set; } = [];

    public string WorkingTime { get; private set; } = "";

    public IReadOnlyList<(Guid Id, string Name, StaffId StaffId, DateOnly From, DateOnly? To)> MyDelegates { get; private set; } = [];

    public IReadOnlyList<(string Name, StaffId StaffId, DateOnly From, DateOnly? To)> ActingFor { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Colleagues { get; private set; } = [];

    public DateOnly Today { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = Today = clock.Today();
        Person = await db.Staff.AsNoTracking().Include(s => s.Postings).SingleAsync(s => s.Id == me.Id, ct);
        var chart = await OrganisationChart.LoadAsync(db, today, ct);
        var posts = await db.Posts.AsNoTracking().ToDictionaryAsync(p => p.Id, p => p.Name, ct);
        var offices = await db.Offices.AsNoTracking().ToDictionaryAsync(o => o.Id, ct);
        Places = [.. Person.Postings.Where(p => p.Covers(today)).OrderBy(p => p.Kind).Select(p =>
            (p, chart.FullName(p.DepartmentId), posts[p.PostId], (p.OfficeId ?? chart.Find(p.DepartmentId)?.OfficeId) is { } o ? offices[o].Name : ""))];
        var office = me.OfficeId is { } mine ? offices[mine] : null;
        WorkingTime = office is null && Person.WorkFrom is null ? "" : $"{Person.WorkFrom ?? office?.OpensAt:H\\:mm}～{Person.WorkTo ?? office?.ClosesAt:H\\:mm}{(Person.WorkFrom is null ? "" : "（時差勤務）")}";
        Form = new() { Extension = Person.MainOn(today)?.Extension, BusinessPhone = Person.BusinessPhone };
        Delegate = new() { From = today };
        Colleagues = [.. (await db.StaffChoicesAsync(today, ct)).Where(c => c.Value != me.Id.ToString())];
        var mineToday = db.Delegates.AsNoTracking().Where(d => d.To == null || d.To > today);
        MyDelegates = [.. (await (from d in mineToday where d.StaffId == me.Id join s in db.Staff on d.DelegateId equals s.Id orderby d.From select new { d, s }).ToListAsync(ct))
            .Select(x => (x.d.Id, x.s.Name, x.s.Id, x.d.From, x.d.To))];
        ActingFor = [.. (await (from d in mineToday where d.DelegateId == me.Id join s in db.Staff on d.StaffId equals s.Id orderby d.From select new { d, s }).ToListAsync(ct))
            .Select(x => (x.s.Name, x.s.Id, x.d.From, x.d.To))];
    }

    public async Task<IActionResult> OnPostContactAsync(ContactForm form, CancellationToken ct)
    {
        var extension = string.IsNullOrWhiteSpace(form.Extension) ? null : JapanesePhone.ReadExtension(form.Extension);
        var phone = string.IsNullOrWhiteSpace(form.BusinessPhone) ? null : JapanesePhone.Read(form.BusinessPhone);
        if (!string.IsNullOrWhiteSpace(form.Extension) && extension is null) ModelState.AddModelError("Form.Extension", "内線は2～6桁の数字で入力してください。");
        if (!string.IsNullOrWhiteSpace(form.BusinessPhone) && phone is null) ModelState.AddModelError("Form.BusinessPhone", "電話番号は市外局番から入力してください（例：0826-00-1234）。");
        if (!ModelState.IsValid) return Page();
        await db.WriteAsync(async () =>
        {
            var person = await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == me.Id, ct);
            person.SetContact(person.Mail, phone);
            if (person.MainOn(clock.Today()) is { } main) person.SetExtension(main.Id, extension);
        }, ct);
        Say("連絡先を変更しました。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostDelegateAsync([FromForm(Name = "Delegate")] DelegateForm form, CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            var (person, until) = (form.StaffId!.Value, form.To?.AddDays(1));
            Demand.All(
                person == me.Id ? PeopleRules.OwnDelegate.With("自分自身は選べません") : null,
                until <= form.From ? PeopleRules.OwnDelegate.On("Delegate.To", "終わりの日が始まりの日より前です") : null,
                form.From < clock.Today() ? PeopleRules.OwnDelegate.On("Delegate.From", "過ぎた日からは指定できません") : null,
                !await db.Staff.On(form.From).AnyAsync(s => s.Id == person, ct) ? PeopleRules.OwnDelegate.With("その日に在職していません") : null,
                await db.Delegates.AnyAsync(d => d.StaffId == me.Id && d.DelegateId == person && (d.To == null || d.To > form.From) && (until == null || d.From < until), ct)
                    ? PeopleRules.OwnDelegate.With("同じ期間にすでに指定しています") : null);
            db.Add(new Roles.Delegate(me.Id, person, form.From, until));
        }, ct);
        Say("代理を指定しました。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostEndAsync(Guid id, CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            var named = await db.Delegates.SingleOrDefaultAsync(d => d.Id == id && d.StaffId == me.Id, ct).OrNotHere();
            named.End(clock.Today());
        }, ct);
        Say("代理を終わりにしました。");
        return RedirectToPage();
    }

    /// <summary>Where the person is reached.</summary>
    public sealed class ContactForm
    {
        [Display(Name = "内線")] public string? Extension { get; set; }

        [Display(Name = "外線（仕事用の直通・携帯）")] public string? BusinessPhone { get; set; }
    }

    /// <summary>Who acts for the person, and from when to when, both days included.</summary>
    public sealed class DelegateForm
    {
        [Display(Name = "代理にする職員"), Required(ErrorMessage = "職員を選んでください。")] public StaffId? StaffId { get; set; }

        [Display(Name = "始まりの日")] public DateOnly From { get; set; }

        [Display(Name = "終わりの日")] public DateOnly? To { get; set; }
    }
}
