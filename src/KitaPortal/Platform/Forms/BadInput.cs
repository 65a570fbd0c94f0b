using System.ComponentModel.DataAnnotations;

namespace KitaPortal.Platform.Forms;

/// <summary>Input that cannot be taken as it is, with every wrong field at once: a page shows the messages at their fields, a program is answered 422.</summary>
public sealed class BadInputException(IReadOnlyList<(string Field, string Message)> wrong) : Exception(string.Join(" / ", wrong.Select(w => w.Message)))
{
    /// <summary>Fields as the pages name them, <c>Form.Label</c>.</summary>
    public IReadOnlyList<(string Field, string Message)> Wrong { get; } = wrong;
}

/// <summary>Checks for programs what model binding checks for pages.</summary>
public static class BadInput
{
    /// <summary>Refuses a form that does not keep what its fields demand, or for which anything else is wrong.</summary>
    public static void Check(object form, params IEnumerable<(string Field, string Message)> more)
    {
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(form, new ValidationContext(form), found, validateAllProperties: true);
        Refuse(found.SelectMany(f => f.MemberNames.Select(name => ($"Form.{name}", f.ErrorMessage ?? "読み取れません。"))).Concat(more));
    }

    /// <summary>Refuses when anything is wrong.</summary>
    public static void Refuse(params IEnumerable<(string Field, string Message)> wrong)
    {
        var all = wrong.ToList();
        if (all.Count > 0) throw new BadInputException(all);
    }
}
