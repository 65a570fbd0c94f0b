using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.SignIn;

/// <summary>The caller's own session: who, how long, and the token for the next write.</summary>
internal static class SessionApi
{
    /// <summary>What a page's scripts know of the session.</summary>
    internal sealed record SessionAnswer(StaffAnswer Staff, IReadOnlyList<string> Roles, DateTimeOffset EndsAt, DateTimeOffset IdleAt, string Csrf);

    internal sealed record StaffAnswer(Guid Id, string Name);

    public static void Map(IEndpointRouteBuilder app)
    {
        var session = app.MapGroup("/api/v1/session").WithTags("session");
        session.MapGet("", async (HttpContext http, PortalDb db, CurrentStaff me, IAntiforgery antiforgery, CancellationToken ct) =>
        {
            var row = await Own(http, db).AsNoTracking().SingleAsync(ct);
            return new SessionAnswer(new StaffAnswer(me.Id.Value, me.Name), [.. me.Roles.Select(r => r.Role.ToString()).Distinct()],
                row.EndsAt, row.LastSeenAt.AddMinutes(row.IdleMinutes), antiforgery.GetAndStoreTokens(http).RequestToken!);
        }).WithSummary("Who is signed in, with which roles, until when, and the token for writes.");
        session.MapDelete("", async (HttpContext http) =>
        {
            await http.SignOutAsync(SessionAuthentication.Scheme_);
            return Results.NoContent();
        }).WithSummary("Signs out.");
        // The page tells that the person did something, at most every five minutes; asking the session check to note it is all.
        session.MapPost("/touch", async (HttpContext http, PortalDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var now = clock.GetUtcNow();
            await Own(http, db).ExecuteUpdateAsync(s => s.SetProperty(x => x.LastSeenAt, now), ct);
            return Results.NoContent();
        }).WithSummary("The person did something: the session does not end for idleness yet.");
    }

    private static IQueryable<PortalSession> Own(HttpContext http, PortalDb db)
    {
        var id = Guid.Parse(http.User.FindFirst("sid")!.Value);
        return db.PortalSessions.Where(s => s.Id == id);
    }
}
