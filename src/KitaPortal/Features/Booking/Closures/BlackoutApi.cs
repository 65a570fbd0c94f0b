using KitaPortal.Data;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Closures;

/// <summary>貸出停止期間 as JSON: what one would hit, entering one, ending one.</summary>
internal static class BlackoutApi
{
    /// <param name="Repeat">DAILY, WEEKLY or MONTHLY until the Tokyo day <c>until</c>; left out it is once.</param>
    /// <param name="Choices">Line to what is done with it: Keep, Substitute, Move or Cancel.</param>
    internal sealed record BlackoutBody(Guid? Id = null, OfficeId? OfficeId = null, DeviceClassId? ClassId = null, DeviceModelId? ModelId = null, DateTimeOffset? From = null, DateTimeOffset? To = null,
        string? Reason = null, string? Repeat = null, DateOnly? Until = null, IReadOnlyDictionary<Guid, HitChoice>? Choices = null)
    {
        public Blackout ToBlackout(Guid id)
        {
            var form = new BlackoutForm { OfficeId = OfficeId, ClassId = ClassId, ModelId = ModelId, From = Wall(From), To = Wall(To), Reason = Reason, Repeat = Repeat, Until = Until };
            BadInput.Check(form);
            return form.ToBlackout(id);
        }

        private static DateTime? Wall(DateTimeOffset? moment) => moment is { } known ? TokyoTime.Shown(known).DateTime : null;
    }

    /// <param name="Lifted">True ends it now, or before it begins.</param>
    internal sealed record LiftBody(int? Version = null, bool Lifted = false);

    /// <param name="LastsUntil">The end of its last time; empty parts of the scope mean all.</param>
    internal sealed record BlackoutAnswer(Guid Id, int Version, OfficeId? OfficeId, DeviceClassId? ClassId, DeviceModelId? ModelId, DateTimeOffset From, DateTimeOffset To, string Reason, string? Rrule, DateTimeOffset LastsUntil);

    public static void Map(RouteGroupBuilder booking)
    {
        var blackouts = booking.MapGroup("/blackouts").RequireAuthorization(Policies.Admin);
        blackouts.MapGet("", async (PortalDb db, TimeProvider clock, CancellationToken ct) =>
        {
            var now = clock.GetUtcNow();
            return (await db.Blackouts.AsNoTracking().Where(b => b.LastsUntil > now).OrderBy(b => b.From).ToListAsync(ct)).Select(Answer);
        }).WithSummary("Times without lending that are not over yet.");
        blackouts.MapPost("/preview", (BlackoutBody body, Blackouts desk, CurrentStaff me, CancellationToken ct) => desk.HitsAsync(body.ToBlackout(Guid.Empty), Asker.Of(me), ct))
            .WithSummary("The bookings a time without lending would hit, with where each could go instead. Writes nothing.");
        blackouts.MapPost("", EnterAsync).Produces<BlackoutAnswer>(StatusCodes.Status201Created)
            .WithSummary("Enters a time without lending and does with each booking it hits what was chosen, all or nothing.").WithDescription("The id is made by the client. Bookings without a choice stay as they are; borrowers whose bookings change are told.");
        blackouts.MapPut("/{id:guid}", LiftAsync).WithSummary("Ends a time without lending, by the version that was read.").WithDescription("Nothing else of it is ever changed. An older version is 409 with it as it stands now.");
    }

    private static async Task<IResult> EnterAsync(BlackoutBody body, PortalDb db, Blackouts desk, CurrentStaff me, CancellationToken ct)
    {
        var id = Writing.Id(body.Id);
        var asked = body.ToBlackout(id);
        return await db.WriteAsync(async () =>
        {
            if (await db.Blackouts.AsNoTracking().SingleOrDefaultAsync(b => b.Id == id, ct) is { } there)
                return (there.OfficeId, there.ClassId, there.ModelId, there.From, there.To, there.Reason, there.Repeat) == (asked.OfficeId, asked.ClassId, asked.ModelId, asked.From, asked.To, asked.Reason, asked.Repeat)
                    ? Results.Ok(Answer(there)) : throw BookingRules.SameIdOtherBody();
            await desk.EnterAsync(() => body.ToBlackout(id), (body.Choices ?? new Dictionary<Guid, HitChoice>()).ToDictionary(c => new BookingLineId(c.Key), c => c.Value), Asker.Of(me), ct);
            return Results.Created($"/api/v1/booking/blackouts/{id}", Answer(await db.Blackouts.SingleAsync(b => b.Id == id, ct)));
        }, ct);
    }

    private static Task<BlackoutAnswer> LiftAsync(Guid id, LiftBody body, PortalDb db, Blackouts desk, CancellationToken ct)
    {
        Task<BlackoutAnswer> Present() => db.Blackouts.AsNoTracking().Where(b => b.Id == id).Select(b => Answer(b)).SingleAsync(ct);
        BadInput.Refuse([.. Writing.Missing(body.Version), .. body.Lifted ? [] : new[] { ("Form.Lifted", "終えるときだけ変えられます。lifted に true を入力してください。") }]);
        return db.OrPresentAsync(async () =>
        {
            await desk.LiftAsync(id, ct, body.Version);
            return await Present();
        }, Present);
    }

    private static BlackoutAnswer Answer(Blackout b) => new(b.Id, b.Version, b.OfficeId, b.ClassId, b.ModelId, b.From, b.To, b.Reason, b.Repeat, b.LastsUntil);
}
