using KitaPortal.Data;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Organisation;

/// <summary>What must hold over several departments, postings and days when the organisation changes.</summary>
public static class OrganisationChecks
{
    private const int MaximumDepth = 6;

    /// <summary>Whether a department may stand below another one from a day on: no cycle and not too deep on any later day, and the other one exists.</summary>
    public static async Task<IReadOnlyList<Broken>> PlacingAsync(PortalDb db, DepartmentId? department, string name, DateOnly from, DepartmentId? parent, OfficeId office, CancellationToken ct)
    {
        var broken = new List<Broken>();
        if (await db.Offices.AsNoTracking().Where(o => o.Id == office && o.ClosedFrom <= from).Select(o => new { o.Name, o.ClosedFrom }).SingleOrDefaultAsync(ct) is { } closed)
            broken.Add(PeopleRules.DepartmentEnded.On("Form.OfficeId", closed.Name, JapaneseDate.Long(closed.ClosedFrom!.Value)));
        if (parent is null) return broken;
        var days = await db.DepartmentTerms.Where(t => t.From > from).Select(t => t.From).Distinct().ToListAsync(ct);
        foreach (var day in days.Prepend(from))
        {
            var chart = await OrganisationChart.LoadAsync(db, day, ct);
            if (chart.Find(parent.Value) is null)
            {
                broken.Add(await EndedAsync(db, parent.Value, day, "Form.ParentId", ct));
                break;
            }
            if (department is { } own && (own == parent || chart.Below(own).Contains(parent.Value)))
            {
                broken.Add(PeopleRules.Cycle.On("Form.ParentId", name));
                break;
            }
            var below = department is { } moved && chart.Find(moved) is not null
                ? chart.Below(moved).Max(d => chart.PathUp(d).TakeWhile(u => u.Id != moved).Count()) + 1 : 1;
            if (chart.PathUp(parent.Value).Count() + below > MaximumDepth)
            {
                broken.Add(PeopleRules.Depth.On("Form.ParentId", MaximumDepth));
                break;
            }
        }
        return broken;
    }

    /// <summary>Rule 職-3 when the department does not exist on the day; null when it does.</summary>
    public static async Task<Broken?> ExistsAsync(PortalDb db, DepartmentId department, DateOnly day, string field, CancellationToken ct)
        => await db.DepartmentTerms.On(day).AnyAsync(t => t.DepartmentId == department, ct) ? null : await EndedAsync(db, department, day, field, ct);

    /// <summary>A department that still has people or departments cannot end.</summary>
    public static async Task<Broken?> EmptyAsync(PortalDb db, DepartmentId department, string name, DateOnly from, CancellationToken ct)
    {
        var people = await db.Postings.Where(p => p.DepartmentId == department && (p.To == null || p.To > from)).Select(p => p.StaffId).Distinct().CountAsync(ct);
        var below = await db.DepartmentTerms.Where(t => t.ParentId == department && (t.To == null || t.To > from)).Select(t => t.DepartmentId).Distinct().CountAsync(ct);
        return people + below == 0 ? null : PeopleRules.DepartmentInUse.On("Closing.From", name, JapaneseDate.Long(from), people, below);
    }

    private static async Task<Broken> EndedAsync(PortalDb db, DepartmentId department, DateOnly day, string field, CancellationToken ct)
    {
        var ended = await db.Departments.AsNoTracking().Include(d => d.Terms).SingleOrDefaultAsync(d => d.Id == department, ct).OrNotHere();
        var last = ended.Terms.Where(t => t.From <= day).MaxBy(t => t.From) ?? ended.Terms.MinBy(t => t.From);
        var broken = PeopleRules.DepartmentEnded.On(field, last?.Name ?? ended.Code, JapaneseDate.Long(last?.To ?? day));
        if (ended.SucceededById is not { } next) return broken;
        var successor = await db.DepartmentTerms.On(day).Where(t => t.DepartmentId == next).Select(t => t.Name).FirstOrDefaultAsync(ct);
        return successor is null ? broken : broken with { Remedy = $"引き継いだ所属「{successor}」を選んでください。" };
    }
}
