using KitaPortal.Platform.Domain;

namespace KitaPortal.Features.People;

/// <summary>Names a department.</summary>
public readonly record struct DepartmentId(Guid Value) : ITypedId<DepartmentId>
{
    public static DepartmentId New() => new(Guid.CreateVersion7());

    public static DepartmentId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>部, 課, 室, 係, 支所, 委員会.</summary>
public enum DepartmentKind { Division, Section, Room, Unit, Branch, Committee }

/// <summary>A unit of the organisation (所属). What it is called and where it belongs is dated by its terms; its id stays through renaming, moving and merging.</summary>
public sealed class Department : Entity
{
    private readonly List<DepartmentTerm> terms = [];

    private Department() { }

    public Department(DepartmentId id, string code)
    {
        (Id, Code) = (id, code);
        Audit("department.created", after: new { code });
    }

    public DepartmentId Id { get; private set; }

    public string Code { get; private set; } = "";

    public DepartmentId? SucceededById { get; private set; }

    public IReadOnlyList<DepartmentTerm> Terms => terms;

    public override string SubjectId => Id.ToString();

    /// <summary>The term that covers the day, or null when the department does not exist then.</summary>
    public DepartmentTerm? On(DateOnly day) => terms.SingleOrDefault(t => t.From <= day && (t.To is null || day < t.To));

    /// <summary>From this day on the department is called and placed like this; an open term ends there.</summary>
    public DepartmentTerm Begin(DateOnly from, string name, string shortName, DepartmentKind kind, DepartmentId? parentId, OfficeId officeId, int sortOrder, string? phone = null)
    {
        var present = terms.OrderBy(t => t.From).LastOrDefault();
        if (present is not null && present.From < from && (present.To is null || present.To > from)) present.End(from);
        terms.RemoveAll(t => t.From >= from);
        var term = new DepartmentTerm(from, name, shortName, kind, parentId, officeId, sortOrder, phone);
        terms.Add(term);
        Audit("department.term", present is null ? null : new { present.Name, present.From }, new { name, from, parent = parentId?.Value, office = officeId.Value });
        return term;
    }

    /// <summary>The department does not exist from this day on.</summary>
    public void Close(DateOnly from, DepartmentId? successor)
    {
        terms.RemoveAll(t => t.From >= from);
        terms.OrderBy(t => t.From).LastOrDefault()?.End(from);
        SucceededById = successor;
        Audit("department.closed", after: new { from, successor = successor?.Value });
        Record(new DepartmentClosed(Id, from, successor));
    }
}

/// <summary>A department ends on a day; said when it is decided, which may be long before.</summary>
public sealed record DepartmentClosed(DepartmentId DepartmentId, DateOnly From, DepartmentId? SuccessorId) : DomainEvent;

/// <summary>How a department is called, and where it belongs, for a time: <c>[From, To)</c> in Tokyo days.</summary>
public sealed class DepartmentTerm
{
    private DepartmentTerm() { }

    internal DepartmentTerm(DateOnly from, string name, string shortName, DepartmentKind kind, DepartmentId? parentId, OfficeId officeId, int sortOrder, string? phone)
        => (Id, From, Name, ShortName, Kind, ParentId, OfficeId, SortOrder, Phone) = (Guid.CreateVersion7(), from, name, shortName, kind, parentId, officeId, sortOrder, phone);

    public Guid Id { get; private set; }

    public DepartmentId DepartmentId { get; private set; }

    public DateOnly From { get; private set; }

    public DateOnly? To { get; private set; }

    public string Name { get; private set; } = "";

    public string ShortName { get; private set; } = "";

    public DepartmentKind Kind { get; private set; }

    public DepartmentId? ParentId { get; private set; }

    public OfficeId OfficeId { get; private set; }

    public string? Phone { get; private set; }

    public int SortOrder { get; private set; }

    internal void End(DateOnly to) => To = to;
}

/// <summary>Names a post.</summary>
public readonly record struct PostId(Guid Value) : ITypedId<PostId>
{
    public static PostId New() => new(Guid.CreateVersion7());

    public static PostId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>A post (職名) such as 課長 or 主事; rank 0 is the highest.</summary>
public sealed class Post : Entity
{
    private Post() { }

    public Post(PostId id, string code, string name, int rank, bool isHead = false, bool mayDecideForHead = false)
    {
        (Id, Code, Name, Rank, IsHead, MayDecideForHead) = (id, code, name, rank, isHead, mayDecideForHead);
        Audit("post.created", after: new { code, name, rank, isHead, mayDecideForHead });
    }

    public PostId Id { get; private set; }

    public string Code { get; private set; } = "";

    public string Name { get; private set; } = "";

    public int Rank { get; private set; }

    /// <summary>Whoever holds it heads the department of the posting (所属長).</summary>
    public bool IsHead { get; private set; }

    /// <summary>代決権: may decide for an absent head of the same department.</summary>
    public bool MayDecideForHead { get; private set; }

    /// <summary>The first day on which nobody is newly put into the post.</summary>
    public DateOnly? ClosedFrom { get; private set; }

    public override string SubjectId => Id.ToString();

    public void Change(string name, int rank, bool isHead, bool mayDecideForHead)
    {
        if ((name, rank, isHead, mayDecideForHead) == (Name, Rank, IsHead, MayDecideForHead)) return;
        Audit("post.changed", new { Name, Rank, IsHead, MayDecideForHead }, new { name, rank, isHead, mayDecideForHead });
        (Name, Rank, IsHead, MayDecideForHead) = (name, rank, isHead, mayDecideForHead);
    }

    /// <summary>The post is no longer given from this day on; null offers it again.</summary>
    public void Close(DateOnly? from)
    {
        if (from == ClosedFrom) return;
        Audit("post.closed", new { ClosedFrom }, new { from });
        ClosedFrom = from;
    }
}
