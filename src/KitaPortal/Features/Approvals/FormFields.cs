using System.Globalization;
using System.Text.Json.Serialization;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Text;

namespace KitaPortal.Features.Approvals;

/// <summary>説明, 一行, 複数行, 数値, 日付, 期間, 選択, チェック, 職員.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FieldKind>))]
public enum FieldKind { Note, Line, Text, Number, Day, Period, Choice, Check, Person }

/// <summary>One question of a form, as data. The page shows it and the server checks the answer from this one definition.</summary>
/// <param name="Key">How the answer is named; letters, digits and hyphens.</param>
public sealed record FormField(string Key, FieldKind Kind, string Label)
{
    public string? Help { get; init; }

    public bool Required { get; init; }

    public int? Min { get; init; }

    /// <summary>The highest number, or the longest text in characters.</summary>
    public int? Max { get; init; }

    public string? Unit { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];
}

/// <summary>The answers to a form, checked against its definition.</summary>
public static class FormValues
{
    public const string Yes = "はい";
    private const int LineLength = 200, TextLength = 4000;

    /// <summary>The answers in their stored form (days as ISO, numbers plain, periods first/last), and every broken rule on its field.</summary>
    /// <param name="people">Turns what was typed for a 職員 field into the person's line; null when it names nobody or several.</param>
    public static (IReadOnlyDictionary<string, string> Values, IReadOnlyList<Broken> Broken) Check(
        IReadOnlyList<FormField> fields, IReadOnlyDictionary<string, string> answers, DateOnly today, Func<string, string?>? people = null)
    {
        var asked = fields.Where(f => f.Kind != FieldKind.Note).ToDictionary(f => f.Key);
        var broken = answers.Keys.Where(key => !asked.ContainsKey(key)).Order(StringComparer.Ordinal).Select(key => ApprovalRules.UnknownValue.With(key)).ToList();
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in asked.Values)
        {
            var answer = Clean(answers.GetValueOrDefault(field.Key), field.Kind);
            if (answer.Length == 0)
            {
                if (field.Required) broken.Add(On(field, field.Kind == FieldKind.Check ? "確認してチェックを入れてください。" : "入力してください。"));
                continue;
            }
            var (value, problem) = Read(field, answer, today, people);
            if (problem is not null) broken.Add(On(field, problem));
            else if (value.Length > 0) values[field.Key] = value;
        }
        return (values, broken);
    }

    /// <summary>An answer as people read it.</summary>
    public static string Show(FormField field, string value) => field.Kind switch
    {
        FieldKind.Number when decimal.TryParse(value, CultureInfo.InvariantCulture, out var number) => number.ToString("#,##0.##", CultureInfo.InvariantCulture) + field.Unit,
        FieldKind.Day when DateOnly.TryParse(value, CultureInfo.InvariantCulture, out var day) => JapaneseDate.Long(day),
        FieldKind.Period when value.Split('/') is [var from, var to] && DateOnly.TryParse(from, CultureInfo.InvariantCulture, out var first) && DateOnly.TryParse(to, CultureInfo.InvariantCulture, out var last)
            => first == last ? JapaneseDate.Long(first) : $"{JapaneseDate.Long(first)}～{JapaneseDate.Long(last)}",
        _ => value,
    };

    private static (string Value, string? Problem) Read(FormField field, string answer, DateOnly today, Func<string, string?>? people) => field.Kind switch
    {
        FieldKind.Line => Short(field, answer, LineLength),
        FieldKind.Text => Short(field, answer, TextLength),
        FieldKind.Number => Number(field, answer),
        FieldKind.Day => Day(answer, today),
        FieldKind.Period => Period(answer, today),
        FieldKind.Choice => field.Choices.Contains(answer) ? (answer, null) : ("", "選び直してください。"),
        FieldKind.Check => answer is Yes or "true" or "on" ? (Yes, null) : ("", null),
        FieldKind.Person => people?.Invoke(answer) is { } line ? (line, null) : ("", $"「{answer}」にあたる職員が一人に決まりません。職員番号を入力してください。"),
        _ => ("", "扱えない項目です。"),
    };

    private static (string, string?) Short(FormField field, string answer, int usual)
    {
        var (length, most) = (new StringInfo(answer).LengthInTextElements, field.Max ?? usual);
        return length <= most ? (answer, null) : ("", $"{most:N0}字までです（今は{length:N0}字）。");
    }

    private static (string, string?) Number(FormField field, string answer)
    {
        var plain = answer.Nfkc().PlainDashes().Replace(",", "", StringComparison.Ordinal).Replace("▲", "-", StringComparison.Ordinal).Trim();
        if (!decimal.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return ("", $"「{answer}」は数として読めません。");
        if (field.Min > number || field.Max < number) return ("", $"{field.Min:N0}から{field.Max:N0}までの数を入力してください。");
        return (number.ToString(CultureInfo.InvariantCulture), null);
    }

    private static (string, string?) Day(string answer, DateOnly today)
        => JapaneseDate.Read(answer, today) is { Day: { } day } ? (JapaneseDate.Iso(day), null) : ("", JapaneseDate.Read(answer, today).Problem);

    private static (string, string?) Period(string answer, DateOnly today)
    {
        // The page posts the two ends as first/last; people write dates with / too, so the page's blank-padded form is tried first.
        var ends = answer.Contains(" / ", StringComparison.Ordinal) ? answer.Split(" / ", 2) : answer.Split('/') is [var a, var b] ? [a, b] : [answer];
        if (ends.Length != 2) return ("", "初日と最終日を入力してください。");
        var (first, problem) = Day(ends[0].Trim(), today);
        var (last, other) = Day(ends[1].Trim(), today);
        if ((problem ?? other) is { } wrong) return ("", wrong);
        return string.CompareOrdinal(first, last) <= 0 ? ($"{first}/{last}", null) : ("", "最終日が初日より前です。");
    }

    private static string Clean(string? answer, FieldKind kind)
    {
        var text = (answer ?? "").Nfc().Replace("\r\n", "\n", StringComparison.Ordinal).Trim();
        return kind is FieldKind.Text ? text : text.Replace('\n', ' ');
    }

    private static Broken On(FormField field, string problem) => ApprovalRules.Values.On($"Values[{field.Key}]", field.Label, problem);
}
