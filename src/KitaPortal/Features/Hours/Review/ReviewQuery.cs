using System.Globalization;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Hours.Review;

/// <summary>所属, 庁舎, 職員, 端末区分, 目的; or no further division.</summary>
public enum ReviewRows { None, Department, Office, Person, Class, Purpose }

/// <summary>By 計上月, which never moves once closed, or by 実日付.</summary>
public enum ReviewBy { Counted, Work }

/// <summary>What a review shows, as it stands in its address. Values that do not exist fall back to the usual ones.</summary>
public sealed record ReviewQuery
{
    /// <summary>Stands for "none" in a filter.</summary>
    public const string Nothing = "none";

    public string? Fy { get; init; }

    public ReviewRows? Rows { get; init; }

    public ReviewRows? Nest { get; init; }

    public Measure Measure { get; init; }

    public ReviewBy By { get; init; }

    public string? Department { get; init; }

    public string? Office { get; init; }

    public string? Person { get; init; }

    public string? Class { get; init; }

    public string? Purpose { get; init; }

    /// <summary>Calendar month, 13 for 年度整理; none is the whole year.</summary>
    public int? Month { get; init; }

    /// <summary>name (order of the organisation) or total.</summary>
    public string? Sort { get; init; }

    /// <summary>Units (係) are shown with their section (課).</summary>
    public bool Fold { get; init; }

    /// <summary>now: departments as they are today, by their successors.</summary>
    public string? Organisation { get; init; }

    /// <summary>Small groups are merged whoever looks.</summary>
    public bool IsPublic { get; init; }

    /// <summary>The ledger's keys of the person filtered by, filled in once the person is found.</summary>
    internal IReadOnlyList<Guid>? Persons { get; init; }

    /// <summary>The departments filtered by: the one asked for with all that are shown under it.</summary>
    internal IReadOnlyList<Guid>? Departments { get; init; }

    /// <summary>Reads a review from its address.</summary>
    public static ReviewQuery Read(IQueryCollection query)
    {
        return new ReviewQuery
        {
            Fy = Text("fy"),
            Rows = Word<ReviewRows>("rows"),
            Nest = Word<ReviewRows>("nest"),
            Measure = Word<Measure>("measure") ?? Measure.Booked,
            By = Word<ReviewBy>("by") ?? ReviewBy.Counted,
            Department = Text("department"),
            Office = Text("office"),
            Person = Text("person"),
            Class = Text("class"),
            Purpose = Text("purpose"),
            Month = int.TryParse(Text("month"), NumberStyles.None, CultureInfo.InvariantCulture, out var month) && month is >= 0 and <= 13 ? month : null,
            Sort = Text("sort"),
            Fold = Text("fold") == "true",
            Organisation = Text("org"),
            IsPublic = Text("public") == "true" || Text("audience") == "public",
        };

        string? Text(string key) => query[key].ToString() is { Length: > 0 } text ? text : null;

        T? Word<T>(string key) where T : struct, Enum => Enum.TryParse<T>(Text(key), ignoreCase: true, out var word) && Enum.IsDefined(word) ? word : null;
    }

    /// <summary>For endpoints.</summary>
    public static ValueTask<ReviewQuery?> BindAsync(HttpContext http) => ValueTask.FromResult<ReviewQuery?>(Read(http.Request.Query));

    public ReviewRows Outer => Rows is null or ReviewRows.None ? ReviewRows.Office : Rows.Value;

    public ReviewRows Inner => Rows is null && Nest is null ? ReviewRows.Department : Nest is { } nest && nest != Outer ? nest : ReviewRows.None;

    public bool IsPersonal => Outer == ReviewRows.Person || Inner == ReviewRows.Person || Person is not null;

    internal bool UsesDepartments => Outer == ReviewRows.Department || Inner == ReviewRows.Department;

    public bool HasFilter => Department is not null || Office is not null || Person is not null || Class is not null || Purpose is not null;

    public FiscalYear Year(DateOnly today) => TryYear(Fy, today, out var year) ? year : FiscalYear.From(today);

    /// <summary>Years from the first of the ledger to the next one.</summary>
    internal static bool TryYear(string? fy, DateOnly today, out FiscalYear year)
        => FiscalYear.TryParse(fy, out year) && year.Value >= LedgerStart.Beginning.Year && year <= FiscalYear.From(today).Next;

    /// <summary>The address of this review at another page, with a few values changed.</summary>
    public string Href(string path, params (string Key, object? Value)[] changed)
    {
        var values = new Dictionary<string, string?>
        {
            ["fy"] = Fy,
            ["rows"] = Rows?.ToString().ToLowerInvariant(),
            ["nest"] = Nest?.ToString().ToLowerInvariant(),
            ["measure"] = Measure == Measure.Booked ? null : Measure.ToString(),
            ["by"] = By == ReviewBy.Counted ? null : "work",
            ["department"] = Department,
            ["office"] = Office,
            ["person"] = Person,
            ["class"] = Class,
            ["purpose"] = Purpose,
            ["month"] = Month?.ToString(CultureInfo.InvariantCulture),
            ["sort"] = Sort,
            ["fold"] = Fold ? "true" : null,
            ["org"] = Organisation,
            ["public"] = IsPublic ? "true" : null,
        };
        foreach (var (key, value) in changed) values[key] = value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
        var query = string.Join('&', values.Where(v => !string.IsNullOrEmpty(v.Value)).Select(v => $"{v.Key}={Uri.EscapeDataString(v.Value!)}"));
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    /// <summary>所属, 庁舎 … as the pages call the rows.</summary>
    public static string Word(ReviewRows rows) => rows switch
    {
        ReviewRows.Department => "所属",
        ReviewRows.Office => "庁舎",
        ReviewRows.Person => "職員",
        ReviewRows.Class => "端末区分",
        ReviewRows.Purpose => "目的",
        _ => "なし",
    };

    /// <summary>The name of a filter in the address that goes with rows.</summary>
    public static string KeyOf(ReviewRows rows) => rows.ToString().ToLowerInvariant();

    /// <summary>令和8年度・予約時間・計上月.</summary>
    public string Describe(FiscalYear year) => $"{year.Label}・{HoursText.Of(Measure)}・{(By == ReviewBy.Counted ? "計上月" : "実日付")}";
}
