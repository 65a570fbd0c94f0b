using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Review;

/// <summary>How places, people, classes and purposes are called in a review, and in which order they stand.</summary>
public sealed class ReviewNames
{
    private sealed record Department(Guid Id, string Name, DepartmentKind Kind, Guid? Parent, int SortOrder, string Code, Guid? Successor);

    private readonly ReviewQuery query;
    private readonly Dictionary<Guid, Department> departments;
    private readonly Dictionary<Guid, (string Name, int Order)> offices;
    private readonly Dictionary<string, (string Name, int Order)> classes;
    private readonly Dictionary<Guid, Guid> people;
    private readonly Dictionary<Guid, (string Name, string Yomi)> staff;

    private ReviewNames(ReviewQuery query, IEnumerable<Department> departments, Dictionary<Guid, (string, int)> offices, Dictionary<string, (string, int)> classes, Dictionary<Guid, Guid> people, Dictionary<Guid, (string, string)> staff)
        => (this.query, this.departments, this.offices, this.classes, this.people, this.staff) = (query, departments.ToDictionary(d => d.Id), offices, classes, people, staff);

    public static async Task<ReviewNames> LoadAsync(PortalDb db, ReviewQuery query, FiscalYear year, DateOnly until, CancellationToken ct)
    {
        var terms = (await db.DepartmentTerms.AsNoTracking().Select(t => new { t.DepartmentId, t.From, t.Name, t.Kind, t.ParentId, t.SortOrder }).ToListAsync(ct)).GroupBy(t => t.DepartmentId)
            .ToDictionary(g => g.Key, g => g.OrderBy(t => t.From).LastOrDefault(t => t.From <= until) ?? g.MinBy(t => t.From)!);
        var roots = await db.Departments.AsNoTracking().Select(d => new { d.Id, d.Code, d.SucceededById }).ToListAsync(ct);
        var departments = roots.Where(r => terms.ContainsKey(r.Id)).Select(r => terms[r.Id] is var t
            ? new Department(r.Id.Value, t.Name, t.Kind, t.ParentId?.Value, t.SortOrder, r.Code, r.SucceededById?.Value) : null!);
        var offices = (await db.Offices.AsNoTracking().Select(o => new { o.Id, o.Name, o.SortOrder }).ToListAsync(ct)).ToDictionary(o => o.Id.Value, o => (o.Name, o.SortOrder));
        var classes = (await db.DeviceClasses.AsNoTracking().Select(c => new { c.Code, c.Name }).ToListAsync(ct)).Select((c, i) => (c, i)).ToDictionary(c => c.c.Code, c => (c.c.Name, c.i));
        var (people, staff) = (new Dictionary<Guid, Guid>(), new Dictionary<Guid, (string, string)>());
        if (query.IsPersonal)
        {
            var last = year.Previous;
            people = await db.LedgerPeople.AsNoTracking().Where(p => p.FiscalYear == year || p.FiscalYear == last).ToDictionaryAsync(p => p.Id, p => p.StaffId.Value, ct);
            var ids = people.Values.Distinct().Select(id => new StaffId(id)).ToList();
            var organisation = await db.StandingAsync<OrganisationBook>(ct);
            staff = (await db.Staff.AsNoTracking().Where(s => ids.Contains(s.Id)).Select(s => new { s.Id, s.YomiKey }).ToListAsync(ct)).ToDictionary(s => s.Id.Value, s => (organisation.Find(s.Id)?.Name ?? "", s.YomiKey));
        }
        return new(query, departments, offices, classes, people, staff);
    }

    public IEnumerable<(string Key, string Name)> Offices => offices.OrderBy(o => o.Value.Order).Select(o => (KeyOf(o.Key), o.Value.Name));

    public IEnumerable<(string Key, string Name)> Departments => departments.Values.OrderBy(d => d.SortOrder).ThenBy(d => d.Code, StringComparer.Ordinal).Select(d => (KeyOf(d.Id), d.Name));

    public IEnumerable<(string Key, string Name)> Classes => classes.OrderBy(c => c.Value.Order).Select(c => (c.Key, c.Value.Name));

    /// <summary>The ledger's keys of a person; an unknown one has none that fits.</summary>
    public IReadOnlyList<Guid>? KeysOf(string? person)
        => person is null ? null : person == ReviewQuery.Nothing ? [Guid.Empty] : Guid.TryParse(person, out var id) ? [.. people.Where(p => p.Value == id).Select(p => p.Key).DefaultIfEmpty(Guid.NewGuid())] : null;

    public StaffId? StaffOf(Guid? personKey) => personKey is { } key && people.TryGetValue(key, out var id) ? new StaffId(id) : null;

    public string? PersonOf(Guid? personKey) => StaffOf(personKey) is { } id && staff.TryGetValue(id.Value, out var s) ? s.Name : null;

    /// <summary>The query with its filters found out.</summary>
    public ReviewQuery Resolve(ReviewQuery asked)
        => asked with { Persons = KeysOf(asked.Person), Departments = ReviewSums.IdOf(asked.Department) is { } id ? id == Guid.Empty ? [id] : ShownUnder(id) is { Count: > 0 } shown ? shown : [id] : null };

    internal string Key(ReviewRows rows, ReviewSum sum) => rows switch
    {
        ReviewRows.Department => KeyOf(ShownAs(sum.Department)),
        ReviewRows.Office => KeyOf(sum.Office),
        ReviewRows.Person => KeyOf(people.GetValueOrDefault(sum.Person)),
        ReviewRows.Class => sum.Class.Length == 0 ? ReviewQuery.Nothing : sum.Class,
        _ => sum.Purpose.Length == 0 ? ReviewQuery.Nothing : sum.Purpose,
    };

    public string Of(ReviewRows rows, string key) => rows switch
    {
        _ when key == ReviewQuery.Nothing => rows == ReviewRows.Person ? "（職員の記録なし）" : $"（{ReviewQuery.Word(rows)}なし）",
        ReviewRows.Department => departments.TryGetValue(Guid.Parse(key), out var d) ? d.Name : "（不明な所属）",
        ReviewRows.Office => offices.TryGetValue(Guid.Parse(key), out var o) ? o.Name : "（不明な庁舎）",
        ReviewRows.Person => staff.TryGetValue(Guid.Parse(key), out var s) ? s.Name : "（退職などで不明）",
        ReviewRows.Class => classes.TryGetValue(key, out var c) ? c.Name : key,
        _ => HoursText.Purpose(key) ?? key,
    };

    internal string Order(ReviewRows rows, string key) => rows switch
    {
        _ when key == ReviewQuery.Nothing => "~",
        ReviewRows.Department => departments.TryGetValue(Guid.Parse(key), out var d) ? string.Create(CultureInfo.InvariantCulture, $"{d.SortOrder:000000}{d.Code}") : "~",
        ReviewRows.Office => offices.TryGetValue(Guid.Parse(key), out var o) ? o.Order.ToString("000000", CultureInfo.InvariantCulture) : "~",
        ReviewRows.Person => staff.TryGetValue(Guid.Parse(key), out var s) ? s.Yomi : "~",
        ReviewRows.Class => classes.TryGetValue(key, out var c) ? c.Order.ToString("000", CultureInfo.InvariantCulture) : "~",
        _ => Enum.TryParse<Purpose>(key, out var p) ? ((int)p).ToString("00", CultureInfo.InvariantCulture) : "~",
    };

    /// <summary>The filter in words: 庁舎 芸北支所・10月.</summary>
    public string Describe(ReviewQuery asked)
    {
        var parts = new List<string>();
        foreach (var (rows, value) in new[] { (ReviewRows.Office, asked.Office), (ReviewRows.Department, asked.Department), (ReviewRows.Person, asked.Person), (ReviewRows.Class, asked.Class), (ReviewRows.Purpose, asked.Purpose) })
            if (!string.IsNullOrEmpty(value) && (value == ReviewQuery.Nothing || rows is ReviewRows.Class or ReviewRows.Purpose || Guid.TryParse(value, out _))) parts.Add($"{ReviewQuery.Word(rows)} {Of(rows, value)}");
        if (asked.Month is { } month) parts.Add(MonthClose.WordOf(month));
        return parts.Count == 0 ? "絞り込みなし" : string.Join("・", parts);
    }

    /// <summary>Every department that is shown under this key: itself, units folded into it, departments it succeeded.</summary>
    public IReadOnlyList<Guid> ShownUnder(Guid department) => [.. departments.Keys.Where(id => ShownAs(id) == department)];

    internal static string KeyOf(Guid id) => id == Guid.Empty ? ReviewQuery.Nothing : id.ToString();

    private Guid ShownAs(Guid id)
    {
        for (var hops = 0; query.Organisation == "now" && hops < 20 && departments.TryGetValue(id, out var d) && d.Successor is { } successor; hops++) id = successor;
        for (var hops = 0; query.Fold && hops < 20 && departments.TryGetValue(id, out var u) && u is { Kind: DepartmentKind.Unit, Parent: { } parent }; hops++) id = parent;
        return id;
    }
}
