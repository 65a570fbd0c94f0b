using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.StockTaking;

/// <summary>A count of the devices of an office, of all classes or of one (棚卸): what should be there, what was found, what is missing.</summary>
public sealed class StockTake : Entity
{
    private readonly List<StockTakeItem> items = [];

    private StockTake() { }

    internal StockTake(Guid id, OfficeId office, DeviceClassId? classId, StaffId by, DateTimeOffset now, IEnumerable<(DeviceId Id, string Label, string Model)> expected)
    {
        (Id, OfficeId, ClassId, StartedBy, StartedAt) = (id, office, classId, by, now);
        items.AddRange(expected.Select(d => new StockTakeItem(d.Id, d.Label, d.Model, isExpected: true)));
        Audit("stock-take.started", after: new { office = office.Value, @class = classId?.Value, expected = items.Count });
    }

    public Guid Id { get; private set; }

    public OfficeId OfficeId { get; private set; }

    public DeviceClassId? ClassId { get; private set; }

    public StaffId StartedBy { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    public DateTimeOffset? ClosedAt { get; private set; }

    public StaffId? ClosedBy { get; private set; }

    /// <summary>Who stood by and signs the list (立会者).</summary>
    public string? Witness { get; private set; }

    public IReadOnlyList<StockTakeItem> Items => items;

    public override string SubjectId => Id.ToString();

    public override string SubjectKind => "stock-take";

    /// <summary>A device lies here. One of another office is noted as elsewhere.</summary>
    internal StockTakeItem Count(DeviceId device, string label, string model, DateTimeOffset now, StaffId by)
    {
        DemandOpen();
        var item = items.SingleOrDefault(i => i.DeviceId == device);
        if (item is null) items.Add(item = new StockTakeItem(device, label, model, isExpected: false));
        item.Seen(now, by);
        return item;
    }

    /// <summary>A code that no device has.</summary>
    internal StockTakeItem CountUnknown(string code, DateTimeOffset now, StaffId by)
    {
        DemandOpen();
        var item = items.SingleOrDefault(i => i.DeviceId is null && i.Label == code);
        if (item is null) items.Add(item = new StockTakeItem(null, code, "", isExpected: false));
        item.Seen(now, by);
        return item;
    }

    /// <summary>Ends the count; what is out is accounted for, the rest is missing.</summary>
    internal IReadOnlyList<StockTakeItem> Close(IReadOnlySet<DeviceId> onLoan, string? witness, StaffId by, DateTimeOffset now)
    {
        DemandOpen();
        Demand.All(string.IsNullOrWhiteSpace(witness) ? StockTakeRules.Witness.On("Witness") : null);
        foreach (var item in items) item.Settle(item.DeviceId is { } id && onLoan.Contains(id));
        (ClosedAt, ClosedBy, Witness) = (now, by, witness!.Trim());
        var missing = items.Where(i => i.Result == StockTakeResult.Missing).ToList();
        Audit("stock-take.closed", after: new { counts = items.GroupBy(i => i.Result).ToDictionary(g => g.Key.ToString(), g => g.Count()), Witness, missing = missing.Select(i => i.Label) });
        return missing;
    }

    private void DemandOpen() => Demand.All(ClosedAt is null ? null : StockTakeRules.Closed.With());
}

/// <summary>未確認, あり, 所在不明, ほかの庁舎の端末, 台帳にない, 貸出中.</summary>
public enum StockTakeResult { Open, Found, Missing, Elsewhere, Unknown, OnLoan }

/// <summary>One device, or one code, of a count.</summary>
public sealed class StockTakeItem
{
    private StockTakeItem() { }

    internal StockTakeItem(DeviceId? device, string label, string model, bool isExpected)
        => (Id, DeviceId, Label, Model, IsExpected) = (Guid.CreateVersion7(), device, label, model, isExpected);

    public Guid Id { get; private set; }

    public Guid StockTakeId { get; private set; }

    public DeviceId? DeviceId { get; private set; }

    /// <summary>The label at the time, or the code that was read.</summary>
    public string Label { get; private set; } = "";

    public string Model { get; private set; } = "";

    public bool IsExpected { get; private set; }

    public DateTimeOffset? SeenAt { get; private set; }

    public StaffId? SeenBy { get; private set; }

    public StockTakeResult Result { get; private set; }

    internal void Seen(DateTimeOffset now, StaffId by)
    {
        (SeenAt, SeenBy) = (SeenAt ?? now, SeenBy ?? by);
        Result = DeviceId is null ? StockTakeResult.Unknown : IsExpected ? StockTakeResult.Found : StockTakeResult.Elsewhere;
    }

    internal void Settle(bool isOnLoan)
    {
        if (Result == StockTakeResult.Open) Result = isOnLoan ? StockTakeResult.OnLoan : StockTakeResult.Missing;
    }
}

/// <summary>What a stock-take refuses, and what its words are called.</summary>
public static class StockTakeRules
{
    public static readonly Rule Closed = new("貸-991", "booking.stock-take-closed", "この棚卸は終わっています。", "新しい棚卸を始めてください。");
    public static readonly Rule Witness = new("貸-992", "booking.stock-take-witness", "立会者の氏名を入力してください。", "一緒に確かめた職員の氏名を入力してください。");
    public static readonly Rule StillOpen = new("貸-993", "booking.stock-take-open", "この庁舎の棚卸がまだ終わっていません。", "始めた棚卸を続けるか、先に締めてください。");

    public static IReadOnlyList<Rule> All { get; } = [Closed, Witness, StillOpen];

    public static string Of(StockTakeResult result) => result switch
    {
        StockTakeResult.Open => "未確認",
        StockTakeResult.Found => "あり",
        StockTakeResult.Missing => "所在不明",
        StockTakeResult.Elsewhere => "ほかの庁舎の端末",
        StockTakeResult.Unknown => "台帳にない",
        _ => "貸出中",
    };

    public static string Look(StockTakeResult result) => result switch
    {
        StockTakeResult.Found => "ok",
        StockTakeResult.OnLoan => "out",
        StockTakeResult.Open => "wait",
        _ => "late",
    };
}
