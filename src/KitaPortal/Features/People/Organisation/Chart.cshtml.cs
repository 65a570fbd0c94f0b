using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.Shared;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Organisation;

/// <summary>組織図 of a day as nested lists, heads first. Days to come only for those who prepare them.</summary>
public sealed class ChartPage(PortalDb db, CurrentStaff me, IAuthorizationService rights, TimeProvider clock) : FormPage
{
    /// <summary>A department with its people of the day.</summary>
    public sealed record Node(OrganisationChart.Unit Unit, string Office, IReadOnlyList<Member> Members, IReadOnlyList<Node> Below, int HeadCount, int Level);

    /// <summary>A person in a department; 兼務 does not count as a head.</summary>
    public sealed record Member(StaffId Id, string Name, string Post, bool IsHead, PostingKind Kind);

    [BindProperty(SupportsGet = true)] public DateOnly? On { get; set; }

    public DateOnly Day { get; private set; }

    public bool MaySeeAhead { get; private set; }

    public bool WasClamped { get; private set; }

    public IReadOnlyList<Node> Top { get; private set; } = [];

    public PrintHead Head { get; private set; } = null!;

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        MaySeeAhead = (await rights.AuthorizeAsync(User, RosterRights.Policy)).Succeeded;
        WasClamped = On > today && !MaySeeAhead;
        Day = WasClamped ? today : On ?? today;
        Head = new("組織図", JapaneseDate.Long(Day), $"{me.DepartmentName}　{me.Name}");
        var chart = await OrganisationChart.LoadAsync(db, Day, ct);
        var offices = await db.Offices.AsNoTracking().ToDictionaryAsync(o => o.Id, o => o.Name, ct);
        var members = (await (
            from posting in db.Postings.On(Day)
            join staff in db.Staff.On(Day) on posting.StaffId equals staff.Id
            where staff.EmploymentClass != EmploymentClass.External
            join post in db.Posts on posting.PostId equals post.Id
            orderby post.Rank, staff.YomiKey, staff.StaffNumber
            select new { posting.DepartmentId, Staff = staff, Post = post.Name, post.IsHead, posting.Kind }).AsNoTracking().ToListAsync(ct))
            .ToLookup(m => m.DepartmentId, m => new Member(m.Staff.Id, m.Staff.Name, m.Post, m.IsHead, m.Kind));
        Top = [.. chart.Top.Select(u => NodeOf(u, 2))];

        Node NodeOf(OrganisationChart.Unit unit, int level)
        {
            var below = chart.Children(unit.Id).Select(u => NodeOf(u, Math.Min(level + 1, 6))).ToList();
            var here = members[unit.Id].OrderByDescending(m => m.IsHead).ToList();
            return new(unit, offices[unit.OfficeId], here, below, here.Count(m => m.Kind == PostingKind.Main) + below.Sum(b => b.HeadCount), level);
        }
    }
}
