using System.Text.Json;
using System.Text.Json.Serialization;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Waiting;

/// <summary>待機中, 案内中, 予約済, 辞退, 案内の期限切れ, 開始時刻で終了, 取下げ.</summary>
public enum WaitlistStatus { Waiting, Offered, Taken, Declined, Missed, Ended, Left }

/// <summary>Somebody waits for devices that are taken (空き待ち). When time is freed the oldest entry that fits gets an offer; it is held until <see cref="OfferUntil"/>.</summary>
public sealed class WaitlistEntry : Entity
{
    /// <summary>Desk minutes an offer is held.</summary>
    public const int OfferMinutes = 60;

    /// <summary>An offer ends at the latest so many minutes before the start.</summary>
    public const int LeadMinutes = 15;

    public const int MostFlexMinutes = 240;

    private static readonly JsonSerializerOptions Json = new() { Converters = { new TypedIdJson(), new JsonStringEnumConverter() } };

    private readonly List<WaitlistPool> pools = [];

    private WaitlistEntry() { }

    /// <summary>Queues the whole request; <paramref name="pools"/> are those it needs, or for a single wish any of those that would do.</summary>
    public WaitlistEntry(WaitlistEntryId id, BookingRequest request, IEnumerable<PoolId> pools, int flexMinutes, string requestHash, DateTimeOffset now)
    {
        (Id, StaffId, From, To, FlexMinutes, RequestHash, QueuedAt) = (id, request.BorrowerId, request.From, request.To, flexMinutes, requestHash, now);
        Form = JsonSerializer.Serialize(request with { Acknowledged = [], Overrides = new Dictionary<string, string>() }, Json);
        this.pools.AddRange(pools.Select((p, i) => new WaitlistPool(p, i)));
        Audit("waitlist.queued", after: new { staff = StaffId.Value, From, To, FlexMinutes });
    }

    public WaitlistEntryId Id { get; private set; }

    public StaffId StaffId { get; private set; }

    /// <summary>The request as it was asked, as JSON.</summary>
    public string Form { get; private set; } = "";

    public string RequestHash { get; private set; } = "";

    public DateTimeOffset From { get; private set; }

    public DateTimeOffset To { get; private set; }

    /// <summary>It may begin so many minutes earlier or later.</summary>
    public int FlexMinutes { get; private set; }

    public IReadOnlyList<WaitlistPool> Pools => pools;

    public WaitlistStatus Status { get; private set; }

    /// <summary>Its place in the queue.</summary>
    public DateTimeOffset QueuedAt { get; private set; }

    public DateTimeOffset? OfferedAt { get; private set; }

    public DateTimeOffset? OfferUntil { get; private set; }

    /// <summary>When the offered devices could be collected; differs from <see cref="From"/> by at most the flexibility.</summary>
    public DateTimeOffset? OfferFrom { get; private set; }

    public PoolId? OfferPoolId { get; private set; }

    public BookingId? BookingId { get; private set; }

    public override string SubjectId => Id.ToString();

    public override string SubjectKind => "waitlist";

    public bool IsOpen => Status is WaitlistStatus.Waiting or WaitlistStatus.Offered;

    /// <summary>The latest moment it could begin.</summary>
    public DateTimeOffset LastStart => From.AddMinutes(FlexMinutes);

    /// <summary>One wish for any device of a pool: any of the entry's pools will do.</summary>
    public bool IsFlexibleInPlace(BookingRequest request) => request is { KitId: null, Wanted: [{ DeviceId: null }] };

    public BookingRequest Request => JsonSerializer.Deserialize<BookingRequest>(Form, Json)!;

    /// <summary>The request as it is offered now.</summary>
    public BookingRequest OfferedRequest => Variant(Request, OfferFrom ?? From, OfferPoolId);

    /// <summary>The requests that would do, the wished one first: other starts within the flexibility, other pools.</summary>
    public IEnumerable<(BookingRequest Request, PoolId? Pool)> Variants(DateTimeOffset now)
    {
        var request = Request;
        PoolId?[] places = IsFlexibleInPlace(request) ? [.. pools.OrderBy(p => p.Rank).Select(p => (PoolId?)p.PoolId)] : [null];
        for (var shift = 0; shift <= FlexMinutes; shift += 15)
            foreach (var start in shift == 0 ? new[] { From } : [From.AddMinutes(-shift), From.AddMinutes(shift)])
                if (start.AddMinutes(-LeadMinutes) > now)
                    foreach (var place in places) yield return (Variant(request, start, place), place);
    }

    /// <summary>Holds devices for the person; told at once.</summary>
    public void Offer(DateTimeOffset from, PoolId? pool, DateTimeOffset until, string what, DateTimeOffset now)
    {
        (Status, OfferedAt, OfferFrom, OfferPoolId, OfferUntil) = (WaitlistStatus.Offered, now, from, pool, until);
        Audit("waitlist.offered", after: new { from, pool = pool?.Value, until });
        Record(new News("booking.offer", NewsKey, [StaffId], "空き待ちの端末が空きました", $"{what}　{BookingWords.Span(from, from + (To - From))}。{BookingWords.Moment(until)}までに受けてください。", "/booking/waitlist")
        { Importance = Importance.Important, DueAt = until });
    }

    /// <summary>What was offered is needed elsewhere; the person waits on.</summary>
    public void TakeBack()
    {
        (Status, OfferUntil, OfferFrom, OfferPoolId) = (WaitlistStatus.Waiting, null, null, null);
        Audit("waitlist.taken-back");
        Record(new NewsRetracted(NewsKey));
    }

    public void Accept(BookingId booking, DateTimeOffset now)
    {
        (Status, BookingId) = (WaitlistStatus.Taken, booking);
        End("waitlist.accepted", now);
    }

    /// <summary>The person does not want the offer, or no longer waits.</summary>
    public void Leave(DateTimeOffset now)
    {
        Demand.All(IsOpen ? null : WaitingRules.Over.With());
        Status = Status == WaitlistStatus.Offered ? WaitlistStatus.Declined : WaitlistStatus.Left;
        End(Status == WaitlistStatus.Declined ? "waitlist.declined" : "waitlist.left", now);
    }

    /// <summary>The offer was not answered in time.</summary>
    public void Miss(DateTimeOffset now)
    {
        Status = WaitlistStatus.Missed;
        End("waitlist.missed", now);
    }

    /// <summary>Its start has come.</summary>
    public void EndAtStart(DateTimeOffset now)
    {
        Status = WaitlistStatus.Ended;
        End("waitlist.ended", now);
    }

    private string NewsKey => $"booking.offer:{Id}:{OfferedAt?.ToUnixTimeSeconds()}";

    private void End(string action, DateTimeOffset now)
    {
        Audit(action, after: new { at = now, booking = BookingId?.Value });
        if (OfferedAt is not null) Record(new NewsRetracted(NewsKey));
    }

    private static BookingRequest Variant(BookingRequest request, DateTimeOffset from, PoolId? pool) => request with
    {
        From = from,
        To = from + (request.To - request.From),
        Wanted = pool is { } place ? [request.Wanted[0] with { PoolId = place }] : request.Wanted,
    };
}

/// <summary>A pool an entry waits for.</summary>
public sealed class WaitlistPool
{
    private WaitlistPool() { }

    internal WaitlistPool(PoolId poolId, int rank) => (Id, PoolId, Rank) = (Guid.CreateVersion7(), poolId, rank);

    public Guid Id { get; private set; }

    public WaitlistEntryId EntryId { get; private set; }

    public PoolId PoolId { get; private set; }

    /// <summary>The wished one is 0.</summary>
    public int Rank { get; private set; }
}

/// <summary>What is refused about waiting.</summary>
public static class WaitingRules
{
    /// <summary>貸-802, as it stands in the lending rules.</summary>
    public static Rules.LendingRule Over => Rules.MoreWaysRules.OfferOver;

    public static readonly Rule Free = new("貸-921", "booking.wait-free", "この内容は今すぐ予約できます。", "予約の画面から予約してください。", "Form.Choice");
    public static readonly Rule Late = new("貸-922", "booking.wait-late", "開始まで{n}分を切っているため、空き待ちはできません。", "時間をずらすか、窓口に相談してください。", "Form.From");
    public static readonly Rule Flex = new("貸-923", "booking.wait-flex", "前後にずらせる時間は0分から{n}分まで、15分単位です。", "ずらせる時間を選び直してください。", "Form.FlexMinutes");

    public static IReadOnlyList<Rule> All { get; } = [Free, Late, Flex];
}
