namespace KitaPortal.Features.Booking.Rules;

/// <summary>貸-201 to 貸-205: whether there is a device.</summary>
public static class DeviceRules
{
    private const Stage Always = Stage.Submit | Stage.Decide | Stage.HandOver | Stage.Extend;
    private const string Choice = "Form.Choice";

    public static readonly LendingRule NoneFree = new(201, "none-free", Always, Grade.Block, "",
        "{機種}（{庁舎}）はこの期間に空きがありません。", "別の時間、別の機種、別の庁舎を選んでください。", NoDeviceIsFree, Choice)
    { IsFixed = true };

    public static readonly LendingRule Taken = new(202, "taken", Always, Grade.Block, "",
        "{備品番号}は{時間}に予約があります。", "同じ機種の別の端末を選んでください。", NamedDeviceIsTaken, Choice)
    { IsFixed = true };

    public static readonly LendingRule NotInService = new(203, "not-in-service", Always, Grade.Block, "",
        "{備品番号}は{状態}のため貸し出せません。", "別の端末を選んでください。", NamedDeviceIsNotInService, Choice)
    { IsFixed = true };

    public static readonly LendingRule Elsewhere = new(204, "elsewhere", Stage.Submit | Stage.Decide | Stage.HandOver, Grade.Block, "",
        "{備品番号}はこの期間{庁舎}にありません。", "受取庁舎を変えるか、別の端末を選んでください。", NamedDeviceIsElsewhere, Choice)
    { IsFixed = true };

    public static readonly LendingRule SetIncomplete = new(205, "set-incomplete", Stage.Submit | Stage.HandOver, Grade.Warn, "d",
        "{付属品}が不足しています。", "そろった端末に替えてください。", RequiredAccessoryIsMissing, Choice)
    { DefaultLater = Grade.Block };

    public static IReadOnlyList<LendingRule> All { get; } = [NoneFree, Taken, NotInService, Elsewhere, SetIncomplete];

    private static object?[]? NoDeviceIsFree(LendingCase c)
        => c.Device is null && c.IsNoneFree ? [c.Model.Name, c.Desk.OfficeName] : null;

    private static object?[]? NamedDeviceIsTaken(LendingCase c)
        => c.Device is not null && c.TakenAt is { } taken ? [c.Device.Label, BookingWords.Span(taken.From, taken.To)] : null;

    private static object?[]? NamedDeviceIsNotInService(LendingCase c)
        => c.Device is { Status: not DeviceStatus.InService } device ? [device.Label, BookingWords.Of(device.Status)]
            : c.Device is not null && c.Model.RetiredOn <= c.LastDay ? [c.Device.Label, "機種の貸出終了"] : null;

    private static object?[]? NamedDeviceIsElsewhere(LendingCase c)
        => c.Device is { } device && (c.IsElsewhere ?? device.PoolId != c.Pool.Id) && device.ModelId == c.Model.Id ? [device.Label, c.Desk.OfficeName] : null;

    private static object?[]? RequiredAccessoryIsMissing(LendingCase c)
    {
        if (c.Device is null) return null;
        // A model without a named device is looked at when it is handed over.
        var required = c.Model.Accessories.Where(a => a.Required).Select(a => a.Name).ToList();
        var missing = (c.Counter?.MissingSet ?? c.Device.OpenShortages).Where(m => required.Any(r => m.StartsWith(r, StringComparison.Ordinal))).ToList();
        return missing.Count > 0 ? [string.Join("、", missing)] : null;
    }
}
