using KitaPortal.Data;
using KitaPortal.Platform.Imports;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Import;

/// <summary>Offices by the words people use for them: 本庁舎, 役場本庁 and 本　庁 are 本庁, 芸北 is 芸北支所.</summary>
public sealed class OfficeWords(IEnumerable<Office> offices)
{
    private readonly List<Office> offices = [.. offices];

    public IReadOnlyList<Office> All => offices;

    public static async Task<OfficeWords> LoadAsync(PortalDb db, CancellationToken ct) => new(await db.Offices.ToListAsync(ct));

    /// <summary>The office a word means, or null.</summary>
    public Office? Find(string word)
    {
        var key = SearchFold.Key(word);
        if (key.Length == 0) return null;
        return offices.FirstOrDefault(o => SearchFold.Key(o.Name) == key || o.Code == word)
            ?? (IsMain(word) ? offices.FirstOrDefault(o => o.Kind == OfficeKind.Main) : null)
            ?? offices.FirstOrDefault(o => o.Kind == OfficeKind.Branch && Bare(o.Name) == key);
    }

    public void Add(Office office) => offices.Add(office);

    /// <summary>True for the words for the main office.</summary>
    public static bool IsMain(string word) => SearchFold.Key(word) is "本庁" or "本庁舎" or "役場本庁" or "役場" or "役場庁舎" or "町役場" or "本所";

    private static string Bare(string name) => SearchFold.Key(name).Replace("支所", "", StringComparison.Ordinal);

    /// <summary>Reads the column; says when the word was another one, or names no office.</summary>
    public Office? Read(ImportLine line, string column)
    {
        var word = line.Text(column);
        if (word.Length == 0) return null;
        var office = Find(word);
        if (office is null)
            line.Refuse(column, $"「{word}」という庁舎はありません", choices: offices.Select(o => o.Name));
        else if (office.Name != word) line.Fix(column, $"「{word}」を「{office.Name}」と読みました");
        return office;
    }
}

/// <summary>Departments as they stand on one day, by name, short name and code, in the spellings offices use.</summary>
public sealed class DepartmentWords
{
    private readonly List<OrganisationChart.Unit> units;
    private readonly List<(string Key, DateOnly Ended)> ended;

    private DepartmentWords(List<OrganisationChart.Unit> units, List<(string, DateOnly)> ended) => (this.units, this.ended) = (units, ended);

    public static async Task<DepartmentWords> LoadAsync(PortalDb db, DateOnly day, CancellationToken ct)
    {
        var chart = await OrganisationChart.LoadAsync(db, day, ct);
        var ended = await db.DepartmentTerms.Where(t => t.To != null && t.To <= day).Select(t => new { t.Name, To = t.To!.Value }).ToListAsync(ct);
        return new([.. chart.Units], [.. ended.Select(e => (SearchFold.Key(e.Name), e.To))]);
    }

    public bool IsEmpty => units.Count == 0;

    public OrganisationChart.Unit? Find(DepartmentId id) => units.FirstOrDefault(u => u.Id == id);

    public IEnumerable<string> NamesBelow(DepartmentId? parent) => units.Where(u => parent is null ? u.Kind != DepartmentKind.Unit : u.ParentId == parent).Select(u => u.Name);

    public OrganisationChart.Unit? ByCode(string code) => units.FirstOrDefault(u => u.Code == code) ?? units.FirstOrDefault(u => u.Code.TrimStart('0') == code.TrimStart('0'));

    /// <summary>All departments a word may mean; below a parent only its own.</summary>
    public IReadOnlyList<OrganisationChart.Unit> Find(string word, DepartmentId? parent = null)
    {
        var key = SearchFold.Key(word);
        var among = parent is null ? units : [.. units.Where(u => u.ParentId == parent)];
        List<OrganisationChart.Unit> found = [.. among.Where(u => SearchFold.Key(u.Name) == key)];
        if (found.Count == 0) found = [.. among.Where(u => u.ShortName.Length > 0 && SearchFold.Key(u.ShortName) == key)];
        // 係 have the same names in many departments: a word without its 課 means a 課 first.
        return parent is null && found.Count > 1 && found.Count(u => u.Kind != DepartmentKind.Unit) == 1 ? [found.First(u => u.Kind != DepartmentKind.Unit)] : found;
    }

    /// <summary>The last day of a department that is no more, by its name.</summary>
    public DateOnly? LastDayOf(string word)
    {
        var key = SearchFold.Key(word);
        return ended.Where(e => e.Key == key).Select(e => (DateOnly?)e.Ended.AddDays(-1)).Max();
    }
}

/// <summary>The posts a Japanese town office usually has, for the first import: rank, whether the holder heads the department, whether they may decide for the head.</summary>
internal static class UsualPosts
{
    private static readonly (string Names, int Rank, bool Head, bool Deputy)[] Known =
    [
        ("町長 市長 村長", 0, false, false), ("副町長 副市長 副村長", 1, false, false), ("教育長", 2, false, false),
        ("部長 支部長 会計管理者", 5, true, false), ("参事", 8, false, false),
        ("課長 支所長 局長 室長 事務局長", 10, true, false), ("所長 館長 園長 センター長 場長", 12, true, false),
        ("次長 課長補佐 副支所長 室長補佐 局長補佐", 15, false, true), ("係長 班長", 20, false, false), ("主幹 専門員 指導主事 主査", 25, false, false),
        ("主任 主任主事 主任技師 副主任", 30, false, false),
        ("主事 技師 保健師 管理栄養士 社会福祉士 学芸員 司書 保育士 書記 栄養士", 40, false, false), ("主事補 技師補", 45, false, false),
        ("事務補助員 作業員 調理員 用務員 事務員 運転手", 60, false, false),
    ];

    public static Post Make(string name, string code)
    {
        var known = Known.FirstOrDefault(k => k.Names.Split(' ').Contains(name));
        return known.Names is null ? new Post(PostId.New(), code, name, 50) : new Post(PostId.New(), code, name, known.Rank, known.Head, known.Deputy);
    }
}
