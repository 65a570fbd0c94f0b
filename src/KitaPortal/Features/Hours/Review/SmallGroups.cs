namespace KitaPortal.Features.Hours.Review;

/// <summary>
/// Merges groups of too few persons, and together with them the next smallest ones, until no merged group and no difference of published sums stands for fewer persons;
/// nor what is left of it for a head, who knows the own department's part. One partition serves every public view of a place: a view by office is the sum of whole blocks of the view by department.
/// </summary>
public static class SmallGroups
{
    /// <summary>A person with hours in a group; the part of the group is what one head knows in full. Without a person when nobody stands behind the hours.</summary>
    private readonly record struct Member<T>(T Group, object Part, int Year, Guid Person);

    /// <param name="members">Who stands behind each group, in each of the years shown; a person may stand in several.</param>
    /// <returns>The groups as blocks that may be shown: single ones by themselves, merged ones together. Groups without persons stay as they are.</returns>
    public static IReadOnlyList<IReadOnlyList<T>> Merge<T>(IReadOnlyDictionary<T, IReadOnlyList<IReadOnlySet<Guid>>> members, int least) where T : notnull
        => MergeMembers<T>([.. members.SelectMany(m => m.Value.SelectMany((people, year) => people.DefaultIfEmpty().Select(p => new Member<T>(m.Key, m.Key, year, p))))], least);

    private static List<IReadOnlyList<T>> MergeMembers<T>(List<Member<T>> members, int least) where T : notnull
    {
        var groups = members.GroupBy(m => m.Group).ToDictionary(g => g.Key, g => g.ToList());
        var bySize = groups.Keys.Where(k => Fewest(groups[k]) > 0).OrderBy(k => Fewest(groups[k])).ToList();
        var merged = bySize.Where(k => !MayShow([k])).ToList();
        if (merged.Count > 0)
        {
            // Alone, the merged group is what the total less all others uncovers: it takes the next smallest along until it is large enough and not one group only.
            foreach (var next in bySize.Except(merged).ToList())
            {
                if (merged.Count > 1 && MayShow(merged)) break;
                merged.Add(next);
            }
        }
        return [.. groups.Keys.Where(k => !merged.Contains(k)).Select(k => (IReadOnlyList<T>)[k]), .. merged.Count == 0 ? (IReadOnlyList<T>[])[] : [merged]];

        bool MayShow(List<T> some) => IsLarge([.. some.SelectMany(k => groups[k])], least);
    }

    // Enough persons, also when one part is known to somebody.
    private static bool IsLarge<T>(List<Member<T>> inside, int least)
        => Fewest(inside) >= least && inside.Select(m => m.Part).Distinct().All(part => Fewest(inside.Where(m => !m.Part.Equals(part))) is var rest && (rest == 0 || rest >= least));

    // The fewest persons in any year that has some.
    private static int Fewest<T>(IEnumerable<Member<T>> members)
        => members.Where(m => m.Person != Guid.Empty).GroupBy(m => m.Year).Select(g => g.Select(m => m.Person).Distinct().Count()).DefaultIfEmpty().Min();

    /// <summary>Offices merged first, then the departments inside each block of offices, so that either view is made of the other's blocks.</summary>
    public static IReadOnlyList<PlaceBlock> MergePlaces(IReadOnlyCollection<Place> people, int least)
    {
        var blocks = new List<PlaceBlock>();
        foreach (var block in MergeMembers<Guid>([.. people.Select(p => new Member<Guid>(p.Office, p.Department, p.Year, p.Person))], least))
        {
            var inside = people.Where(p => block.Contains(p.Office)).ToList();
            // Offices that were merged show no department of their own.
            blocks.Add(new(block, block.Count > 1 ? [[.. inside.Select(p => (p.Office, p.Department)).Distinct()]]
                : MergeMembers<(Guid, Guid)>([.. inside.Select(p => new Member<(Guid, Guid)>((p.Office, p.Department), p.Department, p.Year, p.Person))], least)));
        }
        return blocks;
    }

    /// <summary>Whether every row of the places is large enough in every period by itself; then any sum of such cells is.</summary>
    public static bool AreLarge(IReadOnlyList<PlaceBlock> blocks, IReadOnlyCollection<Place> people, int least)
        => blocks.SelectMany(b => b.Departments).All(row => people.Where(p => p.Person != Guid.Empty && row.Contains((p.Office, p.Department))).GroupBy(p => p.Year)
            .All(period => IsLarge([.. period.Select(p => new Member<Guid>(p.Office, p.Department, p.Year, p.Person))], least)));

    /// <summary>Whether adding up groups of two divisions of the same hours and taking the one sum from the other leaves a part of too few persons.</summary>
    /// <param name="few">For each atom its group in the division with fewer groups.</param>
    /// <param name="many">Its group in the other one; -1 where that one is not known.</param>
    /// <param name="people">Who stands behind each atom.</param>
    public static bool Uncovers(IReadOnlyList<int> few, IReadOnlyList<int> many, IReadOnlyList<IReadOnlyCollection<Guid>> people, int least)
    {
        const int Most = 12;
        var (groups, others) = (few.DefaultIfEmpty(-1).Max() + 1, many.DefaultIfEmpty(-1).Max() + 1);
        if (groups > Most) return true;
        var (whole, touched, left, beyond) = (new bool[others], new bool[others], new HashSet<Guid>(), new HashSet<Guid>());
        for (var chosen = 1; chosen < 1 << groups; chosen++)
        {
            Array.Fill(whole, true);
            Array.Fill(touched, false);
            var isCovered = true;
            for (var i = 0; i < few.Count; i++)
            {
                var isIn = (chosen & (1 << few[i])) != 0;
                if (many[i] < 0) isCovered &= !isIn;
                else if (isIn) touched[many[i]] = true;
                else whole[many[i]] = false;
            }
            left.Clear();
            beyond.Clear();
            for (var i = 0; i < few.Count; i++)
            {
                var isIn = (chosen & (1 << few[i])) != 0;
                if (left.Count < least && isIn && (many[i] < 0 || !whole[many[i]])) left.UnionWith(people[i]);
                if (isCovered && beyond.Count < least && !isIn && many[i] >= 0 && touched[many[i]]) beyond.UnionWith(people[i]);
            }
            if ((left.Count > 0 && left.Count < least) || (isCovered && beyond.Count > 0 && beyond.Count < least)) return true;
        }
        return false;
    }
}

/// <summary>Somebody has hours in a department of an office in a year; without a person when nobody stands behind them.</summary>
public readonly record struct Place(int Year, Guid Office, Guid Department, Guid Person);

/// <summary>Offices shown as one row, and their departments as they may be shown below it.</summary>
public sealed record PlaceBlock(IReadOnlyList<Guid> Offices, IReadOnlyList<IReadOnlyList<(Guid Office, Guid Department)>> Departments);
