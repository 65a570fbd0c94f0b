using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking;

/// <summary>予定, 移送中, 受取済, 取消, 所在不明.</summary>
public enum TransferState { Planned, Sent, Received, Cancelled, Missing }

/// <summary>A device goes to another office (移送): planned, sent by the source desk, received by the target desk. Only the receipt moves it to the other pool.</summary>
public sealed class Transfer : Entity
{
    private Transfer() { }

    internal Transfer(Guid id, Device device, PoolId toPool, DateTimeOffset sendAt, DateTimeOffset arriveBy, string? note, Guid occupancyId)
    {
        (Id, DeviceId, FromPoolId, ToPoolId, SendAt, ArriveBy, Note, OccupancyId) = (id, device.Id, device.PoolId, toPool, sendAt, arriveBy, note, occupancyId);
        Audit("transfer.planned", after: new { device = device.Label, from = FromPoolId.Value, to = toPool.Value, sendAt, arriveBy });
    }

    public Guid Id { get; private set; }

    public DeviceId DeviceId { get; private set; }

    public PoolId FromPoolId { get; private set; }

    public PoolId ToPoolId { get; private set; }

    public DateTimeOffset SendAt { get; private set; }

    public DateTimeOffset ArriveBy { get; private set; }

    public string? Note { get; private set; }

    public TransferState State { get; private set; }

    /// <summary>What takes the device's time while it travels.</summary>
    public Guid OccupancyId { get; private set; }

    public DateTimeOffset? SentAt { get; private set; }

    public StaffId? SentBy { get; private set; }

    public DateTimeOffset? ReceivedAt { get; private set; }

    public StaffId? ReceivedBy { get; private set; }

    /// <summary>In what state it arrived.</summary>
    public DeviceCondition? ConditionIn { get; private set; }

    /// <summary>Why it was cancelled, or what the receiver noted.</summary>
    public string? Remark { get; private set; }

    public bool IsOpen => State is TransferState.Planned or TransferState.Sent;

    public override string SubjectId => Id.ToString();

    internal void Send(StaffId by, DateTimeOffset now)
    {
        Expect(TransferState.Planned);
        (State, SentBy, SentAt) = (TransferState.Sent, by, now);
        Audit("transfer.sent");
    }

    /// <summary>A lost one that turns up is received all the same.</summary>
    internal void Receive(StaffId by, DeviceCondition condition, string? remark, DateTimeOffset now)
    {
        Expect(TransferState.Sent, TransferState.Missing);
        (State, ReceivedBy, ReceivedAt, ConditionIn, Remark) = (TransferState.Received, by, now, condition, remark);
        Audit("transfer.received", after: new { condition, remark });
        Record(new NewsRetracted($"transfer.missing:{Id}"));
    }

    internal void Cancel(string? reason)
    {
        Expect(TransferState.Planned);
        (State, Remark) = (TransferState.Cancelled, reason);
        Audit("transfer.cancelled", reason: reason);
    }

    internal void Miss(IReadOnlyList<StaffId> desks, string label)
    {
        Expect(TransferState.Sent);
        State = TransferState.Missing;
        Audit("transfer.missing");
        Record(new News("transfer.missing", $"transfer.missing:{Id}", desks, $"移送中の端末が届いていません（{label}）",
            $"到着の予定は{BookingWords.Moment(ArriveBy)}でした。送り側と受け側で確かめてください。", "/booking/transfers")
        { Importance = Importance.Important });
    }

    private void Expect(params ReadOnlySpan<TransferState> states)
    {
        if (!states.Contains(State)) throw new RuleViolation(LifeRules.TransferState.With(TransferWords.Of(State)));
    }
}

/// <summary>What the states of a transfer are called.</summary>
public static class TransferWords
{
    public static string Of(TransferState state) => state switch
    {
        TransferState.Planned => "予定",
        TransferState.Sent => "移送中",
        TransferState.Received => "受取済",
        TransferState.Cancelled => "取消",
        _ => "所在不明",
    };

    public static string LookOf(TransferState state) => state switch
    {
        TransferState.Planned => "wait",
        TransferState.Sent => "out",
        TransferState.Received => "done",
        TransferState.Missing => "late",
        _ => "stop",
    };
}
