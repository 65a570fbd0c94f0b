using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
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

    /// <summary>The months shown: April to March, 13 and 0 (a whole year's rows) only where there is something.</summary>
    public IReadOnlyList<int> Columns => [.. Year.Months.Select(m => m.Month), .. Sum.Months.ContainsKey(MonthClose.YearEnd) ? [MonthClose.YearEnd] : Array.Empty<int>(), .. Sum.Months.ContainsKey(0) ? [0] : Array.Empty<int>()];

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
        if (query.IsPersonal && (merges || !isHr)) throw new RuleViolation(HoursRules.NotYours.With()) { Status = StatusCodes.Status404NotFound };
        // What is public is one fixed set of views, so that none can be subtracted from another: places of the whole town.
        if (merges)
            query = query with { Rows = query.Outer is ReviewRows.Department ? ReviewRows.Department : ReviewRows.Office, Nest = query.Inner is ReviewRows.Department ? ReviewRows.Department : ReviewRows.None, Department = null, Office = null, Class = null, Purpose = null, Fold = false, Organisation = null };

        var names = await ReviewNames.LoadAsync(db, query, year, until, ct);
        query = names.Resolve(query);
        var sums = await ReviewSums.ReadAsync(db, query, year, until, ct);
        var rows = merges ? Public(sums, query, names, me, await sizes!.PlacesAsync(db, query.Measure, year, until, options.SmallGroup, ct)) : Full(sums, query, names);
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

    private static List<ReviewRow> Public(List<ReviewSum> sums, ReviewQuery query, ReviewNames names, ReviewViewer me, IReadOnlyList<PlaceBlock> blocks)
    {
        var rows = new List<ReviewRow>();
        var placed = blocks.Select(b => (Block: b, Sums: sums.Where(s => b.Offices.Contains(s.Office)).ToList())).ToList();
        // Hours behind which no person stands (adjustments by hand, capacity) have an office without people.
        placed.AddRange(sums.Where(s => blocks.All(b => !b.Offices.Contains(s.Office))).GroupBy(s => s.Office)
            .Select(g => (new PlaceBlock([g.Key], [.. g.Select(s => (s.Office, s.Department)).Distinct().Select(d => (IReadOnlyList<(Guid, Guid)>)[d])]), g.ToList())));
        foreach (var (block, inBlock) in placed.Where(p => p.Sums.Count > 0).OrderBy(p => p.Block.Offices.Count > 1 ? "~" : names.Order(ReviewRows.Office, ReviewNames.KeyOf(p.Block.Offices[0])), StringComparer.Ordinal))
        {
            var office = block.Offices.Count > 1 ? "その他の庁舎" : names.Of(ReviewRows.Office, ReviewNames.KeyOf(block.Offices[0]));
            if (query.Outer == ReviewRows.Office) rows.Add(RowOf(office, null, null, 0, inBlock) with { IsMerged = block.Offices.Count > 1 });
            if (query.Outer != ReviewRows.Department && query.Inner != ReviewRows.Department) continue;
            var depth = query.Outer == ReviewRows.Office ? 1 : 0;
            var rest = inBlock.Where(s => block.Departments.All(d => !d.Contains((s.Office, s.Department)))).GroupBy(s => (s.Office, s.Department)).Select(g => (IReadOnlyList<(Guid, Guid)>)[g.Key]);
            foreach (var departments in block.Departments.Concat(rest))
            {
                var inside = inBlock.Where(s => departments.Contains((s.Office, s.Department))).ToList();
                if (inside.Count == 0) continue;
                var isMerged = departments.Count > 1 || block.Offices.Count > 1;
                rows.Add(RowOf(isMerged ? $"その他（{office}）" : names.Of(ReviewRows.Department, ReviewNames.KeyOf(departments[0].Item2)), null, null, depth, inside) with { IsMerged = isMerged });
            }
        }
        if (query.IsPublic) return rows;
        foreach (var own in me.HeadOf.Order())
        {
            var inside = sums.Where(s => s.Department == own.Value).ToList();
            if (inside.Count > 0 && (query.Outer == ReviewRows.Department || query.Inner == ReviewRows.Department))
                rows.Insert(0, RowOf($"{names.Of(ReviewRows.Department, ReviewNames.KeyOf(own.Value))}（自分の所属）", null, null, 0, inside) with { IsOwn = true });
        }
        return rows;
    }

    private static ReviewRow RowOf(string name, string? key, string? innerKey, int depth, IEnumerable<ReviewSum> sums)
    {
        var (now, before) = (sums.Where(s => !s.Before).ToList(), sums.Where(s => s.Before).ToList());
        return new(name, key, innerKey, depth, now.GroupBy(s => s.Month).ToDictionary(g => g.Key, g => g.Sum(s => s.Minutes)),
            now.Count == 0 ? null : now.Sum(s => s.Minutes), before.Count == 0 ? null : before.Sum(s => s.Minutes));
    }
}

/// <summary>Which places are shown merged; worked out once in ten minutes, because who borrowed anything at all changes slowly.</summary>
public sealed class GroupSizes(TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);
    private readonly System.Collections.Concurrent.ConcurrentDictionary<(Measure, FiscalYear), (DateTimeOffset At, IReadOnlyList<PlaceBlock> Blocks)> known = new();

    public async Task<IReadOnlyList<PlaceBlock>> PlacesAsync(PortalDb db, Measure measure, FiscalYear year, DateOnly until, int least, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (known.TryGetValue((measure, year), out var found) && now - found.At < Kept && now >= found.At) return found.Blocks;
        var people = await ReviewSums.PeopleAsync(db, measure, year, until, ct);
        var blocks = SmallGroups.MergePlaces([.. people.Select(p => new Place(p.Year, p.Office, p.Department, p.Person)).Distinct()], least);
        known[(measure, year)] = (now, blocks);
        return blocks;
    }
}
