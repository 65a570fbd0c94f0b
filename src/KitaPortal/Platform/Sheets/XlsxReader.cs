using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Sheets;

/// <summary>
/// Reads a workbook from its parts. Keeps what office files live by: cached formula values, merged cells (each gets the value of the first),
/// hidden rows and sheets, days by number format; leaves out what is not the value: phonetic guides, styles, macros.
/// </summary>
internal static partial class XlsxReader
{
    private const long LargestPart = 200L * 1024 * 1024;

    public static IReadOnlyList<Sheet> Read(byte[] file)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(file), ZipArchiveMode.Read);
            if (zip.Entries.Any(e => e.FullName.EndsWith("vbaProject.bin", StringComparison.OrdinalIgnoreCase)))
                throw new SheetRefusedException("マクロを含むファイルは取り込めません。Excelブック（.xlsx）で保存し直してください。");
            var parts = zip.Entries.GroupBy(e => e.FullName, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First(), StringComparer.OrdinalIgnoreCase);
            if (!parts.ContainsKey("xl/workbook.xml")) throw new SheetRefusedException("Excelブック（.xlsx）ではありません。");

            var shared = SharedStrings(Open(parts, "xl/sharedStrings.xml"));
            using var styles = Open(parts, "xl/styles.xml");
            var formats = XlsxFormats.Read(styles);
            var (names, from1904) = Workbook(parts);
            var sheets = new List<Sheet>();
            foreach (var (name, path, hidden) in names)
                if (Open(parts, path) is { } xml)
                    using (xml) sheets.Add(new Sheet(name, Rows(xml, shared, formats, from1904), hidden));
            return sheets.Count > 0 ? sheets : throw new SheetRefusedException("シートがありません。");
        }
        catch (Exception e) when (e is InvalidDataException or XmlException or FormatException or OverflowException or ArgumentException or EndOfStreamException)
        {
            throw new SheetRefusedException("ファイルが壊れているため読み取れません。Excelで開いて保存し直してください。");
        }
    }

    private static (List<(string Name, string Path, bool Hidden)> Sheets, bool From1904) Workbook(Dictionary<string, ZipArchiveEntry> parts)
    {
        var targets = new Dictionary<string, string>();
        if (Open(parts, "xl/_rels/workbook.xml.rels") is { } rels)
            using (rels)
                while (rels.Read())
                    if (rels.NodeType == XmlNodeType.Element && rels.LocalName == "Relationship")
                    {
                        var target = rels.GetAttribute("Target") ?? "";
                        targets[rels.GetAttribute("Id") ?? ""] = target.StartsWith('/') ? target[1..] : "xl/" + target;
                    }
        var (sheets, from1904) = (new List<(string, string, bool)>(), false);
        using var book = Open(parts, "xl/workbook.xml")!;
        while (book.Read())
        {
            if (book.NodeType != XmlNodeType.Element) continue;
            if (book.LocalName == "workbookPr") from1904 = book.GetAttribute("date1904") is "1" or "true";
            if (book.LocalName != "sheet") continue;
            var id = "";
            while (book.MoveToNextAttribute())
                if (book.LocalName == "id" && book.NamespaceURI.Length > 0) id = book.Value;
            book.MoveToElement();
            if (targets.TryGetValue(id, out var path)) sheets.Add((book.GetAttribute("name") ?? "", path, book.GetAttribute("state") is "hidden" or "veryHidden"));
        }
        return (sheets, from1904);
    }

    private static List<string> SharedStrings(XmlReader? xml)
    {
        var strings = new List<string>();
        if (xml is null) return strings;
        using (xml)
            while (xml.Read())
                if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "si") strings.Add(RichText(xml));
        return strings;
    }

    // The text of <si> or <is>; the reader stands on it and is left on its end.
    private static string RichText(XmlReader xml)
    {
        if (xml.IsEmptyElement) return "";
        var (text, depth, phonetic, inText) = (new StringBuilder(), xml.Depth, false, false);
        while (xml.Read() && xml.Depth > depth)
        {
            var opens = xml.NodeType == XmlNodeType.Element && !xml.IsEmptyElement;
            if (xml.NodeType is XmlNodeType.Element or XmlNodeType.EndElement)
            {
                if (xml.LocalName == "rPh") phonetic = opens;
                if (xml.LocalName == "t") inText = opens && !phonetic;
            }
            else if (inText) text.Append(xml.Value);
        }
        return Escapes().Replace(text.ToString(), m => ((char)ushort.Parse(m.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());
    }

    private static List<SheetRow> Rows(XmlReader xml, List<string> shared, XlsxFormats formats, bool from1904)
    {
        var rows = new SortedDictionary<int, (List<Cell> Cells, bool Hidden)>();
        var merges = new List<string>();
        var (line, current) = (0, (List<Cell>?)null);
        while (!xml.EOF)
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "row")
            {
                line = int.TryParse(xml.GetAttribute("r"), NumberStyles.None, CultureInfo.InvariantCulture, out var r) ? r : line + 1;
                // Rows far below that only carry a format are not content; the limit counts the last row with text.
                current = [];
                if (!rows.TryAdd(line, (current, xml.GetAttribute("hidden") is "1" or "true"))) current = rows[line].Cells;
            }
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "c" && current is not null)
            {
                var column = xml.GetAttribute("r") is { } reference ? ColumnOf(reference) : current.Count;
                if (column >= SheetLimits.Columns) throw new SheetRefusedException($"{line}行目の列が多すぎます（{SheetLimits.Columns}列まで）。");
                var cell = ReadCell(xml, shared, formats, from1904);
                while (current.Count <= column) current.Add(Cell.Empty);
                current[column] = cell;
            }
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "mergeCell") merges.Add(xml.GetAttribute("ref") ?? "");
            xml.Read();
        }

        var last = rows.Where(r => r.Value.Cells.Any(c => !c.IsEmpty)).Select(r => r.Key).DefaultIfEmpty(0).Last();
        SheetLimits.CheckRows(last);
        var all = Enumerable.Range(1, last).Select(n => rows.TryGetValue(n, out var row) ? row : ([], false)).ToList();
        foreach (var merge in merges) Spread(merge, all);
        return all.Select((row, i) => new SheetRow(i + 1, row.Item1, row.Item2)).ToList();
    }

    private static Cell ReadCell(XmlReader xml, List<string> shared, XlsxFormats formats, bool from1904)
    {
        var type = xml.GetAttribute("t");
        var style = int.TryParse(xml.GetAttribute("s"), out var s) ? s : 0;
        if (xml.IsEmptyElement) return Cell.Empty;
        var (depth, value, text) = (xml.Depth, (string?)null, (string?)null);
        while (xml.Read() && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element) continue;
            if (xml.LocalName == "is") text = RichText(xml);
            else if (xml.LocalName == "v" && !xml.IsEmptyElement && xml.Read() && xml.NodeType is XmlNodeType.Text or XmlNodeType.SignificantWhitespace) value = xml.Value;
        }
        if (text is not null) return new(SafeCell.Unescape(text));
        if (value is null) return Cell.Empty;
        return type switch
        {
            "s" => new(SafeCell.Unescape(shared.ElementAtOrDefault(int.Parse(value, CultureInfo.InvariantCulture)) ?? "")),
            "str" or "e" => new(SafeCell.Unescape(value)),
            "b" => new(value == "1" ? "TRUE" : "FALSE"),
            "d" => DateTime.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.None, out var d) ? new(value, Day: DateOnly.FromDateTime(d)) : new(value),
            _ => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? formats.Show(number, style, from1904) : new(value),
        };
    }

    private static void Spread(string reference, List<(List<Cell> Cells, bool Hidden)> rows)
    {
        if (Area().Match(reference) is not { Success: true } area) return;
        var (left, right) = (ColumnOf(area.Groups["a"].Value), Math.Min(ColumnOf(area.Groups["c"].Value), SheetLimits.Columns - 1));
        var top = int.Parse(area.Groups["b"].ValueSpan, CultureInfo.InvariantCulture) - 1;
        var bottom = Math.Min(int.Parse(area.Groups["d"].ValueSpan, CultureInfo.InvariantCulture) - 1, rows.Count - 1);
        if (top < 0 || top >= rows.Count || left >= rows[top].Cells.Count || rows[top].Cells[left] is not { IsEmpty: false } first) return;
        for (var r = top; r <= bottom; r++)
            for (var c = left; c <= right; c++)
            {
                if (r == top && c == left) continue;
                while (rows[r].Cells.Count <= c) rows[r].Cells.Add(Cell.Empty);
                rows[r].Cells[c] = first with { Merged = true };
            }
    }

    private static int ColumnOf(string reference)
    {
        var column = 0;
        foreach (var c in reference)
        {
            if (c is not (>= 'A' and <= 'Z')) break;
            column = Math.Min(column * 26 + (c - 'A' + 1), 100_000);
        }
        return column - 1;
    }

    private static XmlReader? Open(Dictionary<string, ZipArchiveEntry> parts, string path)
    {
        if (!parts.TryGetValue(path, out var entry)) return null;
        if (entry.Length > LargestPart) throw new SheetRefusedException("ファイルの中身が大きすぎます。");
        return XmlReader.Create(entry.Open(), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = LargestPart, CloseInput = true });
    }

    [GeneratedRegex("_x([0-9A-Fa-f]{4})_")]
    private static partial Regex Escapes();

    [GeneratedRegex("^(?<a>[A-Z]+)(?<b>[0-9]{1,7}):(?<c>[A-Z]+)(?<d>[0-9]{1,7})$")]
    private static partial Regex Area();
}
