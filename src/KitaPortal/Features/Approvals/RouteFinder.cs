using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>Finds the people of a route in the organisation of one day. Neither the applicant nor the person asked for is ever among them.</summary>
public sealed class RouteFinder
{
    private readonly OrganisationChart chart;
    private readonly Dictionary<StaffId, Signatory> people;
    private readonly Dictionary<StepWho, List<StaffId>> holders;

    private RouteFinder(OrganisationChart chart, Dictionary<StaffId, Signatory> people, Dictionary<StepWho, List<StaffId>> holders)
        => (this.chart, this.people, this.holders) = (chart, people, holders);

    public static async Task<RouteFinder> LoadAsync(PortalDb db, DateOnly day, IReadOnlyList<StaffId> others, CancellationToken ct)
    {
        var chart = await OrganisationChart.LoadAsync(db, day, ct);
        var holders = new Dictionary<StepWho, List<StaffId>>
        {
            [StepWho.SecurityManager] = await HoldersAsync(db, Role.SecurityManager, day, ct),
            [StepWho.LendingManager] = await HoldersAsync(db, Role.LendingManager, day, ct),
        };
        var heads = chart.Units.Select(u => chart.HeadOf(u.Id)?.StaffId).OfType<StaffId>();
        var people = await SignatoriesAsync(db, chart, [.. holders.Values.SelectMany(h => h), .. heads, .. others], ct);
        return new RouteFinder(chart, people, holders);
    }

    /// <summary>A person as he or she stands today; a person without posting has no department.</summary>
    public Signatory Person(StaffId id) => people.GetValueOrDefault(id).OrNotHere();

    /// <summary>The route for a person's request, or what is missing (決-4).</summary>
    public (IReadOnlyList<PlannedStep> Steps, IReadOnlyList<Broken> Broken) Find(Signatory applicant, Signatory? onBehalfOf, IReadOnlyList<StepSpec> specs)
    {
        StaffId[] own = [applicant.Id, .. onBehalfOf is null ? [] : new[] { onBehalfOf.Id }];
        var department = (onBehalfOf ?? applicant).DepartmentId;
        var broken = new List<Broken>();
        var steps = new List<PlannedStep>();
        foreach (var (i, spec) in specs.Index())
        {
            var isLast = i == specs.Count - 1;
            var (found, headed) = Candidates(spec.Who, department, own);
            var free = found.Where(p => !own.Contains(p)).ToList();
            // The applicant holds the role: an earlier step is left out, the decision goes to the next head above.
            if (free.Count == 0 && found.Count > 0 && !isLast) steps.Add(new PlannedStep(spec.Name, [.. found.Select(p => people[p])]) { Omitted = true, Note = "申請者本人のため省略" });
            else if (free.Count == 0 && found.Count > 0 && department is { } d && HeadAbove(d, own) is { } head) steps.Add(Plan("上位の所属長", [head.StaffId], head.DepartmentId));
            else if (free.Count == 0) broken.Add(Missing(spec, department));
            else steps.Add(Plan(spec.Name, free, headed));
        }
        return (broken.Count > 0 ? [] : ActOnce(steps), broken);
    }

    private PlannedStep Plan(string name, IReadOnlyList<StaffId> staff, DepartmentId? headOf)
        => new(name, [.. staff.Select(p => people[p])]) { CoverDecides = headOf is not { } department || !chart.MayDecideFor(department).Any() };

    // Who is asked, and the department headed when it is a head.
    private (IReadOnlyList<StaffId> People, DepartmentId? Headed) Candidates(StepWho who, DepartmentId? department, StaffId[] own)
    {
        if (holders.TryGetValue(who, out var held)) return (held, null);
        var head = department is { } from ? HeadAbove(from, own) : null;
        if (who == StepWho.NextHead && head is not null) head = HeadAbove(head.DepartmentId, [.. own, head.StaffId]);
        return head is null ? ([], null) : ([head.StaffId], head.DepartmentId);
    }

    private OrganisationChart.Head? HeadAbove(DepartmentId department, StaffId[] except)
        => chart.PathUp(department).Select(u => chart.HeadOf(u.Id)).FirstOrDefault(h => h is not null && !except.Contains(h.StaffId));

    // One person acts once, at the highest step. Where the later step has more people, the earlier keeps its only one.
    private static List<PlannedStep> ActOnce(List<PlannedStep> steps)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (steps[i].Omitted || steps[i].People is not [var only]) continue;
            for (var j = i + 1; j < steps.Count; j++)
            {
                if (steps[j].Omitted || !steps[j].People.Contains(only)) continue;
                if (steps[j].People.Count > 1)
                {
                    steps[j] = steps[j] with { People = [.. steps[j].People.Where(p => p != only)] };
                    continue;
                }
                steps[i] = steps[i] with { Omitted = true, Note = $"「{steps[j].Name}」で処理するため省略" };
                break;
            }
        }
        return steps;
    }

    private Broken Missing(StepSpec spec, DepartmentId? department) => spec.Who switch
    {
        _ when department is null => ApprovalRules.NoApprover.With(spec.Name) with { Remedy = "申請者の本務の所属がありません。人事担当に配属を登録してもらってください。" },
        StepWho.SecurityManager => ApprovalRules.NoApprover.With(spec.Name) with { Remedy = "システム管理者に、情報セキュリティ管理者の役割を職員に付けてもらってください。" },
        StepWho.LendingManager => ApprovalRules.NoApprover.With(spec.Name) with { Remedy = "システム管理者に、貸出管理者の役割を職員に付けてもらってください。" },
        _ => ApprovalRules.NoApprover.With(spec.Name) with { Remedy = $"人事担当に、{chart.Find(department!.Value)?.Name}とその上位に、申請者以外の所属長を配属してもらってください。" },
    };

    private static async Task<List<StaffId>> HoldersAsync(PortalDb db, Role role, DateOnly day, CancellationToken ct)
    {
        var byDepartment = from g in db.RoleGrants.On(day).Where(g => g.Role == role && g.ToDepartmentId != null)
                           join p in db.Postings.On(day) on g.ToDepartmentId equals p.DepartmentId
                           select p.StaffId;
        var named = await db.RoleGrants.On(day).Where(g => g.Role == role && g.ToStaffId != null).Select(g => g.ToStaffId!.Value).ToListAsync(ct);
        named.AddRange(await byDepartment.ToListAsync(ct));
        return await db.Staff.On(day).Where(s => named.Contains(s.Id)).OrderBy(s => s.YomiKey).ThenBy(s => s.StaffNumber).Select(s => s.Id).ToListAsync(ct);
    }

    private static async Task<Dictionary<StaffId, Signatory>> SignatoriesAsync(PortalDb db, OrganisationChart chart, IReadOnlyCollection<StaffId> ids, CancellationToken ct)
    {
        var staff = await db.Staff.AsNoTracking().Include(s => s.Postings).Where(s => ids.Contains(s.Id)).ToListAsync(ct);
        var posts = await db.Posts.ToDictionaryAsync(p => p.Id, p => p.Name, ct);
        return staff.ToDictionary(s => s.Id, s => s.MainOn(chart.Day) is { } main
            ? new Signatory(s.Id, s.Name, chart.FullName(main.DepartmentId), posts[main.PostId], main.DepartmentId)
            : new Signatory(s.Id, s.Name, "", "", null));
    }
}
