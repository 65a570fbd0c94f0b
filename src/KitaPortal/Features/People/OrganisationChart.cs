using KitaPortal.Data;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.People;

/// <summary>The organisation as it stands on one day: what departments are called, where they belong, and who heads them.</summary>
public sealed class OrganisationChart
{
    private readonly Dictionary<DepartmentId, Unit> units;
    private readonly ILookup<DepartmentId, Head> heads;

    /// <summary>A department on the day.</summary>
    public sealed record Unit(DepartmentId Id, string Code, string Name, string ShortName, DepartmentKind Kind, DepartmentId? ParentId, OfficeId OfficeId, int SortOrder);

    /// <summary>A person who heads a department, or may decide for its head.</summary>
    public sealed record Head(DepartmentId DepartmentId, StaffId StaffId, string Name, string PostName, int Rank, bool IsHead);

    internal OrganisationChart(DateOnly day, IEnumerable<Unit> units, IEnumerable<Head> heads)
        => (Day, this.units, this.heads) = (day, units.ToDictionary(u => u.Id), heads.OrderByDescending(h => h.IsHead).ThenBy(h => h.Rank).ToLookup(h => h.DepartmentId));

    public DateOnly Day { get; }

    public IEnumerable<Unit> Units => units.Values.OrderBy(u => u.SortOrder).ThenBy(u => u.Code, StringComparer.Ordinal);

    public static async Task<OrganisationChart> LoadAsync(PortalDb db, DateOnly day, CancellationToken ct)
        => (await db.StandingAsync<OrganisationBook>(ct)).ChartOn(day);

    public Unit? Find(DepartmentId id) => units.GetValueOrDefault(id);

    /// <summary>The head of the department itself (所属長); null when the post is vacant.</summary>
    public Head? HeadOf(DepartmentId id) => heads[id].FirstOrDefault(h => h.IsHead);

    /// <summary>Who holds 代決権 in the department.</summary>
    public IEnumerable<Head> MayDecideFor(DepartmentId id) => heads[id].Where(h => !h.IsHead);

    /// <summary>The first head from the department upwards who is not the person: nobody is one's own head.</summary>
    public Head? HeadFor(DepartmentId department, StaffId person)
    {
        foreach (var unit in PathUp(department))
            if (heads[unit.Id].FirstOrDefault(h => h.IsHead && h.StaffId != person) is { } head)
                return head;
        return null;
    }

    /// <summary>The department and those above it, nearest first.</summary>
    public IEnumerable<Unit> PathUp(DepartmentId department)
    {
        var seen = new HashSet<DepartmentId>();
        for (var unit = Find(department); unit is not null && seen.Add(unit.Id); unit = unit.ParentId is { } parent ? Find(parent) : null)
            yield return unit;
    }

    /// <summary>The department and everything below it.</summary>
    public IReadOnlySet<DepartmentId> Below(DepartmentId department)
    {
        var found = new HashSet<DepartmentId> { department };
        while (true)
        {
            var more = units.Values.Where(u => u.ParentId is { } p && found.Contains(p) && !found.Contains(u.Id)).Select(u => u.Id).ToList();
            if (more.Count == 0) return found;
            found.UnionWith(more);
        }
    }

    /// <summary>課 and 係 in one line, for example 総務課 総務係.</summary>
    public string FullName(DepartmentId department)
        => string.Join(' ', PathUp(department).Where(u => u.Kind is not (DepartmentKind.Division or DepartmentKind.Committee)).Reverse().Select(u => u.Name));

    /// <summary>All departments as the chart reads: each followed by what is below it.</summary>
    public IEnumerable<Unit> InOrder() => Top.SelectMany(WithBelow);

    /// <summary>The departments that stand below none of this day.</summary>
    public IEnumerable<Unit> Top => Units.Where(u => u.ParentId is not { } parent || Find(parent) is null);

    /// <summary>The departments directly below.</summary>
    public IEnumerable<Unit> Children(DepartmentId department) => Units.Where(u => u.ParentId == department);

    private IEnumerable<Unit> WithBelow(Unit unit) => Children(unit.Id).SelectMany(WithBelow).Prepend(unit);
}
