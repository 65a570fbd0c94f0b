using KitaPortal.Platform.Japanese;

namespace KitaPortal.Platform.Sheets;

/// <summary>One column an import understands: its key, the word the portal uses and the words offices use.</summary>
public sealed record SheetColumn(string Key, string Label, bool Required, params string[] Aliases)
{
    internal IEnumerable<string> Words => [Label, .. Aliases];
}

/// <summary>The heading of a column; over two rows it has the group above it.</summary>
public sealed record SheetHeading(string Group, string Name)
{
    public string Label => Group.Length == 0 || Name.Length == 0 || Group == Name ? Group.Length == 0 ? Name : Name.Length == 0 ? Group : Name : $"{Group}／{Name}";

    /// <summary>What the heading may be known by, best first.</summary>
    internal IEnumerable<string> Words => [Group + Name, Name, Group];

    /// <summary>A word reduced to its letters and digits after folding, so that line breaks, brackets and stars do not matter.</summary>
    internal static string KeyOf(string word) => string.Concat(SearchFold.Key(word).Where(char.IsLetterOrDigit));

    /// <summary>The same without what stands in brackets: 氏名（漢字） is 氏名.</summary>
    internal static string BareKeyOf(string word)
    {
        var open = word.AsSpan().IndexOfAny("（([［【");
        return open > 0 ? KeyOf(word[..open]) : "";
    }
}

/// <summary>Where the table of a sheet begins: the line of its header, over one or two rows, and the headings.</summary>
public sealed record SheetHeader(int Line, int Height, IReadOnlyList<SheetHeading> Headings)
{
    private const int SearchedRows = 50;

    /// <summary>The header row that names most of the wanted columns, or null when no row names two of them.</summary>
    public static SheetHeader? Find(Sheet sheet, IReadOnlyList<SheetColumn> columns)
    {
        SheetHeader? best = null;
        var most = 1;
        for (var i = 0; i < Math.Min(sheet.Rows.Count, SearchedRows); i++)
            foreach (var height in (int[])[1, 2])
            {
                if (At(sheet, i + 1, height) is not { } header || height == 1 && i > 0 && ContinuesMerge(sheet.Rows[i - 1], sheet.Rows[i])) continue;
                var known = ColumnMap.Guess(header, columns).Count;
                // A header over two rows must name more columns than either row alone to be believed.
                if (known > most || known == most && height == 1 && best is { Height: 2 }) (best, most) = (header, known);
            }
        return best;
    }

    /// <summary>The header in these lines, as the person chose it.</summary>
    public static SheetHeader? At(Sheet sheet, int line, int height)
    {
        if (line < 1 || line + height - 1 > sheet.Rows.Count || height is < 1 or > 2) return null;
        var (upper, lower) = (sheet.Rows[line - 1], sheet.Rows[line + height - 2]);
        var headings = Enumerable.Range(0, sheet.Columns)
            .Select(c => height == 1 ? new SheetHeading("", Clean(upper[c].Text)) : new SheetHeading(Clean(upper[c].Text), lower[c].Merged && lower[c].Text == upper[c].Text ? "" : Clean(lower[c].Text)))
            .ToList();
        return new(line, height, headings);

        static string Clean(string text) => string.Concat(text.Where(c => !char.IsControl(c))).Trim();
    }

    // A row that shares merged cells with the row above is the lower half of a header.
    private static bool ContinuesMerge(SheetRow upper, SheetRow lower)
        => Enumerable.Range(0, lower.Cells.Count).Any(c => lower[c].Merged && lower[c].Text == upper[c].Text);

    /// <summary>The lines below the header, each with what it is.</summary>
    public IEnumerable<SheetLine> Lines(Sheet sheet)
    {
        var below = sheet.Rows.Skip(Line + Height - 1).ToList();
        var lastFull = below.FindLastIndex(r => OwnCells(r).Count() > 1 && !IsTotal(r));
        for (var i = 0; i < below.Count; i++) yield return new(below[i], KindOf(below[i], i > lastFull));
    }

    private SheetLineKind KindOf(SheetRow row, bool pastEnd)
    {
        if (row.IsEmpty) return SheetLineKind.Empty;
        if (IsRepeated(row)) return SheetLineKind.Header;
        if (IsTotal(row)) return SheetLineKind.Total;
        var own = OwnCells(row).Take(2).ToList();
        if (own.Count == 1 && (pastEnd || "※＊*【［■●◆注（".Contains(own[0].Text.Trim()[0], StringComparison.Ordinal))) return SheetLineKind.Note;
        return SheetLineKind.Data;
    }

    private bool IsRepeated(SheetRow row)
    {
        var named = Headings.Select((h, i) => (h, i)).Where(x => x.h.Label.Length > 0).ToList();
        var same = named.Count(x => SearchFold.Key(row[x.i].Text) is { Length: > 0 } text && (text == SearchFold.Key(x.h.Name) || text == SearchFold.Key(x.h.Group)));
        return same >= 2 && same * 2 > named.Count;
    }

    // A total is the first thing in its line, or stands in a line of few cells.
    private static bool IsTotal(SheetRow row)
    {
        var own = OwnCells(row).Select(c => SearchFold.Key(c.Text)).ToList();
        return own.Count > 0 && (IsTotalWord(own[0]) || own.Count <= 3 && own.Any(IsTotalWord));
    }

    private static bool IsTotalWord(string word)
        => word is "合計" or "計" or "小計" or "総計" or "総合計" or "累計" or "月計" or "年度計" || word.EndsWith("月計", StringComparison.Ordinal) || word.EndsWith("月分計", StringComparison.Ordinal);

    private static IEnumerable<Cell> OwnCells(SheetRow row) => row.Cells.Where(c => !c.IsEmpty && !c.Merged);
}

/// <summary>What a line below the header is: an entry, or something the office wrote around its entries.</summary>
public enum SheetLineKind { Data, Empty, Header, Total, Note }

/// <summary>A line of a table with its kind.</summary>
public sealed record SheetLine(SheetRow Row, SheetLineKind Kind)
{
    public string KindName => Kind switch
    {
        SheetLineKind.Header => "見出しの繰り返し",
        SheetLineKind.Total => "合計の行",
        SheetLineKind.Note => "注記",
        SheetLineKind.Empty => "空の行",
        _ => "",
    };
}

/// <summary>Which column of the sheet holds which wanted value; guessed from the headings, changed by the person.</summary>
public sealed class ColumnMap
{
    private readonly Dictionary<string, int> columns;

    public ColumnMap(IEnumerable<KeyValuePair<string, int>> columns) => this.columns = new(columns.Where(c => c.Value >= 0));

    public int Count => columns.Count;

    public int? this[string key] => columns.TryGetValue(key, out var column) ? column : null;

    public bool Has(string key) => columns.ContainsKey(key);

    public Cell Cell(SheetRow row, string key) => columns.TryGetValue(key, out var column) ? row[column] : Sheets.Cell.Empty;

    public IReadOnlyDictionary<string, int> ToDictionary() => columns;

    /// <summary>The required columns that no column of the sheet was given to.</summary>
    public IEnumerable<SheetColumn> Missing(IReadOnlyList<SheetColumn> wanted) => wanted.Where(c => c.Required && !Has(c.Key));

    /// <summary>Matches headings with known words after folding; the order of the columns does not matter, each is used once.</summary>
    public static ColumnMap Guess(SheetHeader header, IReadOnlyList<SheetColumn> wanted)
    {
        var found = new Dictionary<string, int>();
        var taken = new HashSet<int>();
        Match(h => h.Words.Select(SheetHeading.KeyOf));
        Match(h => h.Words.Select(SheetHeading.BareKeyOf));
        return new(found);

        void Match(Func<SheetHeading, IEnumerable<string>> keysOf)
        {
            var keys = header.Headings.Select(h => keysOf(h).ToArray()).ToList();
            var ranks = keys.Count == 0 ? 0 : keys.Max(k => k.Length);
            for (var rank = 0; rank < ranks; rank++)
                foreach (var column in wanted)
                {
                    if (found.ContainsKey(column.Key)) continue;
                    var words = column.Words.Select(SheetHeading.KeyOf).ToHashSet();
                    var at = keys.FindIndex(k => k[rank].Length > 0 && words.Contains(k[rank]));
                    while (at >= 0 && taken.Contains(at)) at = keys.FindIndex(at + 1, k => k[rank].Length > 0 && words.Contains(k[rank]));
                    if (at < 0) continue;
                    found[column.Key] = at;
                    taken.Add(at);
                }
        }
    }
}
