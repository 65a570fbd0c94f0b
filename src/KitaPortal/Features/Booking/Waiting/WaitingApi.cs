using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Waiting;

/// <summary>The waiting list as JSON: queue, read, take an offer, leave.</summary>
internal static class WaitingApi
{
    /// <summary>A request as for a booking, with how it may bend.</summary>
    internal sealed record WaitBody(BookingApi.RequestBody Request, int FlexMinutes = 0, IReadOnlyList<PoolId>? OrPools = null);

    internal sealed record AcceptBody(IReadOnlyList<string>? Acknowledged = null, bool SignAgreement = false, string? Reason = null);

    internal sealed record EntryAnswer(WaitlistEntryId Id, string Status, DateTimeOffset From, DateTimeOffset To, int FlexMinutes, int? Position, DateTimeOffset? OfferFrom, DateTimeOffset? OfferUntil, BookingId? BookingId);

    public static void Map(IEndpointRouteBuilder app)
    {
        var list = app.MapGroup("/api/v1/booking/waitlist").WithTags("booking");
        list.MapGet("", async (PortalDb db, CurrentStaff me, CancellationToken ct)
            => (await WaitingPlaces.LoadAsync(db, me.Id, 50, ct)).Select(p => Answer(p.Entry, p.Position))).WithSummary("The caller's entries on the waiting list with their places.");
        list.MapPost("", QueueAsync).WithSummary("Waits for what is not free; the entry has the id of its request.");
        list.MapDelete("/{id:guid}", async (Guid id, WaitingLine line, CurrentStaff me, CancellationToken ct) =>
        {
            await line.LeaveAsync(new WaitlistEntryId(id), Asker.Of(me), ct);
            return Results.NoContent();
        }).WithSummary("Leaves the list, or declines the offer.");
        list.MapPost("/{id:guid}/acceptance", async (Guid id, AcceptBody? body, PortalDb db, WaitingLine line, CurrentStaff me, CancellationToken ct) =>
        {
            var wasTaken = await db.WaitlistEntries.AnyAsync(e => e.Id == new WaitlistEntryId(id) && e.StaffId == me.Id && e.Status == WaitlistStatus.Taken, ct);
            var booking = await line.AcceptAsync(new WaitlistEntryId(id), new Acceptance(body?.Acknowledged ?? [], body?.SignAgreement ?? false, body?.Reason), Asker.Of(me), ct);
            return wasTaken ? Results.Ok(BookingApi.Answer(booking)) : Results.Created($"/api/v1/booking/bookings/{booking.Id}", BookingApi.Answer(booking));
        }).WithSummary("Takes an offer: it becomes a booking.");
    }

    /// <summary>The entry has the id of its request: the same sent again is the same entry.</summary>
    private static async Task<IResult> QueueAsync(WaitBody body, PortalDb db, WaitingLine line, CurrentStaff me, CancellationToken ct)
    {
        var id = new WaitlistEntryId(Platform.Api.Writing.Id(body.Request.Id));
        var isThere = await db.WaitlistEntries.AnyAsync(e => e.Id == id, ct);
        var entry = await line.QueueAsync(id, body.Request.ToRequest(me.Id), body.FlexMinutes, body.OrPools ?? [], Asker.Of(me), ct);
        var position = await WaitingPlaces.PositionAsync(db, entry, ct);
        return isThere ? Results.Ok(Answer(entry, position)) : Results.Created($"/api/v1/booking/waitlist/{id}", Answer(entry, position));
    }

    private static EntryAnswer Answer(WaitlistEntry e, int? position) => new(e.Id, e.Status.ToString(), e.From, e.To, e.FlexMinutes, position, e.OfferFrom, e.OfferUntil, e.BookingId);
}
