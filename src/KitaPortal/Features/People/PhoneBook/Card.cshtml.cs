using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.PhoneBook;

/// <summary>A colleague's card: where to reach the person, what they do, who acts for them.</summary>
public sealed class CardPage(PortalDb db, CurrentStaff me, IAuthorizationService rights, TimeProvider clock) : FormPage
{
    /// <summary>One place of the person in the organisation today.</summary>
    public sealed record Place(PostingKind Kind, DepartmentId DepartmentId, string Department, string Post, string Office, string? OfficePhone, string? Extension, bool IsClerk, string WorkingTime);

    [BindProperty(SupportsGet = true)] public StaffId Id { get; set; }

    public StaffMember Person { get; private set; } = null!;

    public IReadOnlyList<Place> Places { get; private set; } = [];

    public IReadOnlyList<(StaffId Id, string Name)> ActingFor { get; private set; } = [];

    public (string Post, string Name, StaffId Id)? Head { get; private set; }

    public bool HasLeft { get; private set; }

    public bool MayEdit { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        MayEdit = (await rights.AuthorizeAsync(User, RosterRights.Policy)).Succeeded;
        Person = await db.Staff.AsNoTracking().Include(s => s.Postings).SingleOrDefaultAsync(s => s.Id == Id, ct).OrNotHere();
        if (Person.EmploymentClass == EmploymentClass.External && !MayEdit && Id != me.Id) throw new NotHereException();
        HasLeft = Person.EmployedTo is { } end && today >= end;
        var chart = await OrganisationChart.LoadAsync(db, today, ct);
        var posts = await db.Posts.AsNoTracking().ToDictionaryAsync(p => p.Id, ct);
        var offices = await db.Offices.AsNoTracking().ToDictionaryAsync(o => o.Id, ct);
        Places = [.. Person.Postings.Where(p => p.Covers(today)).OrderBy(p => p.Kind).Select(p =>
        {
            var office = (p.OfficeId ?? chart.Find(p.DepartmentId)?.OfficeId) is { } o ? offices[o] : null;
            return new Place(p.Kind, p.DepartmentId, chart.FullName(p.DepartmentId), posts[p.PostId].Name, office?.Name ?? "", office?.Phone, p.Extension, p.IsClerk,
                $"{Person.WorkFrom ?? office?.OpensAt:H\\:mm}～{Person.WorkTo ?? office?.ClosesAt:H\\:mm}");
        })];
        if (Places.Count > 0 && chart.HeadFor(Places[0].DepartmentId, Id) is { } head) Head = (head.PostName, head.Name, head.StaffId);
        ActingFor = [.. (await (
            from one in db.Delegates
            where one.StaffId == Id && one.From <= today && (one.To == null || today < one.To)
            join staff in db.Staff.On(today) on one.DelegateId equals staff.Id
            select staff).AsNoTracking().ToListAsync(ct)).Select(s => (s.Id, s.Name))];
    }
}
