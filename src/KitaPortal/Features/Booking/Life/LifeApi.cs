using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>JSON for what happens to bookings later, and for transfers: the same verbs as the pages.</summary>
internal static class LifeApi
{
    internal sealed record ChangeBody(int? Version, DateTimeOffset From, DateTimeOffset To,
        Purpose? Purpose, DestinationKind? Destination,
        IReadOnlyList<BookingApi.LineBody>? Lines = null, string? PurposeNote = null, string? DestinationNote = null, string? TravelOrderNo = null,
        InfoClass InfoClass = InfoClass.Class2, bool PersonalData = false, StaffId? ResponsibleId = null,
        bool SignAgreement = false, string? Reason = null, IReadOnlyList<string>? Acknowledged = null, IReadOnlyDictionary<string, string>? Overrides = null);

    internal sealed record ExtensionBody(DateTimeOffset To, string? Reason = null, IReadOnlyList<string>? Acknowledged = null, IReadOnlyDictionary<string, string>? Overrides = null);

    internal sealed record TransferBody(Guid? Id, DeviceId DeviceId, OfficeId ToOfficeId, DateTimeOffset SendAt, DateTimeOffset ArriveBy, string? Note = null);

    internal sealed record ReceiptBody(DeviceCondition Condition = DeviceCondition.Fit, string? Remark = null);

    internal sealed record CallOffBody(string? Reason = null);

    internal sealed record TransferAnswer(Guid Id, DeviceId DeviceId, PoolId FromPoolId, PoolId ToPoolId, DateTimeOffset SendAt, DateTimeOffset ArriveBy, string State);

    public static void Map(RouteGroupBuilder booking)
    {
        booking.MapPut("/bookings/{id:guid}", ChangeAsync).WithSummary("Changes time, purpose or devices of a booking by the version that was seen.");
        booking.MapPost("/lines/{id:guid}/extension", ExtendAsync).WithSummary("Extends a loan; 202 when permission is asked first.");
        booking.MapGet("/transfers", async (PortalDb db, CancellationToken ct)
            => (await db.Transfers.AsNoTracking().OrderByDescending(t => t.SendAt).Take(50).ToListAsync(ct)).Select(Answer)).RequireAuthorization(Policies.Desk).WithSummary("The newest transfers of devices between offices, at most 50.");
        booking.MapPost("/transfers", async (TransferBody body, Transferring transfers, CurrentStaff me, CancellationToken ct)
            => Answer(await transfers.PlanAsync(Writing.Id(body.Id), body.DeviceId, body.ToOfficeId, body.SendAt.ToUniversalTime(), body.ArriveBy.ToUniversalTime(), body.Note, Asker.Of(me), ct))).RequireAuthorization(Policies.Desk).WithSummary("Plans a transfer; the id is made by the client.");
        booking.MapPost("/transfers/{id:guid}/dispatch", async (Guid id, Transferring transfers, CurrentStaff me, CancellationToken ct) =>
        {
            await transfers.SendAsync(id, Asker.Of(me), ct);
            return Results.NoContent();
        }).RequireAuthorization(Policies.Desk).WithSummary("The desk it leaves sends the device.");
        booking.MapPost("/transfers/{id:guid}/receipt", async (Guid id, ReceiptBody body, Transferring transfers, CurrentStaff me, CancellationToken ct) =>
        {
            await transfers.ReceiveAsync(id, body.Condition, body.Remark, Asker.Of(me), ct);
            return Results.NoContent();
        }).RequireAuthorization(Policies.Desk).WithSummary("The desk it comes to receives the device, in what condition it is.");
        booking.MapPost("/transfers/{id:guid}/cancellation", async (Guid id, CallOffBody body, Transferring transfers, CurrentStaff me, CancellationToken ct) =>
        {
            await transfers.CancelAsync(id, body.Reason, Asker.Of(me), ct);
            return Results.NoContent();
        }).RequireAuthorization(Policies.Desk).WithSummary("The desk it would leave calls a planned transfer off.");
    }

    private static async Task<BookingApi.BookingAnswer> ChangeAsync(Guid id, ChangeBody body, PortalDb db, LineLife life, CurrentStaff me, CancellationToken ct)
    {
        var bookingId = new BookingId(id);
        await db.Bookings.ChangeableBy(me).Where(b => b.Id == bookingId).Select(b => b.Number).SingleOrDefaultAsync(ct).OrNotHere();
        return await db.OrPresentAsync(async () => BookingApi.Answer(await life.ChangeAsync(new Changing(bookingId, body.From.ToUniversalTime(), body.To.ToUniversalTime(),
            BookingApi.Aim(body.Purpose, body.PurposeNote, body.TravelOrderNo, body.Destination, body.DestinationNote, body.InfoClass, body.PersonalData))
        {
            Version = Writing.Version(body.Version),
            Wanted = body.Lines is { Count: > 0 } lines ? [.. lines.Select(l => new WantedDevice(l.PoolId, l.DeviceId, l.Count))] : null,
            ResponsibleId = body.ResponsibleId,
            SignAgreement = body.SignAgreement,
            Reason = body.Reason,
            Acknowledged = body.Acknowledged ?? [],
            Overrides = body.Overrides ?? new Dictionary<string, string>(),
        }, Asker.Of(me), ct)), async () => BookingApi.Answer(await db.Bookings.AsNoTracking().Include(b => b.Lines).SingleAsync(b => b.Id == bookingId, ct)));
    }

    private static async Task<IResult> ExtendAsync(Guid id, ExtensionBody body, PortalDb db, LineLife life, CurrentStaff me, CancellationToken ct)
    {
        var lineId = new BookingLineId(id);
        var bookingId = await db.Bookings.ChangeableBy(me).Where(b => b.Lines.Any(l => l.Id == lineId)).Select(b => (BookingId?)b.Id).SingleOrDefaultAsync(ct) ?? throw new NotHereException();
        var done = await life.ExtendAsync(new Extending(bookingId, [lineId], body.To.ToUniversalTime())
        {
            Reason = body.Reason,
            Acknowledged = body.Acknowledged ?? [],
            Overrides = body.Overrides ?? new Dictionary<string, string>(),
        }, Asker.Of(me), ct);
        return done ? Results.Ok(new { extended = true }) : Results.Accepted(value: new { extended = false });
    }

    private static TransferAnswer Answer(Transfer t) => new(t.Id, t.DeviceId, t.FromPoolId, t.ToPoolId, t.SendAt, t.ArriveBy, t.State.ToString());
}
