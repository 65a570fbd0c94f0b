using KitaPortal.Data;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People;

/// <summary>Choices of people, departments, offices and posts for forms of every feature; a department is always named, so namesakes stay apart.</summary>
public static class PeopleChoices
{
    /// <summary>Everybody employed on the day, by department and よみ: 佐藤　花子（総務課 主事）. Put the field into <c>&lt;kita-person&gt;</c> to search by よみ.</summary>
    public static async Task<IReadOnlyList<SelectListItem>> StaffChoicesAsync(this PortalDb db, DateOnly day, CancellationToken ct)
    {
        var entries = await (await PhoneBook.PhoneBook.OpenAsync(db, day, ct)).ListAsync(new(), ct);
        var groups = entries.Select(e => e.Department).Distinct().ToDictionary(d => d, d => new SelectListGroup { Name = d.Length > 0 ? d : "所属なし" });
        return [.. entries.Select(e => new SelectListItem($"{e.Name}（{$"{e.Department} {e.PostName}".Trim()}）", e.Id.ToString()) { Group = groups[e.Department] })];
    }

    /// <summary>The departments of the day as the chart reads, indented.</summary>
    public static async Task<IReadOnlyList<SelectListItem>> DepartmentChoicesAsync(this PortalDb db, DateOnly day, CancellationToken ct)
    {
        var chart = await OrganisationChart.LoadAsync(db, day, ct);
        return [.. chart.InOrder().Select(u => new SelectListItem(new string('　', chart.PathUp(u.Id).Count() - 1) + u.Name, u.Id.ToString()))];
    }

    /// <summary>The offices open on the day.</summary>
    public static async Task<IReadOnlyList<SelectListItem>> OfficeChoicesAsync(this PortalDb db, DateOnly day, CancellationToken ct)
        => [.. (await db.Offices.AsNoTracking().Where(o => o.ClosedFrom == null || o.ClosedFrom > day).OrderBy(o => o.SortOrder).ThenBy(o => o.Code).ToListAsync(ct))
            .Select(o => new SelectListItem(o.Name, o.Id.ToString()))];

    /// <summary>The posts given on the day, highest first.</summary>
    public static async Task<IReadOnlyList<SelectListItem>> PostChoicesAsync(this PortalDb db, DateOnly day, CancellationToken ct)
        => [.. (await db.Posts.AsNoTracking().Where(p => p.ClosedFrom == null || p.ClosedFrom > day).OrderBy(p => p.Rank).ThenBy(p => p.Code).ToListAsync(ct))
            .Select(p => new SelectListItem(p.Name, p.Id.ToString()))];

    /// <summary>The choices of an enum with their Japanese names.</summary>
    public static IReadOnlyList<SelectListItem> Of<TEnum>(Func<TEnum, string> label) where TEnum : struct, Enum
        => [.. Enum.GetValues<TEnum>().Select(v => new SelectListItem(label(v), v.ToString()))];
}
