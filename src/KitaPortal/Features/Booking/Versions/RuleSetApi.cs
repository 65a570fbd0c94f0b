using KitaPortal.Data;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Forms;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Versions;

/// <summary>Versions of the lending rules as JSON: read by everybody once they are published, drafted by who may draft. Publishing is the act of a second person, on its page.</summary>
internal static class RuleSetApi
{
    internal sealed class RuleSetBody : DraftForm
    {
        /// <summary>Made by the client; with PUT the address names the version.</summary>
        public Guid? Id { get; set; }
    }

    /// <param name="Number">Consecutive; named on bookings.</param>
    /// <param name="EffectiveFrom">The Tokyo day it is in force from.</param>
    /// <param name="Parameters">Values it changes, by name; each has the unit of its rule.</param>
    /// <param name="Grades">Rule code to block, warn, head, sec or off.</param>
    internal sealed record RuleSetAnswer(Guid Id, int Version, int Number, string State, DateOnly EffectiveFrom, string? ClassCode, OfficeId? OfficeId, Role? Role, string Note,
        IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, string> Grades, DateTimeOffset? PublishedAt, string OnBroken);

    public static void Map(RouteGroupBuilder booking)
    {
        booking.MapGet("/rule-sets", async (PortalDb db, IAuthorizationService rights, HttpContext http, CancellationToken ct, int? limit = null, int? cursor = null) =>
        {
            var (part, mayDraft) = (new Part(limit, cursor), (await rights.AuthorizeAsync(http.User, BookingPolicies.RuleDrafts)).Succeeded);
            return (await db.RuleSets.AsNoTracking().Where(r => r.DiscardedAt == null && (mayDraft || r.PublishedAt != null)).OrderByDescending(r => r.Number).Skip(part.Skip).Take(part.Take).ToListAsync(ct)).Select(Answer);
        }).WithSummary("Versions of the lending rules, newest first.").WithDescription("Drafts are shown to who may draft. At most limit (50, up to 200) after the first cursor ones.");
        booking.MapPost("/rule-sets", DraftAsync).RequireAuthorization(BookingPolicies.RuleDrafts).Produces<RuleSetAnswer>(StatusCodes.Status201Created)
            .WithSummary("Drafts a version of the lending rules.").WithDescription("The id is made by the client. parameters has values by name, grades has block, warn, head, sec or off by rule code; what is left out stays as it is. Somebody else publishes it on its page.");
        booking.MapPut("/rule-sets/{id:guid}", RewriteAsync).RequireAuthorization(BookingPolicies.RuleDrafts)
            .WithSummary("Writes a draft of the lending rules anew, by the version that was read.").WithDescription("A published version is never changed (貸-902). An older version is 409 with the draft as it stands now.");
    }

    private static async Task<IResult> DraftAsync(RuleSetBody body, PortalDb db, RuleDrafts drafts, CurrentStaff me, CancellationToken ct)
    {
        var id = Writing.Id(body.Id);
        BadInput.Check(body);
        return await db.WriteAsync(async () =>
        {
            if (await db.RuleSets.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, ct) is { } there) return Says(there, body) ? Results.Ok(Answer(there)) : throw BookingRules.SameIdOtherBody();
            return Results.Created($"/api/v1/booking/rule-sets/{id}", Answer(await drafts.DraftAsync(id, body, me.Id, ct)));
        }, ct);
    }

    private static Task<RuleSetAnswer> RewriteAsync(Guid id, RuleSetBody body, PortalDb db, RuleDrafts drafts, CurrentStaff me, CancellationToken ct) => db.OrPresentAsync(async () =>
    {
        BadInput.Check(body, Writing.Missing(body.Version));
        return Answer(await drafts.RewriteAsync(id, body, me.Id, ct));
    }, async () => Answer(await db.RuleSets.AsNoTracking().SingleAsync(r => r.Id == id, ct)));

    private static bool Says(RuleSet there, DraftForm form)
    {
        var (parameters, grades) = form.Read();
        return (there.EffectiveFrom, there.ClassCode, there.OfficeId, there.Role, there.Note) == (form.EffectiveFrom!.Value, form.ClassCode, form.OfficeId, form.Role, form.Note!.Trim())
            && there.Parameters.ToHashSet().SetEquals(parameters) && there.Grades.ToHashSet().SetEquals(grades);
    }

    private static RuleSetAnswer Answer(RuleSet r) => new(r.Id, r.Version, r.Number, r.PublishedAt is null ? "Draft" : "Published", r.EffectiveFrom, r.ClassCode, r.OfficeId, r.Role, r.Note, r.Parameters, r.Grades, r.PublishedAt, r.OnBroken.ToString());
}
