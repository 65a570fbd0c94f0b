namespace KitaPortal.Features.Hours.Review;

/// <summary>
/// Merges groups of too few persons, and together with them the next smallest ones, until no merged group and no difference of published sums stands for fewer persons.
/// One partition serves every public view of a place: a view by office is the sum of whole blocks of the view by department.
/// </summary>
public static class SmallGroups
{
    /// <param name="members">Who stands behind each group, in each of the years shown; a person may stand in several.</param>
    /// <returns>The groups as blocks that may be shown: single ones by themselves, merged ones together. Groups without persons stay as they are.</returns>
    public static IReadOnlyList<IReadOnlyList<T>> Merge<T>(IReadOnlyDictionary<T, IReadOnlyList<IReadOnlySet<Guid>>> members, int least) where T : notnull
    {
        var bySize = members.Keys.Where(k => Persons([k]) > 0).OrderBy(k => Persons([k])).ToList();
        var merged = bySize.Where(k => Persons([k]) < least).ToList();
        if (merged.Count > 0)
        {
            // Alone, the merged group is what the total less all others uncovers: it takes the next smallest along until it is large enough and not one group only.
            foreach (var next in bySize.Except(merged).ToList())
            {
                if (merged.Count > 1 && Persons(merged) >= least) break;
                merged.Add(next);
            }
        }
        return [.. members.Keys.Where(k => !merged.Contains(k)).Select(k => (IReadOnlyList<T>)[k]), .. merged.Count == 0 ? (IReadOnlyList<T>[])[] : [merged]];

        // The fewest persons in any year that has some.
        int Persons(IReadOnlyCollection<T> groups)
        {
            var years = groups.Select(g => members[g].Count).DefaultIfEmpty().Max();
            return Enumerable.Range(0, years).Select(y => groups.SelectMany(g => members[g][y]).Distinct().Count()).Where(n => n > 0).DefaultIfEmpty().Min();
        }
    }

    /// <summary>Offices merged first, then the departments inside each block of offices, so that either view is made of the other's blocks.</summary>
    public static IReadOnlyList<PlaceBlock> MergePlaces(IReadOnlyCollection<Place> people, int least)
    {
        var years = people.Select(p => p.Year).Distinct().Order().ToList();
        var blocks = new List<PlaceBlock>();
        foreach (var block in Merge(Members(people, p => p.Office), least))
        {
            var inside = Members(people.Where(p => block.Contains(p.Office)), p => (p.Office, p.Department));
            // Offices that were merged show no department of their own.
            blocks.Add(new(block, block.Count > 1 ? [[.. inside.Keys]] : Merge(inside, least)));
        }
        return blocks;

        Dictionary<T, IReadOnlyList<IReadOnlySet<Guid>>> Members<T>(IEnumerable<Place> some, Func<Place, T> group) where T : notnull
            => some.GroupBy(group).ToDictionary(g => g.Key, g => (IReadOnlyList<IReadOnlySet<Guid>>)[.. years.Select(y => g.Where(p => p.Year == y && p.Person != Guid.Empty).Select(p => p.Person).ToHashSet())]);
    }
}

/// <summary>Somebody has hours in a department of an office in a year; without a person when nobody stands behind them.</summary>
public readonly record struct Place(int Year, Guid Office, Guid Department, Guid Person);

/// <summary>Offices shown as one row, and their departments as they may be shown below it.</summary>
public sealed record PlaceBlock(IReadOnlyList<Guid> Offices, IReadOnlyList<IReadOnlyList<(Guid Office, Guid Department)>> Departments);
