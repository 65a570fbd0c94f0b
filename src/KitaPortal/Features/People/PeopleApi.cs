using KitaPortal.Data;
using KitaPortal.Features.People.PhoneBook;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People;

/// <summary>People as JSON: the phone book, the organisation, for our own scripts and for other systems. Reads only.</summary>
public static class PeopleApi
{
    private const int Limit = 100;

    /// <summary>A person as the phone book knows them.</summary>
    public sealed record StaffItem(StaffId Id, string Name, string Yomi, DepartmentId? DepartmentId, string Department, string Post, string? Extension, string? Phone, string? Mail, string Office);

    /// <summary>A page of people with the total.</summary>
    public sealed record StaffList(int Total, IReadOnlyList<StaffItem> Items);

    /// <summary>A department of the day.</summary>
    public sealed record DepartmentItem(DepartmentId Id, string Code, string Name, string ShortName, DepartmentKind Kind, DepartmentId? ParentId, OfficeId OfficeId);

    /// <summary>A building.</summary>
    public sealed record OfficeItem(OfficeId Id, string Code, string Name, OfficeKind Kind, string? Phone, TimeOnly OpensAt, TimeOnly ClosesAt, DateOnly? ClosedFrom);

    /// <summary>A post.</summary>
    public sealed record PostItem(PostId Id, string Code, string Name, int Rank, bool IsHead, bool MayDecideForHead);

    internal static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1").WithTags("People");
        api.MapGet("/staff", StaffAsync).WithSummary("People by name, department or office, on a day.");
        api.MapGet("/staff/{id:guid}", OneAsync).WithSummary("One person.");
        api.MapGet("/departments", DepartmentsAsync).WithSummary("The departments of a day.");
        api.MapGet("/offices", OfficesAsync).WithSummary("The offices.");
        api.MapGet("/posts", PostsAsync).WithSummary("The posts, by rank.");
    }

    private static async Task<StaffList> StaffAsync(string? q, Guid? department, Guid? office, DateOnly? asOf, int? skip, int? take,
        PortalDb db, HttpContext http, IAuthorizationService rights, TimeProvider clock, CancellationToken ct)
    {
        var book = await PhoneBook.PhoneBook.OpenAsync(db, await DayAsync(asOf, http, rights, clock), ct);
        var question = new PhoneBookQuestion(q, department is { } d ? new(d) : null, office is { } o ? new(o) : null);
        var (entries, total) = await book.FindAsync(question, Math.Max(0, skip ?? 0), Math.Clamp(take ?? Limit, 1, Limit), ct);
        return new(total, [.. entries.Select(Item)]);
    }

    private static async Task<Results<Ok<StaffItem>, NotFound>> OneAsync(Guid id, PortalDb db, TimeProvider clock, CancellationToken ct)
    {
        var book = await PhoneBook.PhoneBook.OpenAsync(db, clock.Today(), ct);
        return await book.OneAsync(new(id), ct) is { } found ? TypedResults.Ok(Item(found)) : TypedResults.NotFound();
    }

    private static async Task<IReadOnlyList<DepartmentItem>> DepartmentsAsync(DateOnly? asOf, PortalDb db, HttpContext http, IAuthorizationService rights, TimeProvider clock, CancellationToken ct)
        => [.. (await OrganisationChart.LoadAsync(db, await DayAsync(asOf, http, rights, clock), ct)).InOrder().Select(u => new DepartmentItem(u.Id, u.Code, u.Name, u.ShortName, u.Kind, u.ParentId, u.OfficeId))];

    private static async Task<IReadOnlyList<OfficeItem>> OfficesAsync(PortalDb db, CancellationToken ct)
        => await db.Offices.AsNoTracking().OrderBy(o => o.SortOrder).ThenBy(o => o.Code).Select(o => new OfficeItem(o.Id, o.Code, o.Name, o.Kind, o.Phone, o.OpensAt, o.ClosesAt, o.ClosedFrom)).ToListAsync(ct);

    private static async Task<IReadOnlyList<PostItem>> PostsAsync(PortalDb db, CancellationToken ct)
        => await db.Posts.AsNoTracking().OrderBy(p => p.Rank).ThenBy(p => p.Code).Select(p => new PostItem(p.Id, p.Code, p.Name, p.Rank, p.IsHead, p.MayDecideForHead)).ToListAsync(ct);

    private static StaffItem Item(PhoneBookEntry e) => new(e.Id, e.Name, e.Yomi, e.DepartmentId, e.Department, e.PostName, e.Extension, e.Phone, e.Mail, e.Office);

    // Days to come are the business of those who prepare them.
    private static async Task<DateOnly> DayAsync(DateOnly? asOf, HttpContext http, IAuthorizationService rights, TimeProvider clock)
    {
        var today = clock.Today();
        return asOf is not { } day ? today : day <= today || (await rights.AuthorizeAsync(http.User, RosterRights.Policy)).Succeeded ? day : today;
    }
}
