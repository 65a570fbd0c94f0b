namespace KitaPortal.Platform.Domain;

/// <summary>Names a person everywhere; lives in Platform because audit, news and jobs must name people. Everything else about staff is People.</summary>
public readonly record struct StaffId(Guid Value) : ITypedId<StaffId>
{
    public static StaffId New() => new(Guid.CreateVersion7());

    public static StaffId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}
