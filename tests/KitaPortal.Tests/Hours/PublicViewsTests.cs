using CsCheck;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Review;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;
using KitaPortal.Tests.Host;

namespace KitaPortal.Tests.Hours;

/// <summary>What everybody may see of the hours: no row and no difference of two views stands for fewer than five people, not even for a head who knows the own department.</summary>
public sealed class PublicViewsTests
{
    private const int Least = 5;
    private static readonly FiscalYear R8 = new(2026);

    [Fact]
    public void Who_booked_and_took_it_back_makes_no_group_larger()
    {
        var cells = People(0, 10, 4).SelectMany(c => new[] { c, c with { Month = 5, Minutes = -c.Minutes } }).Concat(People(0, 10, 1, first: 4)).Concat(People(0, 11, 12, first: 20)).ToList();

        Assert.Equal(2, Assert.Single(Assert.Single(GroupSizes.Of(cells, R8, Least).Places).Departments).Count);
        Assert.Equal(2, Assert.Single(GroupSizes.Of([.. cells.Where(c => c.Minutes > 0)], R8, Least).Places).Departments.Count);
    }

    [Fact]
    public void Months_are_told_apart_only_where_every_row_is_large_in_every_month()
    {
        var april = People(0, 10, 6).Concat(People(0, 11, 6, first: 20)).ToList();

        Assert.True(GroupSizes.Of(april, R8, Least).ShowsMonths);
        Assert.False(GroupSizes.Of([.. april, .. People(0, 11, 1, first: 20).Select(c => c with { Month = 10 })], R8, Least).ShowsMonths);
        Assert.True(GroupSizes.Of([.. april, .. People(0, 11, 5, first: 20).Select(c => c with { Month = 10 })], R8, Least).ShowsMonths);
    }

    [Fact]
    public void A_head_who_takes_the_own_department_away_is_not_left_with_a_small_group()
    {
        // 10 and 11 would be merged with 12 to seven people; the head of 12 would then know the other two.
        var cells = People(0, 10, 1).Concat(People(0, 11, 1, first: 5)).Concat(People(0, 12, 5, first: 10)).Concat(People(0, 13, 9, first: 30)).Concat(People(0, 14, 9, first: 50)).ToList();

        var rows = Assert.Single(GroupSizes.Of(cells, R8, Least).Places).Departments;

        var merged = rows.Single(r => r.Count > 1);
        Assert.Equal(4, merged.Count);
        Assert.All(merged, known => Assert.InRange(Persons(cells.Where(c => merged.Contains((c.Office, c.Department)) && c.Department != known.Department)), Least, 100));
    }

    [Fact]
    public void Two_divisions_that_are_large_by_themselves_are_not_both_told_when_their_difference_is_one_person()
    {
        // 12 notebooks, 5 tablets; one person of department 11 has a notebook, its five others tablets.
        var cells = People(0, 10, 11).Concat(People(0, 11, 1, first: 20)).Concat(People(0, 11, 5, first: 21).Select(c => c with { Class = "tablet" })).ToList();
        List<HashSet<Guid>> people = [.. new[] { cells[..11], cells[11..12], cells[12..] }.Select(some => some.Select(c => c.Person).ToHashSet())];

        Assert.True(SmallGroups.Uncovers([0, 0, 1], [0, 1, 1], people, Least));    // notebooks less department 10
        Assert.False(SmallGroups.Uncovers([0, 1, 1], [0, 1, 1], people, Least));
        Assert.Equal(2, GroupSizes.Of(cells, R8, Least).Places.Single().Departments.Count);
        Assert.Equal(["laptop", "tablet"], Assert.Single(GroupSizes.Of(cells, R8, Least).Classes).Order());
    }

    [Fact]
    public void Nothing_is_uncovered_by_places_classes_and_purposes_together()
        => Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[0, 24]).List[1, 60].Sample(drawn =>
        {
            var cells = drawn.Select(d => new GroupSizes.Cell(2026, 4, Id(1, d.Item1), Id(2, (d.Item1 * 10) + d.Item2), $"c{d.Item3}", $"p{d.Item4}", Id(3, d.Item5), 60)).Distinct().ToList();
            var views = GroupSizes.Of(cells, R8, Least);
            List<List<HashSet<GroupSizes.Cell>>> published =
            [
                [.. views.Places.Select(b => cells.Where(c => b.Offices.Contains(c.Office)).ToHashSet())],
                [.. views.Places.SelectMany(b => b.Departments).Select(r => cells.Where(c => r.Contains((c.Office, c.Department))).ToHashSet())],
                [.. views.Classes.Select(g => cells.Where(c => g.Contains(c.Class)).ToHashSet())],
                [.. views.Purposes.Select(g => cells.Where(c => g.Contains(c.Purpose)).ToHashSet())],
            ];
            var known = cells.GroupBy(c => c.Department).Select(g => g.ToHashSet()).ToList();
            foreach (var one in published.SelectMany(Sums).Where(s => s.Count < cells.Count))
                foreach (var taken in published.SelectMany(Sums).Concat(known).Where(t => t.IsProperSubsetOf(one)))
                    if (Persons(one.Except(taken)) < Least) return false;
            return published.SelectMany(v => v).All(s => s.Count == cells.Count || Persons(s) >= Least);
        }, iter: 300);

    [Fact]
    public async Task Everybody_sees_the_kgi_by_merged_places_and_hr_by_each_of_them()
    {
        await using var portal = await PortalHost.StartAsync();
        await FillAsync(portal, portal.Town.GeneralAffairs, portal.Town.MainOffice, 6, "HomeWork");
        await FillAsync(portal, portal.Town.GeihokuBranch, portal.Town.Geihoku, 2, "BranchWork");

        var colleague = (await (await portal.As(portal.Town.Sato)).Get("/hours")).Words;
        var hr = (await (await portal.As(portal.Town.Hr)).Get("/hours")).Words;

        foreach (var words in new[] { "芸北支所 2.0", "本庁 6.0", "支所勤務（居住近接） 2.0", "在宅勤務 6.0" })
        {
            Assert.DoesNotContain(words, colleague, StringComparison.Ordinal);
            Assert.Contains(words, hr, StringComparison.Ordinal);
        }
        Assert.Contains("その他 8.0", colleague, StringComparison.Ordinal);
        Assert.Contains("「その他」にまとめています", colleague, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_comes_up_while_the_views_are_remembered_is_not_shown_alone()
    {
        await using var portal = await PortalHost.StartAsync();
        await FillAsync(portal, portal.Town.GeneralAffairs, portal.Town.MainOffice, 6, "HomeWork");
        await FillAsync(portal, portal.Town.GeihokuBranch, portal.Town.Geihoku, 6, "HomeWork");
        var sato = await portal.As(portal.Town.Sato);
        Assert.Contains("総務課 6.0", (await sato.Get("/hours/review")).Words, StringComparison.Ordinal);

        await FillAsync(portal, portal.Town.Planning, portal.Town.MainOffice, 1, "HomeWork");

        var page = (await sato.Get("/hours/review")).Words;
        Assert.DoesNotContain("企画課 1.0", page, StringComparison.Ordinal);
        Assert.DoesNotContain("総務課 6.0", page, StringComparison.Ordinal);
        Assert.Contains("その他の庁舎 13.0", page, StringComparison.Ordinal);    // the head of 総務課 could take six of seven away
    }

    // All unions of the groups of a view.
    private static IEnumerable<HashSet<GroupSizes.Cell>> Sums(List<HashSet<GroupSizes.Cell>> groups)
        => Enumerable.Range(1, (1 << Math.Min(groups.Count, 9)) - 1).Select(chosen => groups.Where((_, i) => (chosen & (1 << i)) != 0).SelectMany(g => g).ToHashSet());

    private static int Persons(IEnumerable<GroupSizes.Cell> cells) => cells.Select(c => c.Person).Distinct().Count();

    private static IEnumerable<GroupSizes.Cell> People(int office, int department, int count, int first = 0)
        => Enumerable.Range(first, count).Select(i => new GroupSizes.Cell(2026, 4, Id(1, office), Id(2, department), "laptop", "HomeWork", Id(3, i), 60));

    private static Guid Id(int kind, int number) => new(kind, (short)number, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private static Task FillAsync(PortalHost portal, DepartmentId department, OfficeId office, int people, string purpose) => portal.WriteAsync(db =>
    {
        for (var i = 0; i < people; i++)
            db.Add(new LedgerEntry(new(SourceKind.Line, Guid.CreateVersion7(), new(2026, 4, 6), Measure.Booked, 1), 1, 60,
                LedgerSnapshot.None with { PersonKey = Guid.CreateVersion7(), DepartmentId = department, OfficeId = office, Class = "laptop", Purpose = purpose }, Grain.Day, EntryKind.Posting, 4, portal.Clock.GetUtcNow(), null));
        return Task.CompletedTask;
    });
}
