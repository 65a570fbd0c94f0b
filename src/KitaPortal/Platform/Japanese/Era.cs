using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Japanese;

/// <summary>A Japanese era (元号) and the days it was in force.</summary>
public sealed record Era(string Name, char Letter, DateOnly FirstDay)
{
    /// <summary>All eras the portal reads, oldest first.</summary>
    public static readonly IReadOnlyList<Era> All =
    [
        new("明治", 'M', new(1868, 10, 23)),
        new("大正", 'T', new(1912, 7, 30)),
        new("昭和", 'S', new(1926, 12, 25)),
        new("平成", 'H', new(1989, 1, 8)),
        new("令和", 'R', new(2019, 5, 1)),
    ];

    /// <summary>The era in force on a day.</summary>
    public static Era Of(DateOnly day)
        => All.LastOrDefault(e => e.FirstDay <= day) ?? throw new ArgumentOutOfRangeException(nameof(day), "Before Meiji");

    /// <summary>The era with this name, first kanji or letter, in any width and case.</summary>
    public static Era? Named(string text)
    {
        var name = text.Nfkc();
        return All.FirstOrDefault(e => name == e.Name
            || name.Length == 1 && (name[0] == e.Name[0] || char.ToUpperInvariant(name[0]) == e.Letter));
    }

    /// <summary>The year of this era a day lies in; 1 is 元年.</summary>
    public int YearOf(DateOnly day) => day.Year - FirstDay.Year + 1;

    /// <summary>The western year of a year of this era, also past its end.</summary>
    public int WesternYear(int year) => FirstDay.Year + year - 1;
}
