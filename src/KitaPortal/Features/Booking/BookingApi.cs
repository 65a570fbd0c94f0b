using KitaPortal.Data;
using KitaPortal.Features.Booking.Availability;
using KitaPortal.Features.Booking.Closures;
using KitaPortal.Features.Booking.Inventory;
using KitaPortal.Features.Booking.Register;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.Booking.Series;
using KitaPortal.Features.Booking.Versions;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>JSON under /api/v1/booking: the same verbs as the pages, for programs and our own scripts.</summary>
internal static class BookingApi
{
    /// <summary>A wish: a pool or a device, and how many.</summary>
    internal sealed record LineBody(PoolId? PoolId, DeviceId? DeviceId, int Count = 1);

    /// <summary>A request as programs send it; moments carry their offset.</summary>
    internal sealed record RequestBody(Guid? Id, IReadOnlyList<LineBody>? Lines, DateTimeOffset From, DateTimeOffset To,
        Purpose? Purpose, DestinationKind? Destination,
        StaffId? BorrowerId = null, StaffId? ResponsibleId = null, string? PurposeNote = null, string? DestinationNote = null, string? TravelOrderNo = null,
        InfoClass InfoClass = InfoClass.Class2, bool PersonalData = false, bool SignAgreement = false, string? Reason = null,
        IReadOnlyList<string>? Acknowledged = null, IReadOnlyDictionary<string, string>? Overrides = null, KitId? KitId = null, OfficeId? KitOfficeId = null, bool TakeWhatIsThere = false,
        string? Rrule = null, HolidayPolicy Holidays = HolidayPolicy.Skip)
    {
        public BookingRequest ToRequest(StaffId me) => new()
        {
            Id = new BookingId(Id ?? default),
            BorrowerId = BorrowerId ?? me,
            ResponsibleId = ResponsibleId,
            KitId = KitId,
            KitOfficeId = KitOfficeId,
            TakeWhatIsThere = TakeWhatIsThere,
            Wanted = [.. (Lines ?? []).Select(l => new WantedDevice(l.PoolId, l.DeviceId, l.Count))],
            From = From.ToUniversalTime(),
            To = To.ToUniversalTime(),
            Aim = Aim(Purpose, PurposeNote, TravelOrderNo, Destination, DestinationNote, InfoClass, PersonalData),
            SignAgreement = SignAgreement,
            Reason = Reason,
            Acknowledged = Acknowledged ?? [],
            Overrides = Overrides ?? new Dictionary<string, string>(),
        };
    }

    internal sealed record CancelBody(IReadOnlyList<BookingLineId>? Lines, string? Reason);

    internal sealed record LineAnswer(BookingLineId Id, PoolId PoolId, DeviceId? DeviceId, DateTimeOffset From, DateTimeOffset To, string Status, string? KitName);

    internal sealed record BookingAnswer(BookingId Id, string Number, int Version, string Purpose, string Destination, IReadOnlyList<LineAnswer> Lines);

    /// <param name="MayPass">The asker may pass it with a written reason.</param>
    internal sealed record BrokenAnswer(string Number, string Code, string Severity, string Message, string Remedy, string? Field, string OverridableBy, bool MayPass);

    internal sealed record StepAnswer(string Step, string Who);

    internal sealed record AgreementAnswer(string Title, string Text);

    internal sealed record PreviewAnswer(IReadOnlyList<BrokenAnswer> Violations, IReadOnlyList<StepAnswer> Route, AgreementAnswer? ToSign, IReadOnlyList<AlternativeAnswer> Alternatives, bool CanReserve);

    internal sealed record AlternativeAnswer(string Kind, PoolId PoolId, DeviceId? DeviceId, People.OfficeId OfficeId, DateTimeOffset From, DateTimeOffset To, string Text, string Href);

    public static void Map(IEndpointRouteBuilder app)
    {
        var booking = app.MapGroup("/api/v1/booking").WithTags("booking");
        booking.MapPost("/preview", PreviewAsync).WithSummary("What the rules say of a request, who would have to allow it, and what could be taken instead. Writes nothing.");
        booking.MapPost("/bookings", ReserveAsync).WithSummary("Reserves devices, or a series with rrule. The id is made by the client: sent again it gives the same booking.");
        booking.MapGet("/bookings", ListAsync).WithSummary("Bookings the caller may see, newest first.")
            .WithDescription("mine: the caller's own; office (id), status, from and to (moments with offset) look at the lines: one of them is of that office, has that state, touches that time. At most limit (50, up to 200) after the first cursor ones.");
        booking.MapGet("/bookings/{id:guid}", async (Guid id, PortalDb db, CurrentStaff me, CancellationToken ct) =>
        {
            var found = await db.Bookings.AsNoTracking().Include(b => b.Lines).VisibleTo(me).SingleOrDefaultAsync(b => b.Id == new BookingId(id), ct).OrNotHere();
            if (found.BorrowerId != me.Id) await NoteReadingAsync(db, me, new AuditNote("booking.read", "booking", found.Id.ToString()), ct);
            return Answer(found);
        }).WithSummary("One booking with its lines.");
        booking.MapPost("/bookings/{id:guid}/cancellation", async (Guid id, CancelBody body, PortalDb db, Reserving reserving, CurrentStaff me, CancellationToken ct) =>
        {
            await db.Bookings.ChangeableBy(me).Where(b => b.Id == new BookingId(id)).Select(b => b.Number).SingleOrDefaultAsync(ct).OrNotHere();
            await reserving.CancelAsync(new BookingId(id), body.Lines, Asker.Of(me), body.Reason, ct);
            return Results.NoContent();
        }).WithSummary("Gives the named lines back, or all that are still to come.");
        LifeApi.Map(booking);
        InventoryApi.Map(booking);
        RuleSetApi.Map(booking);
        BlackoutApi.Map(booking);
        RegisterApi.Map(booking);
    }

    private static async Task<IEnumerable<BookingAnswer>> ListAsync(PortalDb db, CurrentStaff me, CancellationToken ct, bool mine = false, Guid? office = null, LineStatus? status = null, string? from = null, string? to = null, int? limit = null, int? cursor = null)
    {
        var (id, part, start, end) = (me.Id, new Part(limit, cursor), Asking.Moment("From", from), Asking.Moment("To", to));
        var pools = db.Pools.Where(p => office == null || p.OfficeId == new OfficeId(office.Value)).Select(p => p.Id);
        var found = db.Bookings.AsNoTracking().Include(b => b.Lines).VisibleTo(me).Where(b => !mine || b.BorrowerId == id)
            .Where(b => b.Lines.Any(l => (office == null || pools.Contains(l.PoolId)) && (status == null || l.Status == status) && (start == null || l.To > start) && (end == null || l.From < end)));
        if (!mine) await NoteReadingAsync(db, me, new AuditNote("bookings.listed", "booking", "", After: new { office, status, start, end, part.Skip, part.Take }), ct);
        return (await found.OrderByDescending(b => b.CreatedAt).ThenByDescending(b => b.Id).Skip(part.Skip).Take(part.Take).ToListAsync(ct)).Select(Answer);
    }

    // As on the pages: what the security manager reads of others leaves a trace.
    private static async Task NoteReadingAsync(PortalDb db, CurrentStaff me, AuditNote note, CancellationToken ct)
    {
        if (!me.Is(Role.SecurityManager)) return;
        db.Audit(note);
        await db.SaveChangesAsync(ct);
    }

    private static async Task<PreviewAnswer> PreviewAsync(RequestBody body, Reserving reserving, Alternatives alternatives, CurrentStaff me, CancellationToken ct)
    {
        var (request, asker) = (body.ToRequest(me.Id), Asker.Of(me));
        try
        {
            var judgement = await reserving.PreviewAsync(request, asker, ct);
            var route = await reserving.PreviewRouteAsync(request, judgement, ct);
            var instead = await alternatives.FindAsync(request, judgement, asker, ct);
            return new PreviewAnswer([.. judgement.Findings.Select(f => Answer(f.Broken, f.Grade, judgement.MayBePassedBy(f.Broken, asker)))], [.. route.Select(r => new StepAnswer(r.StepName, r.Who))],
                judgement.ToSign is { } text ? new AgreementAnswer(text.Title, text.Text) : null, [.. instead.Select(Answer)],
                !judgement.Blocks.Any() && judgement.Warnings.All(w => request.Acknowledged.Contains(w.Rule.Code)));
        }
        catch (RuleViolation refused)
        {
            return new PreviewAnswer([.. refused.Broken.Select(b => Answer(b, Grade.Block, false))], [], null, [], false);
        }
    }

    private static async Task<IResult> ReserveAsync(RequestBody body, PortalDb db, Reserving reserving, SeriesBooking series, Alternatives alternatives, CurrentStaff me, CancellationToken ct)
    {
        if (body.Rrule is not null) return await SeriesApi.ReserveAsync(body, db, series, me, ct);
        var (id, request, asker) = (new BookingId(Writing.Id(body.Id)), body.ToRequest(me.Id), Asker.Of(me));
        var isThere = await db.Bookings.AnyAsync(b => b.Id == id, ct);
        try
        {
            var made = await reserving.ReserveAsync(request, asker, ct);
            return isThere ? Results.Ok(Answer(made)) : Results.Created($"/api/v1/booking/bookings/{made.Id}", Answer(made));
        }
        catch (RuleViolation refused) when (refused.Status == StatusCodes.Status422UnprocessableEntity)
        {
            // Outside the locks: looking for something else takes longer than refusing.
            db.ChangeTracker.Clear();
            throw new RuleViolation(refused.Broken) { Extras = new Dictionary<string, object?> { ["alternatives"] = await InsteadAsync(request, reserving, alternatives, asker, ct) } };
        }
    }

    private static async Task<IReadOnlyList<AlternativeAnswer>> InsteadAsync(BookingRequest request, Reserving reserving, Alternatives alternatives, Asker asker, CancellationToken ct)
    {
        try
        {
            return [.. (await alternatives.FindAsync(request, await reserving.PreviewAsync(request, asker, ct), asker, ct)).Select(Answer)];
        }
        catch (RuleViolation)
        {
            return [];
        }
    }

    /// <summary>What it is for and where it goes must be said: nothing stands for what was left out.</summary>
    internal static BookingAim Aim(Purpose? purpose, string? purposeNote, string? travelOrderNo, DestinationKind? destination, string? destinationNote, InfoClass info, bool personalData)
    {
        BadInput.Refuse(
        [
            .. purpose is null ? [("Form.Purpose", "目的を選んでください。")] : Array.Empty<(string, string)>(),
            .. destination is null ? [("Form.Destination", "持出先を選んでください。")] : Array.Empty<(string, string)>(),
        ]);
        return new BookingAim(purpose!.Value, purposeNote, travelOrderNo, destination!.Value, destinationNote, info, personalData);
    }

    private static AlternativeAnswer Answer(Alternative a) => new(a.Kind.ToString(), a.PoolId, a.DeviceId, a.OfficeId, a.From, a.To, a.Text, a.Href);

    private static BrokenAnswer Answer(Broken b, Grade grade, bool mayPass)
        => new(b.Rule.Number, b.Rule.Code, grade.ToString(), b.Message, b.Remedy, b.Field, b.OverridableBy, mayPass);

    internal static BookingAnswer Answer(Booking b) => new(b.Id, b.Number, b.Version, b.Purpose.ToString(), b.DestinationKind.ToString(),
        [.. b.Lines.OrderBy(l => l.Id.Value).Select(l => new LineAnswer(l.Id, l.PoolId, l.DeviceId, l.From, l.To, l.Status.ToString(), l.KitName))]);
}
