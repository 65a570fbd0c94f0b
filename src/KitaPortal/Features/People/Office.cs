using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.People;

/// <summary>Names an office.</summary>
public readonly record struct OfficeId(Guid Value) : ITypedId<OfficeId>
{
    public static OfficeId New() => new(Guid.CreateVersion7());

    public static OfficeId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>本庁, 支所 or 出先.</summary>
public enum OfficeKind { Main, Branch, Outpost }

/// <summary>A building of the town where people work and devices are lent (庁舎・支所). Times are Tokyo wall clock.</summary>
public sealed class Office : Entity
{
    private Office() { }

    public Office(OfficeId id, string code, string name, OfficeKind kind, int sortOrder)
    {
        (Id, Code, Name, Kind, SortOrder) = (id, code, name, kind, sortOrder);
        Audit("office.opened", after: new { code, name, kind });
    }

    public OfficeId Id { get; private set; }

    public string Code { get; private set; } = "";

    public string Name { get; private set; } = "";

    public OfficeKind Kind { get; private set; }

    public string? Address { get; private set; }

    public string? Phone { get; private set; }

    public TimeOnly OpensAt { get; private set; } = new(8, 30);

    public TimeOnly ClosesAt { get; private set; } = new(17, 15);

    public TimeOnly BreakFrom { get; private set; } = new(12, 0);

    public TimeOnly BreakTo { get; private set; } = new(13, 0);

    public int SortOrder { get; private set; }

    /// <summary>The first day on which the office no longer exists.</summary>
    public DateOnly? ClosedFrom { get; private set; }

    public override string SubjectId => Id.ToString();

    public void Rename(string name, OfficeKind kind)
    {
        if (name == Name && kind == Kind) return;
        Audit("office.renamed", new { Name, Kind }, new { name, kind });
        (Name, Kind) = (name, kind);
    }

    public void Locate(string? address, string? phone)
    {
        if ((address, phone) == (Address, Phone)) return;
        Audit("office.located", new { Address, Phone }, new { address, phone });
        (Address, Phone) = (address, phone);
    }

    public void SetHours(TimeOnly opensAt, TimeOnly closesAt, TimeOnly breakFrom, TimeOnly breakTo)
    {
        if ((opensAt, closesAt, breakFrom, breakTo) == (OpensAt, ClosesAt, BreakFrom, BreakTo)) return;
        Audit("office.hours", new { OpensAt, ClosesAt, BreakFrom, BreakTo }, new { opensAt, closesAt, breakFrom, breakTo });
        (OpensAt, ClosesAt, BreakFrom, BreakTo) = (opensAt, closesAt, breakFrom, breakTo);
    }

    /// <summary>The office no longer exists from this day on; null opens it again.</summary>
    public void Close(DateOnly? from)
    {
        if (from == ClosedFrom) return;
        Audit("office.closed", new { ClosedFrom }, new { from });
        ClosedFrom = from;
    }
}
