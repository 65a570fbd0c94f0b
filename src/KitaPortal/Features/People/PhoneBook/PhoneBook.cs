using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.PhoneBook;

/// <summary>One line of the phone book: a person with the main posting of the day.</summary>
public sealed record PhoneBookEntry(StaffId Id, string Name, string Yomi, DepartmentId? DepartmentId, string Department, string PostName, int Rank,
    string? Extension, string? Phone, string? Mail, string Office, bool HasMore)
{
    /// <summary>The family name for the tile; nobody's photo is needed to be found.</summary>
    public string Tile => Name.Split('\u3000')[0];
}

/// <summary>What a person asks the phone book.</summary>
/// <param name="Words">Names, readings, 内線, departments or posts; every word must fit.</param>
/// <param name="Row">A row of the あかさたな index.</param>
public sealed record PhoneBookQuestion(string? Words = null, DepartmentId? Department = null, OfficeId? Office = null, string? Row = null)
{
    /// <summary>The rows of the index with the first syllable of the next one.</summary>
    public static IReadOnlyList<(string Row, string Until)> Rows { get; } =
        [("あ", "か"), ("か", "さ"), ("さ", "た"), ("た", "な"), ("な", "は"), ("は", "ま"), ("ま", "や"), ("や", "ら"), ("ら", "わ"), ("わ", "ヿ")];
}

/// <summary>The town's phone book on one day: everybody employed, guests left out.</summary>
public sealed class PhoneBook
{
    private readonly PortalDb db;
    private readonly OrganisationChart chart;
    private readonly Dictionary<PostId, Post> posts;
    private readonly Dictionary<OfficeId, Office> offices;

    private PhoneBook(PortalDb db, OrganisationChart chart, List<Post> posts, List<Office> offices)
        => (this.db, this.chart, this.posts, this.offices) = (db, chart, posts.ToDictionary(p => p.Id), offices.ToDictionary(o => o.Id));

    public OrganisationChart Chart => chart;

    public IEnumerable<Office> Offices => offices.Values.Where(o => o.ClosedFrom is null || o.ClosedFrom > chart.Day).OrderBy(o => o.SortOrder).ThenBy(o => o.Code, StringComparer.Ordinal);

    public static async Task<PhoneBook> OpenAsync(PortalDb db, DateOnly day, CancellationToken ct)
        => new(db, await OrganisationChart.LoadAsync(db, day, ct), await db.Posts.AsNoTracking().ToListAsync(ct), await db.Offices.AsNoTracking().ToListAsync(ct));

    /// <summary>The people who fit, by よみ, and how many there are in all.</summary>
    public async Task<(IReadOnlyList<PhoneBookEntry> Entries, int Total)> FindAsync(PhoneBookQuestion question, int skip, int take, CancellationToken ct)
    {
        var people = Fitting(question);
        var total = await people.CountAsync(ct);
        var found = await people.OrderBy(s => s.YomiKey).ThenBy(s => s.StaffNumber).Skip(skip).Take(take).ToListAsync(ct);
        return (await EntriesAsync(found, ct), total);
    }

    /// <summary>Everybody who fits in the order of official lists: department, post, よみ.</summary>
    public async Task<IReadOnlyList<PhoneBookEntry>> ListAsync(PhoneBookQuestion question, CancellationToken ct)
    {
        var place = chart.InOrder().Select((unit, i) => (unit.Id, i)).ToDictionary(p => p.Id, p => p.i);
        var found = await EntriesAsync(await Fitting(question).OrderBy(s => s.YomiKey).ThenBy(s => s.StaffNumber).ToListAsync(ct), ct);
        return [.. found.OrderBy(e => e.DepartmentId is { } d ? place.GetValueOrDefault(d, int.MaxValue) : int.MaxValue).ThenBy(e => e.Rank)];
    }

    /// <summary>One person of the book; null when not in it.</summary>
    public async Task<PhoneBookEntry?> OneAsync(StaffId id, CancellationToken ct)
        => (await EntriesAsync(await Fitting(new()).Where(s => s.Id == id).ToListAsync(ct), ct)).SingleOrDefault();

    private IQueryable<StaffMember> Fitting(PhoneBookQuestion question)
    {
        var today = db.Postings.On(chart.Day);
        var people = db.Staff.AsNoTracking().On(chart.Day).Where(s => s.EmploymentClass != EmploymentClass.External);
        foreach (var word in SearchFold.Fold(question.Words).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(8))
        {
            var spelled = SearchFold.RepeatKanji(word);
            var departments = chart.Units.Where(u => SearchFold.Key(chart.FullName(u.Id)).Contains(word, StringComparison.Ordinal)).Select(u => u.Id).ToList();
            var titles = posts.Values.Where(p => SearchFold.Key(p.Name).Contains(word, StringComparison.Ordinal)).Select(p => p.Id).ToList();
            people = people.Where(s => s.SearchText.Contains(word) || s.SearchText.Contains(spelled)
                || today.Any(p => p.StaffId == s.Id
                    && (p.Extension == word || departments.Contains(p.DepartmentId) || titles.Contains(p.PostId))));
        }
        if (question.Department is { } department)
        {
            var below = chart.Below(department).ToList();
            people = people.Where(s => today.Any(p => p.StaffId == s.Id && below.Contains(p.DepartmentId)));
        }
        if (question.Office is { } office)
        {
            var there = chart.Units.Where(u => u.OfficeId == office).Select(u => u.Id).ToList();
            people = people.Where(s => today.Any(p => p.StaffId == s.Id
                && (p.OfficeId == office || (p.OfficeId == null && there.Contains(p.DepartmentId)))));
        }
        if (PhoneBookQuestion.Rows.FirstOrDefault(r => r.Row == question.Row) is { Row: { } first, Until: { } until })
#pragma warning disable CA1309 // the column is compared by bytes in the database
            people = people.Where(s => string.Compare(s.YomiKey, first) >= 0 && string.Compare(s.YomiKey, until) < 0);
#pragma warning restore CA1309
        return people;
    }

    private async Task<IReadOnlyList<PhoneBookEntry>> EntriesAsync(List<StaffMember> people, CancellationToken ct)
    {
        var ids = people.Select(s => s.Id).ToList();
        var postings = (await db.Postings.AsNoTracking().On(chart.Day).Where(p => ids.Contains(p.StaffId)).ToListAsync(ct)).ToLookup(p => p.StaffId);
        return [.. people.Select(s => Entry(s, [.. postings[s.Id].OrderBy(p => p.Kind)]))];
    }

    private PhoneBookEntry Entry(StaffMember person, IReadOnlyList<Posting> places)
    {
        var main = places.Count > 0 ? places[0] : null;
        var unit = main is null ? null : chart.Find(main.DepartmentId);
        var post = main is null ? null : posts[main.PostId];
        var office = (main?.OfficeId ?? unit?.OfficeId) is { } o ? offices[o].Name : "";
        return new(person.Id, person.Name, $"{person.FamilyYomi}\u3000{person.GivenYomi}", main?.DepartmentId, unit is null ? "" : chart.FullName(unit.Id),
            post?.Name ?? "", post?.Rank ?? int.MaxValue, main?.Extension, person.BusinessPhone, person.Mail, office, places.Count > 1);
    }
}
