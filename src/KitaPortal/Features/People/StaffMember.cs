using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.People;

/// <summary>特別職, 正職員, 再任用, 会計年度任用, 派遣・出向, 外部 (a guest with an end date).</summary>
public enum EmploymentClass { Special, Regular, Reemployed, FiscalYear, Seconded, External }

/// <summary>本務, 兼務, 事務取扱.</summary>
public enum PostingKind { Main, Additional, Acting }

/// <summary>A person who works for the town (職員). Employed <c>[EmployedFrom, EmployedTo)</c> in Tokyo days; never deleted.</summary>
public sealed class StaffMember : Entity
{
    private readonly List<Posting> postings = [];

    private StaffMember() { }

    public StaffMember(StaffId id, string staffNumber, string familyName, string givenName, string familyYomi, string givenYomi, EmploymentClass employmentClass, DateOnly employedFrom)
    {
        (Id, StaffNumber, EmploymentClass, EmployedFrom) = (id, staffNumber, employmentClass, employedFrom);
        SetName(familyName, givenName, familyYomi, givenYomi);
        Audit("staff.joined", after: new { staffNumber, familyName, givenName, employmentClass, employedFrom });
    }

    public StaffId Id { get; private set; }

    public string StaffNumber { get; private set; } = "";

    public string FamilyName { get; private set; } = "";

    public string GivenName { get; private set; } = "";

    public string FamilyYomi { get; private set; } = "";

    public string GivenYomi { get; private set; } = "";

    /// <summary>旧姓, used at work when <see cref="UsesFormerName"/>.</summary>
    public string? FormerName { get; private set; }

    public bool UsesFormerName { get; private set; }

    /// <summary>Sort column by よみ, compared by bytes.</summary>
    public string YomiKey { get; private set; } = "";

    /// <summary>Search column: number, names, readings and mail after folding, one per line.</summary>
    public string SearchText { get; private set; } = "";

    public string? Mail { get; private set; }

    public string? BusinessPhone { get; private set; }

    public EmploymentClass EmploymentClass { get; private set; }

    /// <summary>時差勤務: own working time, Tokyo wall clock; null means the office's.</summary>
    public TimeOnly? WorkFrom { get; private set; }

    public TimeOnly? WorkTo { get; private set; }

    public DateOnly EmployedFrom { get; private set; }

    /// <summary>Exclusive: the day after the last day at work.</summary>
    public DateOnly? EmployedTo { get; private set; }

    /// <summary>Until this day the coming leaving is a secret of the personnel office (内示前); null: everybody may know.</summary>
    public DateOnly? LeavingPublicFrom { get; private set; }

    public IReadOnlyList<Posting> Postings => postings;

    public override string SubjectId => Id.ToString();

    /// <summary>The name used at work, family and given parted by a full-width blank.</summary>
    public string Name => $"{(UsesFormerName && FormerName is not null ? FormerName : FamilyName)}\u3000{GivenName}";

    /// <summary>The end of the employment as far as it may be known on a day.</summary>
    public DateOnly? EmployedToAsKnownOn(DateOnly day) => LeavingPublicFrom is { } known && day < known && day < EmployedTo ? null : EmployedTo;

    public bool IsEmployedOn(DateOnly day) => EmployedFrom <= day && (EmployedTo is null || day < EmployedTo);

    /// <summary>The main posting of the day; null when the person has none then.</summary>
    public Posting? MainOn(DateOnly day) => postings.SingleOrDefault(p => p.Kind == PostingKind.Main && p.Covers(day));

    /// <summary>Sets the name; readings in katakana or half width become hiragana.</summary>
    public void SetName(string familyName, string givenName, string familyYomi, string givenYomi)
    {
        (familyYomi, givenYomi) = (PersonName.Yomi(familyYomi) ?? familyYomi.Trim(), PersonName.Yomi(givenYomi) ?? givenYomi.Trim());
        Demand.All(PeopleRules.YomiOf(familyYomi, givenYomi));
        if (FamilyName.Length > 0 && (familyName, givenName, familyYomi, givenYomi) != (FamilyName, GivenName, FamilyYomi, GivenYomi))
            Audit("staff.renamed", new { FamilyName, GivenName, FamilyYomi, GivenYomi }, new { familyName, givenName, familyYomi, givenYomi });
        (FamilyName, GivenName, FamilyYomi, GivenYomi) = (familyName, givenName, familyYomi, givenYomi);
        YomiKey = Platform.Japanese.YomiKey.Of(familyYomi, givenYomi);
        Refold();
    }

    public void UseFormerName(string? formerName, bool uses)
    {
        if (formerName is { Length: 0 }) formerName = null;
        var used = uses && formerName is not null;
        if ((formerName, used) == (FormerName, UsesFormerName)) return;
        Audit("staff.former-name", new { FormerName, UsesFormerName }, new { formerName, uses });
        (FormerName, UsesFormerName) = (formerName, used);
        Refold();
    }

    public void SetContact(string? mail, string? businessPhone)
    {
        if ((mail, businessPhone) == (Mail, BusinessPhone)) return;
        Audit("staff.contact", new { Mail, BusinessPhone }, new { mail, businessPhone });
        (Mail, BusinessPhone) = (mail, businessPhone);
        Refold();
    }

    public void SetEmployment(EmploymentClass employmentClass, DateOnly employedFrom)
    {
        if ((employmentClass, employedFrom) == (EmploymentClass, EmployedFrom)) return;
        Audit("staff.employment", new { EmploymentClass, EmployedFrom }, new { employmentClass, employedFrom });
        (EmploymentClass, EmployedFrom) = (employmentClass, employedFrom);
    }

    /// <summary>Sets own working hours (時差勤務).</summary>
    public void SetWorkingTime(TimeOnly? from, TimeOnly? to)
    {
        if ((from, to) == (WorkFrom, WorkTo)) return;
        Audit("staff.working-time", new { WorkFrom, WorkTo }, new { from, to });
        (WorkFrom, WorkTo) = (from, to);
    }

    /// <summary>The person works in a department from this day on. A new main posting ends the one before, replaces one of the same day,
    /// and lasts until the next one already planned: on each day employed there is one 本務.</summary>
    public Posting Post(DepartmentId departmentId, PostId postId, DateOnly from, DateOnly? to = null, PostingKind kind = PostingKind.Main,
        OfficeId? officeId = null, string? extension = null, bool isClerk = false)
    {
        Demand.All(from < EmployedFrom || (EmployedTo is { } left && from >= left) || to <= from || to > EmployedTo
            ? PeopleRules.PostingOutside.With(EmploymentText)
            : null);
        if (kind == PostingKind.Main) to = MakeRoom(from, to);
        var posting = new Posting(Id, departmentId, postId, officeId, extension, kind, isClerk, from, to ?? EmployedTo);
        postings.Add(posting);
        Audit("staff.posted", after: new { department = departmentId.Value, post = postId.Value, kind, from, to = posting.To });
        Record(new PostingsChanged(Id, from));
        return posting;
    }

    private DateOnly? MakeRoom(DateOnly from, DateOnly? to)
    {
        var mains = postings.Where(p => p.Kind == PostingKind.Main).OrderBy(p => p.From).ToList();
        var next = mains.FirstOrDefault(p => p.From > from)?.From;
        var end = to ?? next ?? EmployedTo;
        if (next < (end ?? DateOnly.MaxValue)) throw new RuleViolation(PeopleRules.MainPosting.With(JapaneseDate.Long(next.Value)));
        var present = mains.SingleOrDefault(p => p.Covers(from));
        if (end is { } gap && present is not null && (present.To is null || gap < present.To))
            throw new RuleViolation(PeopleRules.MainPosting.With(JapaneseDate.Long(gap)));
        foreach (var earlier in mains.Where(p => p.From == from || p.Covers(from)))
        {
            if (earlier.From == from) postings.Remove(earlier);
            else earlier.End(from);
        }
        return end;
    }

    private string EmploymentText => $"{JapaneseDate.Long(EmployedFrom)}～{(EmployedTo is { } to ? JapaneseDate.Long(to.AddDays(-1)) : "")}";

    /// <summary>Ends an additional posting on this day.</summary>
    public void EndPosting(Guid postingId, DateOnly to)
    {
        var posting = postings.Single(p => p.Id == postingId);
        if (posting.Kind == PostingKind.Main && IsEmployedOn(to)) throw new RuleViolation(PeopleRules.MainPosting.With(JapaneseDate.Long(to)));
        if (to <= posting.From) postings.Remove(posting);
        else posting.End(to);
        Audit("staff.posting-ended", after: new { posting = postingId, to });
        Record(new PostingsChanged(Id, to));
    }

    /// <summary>The place keeps, its 内線 changes.</summary>
    public void SetExtension(Guid postingId, string? extension)
    {
        var posting = postings.Single(p => p.Id == postingId);
        if (posting.Extension == extension) return;
        Audit("staff.extension", new { posting.Extension }, new { extension });
        posting.Ring(extension);
    }

    /// <summary>The person leaves: access ends at the beginning of <paramref name="employedTo"/> (exclusive). Null takes a planned leaving back.</summary>
    public void Leave(DateOnly? employedTo, DateOnly? publicFrom = null)
    {
        LeavingPublicFrom = employedTo is null ? null : publicFrom;
        if (employedTo == EmployedTo) return;
        Demand.All(employedTo <= EmployedFrom ? PeopleRules.LeavesBeforeJoining.With(JapaneseDate.Long(EmployedFrom)) : null);
        var before = EmployedTo;
        Audit("staff.leaves", new { EmployedTo }, new { employedTo });
        EmployedTo = employedTo;
        foreach (var posting in postings.ToList())
        {
            if (employedTo is { } end && posting.From >= end) postings.Remove(posting);
            else if (employedTo is { } last && (posting.To is null || posting.To > last)) posting.End(last);
            else if (before is not null && posting.To == before) posting.End(employedTo);
        }
        Record(new PostingsChanged(Id, employedTo ?? EmployedFrom));
    }

    private void Refold()
        => SearchText = string.Join('\n', new[] { StaffNumber, FamilyYomi + GivenYomi, Mail }.Select(SearchFold.Key)
            .Concat(SearchFold.NameForms(FamilyName + GivenName))
            .Concat(FormerName is null ? [] : SearchFold.NameForms(FormerName + GivenName))
            .Where(t => t.Length > 0).Distinct());
}

/// <summary>A person's place in the organisation (配属) for a time, <c>[From, To)</c> in Tokyo days.</summary>
public sealed class Posting
{
    private Posting() { }

    internal Posting(StaffId staffId, DepartmentId departmentId, PostId postId, OfficeId? officeId, string? extension, PostingKind kind, bool isClerk, DateOnly from, DateOnly? to)
        => (Id, StaffId, DepartmentId, PostId, OfficeId, Extension, Kind, IsClerk, From, To) = (Guid.CreateVersion7(), staffId, departmentId, postId, officeId, extension, kind, isClerk, from, to);

    public Guid Id { get; private set; }

    public StaffId StaffId { get; private set; }

    public DepartmentId DepartmentId { get; private set; }

    public PostId PostId { get; private set; }

    /// <summary>Only when it differs from the department's office.</summary>
    public OfficeId? OfficeId { get; private set; }

    /// <summary>内線</summary>
    public string? Extension { get; private set; }

    public PostingKind Kind { get; private set; }

    /// <summary>庶務担当 of the department.</summary>
    public bool IsClerk { get; private set; }

    public DateOnly From { get; private set; }

    public DateOnly? To { get; private set; }

    public bool Covers(DateOnly day) => From <= day && (To is null || day < To);

    internal void End(DateOnly? to) => To = to;

    internal void Ring(string? extension) => Extension = extension;
}

/// <summary>A person's postings change from a day on; raised when it is decided, which may be long before that day.</summary>
public sealed record PostingsChanged(StaffId StaffId, DateOnly From) : DomainEvent;
