using System.Security.Cryptography;
using System.Text.Json;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Assigning;
using KitaPortal.Features.People;
using KitaPortal.Platform.Api;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace KitaPortal.Features.Booking.Availability;

/// <summary>What is free, for the chart and for programs.</summary>
internal static class TimelineApi
{
    private const int LongestDays = 62;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An office's devices and what takes their time; days are Tokyo days, moments carry their offset.</summary>
    internal sealed record TimelineAnswer(Guid Office, string Name, DateOnly From, DateOnly To, TimeOnly Opens, TimeOnly Closes, IReadOnlyList<ClosedDay> Closed, IReadOnlyList<PoolAnswer> Pools, IReadOnlyList<BarAnswer> Bars);

    internal sealed record ClosedDay(DateOnly Day, string Reason);

    internal sealed record PoolAnswer(Guid Id, string Model, string Class, IReadOnlyList<DeviceAnswer> Devices);

    /// <param name="State">Null while it may be lent, else why not.</param>
    internal sealed record DeviceAnswer(Guid Id, string Label, string? State);

    internal sealed record BarAnswer(Guid Device, DateTimeOffset From, DateTimeOffset To, string Look, string State, string Who);

    /// <summary>How many devices of a pool are free for the whole period, and whether as many as asked for can be given.</summary>
    internal sealed record AvailableAnswer(Guid PoolId, Guid OfficeId, string Office, int Devices, int Free, bool Enough, string Href);

    public static void Map(IEndpointRouteBuilder app)
    {
        var booking = app.MapGroup("/api/v1/booking").WithTags("booking");
        booking.MapGet("/timeline", TimelineAsync).WithSummary("Devices of an office and what takes their time, day by day; answers 304 to a known ETag.").Produces<TimelineAnswer>();
        booking.MapGet("/availability", AvailableAsync).WithSummary("How many devices of a model are free from start to end, office by office.");
    }

    private static async Task<IResult> TimelineAsync(HttpContext http, PortalDb db, IOptions<BookingOptions> options, TimeProvider clock, Guid office, DateOnly from, DateOnly to, CancellationToken ct, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "class")] Guid? classId = null, Guid? model = null)
    {
        if (from >= to || to.DayNumber - from.DayNumber > LongestDays) throw new BadHttpRequestException($"'to' is a day after 'from', at most {LongestDays} days later.");
        var id = new OfficeId(office);
        var place = (await db.StandingAsync<OrganisationBook>(ct)).Offices.SingleOrDefault(o => o.Id == id).OrNotHere();
        var timeline = await Timeline.LoadAsync(db, place, classId is { } c ? new DeviceClassId(c) : null, from, to.DayNumber - from.DayNumber, null, options.Value.TimelineNames, clock.GetUtcNow(), ct);
        if (model is { } one) timeline = timeline with { Pools = [.. timeline.Pools.Where(p => p.ModelId.Value == one)] };
        var body = JsonSerializer.SerializeToUtf8Bytes(Answer(timeline), Json);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 12))}\"");
        http.Response.GetTypedHeaders().ETag = tag;
        return http.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)) ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(body, "application/json");
    }

    private static TimelineAnswer Answer(Timeline t)
    {
        var (start, end) = (TokyoTime.Midnight(t.First), TokyoTime.Midnight(t.First.AddDays(t.Days)));
        return new TimelineAnswer(t.Office.Id.Value, t.Office.Name, t.First, t.First.AddDays(t.Days), t.Office.OpensAt, t.Office.ClosesAt,
            [.. t.Dates.Select(d => (d, Reason: t.Desk.Calendar.ClosedBecause(d, t.Office.Id.Value))).Where(d => d.Reason is not null).Select(d => new ClosedDay(d.d, d.Reason!))],
            [.. t.Pools.Select(p => new PoolAnswer(p.Id.Value, p.Model, p.ClassName, [.. p.Devices.Select(d => new DeviceAnswer(d.Id.Value, d.Label, d.IsRecalled ? "使用停止" : d.IsLendable ? null : BookingWords.Of(d.Status)))]))],
            [.. t.Pools.SelectMany(p => p.Devices).SelectMany(d => d.Bars.Where(b => b.Period.From < end && b.Period.To > start)
                .Select(b => new BarAnswer(d.Id.Value, TokyoTime.Shown(b.Period.From), TokyoTime.Shown(b.Period.To), b.Look, b.Word, b.Who)))]);
    }

    private static async Task<IReadOnlyList<AvailableAnswer>> AvailableAsync(PortalDb db, TimeProvider clock, Guid model, string from, string to, CancellationToken ct, int count = 1)
    {
        var (now, period) = (clock.GetUtcNow(), new Period(Asking.Moment("From", from) ?? default, Asking.Moment("To", to) ?? default));
        if (!period.IsForward || period.To - period.From > TimeSpan.FromDays(400) || count is < 1 or > 50) throw new BadHttpRequestException("'to' is after 'from', at most 400 days later; 'count' is 1 to 50.");
        var id = new DeviceModelId(model);
        var pools = (await db.StandingAsync<LendingBook>(ct)).Pools.Where(p => p.Model.Id == id).ToList();
        var state = await PoolState.LoadAsync(db, [.. pools.Select(p => p.Pool.Id)], period.From < now ? period.From : now, now, ct);
        return
        [
            .. pools.Where(p => p.Model.RetiredOn is not { } retired || retired > TokyoTime.DayOf(period.To)).OrderBy(p => p.Office.SortOrder).Select(p =>
            {
                var taken = p.WithTurnaround(period);
                var devices = state.DevicesOf(p.Pool.Id).Where(d => d.IsLendable).ToList();
                var enough = state.Plan(p.Pool.Id).Place([.. Enumerable.Range(0, count).Select(_ => new Ask(Guid.NewGuid(), taken, null))]) is not null;
                return new AvailableAnswer(p.Pool.Id.Value, p.Office.Id.Value, p.Office.Name, devices.Count,
                    devices.Count(d => !state.TakenOf(d.Id).Any(t => new Period(t.From, t.To).Overlaps(taken))), enough, ReserveLink.OfPool(p.Pool.Id, count, period));
            }),
        ];
    }
}
