using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Roster;

/// <summary>職員名簿: everybody who works or worked for the town, for those who keep the roster.</summary>
[Authorize(Policy = RosterRights.Policy)]
public sealed class RosterPage(PortalDb db, TimeProvider clock) : FormPage
{
    public const int Size = 100;

    /// <summary>One line of the roster.</summary>
    public sealed record Line(StaffId Id, string Number, string Name, string Yomi, EmploymentClass Class, string Place, DateOnly From, DateOnly? To);

    public static IReadOnlyList<(string Box, string Text)> Boxes { get; } = [("here", "在職"), ("unplaced", "所属なし"), ("coming", "採用予定"), ("left", "退職"), ("external", "外部")];

    [BindProperty(SupportsGet = true)] public string Box { get; set; } = "here";

    [BindProperty(SupportsGet = true, Name = "q")] public string? Words { get; set; }

    [BindProperty(SupportsGet = true), FromQuery(Name = "page")] public int PageNo { get; set; } = 1;

    public IReadOnlyList<Line> Lines { get; private set; } = [];

    public int Total { get; private set; }

    public Dictionary<string, int> Counts { get; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        var found = db.Staff.AsNoTracking();
        foreach (var word in SearchFold.Fold(Words).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(8))
        {
            var spelled = SearchFold.RepeatKanji(word);
            found = found.Where(s => s.SearchText.Contains(word) || s.SearchText.Contains(spelled));
        }
        foreach (var (box, _) in Boxes) Counts[box] = await In(box, found, today).CountAsync(ct);
        if (!Counts.ContainsKey(Box)) Box = "here";
        Total = Counts[Box];
        PageNo = Math.Max(1, PageNo);
        var people = await In(Box, found, today).OrderBy(s => s.YomiKey).ThenBy(s => s.StaffNumber).Skip((PageNo - 1) * Size).Take(Size).Include(s => s.Postings).ToListAsync(ct);
        var chart = await OrganisationChart.LoadAsync(db, today, ct);
        var posts = await db.Posts.AsNoTracking().ToDictionaryAsync(p => p.Id, p => p.Name, ct);
        Lines = [.. people.Select(s => new Line(s.Id, s.StaffNumber, s.Name, $"{s.FamilyYomi}　{s.GivenYomi}", s.EmploymentClass,
            s.MainOn(today) is { } main ? $"{chart.FullName(main.DepartmentId)}　{posts[main.PostId]}" : "", s.EmployedFrom, s.EmployedTo))];
    }

    private IQueryable<StaffMember> In(string box, IQueryable<StaffMember> people, DateOnly today)
    {
        var placed = db.Postings.On(today).Where(p => p.Kind == PostingKind.Main).Select(p => p.StaffId);
        return box switch
        {
            "left" => people.Where(s => s.EmployedTo <= today),
            "coming" => people.Where(s => s.EmployedFrom > today),
            "external" => people.On(today).Where(s => s.EmploymentClass == EmploymentClass.External),
            "unplaced" => people.On(today).Where(s => s.EmploymentClass != EmploymentClass.External && !placed.Contains(s.Id)),
            _ => people.On(today).Where(s => s.EmploymentClass != EmploymentClass.External),
        };
    }
}
