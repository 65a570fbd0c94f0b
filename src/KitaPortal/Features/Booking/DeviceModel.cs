using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>A class of devices (区分), for example リモートワーク用端末, with what the town demands of whoever borrows one.</summary>
public sealed class DeviceClass : Entity
{
    private DeviceClass() { }

    public DeviceClass(DeviceClassId id, string code, string name, bool countsAsMain)
    {
        (Id, Code, Name, CountsAsMain) = (id, code, name, countsAsMain);
        Audit("device-class.created", after: new { code, name });
    }

    public DeviceClassId Id { get; private set; }

    /// <summary><c>laptop</c>, <c>tablet</c>, <c>recorder</c>, <c>extra</c> are shipped; an administrator may add more.</summary>
    public string Code { get; private set; } = "";

    public string Name { get; private set; } = "";

    /// <summary>Counts towards the limit of devices at a time and towards the hours of the KGI.</summary>
    public bool CountsAsMain { get; private set; }

    public bool NeedsAgreement { get; private set; }

    public bool NeedsTraining { get; private set; }

    /// <summary>Encryption, patches and the like are checked before it leaves the house.</summary>
    public bool NeedsComplianceGate { get; private set; }

    public bool NeedsErasure { get; private set; }

    /// <summary>May be taken and brought back without the desk.</summary>
    public bool SelfService { get; private set; }

    /// <summary>The entry in the register is the permission; nobody is asked.</summary>
    public bool DeemedPermission { get; private set; }

    /// <summary>Desk minutes between two borrowers.</summary>
    public int TurnaroundMinutes { get; private set; }

    public override string SubjectId => Id.ToString();

    public void Rename(string name)
    {
        if (name == Name) return;
        Audit("device-class.renamed", new { Name }, new { name });
        Name = name;
    }

    /// <summary>Sets what is demanded of the borrower and of the device.</summary>
    public DeviceClass Demand(bool agreement, bool training, bool complianceGate, bool erasure)
    {
        if ((agreement, training, complianceGate, erasure) == (NeedsAgreement, NeedsTraining, NeedsComplianceGate, NeedsErasure)) return this;
        Audit("device-class.demands", new { NeedsAgreement, NeedsTraining, NeedsComplianceGate, NeedsErasure }, new { agreement, training, complianceGate, erasure });
        (NeedsAgreement, NeedsTraining, NeedsComplianceGate, NeedsErasure) = (agreement, training, complianceGate, erasure);
        return this;
    }

    /// <summary>Sets how it is lent.</summary>
    public DeviceClass Lend(bool selfService, bool deemedPermission, int turnaroundMinutes)
    {
        turnaroundMinutes = Math.Clamp(turnaroundMinutes, 0, 24 * 60);
        if ((selfService, deemedPermission, turnaroundMinutes) == (SelfService, DeemedPermission, TurnaroundMinutes)) return this;
        Audit("device-class.lending", new { SelfService, DeemedPermission, TurnaroundMinutes }, new { selfService, deemedPermission, turnaroundMinutes });
        (SelfService, DeemedPermission, TurnaroundMinutes) = (selfService, deemedPermission, turnaroundMinutes);
        return this;
    }
}

/// <summary>What people choose (機種), with the accessories that travel with each device.</summary>
public sealed class DeviceModel : Entity
{
    private readonly List<Accessory> accessories = [];

    private DeviceModel() { }

    public DeviceModel(DeviceModelId id, DeviceClassId classId, string name, string? maker = null)
    {
        (Id, ClassId, Name, Maker) = (id, classId, name, maker);
        Audit("device-model.created", after: new { name, maker });
    }

    public DeviceModelId Id { get; private set; }

    public DeviceClassId ClassId { get; private set; }

    public string Name { get; private set; } = "";

    public string? Maker { get; private set; }

    /// <summary>How it is used, Markdown.</summary>
    public string? Guide { get; private set; }

    /// <summary>From this day on it is not lent any more.</summary>
    public DateOnly? RetiredOn { get; private set; }

    public IReadOnlyList<Accessory> Accessories => accessories;

    public override string SubjectId => Id.ToString();

    public void Describe(string name, string? maker, string? guide, DateOnly? retiredOn)
    {
        Audit("device-model.described", new { Name, Maker, RetiredOn }, new { name, maker, retiredOn });
        (Name, Maker, Guide, RetiredOn) = (name, maker, guide, retiredOn);
    }

    /// <summary>The set that travels with each device, in the order it is checked.</summary>
    public void Pack(params IEnumerable<(string Name, int Count, bool Required)> set)
    {
        accessories.Clear();
        accessories.AddRange(set.Select((a, i) => new Accessory(a.Name, a.Count, a.Required, i)));
        Audit("device-model.set", after: new { set = accessories.Select(a => a.Label) });
    }
}

/// <summary>Something that travels with a device (付属品).</summary>
public sealed class Accessory
{
    private Accessory() { }

    internal Accessory(string name, int count, bool required, int sortOrder)
        => (Id, Name, Count, Required, SortOrder) = (Guid.CreateVersion7(), name, count, required, sortOrder);

    public Guid Id { get; private set; }

    public DeviceModelId ModelId { get; private set; }

    public string Name { get; private set; } = "";

    public int Count { get; private set; }

    public bool Required { get; private set; }

    public int SortOrder { get; private set; }

    /// <summary>ACアダプター×1.</summary>
    public string Label => $"{Name}×{Count}";
}
