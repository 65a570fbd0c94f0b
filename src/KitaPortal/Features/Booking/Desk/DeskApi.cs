using KitaPortal.Data;
using KitaPortal.Features.Booking.Incidents;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>The desk as JSON: the same acts as the pages, with client-made ids.</summary>
internal static class DeskApi
{
    public sealed record HandOverItemIn(BookingLineId LineId, DeviceId? DeviceId, IReadOnlyList<string>? Set, DeviceCondition? Condition);

    public sealed record HandOverIn(Guid Id, IReadOnlyList<HandOverItemIn> Items, StaffId? ReceivedBy, Confirmation? Confirmation, IReadOnlyList<string>? Acknowledged, IReadOnlyDictionary<string, string>? Overrides);

    public sealed record TakeBackItemIn(DeviceId DeviceId, IReadOnlyList<string>? Set, DeviceCondition? Condition, bool? Erased, string? Note);

    public sealed record TakeBackIn(Guid Id, string Office, IReadOnlyList<TakeBackItemIn> Items, StaffId? ReturnedBy, IReadOnlyDictionary<string, string>? Overrides);

    public sealed record WalkUpIn(Guid Id, DeviceId DeviceId, StaffId BorrowerId, DateTimeOffset To, Purpose? Purpose, DestinationKind? Destination,
        string? PurposeNote = null, string? DestinationNote = null, string? TravelOrderNo = null, InfoClass InfoClass = InfoClass.Class2,
        bool PersonalData = false, string? Emergency = null, IReadOnlyList<string>? Acknowledged = null, IReadOnlyDictionary<string, string>? Overrides = null);

    public sealed record IncidentIn(Guid Id, DeviceId DeviceId, IncidentKind? Kind, string? Story, string? Place = null, DateTimeOffset? OccurredAt = null);

    public sealed record IncidentOut(Guid Id, string Number, string State);

    public sealed record LoanOut(LoanId Id, string RegisterNo, BookingLineId LineId, DeviceId DeviceId, DateTimeOffset OutAt, DateTimeOffset? InAt, IReadOnlyList<string> SetOut, IReadOnlyList<string> Shortage);

    public sealed record ScanOut(string Read, string Kind, DeviceId? DeviceId, BookingId? BookingId, StaffId? StaffId, string? Label, LoanId? OpenLoanId, IReadOnlyList<LineOut> Due);

    public sealed record LineOut(BookingLineId LineId, string Number, DeviceId? DeviceId, DateTimeOffset From, DateTimeOffset To, string Status);

    public static void Map(IEndpointRouteBuilder app)
    {
        var desk = app.MapGroup("/api/v1/booking").WithTags("booking");
        desk.MapPost("/hand-overs", HandOverAsync).WithSummary("Hands devices over; the same id sent again gives the same loans.");
        desk.MapPost("/take-backs", TakeBackAsync).WithSummary("Takes devices back; those of another office are sent home.");
        desk.MapPost("/walk-ups", WalkUpAsync).WithSummary("Books and hands over at once what lies on the counter.");
        desk.MapPost("/incidents", ReportAsync).WithSummary("Reports a device lost, stolen or broken, or data that may have leaked.");
        desk.MapGet("/scan/{code}", ScanAsync).RequireAuthorization(Policies.Desk).WithSummary("What a code stands for, and what is due with it at the office.");
    }

    private static async Task<IReadOnlyList<LoanOut>> HandOverAsync(HandOverIn act, CurrentStaff me, DeskActs desk, CancellationToken ct)
    {
        var loans = await desk.HandOverAsync(new HandingOver(Writing.Id(act.Id), [.. (act.Items ?? []).Select(i => new HandedItem(i.LineId, i.DeviceId, i.Set, i.Condition ?? DeviceCondition.Fit))])
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
        var loans = await desk.TakeBackAsync(new TakingBack(Writing.Id(act.Id), office.Id, [.. (act.Items ?? []).Select(i => new ReturnedItem(i.DeviceId, i.Set, i.Condition ?? DeviceCondition.Fit, i.Erased ?? false, i.Note))])
        {
            ReturnedBy = act.ReturnedBy,
            Overrides = act.Overrides ?? new Dictionary<string, string>(),
        }, Asker.Of(me), ct);
        return [.. loans.Select(Out)];
    }

    private static async Task<IReadOnlyList<LoanOut>> WalkUpAsync(WalkUpIn act, CurrentStaff me, DeskActs desk, CancellationToken ct)
        => [.. (await desk.WalkUpAsync(new WalkingUp(Writing.Id(act.Id), act.DeviceId, act.BorrowerId, act.To.ToUniversalTime(),
            BookingApi.Aim(act.Purpose, act.PurposeNote, act.TravelOrderNo, act.Destination, act.DestinationNote, act.InfoClass, act.PersonalData))
        {
            Emergency = string.IsNullOrWhiteSpace(act.Emergency) ? null : act.Emergency,
            Acknowledged = act.Acknowledged ?? [],
            Overrides = act.Overrides ?? new Dictionary<string, string>(),
        }, Asker.Of(me), ct)).Select(Out)];

    private static async Task<IncidentOut> ReportAsync(IncidentIn report, CurrentStaff me, IncidentDesk desk, CancellationToken ct)
    {
        var incident = await desk.ReportAsync(new IncidentReport(Writing.Id(report.Id), report.Kind ?? throw new BadInputException([("Form.Kind", "事故の種類を選んでください。")]), report.DeviceId, report.Story ?? "") { Place = report.Place, OccurredAt = report.OccurredAt?.ToUniversalTime() }, Asker.Of(me), ct);
        return new IncidentOut(incident.Id, incident.Number, incident.State.ToString());
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

    private static Task<Office> OfficeAsync(PortalDb db, string? code, CancellationToken ct) => db.Offices.AsNoTracking().SingleOrDefaultAsync(o => o.Code == code, ct).OrNotHere();

    private static LoanOut Out(Loan loan) => new(loan.Id, loan.RegisterNo, loan.LineId, loan.DeviceId, loan.OutAt.ToUniversalTime(), loan.InAt?.ToUniversalTime(), loan.SetOut, loan.InAt is null ? [] : [.. loan.SetOut.Except(loan.SetIn)]);
}
