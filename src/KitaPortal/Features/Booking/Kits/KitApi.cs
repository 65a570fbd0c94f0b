using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Kits;

/// <summary>Kits as JSON: read by everybody, written by the administrator.</summary>
internal static class KitApi
{
    internal sealed record ItemBody(DeviceModelId ModelId, int Count = 1);

    internal sealed record KitBody(Guid? Id, string? Name, IReadOnlyList<ItemBody>? Items, string? Note = null, bool Retired = false, int? Version = null);

    internal sealed record KitAnswer(KitId Id, int Version, string Name, string? Note, bool Retired, IReadOnlyList<ItemBody> Items);

    public static void Map(IEndpointRouteBuilder app)
    {
        var kits = app.MapGroup("/api/v1/booking/kits").WithTags("booking");
        kits.MapGet("", async (PortalDb db, CancellationToken ct) => (await db.Kits.AsNoTracking().Include(k => k.Items).OrderBy(k => k.Name).ToListAsync(ct)).Select(Answer)).WithSummary("The kits with what is in them.");
        kits.MapPost("", MakeAsync).RequireAuthorization(Policies.Admin).WithSummary("Makes a kit.").WithDescription("The id is made by the client; count is 1 to 20 devices of a model.");
        kits.MapPut("/{id:guid}", ChangeAsync).RequireAuthorization(Policies.Admin).WithSummary("Changes a kit by the version that was read.").WithDescription("Writes all fields. An older version is 409 with the kit as it stands now.");
    }

    private static Task<IResult> MakeAsync(KitBody body, PortalDb db, CancellationToken ct) => db.WriteAsync<IResult>(async () =>
    {
        var id = new KitId(Writing.Id(body.Id));
        if (await db.Kits.Include(k => k.Items).SingleOrDefaultAsync(k => k.Id == id, ct) is { } there)
            return Says(there, body) ? Results.Ok(Answer(there)) : throw Rules.BookingRules.SameIdOtherBody();
        var made = new Kit(id, body.Name ?? "", body.Note, (body.Items ?? []).Select(i => (i.ModelId, i.Count)));
        made.Retire(body.Retired);
        db.Add(made);
        await db.SaveChangesAsync(ct);
        return Results.Created($"/api/v1/booking/kits/{id}", Answer(made));
    }, ct);

    private static Task<KitAnswer> ChangeAsync(Guid id, KitBody body, PortalDb db, CancellationToken ct) => db.OrPresentAsync(() => db.WriteAsync(async () =>
    {
        var kit = await db.Kits.Include(k => k.Items).SingleOrDefaultAsync(k => k.Id == new KitId(id), ct).OrNotHere();
        db.ChangeFrom(kit, body.Version);
        kit.Describe(body.Name ?? "", body.Note, (body.Items ?? []).Select(i => (i.ModelId, i.Count)));
        kit.Retire(body.Retired);
        await db.SaveChangesAsync(ct);
        return Answer(kit);
    }, ct), async () => Answer(await db.Kits.AsNoTracking().Include(k => k.Items).SingleAsync(k => k.Id == new KitId(id), ct)));

    private static bool Says(Kit kit, KitBody body) => kit.Name == body.Name?.Trim() && (kit.Note ?? "") == (body.Note ?? "").Trim() && kit.IsRetired == body.Retired
        && kit.Items.Select(i => (i.ModelId, i.Count)).ToHashSet().SetEquals((body.Items ?? []).GroupBy(i => i.ModelId).Select(g => (g.Key, g.Sum(i => i.Count))));

    private static KitAnswer Answer(Kit kit) => new(kit.Id, kit.Version, kit.Name, kit.Note, kit.IsRetired, [.. kit.Items.OrderBy(i => i.Id).Select(i => new ItemBody(i.ModelId, i.Count))]);
}
