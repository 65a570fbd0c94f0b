using System.Security.Cryptography;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>運用中, 整備中, 所在不明, 廃止.</summary>
public enum DeviceStatus { InService, Maintenance, Missing, Retired }

/// <summary>How a device stands with the security rules; the days are Tokyo days.</summary>
public sealed record Compliance(bool Encrypted = false, DateOnly? PatchedOn = null, DateOnly? AntivirusOn = null, bool MdmEnrolled = false, DateTimeOffset? CheckedAt = null, string? Source = null);

/// <summary>What the town paid for a device and until when it is covered.</summary>
public sealed record DeviceAsset(DateOnly? AcquiredOn = null, decimal? Price = null, string? FundingSource = null, DateOnly? WarrantyUntil = null, DateOnly? LeaseUntil = null);

/// <summary>One thing with a label (端末). Where it is follows from its open loan and its lines; it is never stored.</summary>
public sealed class Device : Entity
{
    private Device() { }

    public Device(DeviceId id, string label, DeviceModelId modelId, PoolId poolId)
    {
        (Id, Label, ModelId, PoolId, Token) = (id, label, modelId, poolId, DeviceToken.New());
        Audit("device.created", after: new { label, model = modelId.Value, pool = poolId.Value });
    }

    public DeviceId Id { get; private set; }

    /// <summary>備品番号.</summary>
    public string Label { get; private set; } = "";

    /// <summary>What the code on its label says; see <see cref="DeviceToken"/>.</summary>
    public string Token { get; private set; } = "";

    public string[] OtherCodes { get; private set; } = [];

    public string? Serial { get; private set; }

    public DeviceModelId ModelId { get; private set; }

    public PoolId PoolId { get; private set; }

    public DeviceStatus Status { get; private set; }

    /// <summary>Set while nobody may use it (リコール・使用停止).</summary>
    public string? RecallReason { get; private set; }

    public Compliance Compliance { get; private set; } = new();

    public DeviceAsset Asset { get; private set; } = new();

    /// <summary>Accessories missing since a return, until they are settled.</summary>
    public string[] OpenShortages { get; private set; } = [];

    /// <summary>Came back without the desk and was not looked at yet.</summary>
    public bool AwaitsInspection { get; private set; }

    public string? SimIccid { get; private set; }

    public string? PhoneNumber { get; private set; }

    public string? Note { get; private set; }

    public override string SubjectId => Id.ToString();

    public bool IsLendable => Status == DeviceStatus.InService && RecallReason is null;

    public void Relabel(string label)
    {
        if (label == Label) return;
        Audit("device.relabelled", new { Label }, new { label });
        Label = label;
    }

    public void Identify(string? serial, IEnumerable<string> otherCodes, string? simIccid, string? phoneNumber, string? note)
        => (Serial, OtherCodes, SimIccid, PhoneNumber, Note) = (serial, [.. otherCodes], simIccid, phoneNumber, note);

    public void SetAsset(DeviceAsset asset) => Asset = asset;

    /// <summary>Writes down what a check of the device found.</summary>
    public void Check(Compliance found)
    {
        if (found == Compliance) return;
        Audit("device.checked", Compliance, found);
        Compliance = found;
    }

    public void MoveTo(PoolId pool, DeviceModelId model)
    {
        if ((pool, model) == (PoolId, ModelId)) return;
        Audit("device.moved", new { pool = PoolId.Value }, new { pool = pool.Value });
        (PoolId, ModelId) = (pool, model);
    }

    public void SetStatus(DeviceStatus status, string? reason)
    {
        if (status == Status) return;
        Audit("device.status", new { Status }, new { status }, reason);
        Status = status;
    }

    public void Recall(string reason)
    {
        Audit("device.recalled", after: new { reason });
        RecallReason = reason;
    }

    public void LiftRecall()
    {
        Audit("device.recall-lifted", new { RecallReason });
        RecallReason = null;
    }

    /// <summary>It came back like this: what is missing stays open, a broken one goes to maintenance, and without the desk it waits for a look.</summary>
    internal void CameBack(IReadOnlyList<string> missing, bool fitToLend, bool inspected)
    {
        OpenShortages = [.. OpenShortages.Concat(missing).Distinct()];
        AwaitsInspection = !inspected;
        if (!fitToLend) SetStatus(DeviceStatus.Maintenance, "返却時の状態");
        Audit("device.came-back", after: new { missing, fitToLend, inspected });
    }

    /// <summary>Somebody looked at it: it is fit to lend, and these accessories are still missing.</summary>
    public void Inspect(IEnumerable<string> stillMissing)
    {
        (AwaitsInspection, OpenShortages) = (false, [.. stillMissing]);
        Audit("device.inspected", after: new { OpenShortages });
    }
}

/// <summary>The code on a device's label: 12 characters of A–Z and 0–9, the last one a check character, so that a misread code is not taken for another device.</summary>
public static class DeviceToken
{
    private const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Unmistakable = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    public static string New()
    {
        var body = RandomNumberGenerator.GetString(Unmistakable, 11);
        return body + CheckOf(body);
    }

    public static bool IsValid(string token)
        => token.Length == 12 && token.All(Letters.Contains) && CheckOf(token[..11]) == token[11];

    // Weights prime to 36 catch every single misread character and most swapped neighbours.
    private static char CheckOf(string body)
        => Letters[body.Select((c, i) => Letters.IndexOf(c, StringComparison.Ordinal) * (i % 2 == 0 ? 1 : 5)).Sum() % 36];
}
