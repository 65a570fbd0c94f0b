using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Review;

/// <summary>A row of the matrix: minutes by month, the year, and the same period of the year before. A month without rows is not in the list; one that adds up to nothing is 0.</summary>
/// <param name="Key">The filter that shows only this row; null when it cannot be told apart (merged rows, the total).</param>
public sealed record ReviewRow(string Name, string? Key, string? InnerKey, int Depth, IReadOnlyDictionary<int, long> Months, long? Total, long? Before)
{
    /// <summary>その他: groups too small to be shown by themselves.</summary>
    public bool IsMerged { get; init; }

    /// <summary>A head's own department, shown in full.</summary>
    public bool IsOwn { get; init; }

    public long? Difference => Total is null && Before is null ? null : (Total ?? 0) - (Before ?? 0);
}

/// <summary>Who looks at a review, as far as it decides what is shown.</summary>
public sealed record ReviewViewer(bool IsHr, bool IsAuditor, IReadOnlySet<DepartmentId> HeadOf)
{
    /// <summary>What HR sees, for the mail to HR.</summary>
    public static ReviewViewer Hr { get; } = new(true, false, new HashSet<DepartmentId>());

    public static ReviewViewer Of(CurrentStaff me) => new(me.Is(Role.Hr), me.Is(Role.Auditor), me.HeadOf);
}

/// <summary>The HR review: rows by place, person, class or purpose, columns April to March. Every cell is the sum of ledger rows that can be listed.</summary>
public sealed class ReviewMatrix
{
    private ReviewMatrix() { }

    public required ReviewQuery Query { get; init; }

    public required FiscalYear Year { get; init; }

    /// <summary>The last day that counts: today or 31 March.</summary>
    public required DateOnly Until { get; init; }

    public required DateTimeOffset AsOf { get; init; }

    public required IReadOnlyList<ReviewRow> Rows { get; init; }

    public required ReviewRow Sum { get; init; }

    public required CountingPolicy Policy { get; init; }

    public required IReadOnlyList<int> ClosedMonths { get; init; }

    /// <summary>Small groups are merged.</summary>
    public required bool IsMerged { get; init; }

    /// <summary>Whether cells lead to their ledger rows.</summary>
    public required bool MayDrill { get; init; }

    public required ReviewNames Names { get; init; }

    /// <summary>Whose hours the rows show by name, and who was asked for.</summary>
    public IEnumerable<StaffId> PeopleShown
        => Rows.Select(r => Query.Outer == ReviewRows.Person ? r.Key : Query.Inner == ReviewRows.Person ? r.InnerKey : null).Append(Query.Person)
            .Where(k => Guid.TryParse(k, out var id) && id != Guid.Empty).Select(k => new StaffId(Guid.Parse(k!))).Distinct();

    /// <summary>Months of merged rows could stand for one person, so only totals are shown.</summary>
    public bool ShowsMonths => !IsMerged || Rows.Any(r => r.Months.Count > 0);

    /// <summary>The months shown for the rows.</summary>
    public IReadOnlyList<int> Columns => ShowsMonths ? Months : [];

    /// <summary>April to March, 13 and 0 (a whole year's rows) only where there is something.</summary>
    public IReadOnlyList<int> Months => [.. Year.Months.Select(m => m.Month), .. Sum.Months.ContainsKey(MonthClose.YearEnd) ? [MonthClose.YearEnd] : Array.Empty<int>(), .. Sum.Months.ContainsKey(0) ? [0] : Array.Empty<int>()];

    public static string WordOf(int column) => column == 0 ? "年計のみ" : MonthClose.WordOf(column);

    public string CloseState => HoursText.CloseState(ClosedMonths);

    /// <summary>令和8年11月25日（水）9:40現在・計数規則 v1・4月～9月締め済み.</summary>
    public string Standing => $"{JapaneseDate.Long(TokyoTime.DayOf(AsOf))}{TokyoTime.TimeOf(AsOf):H:mm}現在・計数規則 v{Policy.Number}・{CloseState}";

    /// <summary>The filter in words, for the empty state, the export and the print.</summary>
    public string FilterWords => Names.Describe(Query);

    public static async Task<ReviewMatrix> LoadAsync(PortalDb db, ReviewQuery query, ReviewViewer me, HoursOptions options, GroupSizes? sizes, DateTimeOffset now, CancellationToken ct)
    {
        var today = TokyoTime.DayOf(now);
        var year = query.Year(today);
        var until = today < year.LastDay ? today : year.LastDay;
        var isHr = me.IsHr;
        var merges = query.IsPublic || !(isHr || me.IsAuditor);
        if (query.IsPersonal && (merges || !isHr)) throw new NotHereException();    // 時-107
        // What is public is one fixed set of views, so that none can be subtracted from another: places of the whole town.
        if (merges)
            query = query with { Rows = query.Outer is ReviewRows.Department ? ReviewRows.Department : ReviewRows.Office, Nest = query.Inner is ReviewRows.Department ? ReviewRows.Department : ReviewRows.None, By = ReviewBy.Counted, Department = null, Office = null, Class = null, Purpose = null, Fold = false, Organisation = null };

        var names = await ReviewNames.LoadAsync(db, query, year, until, ct);
        query = names.Resolve(query);
        var sums = await ReviewSums.ReadAsync(db, query, year, until, ct);
        var rows = merges ? Public(sums, query, names, me, await ViewsAsync()) : Full(sums, query, names);
        return new ReviewMatrix
        {
            Query = query,
            Year = year,
            Until = until,
            AsOf = now,
            Rows = rows,
            Sum = RowOf("合計", null, null, 0, sums),
            Policy = (await db.CountingPoliciesAsync(ct)).On(until),
            ClosedMonths = await db.MonthCloses.Where(m => m.FiscalYear == year && m.ClosedAt != null).Select(m => m.Month).ToListAsync(ct),
            IsMerged = merges,
            MayDrill = isHr && !query.IsPublic,
            Names = names,
        };

        Task<PublicViews> ViewsAsync() => sizes!.ViewsAsync(db, query.Measure, year, until, options.SmallGroup,
            v => sums.All(s => s.Month == 0 || (query.UsesDepartments ? v.Knows(s.Office, s.Department) : v.Knows(s.Office))), ct);
    }

    private static List<ReviewRow> Full(List<ReviewSum> sums, ReviewQuery query, ReviewNames names)
    {
        var rows = new List<ReviewRow>();
        foreach (var outer in Sorted(sums.GroupBy(s => names.Key(query.Outer, s)), query.Outer))
        {
            rows.Add(RowOf(names.Of(query.Outer, outer.Key), outer.Key, null, 0, outer));
            if (query.Inner != ReviewRows.None)
                rows.AddRange(Sorted(outer.GroupBy(s => names.Key(query.Inner, s)), query.Inner).Select(inner => RowOf(names.Of(query.Inner, inner.Key), outer.Key, inner.Key, 1, inner)));
        }
        return rows;

        IEnumerable<IGrouping<string, ReviewSum>> Sorted(IEnumerable<IGrouping<string, ReviewSum>> groups, ReviewRows dimension)
            => query.Sort == "total" ? groups.OrderByDescending(g => g.Where(s => !s.Before).Sum(s => s.Minutes)) : groups.OrderBy(g => names.Order(dimension, g.Key), StringComparer.Ordinal);
    }

    private static List<ReviewRow> Public(List<ReviewSum> sums, ReviewQuery query, ReviewNames names, ReviewViewer me, PublicViews views)
    {
        var rows = new List<ReviewRow>();
        var placed = views.Places.Select(b => (Block: b, Sums: sums.Where(s => b.Offices.Contains(s.Office)).ToList())).ToList();
        // Only openings of a whole year have an office nobody is behind.
        placed.AddRange(sums.Where(s => !views.Knows(s.Office)).GroupBy(s => s.Office).Select(g => (new PlaceBlock([g.Key], [[.. g.Select(s => (s.Office, s.Department)).Distinct()]]), g.ToList())));
        foreach (var (block, inBlock) in placed.Where(p => p.Sums.Count > 0).OrderBy(p => p.Block.Offices.Count > 1 ? "~" : names.Order(ReviewRows.Office, ReviewNames.KeyOf(p.Block.Offices[0])), StringComparer.Ordinal))
        {
            var office = block.Offices.Count > 1 ? "その他の庁舎" : names.Of(ReviewRows.Office, ReviewNames.KeyOf(block.Offices[0]));
            if (query.Outer == ReviewRows.Office) Add(office, 0, inBlock, block.Offices.Count > 1);
            if (!query.UsesDepartments) continue;
            var rest = inBlock.Where(s => block.Departments.All(d => !d.Contains((s.Office, s.Department)))).Select(s => (s.Office, s.Department)).Distinct().ToList();
            IReadOnlyList<(Guid Office, Guid Department)>[] more = rest.Count == 0 ? [] : [rest];
            foreach (var departments in block.Departments.Concat(more))
            {
                var inside = inBlock.Where(s => departments.Contains((s.Office, s.Department))).ToList();
                var isMerged = departments.Count > 1 || block.Offices.Count > 1;
                if (inside.Count > 0) Add(isMerged ? $"その他（{office}）" : names.Of(ReviewRows.Department, ReviewNames.KeyOf(departments[0].Department)), query.Outer == ReviewRows.Office ? 1 : 0, inside, isMerged);
            }
        }
        if (query.IsPublic || !query.UsesDepartments) return rows;
        foreach (var own in me.HeadOf.Order())
        {
            var inside = sums.Where(s => s.Department == own.Value).ToList();
            if (inside.Count > 0) rows.Insert(0, RowOf($"{names.Of(ReviewRows.Department, ReviewNames.KeyOf(own.Value))}（自分の所属）", null, null, 0, inside) with { IsOwn = true });
        }
        return rows;

        void Add(string name, int depth, List<ReviewSum> some, bool isMerged)
        {
            var row = RowOf(name, null, null, depth, some) with { IsMerged = isMerged };
            rows.Add(views.ShowsMonths ? row : row with { Months = new Dictionary<int, long>() });
        }
    }

    private static ReviewRow RowOf(string name, string? key, string? innerKey, int depth, IEnumerable<ReviewSum> sums)
    {
        var (now, before) = (sums.Where(s => !s.Before).ToList(), sums.Where(s => s.Before).ToList());
        return new(name, key, innerKey, depth, now.GroupBy(s => s.Month).ToDictionary(g => g.Key, g => g.Sum(s => s.Minutes)),
            now.Count == 0 ? null : now.Sum(s => s.Minutes), before.Count == 0 ? null : before.Sum(s => s.Minutes));
    }
}
