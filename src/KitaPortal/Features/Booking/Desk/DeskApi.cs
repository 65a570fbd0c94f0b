using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>The desk as JSON: the same acts as the pages, with client-made ids.</summary>
internal static class DeskApi
{
    public sealed record HandOverItemIn(BookingLineId LineId, DeviceId? DeviceId, IReadOnlyList<string>? Set, DeviceCondition? Condition);

    public sealed record HandOverIn(Guid Id, string Office, IReadOnlyList<HandOverItemIn> Items, StaffId? ReceivedBy, Confirmation? Confirmation, IReadOnlyList<string>? Acknowledged, IReadOnlyDictionary<string, string>? Overrides);

    public sealed record TakeBackItemIn(DeviceId DeviceId, IReadOnlyList<string>? Set, DeviceCondition? Condition, bool? Erased, string? Note);

    public sealed record TakeBackIn(Guid Id, string Office, IReadOnlyList<TakeBackItemIn> Items, StaffId? ReturnedBy, IReadOnlyDictionary<string, string>? Overrides);

    public sealed record LoanOut(LoanId Id, string RegisterNo, BookingLineId LineId, DeviceId DeviceId, DateTimeOffset OutAt, DateTimeOffset? InAt, IReadOnlyList<string> SetOut, IReadOnlyList<string> Shortage);

    public sealed record ScanOut(string Read, string Kind, DeviceId? DeviceId, BookingId? BookingId, StaffId? StaffId, string? Label, LoanId? OpenLoanId, IReadOnlyList<LineOut> Due);

    public sealed record LineOut(BookingLineId LineId, string Number, DeviceId? DeviceId, DateTimeOffset From, DateTimeOffset To, string Status);

    public static void Map(IEndpointRouteBuilder app)
    {
        var desk = app.MapGroup("/api/v1/booking").WithTags("booking");
        desk.MapPost("/hand-overs", HandOverAsync);
        desk.MapPost("/take-backs", TakeBackAsync);
        desk.MapGet("/scan/{code}", ScanAsync).RequireAuthorization(Policies.Desk);
    }

    private static async Task<IReadOnlyList<LoanOut>> HandOverAsync(HandOverIn act, PortalDb db, CurrentStaff me, DeskActs desk, CancellationToken ct)
    {
        var office = await OfficeAsync(db, act.Office, ct);
        var loans = await desk.HandOverAsync(new HandingOver(Known(act.Id), office.Id, [.. (act.Items ?? []).Select(i => new HandedItem(i.LineId, i.DeviceId, i.Set, i.Condition ?? DeviceCondition.Fit))])
        {
            ReceivedBy = act.ReceivedBy,
            Confirmation = act.Confirmation ?? Confirmation.Portal,
            Acknowledged = act.Acknowledged ?? [],
            Overrides = act.Overrides ?? new Dictionary<string, string>(),
        }, Asker.Of(me), ct);
        return [.. loans.Select(Out)];
    }

    private static async Task<IReadOnlyList<LoanOut>> TakeBackAsync(TakeBackIn act, PortalDb db, CurrentStaff me, DeskActs desk, CancellationToken ct)
    {
        var office = await OfficeAsync(db, act.Office, ct);
        var loans = await desk.TakeBackAsync(new TakingBack(Known(act.Id), office.Id, [.. (act.Items ?? []).Select(i => new ReturnedItem(i.DeviceId, i.Set, i.Condition ?? DeviceCondition.Fit, i.Erased ?? false, i.Note))])
        {
            ReturnedBy = act.ReturnedBy,
            Overrides = act.Overrides ?? new Dictionary<string, string>(),
        }, Asker.Of(me), ct);
        return [.. loans.Select(Out)];
    }

    /// <summary>What a code stands for, and the lines due with it at the office; 404 with the code that was read when nothing has it.</summary>
    private static async Task<IResult> ScanAsync(string code, string office, PortalDb db, CurrentStaff me, CancellationToken ct)
    {
        var desk = await OfficeAsync(db, office, ct);
        if (!me.IsDeskOf(desk.Id)) throw new NotHereException();
        var scanned = await DeskLookup.FindAsync(db, code, ct);
        if (scanned.Kind == ScannedKind.Nothing) return Results.Problem(ScanResult.NotFound(scanned.Read).Text, statusCode: StatusCodes.Status404NotFound, title: "見つかりません。");

        var lines = db.DeskLinesOf().Where(l => l.OfficeId == desk.Id && (l.Status == LineStatus.Approved || l.Status == LineStatus.Ready || l.Status == LineStatus.OnLoan));
        lines = scanned.Kind switch
        {
            ScannedKind.Device => lines.Where(l => l.DeviceId == scanned.DeviceId),
            ScannedKind.Booking => lines.Where(l => l.BookingId == scanned.BookingId),
            _ => lines.Where(l => l.BorrowerId == scanned.StaffId),
        };
        var due = await lines.OrderBy(l => l.From).Take(50).ToListAsync(ct);
        var isDevice = scanned.Kind == ScannedKind.Device;
        var label = isDevice ? await db.Devices.Where(d => d.Id == scanned.DeviceId).Select(d => d.Label).SingleAsync(ct) : null;
        var loan = isDevice ? await db.Loans.Where(l => l.DeviceId == scanned.DeviceId && l.InAt == null).Select(l => (LoanId?)l.Id).SingleOrDefaultAsync(ct) : null;
        return Results.Ok(new ScanOut(scanned.Read, scanned.Kind.ToString(), isDevice ? scanned.DeviceId : null, scanned.Kind == ScannedKind.Booking ? scanned.BookingId : null,
            scanned.Kind == ScannedKind.Person ? scanned.StaffId : null, label, loan, [.. due.Select(l => new LineOut(l.LineId, l.Number, l.DeviceId, l.From, l.To, l.Status.ToString()))]));
    }

    private static Guid Known(Guid id) => id != Guid.Empty ? id : throw new BadHttpRequestException("id is missing: it is made by the client, so that sending twice is harmless.");

    private static Task<Office> OfficeAsync(PortalDb db, string? code, CancellationToken ct) => db.Offices.AsNoTracking().SingleOrDefaultAsync(o => o.Code == code, ct).OrNotHere();

    private static LoanOut Out(Loan loan) => new(loan.Id, loan.RegisterNo, loan.LineId, loan.DeviceId, loan.OutAt.ToUniversalTime(), loan.InAt?.ToUniversalTime(), loan.SetOut, loan.InAt is null ? [] : [.. loan.SetOut.Except(loan.SetIn)]);
}
