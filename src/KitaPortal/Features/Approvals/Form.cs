using System.Text.Json;
using System.Text.Json.Serialization;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Features.Approvals;

/// <summary>Names a form.</summary>
public readonly record struct FormId(Guid Value) : ITypedId<FormId>
{
    public static FormId New() => new(Guid.CreateVersion7());

    public static FormId From(Guid value) => new(value);

    public override string ToString() => Value.ToString();
}

/// <summary>下書き, 公開, 廃止.</summary>
public enum FormState { Draft, Published, Retired }

/// <summary>Who stands at a step: 申請者の所属長, the next head above, or any holder of a role.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepWho>))]
public enum StepWho { Head, NextHead, SecurityManager, LendingManager }

/// <summary>One step of a form's route, as data; with a condition it stands only when the answer to a question is the given one (専決区分).</summary>
public sealed record StepSpec(string Name, StepWho Who, string? WhenKey = null, string? WhenValue = null)
{
    public bool Stands(IReadOnlyDictionary<string, string> values) => WhenKey is null || values.GetValueOrDefault(WhenKey) == WhenValue;
}

/// <summary>What a form is beside its name: its questions, its route and how its requests are kept.</summary>
/// <param name="Series">Names the register and stands in the number, for example 持出 in R8-持出-0001.</param>
public sealed record FormDefinition(string Series, IReadOnlyList<FormField> Fields, IReadOnlyList<StepSpec> Route)
{
    public InfoClass InfoClass { get; init; } = InfoClass.Class2;

    /// <summary>親展: the head of the applicant's department does not see it either.</summary>
    public bool Confidential { get; init; }

    public int RetentionYears { get; init; } = 5;

    /// <summary>Sheets of paper the same request took before.</summary>
    public int SheetsPerRequest { get; init; } = 1;

    /// <summary>The kind of record every request of this form is about; such a form is filled in by the feature that owns the record.</summary>
    public string? SubjectKind { get; init; }
}

/// <summary>A form of the town (様式). What it asks lies in its versions; a request keeps the version it was made with.</summary>
public sealed class Form : Entity
{
    private readonly List<FormVersion> versions = [];

    private Form() { }

    public Form(FormId id, string code, string name, string category, string description)
    {
        (Id, Code, Name, Category, Description) = (id, code, name, category, description);
        Audit("form.created", after: new { code, name });
    }

    public FormId Id { get; private set; }

    public string Code { get; private set; } = "";

    public string Name { get; private set; } = "";

    public string Category { get; private set; } = "";

    public string Description { get; private set; } = "";

    public IReadOnlyList<FormVersion> Versions => versions;

    public FormVersion? Published => versions.SingleOrDefault(v => v.State == FormState.Published);

    public override string SubjectId => Id.ToString();

    /// <summary>From now on requests are made with this definition; the version before is kept for those made with it.</summary>
    public FormVersion Publish(FormDefinition definition, string note, DateTimeOffset at)
    {
        Published?.Retire();
        var version = new FormVersion(versions.Count + 1, definition, note, at);
        versions.Add(version);
        Audit("form.published", after: new { version.No, note });
        return version;
    }

    /// <summary>廃止: no new requests.</summary>
    public void Retire(string reason)
    {
        Published?.Retire();
        Audit("form.retired", reason: reason);
    }

    public FormVersion PublishedOrRefuse() => Published ?? throw new RuleViolation(ApprovalRules.FormRetired.With());
}

/// <summary>One published state of a form; it never changes.</summary>
public sealed class FormVersion
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private FormDefinition? definition;

    private FormVersion() { }

    internal FormVersion(int no, FormDefinition definition, string note, DateTimeOffset at)
    {
        (Id, No, Note, PublishedAt, State) = (Guid.CreateVersion7(), no, note, at, FormState.Published);
        DefinitionJson = JsonSerializer.Serialize(definition, Json);
    }

    public Guid Id { get; private set; }

    public FormId FormId { get; private set; }

    public int No { get; private set; }

    public string DefinitionJson { get; private set; } = "";

    public string Note { get; private set; } = "";

    public DateTimeOffset PublishedAt { get; private set; }

    public FormState State { get; private set; }

    public FormDefinition Definition => definition ??= JsonSerializer.Deserialize<FormDefinition>(DefinitionJson, Json)!;

    internal void Retire() => State = FormState.Retired;
}
