using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Booking.Kits;

/// <summary>Models that are booked together (セット), each with a count: 在宅勤務セット = PC, router, headset.</summary>
public sealed class Kit : Entity
{
    public const int NameLength = 60;

    private readonly List<KitItem> items = [];

    private Kit() { }

    public Kit(KitId id, string name, string? note, params IEnumerable<(DeviceModelId Model, int Count)> items)
    {
        Id = id;
        Describe(name, note, items);
    }

    public KitId Id { get; private set; }

    public string Name { get; private set; } = "";

    public string? Note { get; private set; }

    /// <summary>Not offered any more; bookings made with it keep its name.</summary>
    public bool IsRetired { get; private set; }

    public IReadOnlyList<KitItem> Items => items;

    public override string SubjectId => Id.ToString();

    public override string SubjectKind => "kit";

    /// <summary>Names it and says what is in it.</summary>
    public void Describe(string name, string? note, params IEnumerable<(DeviceModelId Model, int Count)> wanted)
    {
        var packed = wanted.Where(i => i.Count > 0).GroupBy(i => i.Model).Select(g => (Model: g.Key, Count: g.Sum(i => i.Count))).ToList();
        Demand.All(
            string.IsNullOrWhiteSpace(name) || name.Trim().Length > NameLength ? KitRules.Name.With(NameLength) : null,
            packed.Count == 0 ? KitRules.Empty.With() : null,
            packed.Any(i => i.Count > 20) ? KitRules.TooMany.With(20) : null);
        (Name, Note) = (name.Trim(), string.IsNullOrWhiteSpace(note) ? null : note.Trim());
        items.RemoveAll(i => packed.All(p => p.Model != i.ModelId));
        foreach (var (model, count) in packed)
        {
            if (items.FirstOrDefault(i => i.ModelId == model) is { } there) there.Need(count);
            else items.Add(new KitItem(model, count));
        }
        Audit("kit.described", after: new { Name, items = items.Select(i => new { model = i.ModelId.Value, i.Count }) });
    }

    public void Retire(bool retired)
    {
        if (retired == IsRetired) return;
        IsRetired = retired;
        Audit(retired ? "kit.retired" : "kit.offered", after: new { Name });
    }
}

/// <summary>So many devices of one model in a kit.</summary>
public sealed class KitItem
{
    private KitItem() { }

    internal KitItem(DeviceModelId modelId, int count) => (Id, ModelId, Count) = (Guid.CreateVersion7(), modelId, count);

    public Guid Id { get; private set; }

    public KitId KitId { get; private set; }

    public DeviceModelId ModelId { get; private set; }

    public int Count { get; private set; }

    internal void Need(int count) => Count = count;
}

/// <summary>What is refused about kits.</summary>
public static class KitRules
{
    public static readonly Rule NotHere = new("貸-911", "booking.kit-not-here", "「{セット}」の{機種}は{庁舎}にありません。", "別の庁舎を選ぶか、「ある物だけ」で予約してください。", "Form.Choice");
    public static readonly Rule Name = new("貸-912", "booking.kit-name", "セットの名前は1字から{n}字です。", "名前を入力してください。", "Form.Name");
    public static readonly Rule Empty = new("貸-913", "booking.kit-empty", "セットに機種が入っていません。", "機種の台数を1台以上にしてください。", "Form.Counts");
    public static readonly Rule TooMany = new("貸-914", "booking.kit-many", "セットに入れられるのは、1機種につき{n}台までです。", "台数を減らしてください。", "Form.Counts");
    public static readonly Rule Retired = new("貸-915", "booking.kit-retired", "「{セット}」は、もう予約できません。", "別のセットか機種を選んでください。", "Form.Choice");

    public static IReadOnlyList<Rule> All { get; } = [NotHere, Name, Empty, TooMany, Retired];
}
