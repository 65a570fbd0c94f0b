using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace KitaPortal.Features.People.SignIn;

/// <summary>サインイン: one button for the way this installation signs in; in a trial, the people to sign in as.</summary>
[AllowAnonymous]
public sealed class IndexPage(PortalDb db, EvaluationDoor door, SessionOpening sessions, TimeProvider clock, IOptions<SignInOptions> options) : FormPage
{
    /// <summary>A person of the trial.</summary>
    public sealed record Person(StaffId Id, string Name, string Department, string Post, IReadOnlyList<string> Roles);

    /// <summary>What the console printed.</summary>
    [BindProperty, Display(Name = "画面に表示された合言葉")]
    public string? Token { get; set; }

    [BindProperty]
    public Guid? As { get; set; }

    [BindProperty]
    public bool Shared { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    /// <summary>Somebody who is signed in is asked to prove it once more.</summary>
    [BindProperty(SupportsGet = true)]
    public bool Again { get; set; }

    /// <summary>Why the session before ended, when it did not end by the person's own wish.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Ended { get; set; }

    public SignInOptions Ways => options.Value;

    /// <summary>Whether this browser may choose a person of the trial.</summary>
    public bool Inside { get; private set; }

    public IReadOnlyList<Person> Useful { get; private set; } = [];

    public ILookup<string, Person> Others { get; private set; } = Array.Empty<Person>().ToLookup(_ => "");

    public override async Task LoadAsync(CancellationToken ct)
    {
        Inside = Ways.IsEvaluation && door.IsInside(HttpContext);
        if (!Inside) return;
        var people = await PeopleAsync(ct);
        Useful = Choose(people);
        Others = people.ToLookup(p => p.Department);
    }

    public IActionResult OnPostToken()
    {
        if (!door.TryEnter(HttpContext, Token?.Trim() ?? "")) throw new RuleViolation([PeopleRules.EvaluationToken.With()]);
        return RedirectToPage(new { ReturnUrl, Again });
    }

    public async Task<IActionResult> OnPostAsAsync(CancellationToken ct)
    {
        if (!door.IsInside(HttpContext)) throw new RuleViolation([PeopleRules.EvaluationToken.With()]);
        var id = new StaffId(As ?? Guid.Empty);
        var today = TokyoTime.DayOf(clock.GetUtcNow());
        var person = await db.Staff.On(today).Where(s => s.Id == id).Select(s => new { s.Id }).SingleOrDefaultAsync(ct).OrNotHere();
        await sessions.OpenAsync(HttpContext, person.Id, Shared, null, null, ct);
        return LocalRedirect(Url.IsLocalUrl(ReturnUrl) ? ReturnUrl! : "/");
    }

    public async Task<IActionResult> OnPostEntraAsync()
    {
        if (!Ways.IsEntra) throw new NotHereException();
        var properties = new AuthenticationProperties { RedirectUri = Url.IsLocalUrl(ReturnUrl) ? ReturnUrl : "/" };
        if (Shared) properties.Items[EntraSignIn.SharedItem] = "yes";
        if (Again)
        {
            properties.Items[EntraSignIn.AgainItem] = "yes";
            properties.SetParameter(OpenIdConnectParameterNames.Prompt, "login");
        }
        try
        {
            await HttpContext.ChallengeAsync(EntraSignIn.Scheme, properties);
            return new EmptyResult();
        }
        catch (Exception e) when (EntraSignIn.IsUnreachable(e) && !Response.HasStarted)
        {
            return RedirectToPage("Refused", new { why = SignInRefusals.ProviderDown });
        }
    }

    private async Task<IReadOnlyList<Person>> PeopleAsync(CancellationToken ct)
    {
        var today = TokyoTime.DayOf(clock.GetUtcNow());
        var rows = await (
            from staff in db.Staff.On(today)
            join posting in db.Postings.On(today).Where(p => p.Kind == PostingKind.Main) on staff.Id equals posting.StaffId
            join post in db.Posts on posting.PostId equals post.Id
            join term in db.DepartmentTerms.On(today) on posting.DepartmentId equals term.DepartmentId
            orderby term.SortOrder, post.Rank, staff.YomiKey
            select new { staff.Id, Name = staff.FamilyName + "\u3000" + staff.GivenName, Department = term.Name, posting.DepartmentId, Post = post.Name, post.IsHead }).ToListAsync(ct);
        var grants = await db.RoleGrants.On(today).ToListAsync(ct);
        var byPerson = grants.Where(g => g.ToStaffId is not null).ToLookup(g => g.ToStaffId!.Value, g => g.Role);
        var byDepartment = grants.Where(g => g.ToDepartmentId is not null).ToLookup(g => g.ToDepartmentId!.Value, g => g.Role);
        return [.. rows.Select(r => new Person(r.Id, r.Name, r.Department, r.Post,
            [.. byPerson[r.Id].Concat(byDepartment[r.DepartmentId]).Prepend(r.IsHead ? Role.Head : Role.Staff).Distinct().Select(role => role.Japanese())]))];
    }

    // First those with whom the main paths are walked: one of each kind.
    private static List<Person> Choose(IReadOnlyList<Person> people)
    {
        var heads = people.Where(p => p.Roles.SequenceEqual([Role.Head.Japanese()])).ToList();
        var staff = people.GroupBy(p => p.Department).Where(d => heads.Any(h => h.Department == d.Key)).OrderByDescending(d => d.Count()).SelectMany(d => d)
            .FirstOrDefault(p => p.Roles.SequenceEqual([Role.Staff.Japanese()]));
        List<Person?> chosen = [staff, heads.FirstOrDefault(h => h.Department == staff?.Department) ?? heads.FirstOrDefault()];
        foreach (var role in (Role[])[Role.Desk, Role.LendingManager, Role.SecurityManager, Role.Hr, Role.Admin, Role.Auditor])
            chosen.Add(people.FirstOrDefault(p => p.Roles.Contains(role.Japanese()) && !chosen.Contains(p)));
        return [.. chosen.OfType<Person>()];
    }
}
