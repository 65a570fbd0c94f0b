using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.Booking;

/// <summary>The devices of one model at one office: what one asks for without naming a device, and the row that is locked while one is given.</summary>
public sealed class Pool : Entity
{
    private readonly List<PoolOpening> openTo = [];

    private Pool() { }

    public Pool(PoolId id, OfficeId officeId, DeviceModelId modelId)
    {
        (Id, OfficeId, ModelId) = (id, officeId, modelId);
        Audit("pool.created", after: new { office = officeId.Value, model = modelId.Value });
    }

    public PoolId Id { get; private set; }

    public OfficeId OfficeId { get; private set; }

    public DeviceModelId ModelId { get; private set; }

    /// <summary>Overrides the class when set.</summary>
    public bool? SelfService { get; private set; }

    /// <summary>Whom the pool is open to; empty means everybody.</summary>
    public IReadOnlyList<PoolOpening> OpenTo => openTo;

    public override string SubjectId => Id.ToString();

    public void SetSelfService(bool? selfService)
    {
        if (selfService == SelfService) return;
        Audit("pool.self-service", new { SelfService }, new { selfService });
        SelfService = selfService;
    }

    /// <summary>Opens the pool only to these departments and roles, each with at most so many devices at a time.</summary>
    public void OpenOnlyTo(params IEnumerable<(DepartmentId? Department, Role? Role, int? Share)> openings)
    {
        openTo.Clear();
        openTo.AddRange(openings.Select(o => new PoolOpening(o.Department, o.Role, o.Share)));
        Audit("pool.open-to", after: new { openTo = openTo.Select(o => new { department = o.DepartmentId?.Value, o.Role, o.ShareDevices }) });
    }
}

/// <summary>A department or role a pool is open to, with its share of devices.</summary>
public sealed class PoolOpening
{
    private PoolOpening() { }

    internal PoolOpening(DepartmentId? departmentId, Role? role, int? shareDevices)
        => (Id, DepartmentId, Role, ShareDevices) = (Guid.CreateVersion7(), departmentId, role, shareDevices);

    public Guid Id { get; private set; }

    public PoolId PoolId { get; private set; }

    public DepartmentId? DepartmentId { get; private set; }

    public Role? Role { get; private set; }

    public int? ShareDevices { get; private set; }
}
