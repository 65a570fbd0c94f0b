using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Sheets;

/// <summary>Writes a table as a workbook: typed cells, frozen bold header with filter, second sheet 説明. No formula is ever written.</summary>
internal static class XlsxWriter
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006/";
    private const string Type = "application/vnd.openxmlformats-officedocument.spreadsheetml.";
    private const int Plain = 0, Header = 1, Day = 2, Moment = 3, Wrapped = 4;
    private const int LongestCell = 32_767;

    public static byte[] Write(SheetTable table) => Write([table], table.About);

    /// <summary>Several tables as one workbook, each on its own sheet, 説明 last.</summary>
    public static byte[] Write(IReadOnlyList<SheetTable> tables, IReadOnlyList<(string Word, string Text)> about)
    {
        var file = new MemoryStream();
        var last = tables.Count + 1;
        var numbers = Enumerable.Range(1, last).ToList();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create))
        {
            Part(zip, "[Content_Types].xml", $"""<Types xmlns="{Package}content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{Type}sheet.main+xml"/>{string.Concat(numbers.Select(n => $"""<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{Type}worksheet+xml"/>"""))}<Override PartName="/xl/styles.xml" ContentType="{Type}styles+xml"/></Types>""");
            Part(zip, "_rels/.rels", $"""<Relationships xmlns="{Package}relationships"><Relationship Id="rId1" Type="{Rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>""");
            Part(zip, "xl/_rels/workbook.xml.rels", $"""<Relationships xmlns="{Package}relationships">{string.Concat(numbers.Select(n => $"""<Relationship Id="rId{n}" Type="{Rel}/worksheet" Target="worksheets/sheet{n}.xml"/>"""))}<Relationship Id="rId{last + 1}" Type="{Rel}/styles" Target="styles.xml"/></Relationships>""");
            Part(zip, "xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="{Rel}"><sheets>{string.Concat(numbers.Select(n => $"""<sheet name="{(n == last ? "説明" : SheetName(tables[n - 1].Name))}" sheetId="{n}" r:id="rId{n}"/>"""))}</sheets></workbook>""");
            Part(zip, "xl/styles.xml", $"""<styleSheet xmlns="{Main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/m/d\ h:mm"/></numFmts><fonts count="2"><font><sz val="11"/><name val="游ゴシック"/></font><font><b/><sz val="11"/><name val="游ゴシック"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/><xf applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs></styleSheet>""");
            foreach (var n in numbers.SkipLast(1)) Sheet(zip, $"xl/worksheets/sheet{n}.xml", tables[n - 1].Headings, tables[n - 1].Rows, Plain, frozen: true);
            Sheet(zip, $"xl/worksheets/sheet{last}.xml", ["項目", "内容"], about.Select(a => (IReadOnlyList<object?>)[a.Word, a.Text]), Wrapped, frozen: false);
        }
        return file.ToArray();
    }

    private static void Sheet(ZipArchive zip, string path, IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<object?>> rows, int textStyle, bool frozen)
    {
        using var xml = XmlWriter.Create(zip.CreateEntry(path).Open(), new XmlWriterSettings { CloseOutput = true, CheckCharacters = true });
        xml.WriteStartElement("worksheet", Main);
        if (frozen)
            xml.WriteRaw("""<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>""");
        xml.WriteStartElement("cols");
        for (var c = 1; c <= Math.Max(1, headings.Count); c++)
            xml.WriteRaw($"""<col min="{c}" max="{c}" width="{(frozen ? 16 : 24 * c * c - 8)}" customWidth="1"/>""");
        xml.WriteEndElement();
        xml.WriteStartElement("sheetData");
        var line = 1;
        Row(xml, line, headings, Header);
        foreach (var row in rows) Row(xml, ++line, row, textStyle);
        xml.WriteEndElement();
        if (frozen && headings.Count > 0) xml.WriteRaw($"""<autoFilter ref="A1:{SheetLimits.Letters(headings.Count - 1)}{line}"/>""");
        xml.WriteEndElement();
    }

    private static void Row(XmlWriter xml, int line, IEnumerable<object?> cells, int textStyle)
    {
        xml.WriteStartElement("row");
        xml.WriteAttributeString("r", $"{line}");
        var column = 0;
        foreach (var value in cells)
        {
            var place = $"{SheetLimits.Letters(column++)}{line}";
            switch (value)
            {
                case null or "": break;
                case DateOnly day: NumberCell(xml, place, (day.DayNumber - new DateOnly(1899, 12, 30).DayNumber).ToString(CultureInfo.InvariantCulture), Day); break;
                case DateTimeOffset moment: NumberCell(xml, place, TokyoTime.Shown(moment).DateTime.ToOADate().ToString("R", CultureInfo.InvariantCulture), Moment); break;
                case bool yes: TextCell(xml, place, yes ? "はい" : "いいえ", textStyle); break;
                case string text: TextCell(xml, place, text, textStyle); break;
                case sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal:
                    NumberCell(xml, place, ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), Plain); break;
                default: TextCell(xml, place, value.ToString() ?? "", textStyle); break;
            }
        }
        xml.WriteEndElement();
    }

    private static void NumberCell(XmlWriter xml, string place, string number, int style)
        => xml.WriteRaw($"""<c r="{place}" s="{style}"><v>{number}</v></c>""");

    private static void TextCell(XmlWriter xml, string place, string text, int style)
    {
        xml.WriteStartElement("c");
        xml.WriteAttributeString("r", place);
        xml.WriteAttributeString("s", $"{style}");
        xml.WriteAttributeString("t", "inlineStr");
        xml.WriteStartElement("is");
        xml.WriteStartElement("t");
        xml.WriteAttributeString("xml", "space", null, "preserve");
        xml.WriteString(Escaped(SafeCell.Escape(text)));
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    // What XML cannot hold is written _xHHHH_, and a text that looks like that is protected the same way.
    private static string Escaped(string text)
    {
        text = Unicode.WellFormed(text);
        if (text.Length > LongestCell) text = Unicode.WellFormed(text[..LongestCell]);
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var looksEscaped = c == '_' && i + 6 < text.Length && text[i + 1] == 'x' && text[i + 6] == '_' && text.Skip(i + 2).Take(4).All(char.IsAsciiHexDigit);
            if (looksEscaped || c < ' ' && c is not ('\t' or '\n') || c is '\uFFFE' or '\uFFFF') result.Append(CultureInfo.InvariantCulture, $"_x{(int)c:X4}_");
            else result.Append(c);
        }
        return result.ToString();
    }

    private static string SheetName(string name)
    {
        var plain = string.Concat(name.Where(c => !":\\/?*[]'\"<>&".Contains(c, StringComparison.Ordinal) && !char.IsControl(c)));
        return plain.Length == 0 ? "一覧" : plain.Length > 31 ? plain[..31] : plain;
    }

    private static void Part(ZipArchive zip, string path, string xml)
    {
        using var writer = new StreamWriter(zip.CreateEntry(path).Open(), new UTF8Encoding(false));
        writer.Write("""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>""");
        writer.Write(xml);
    }
}
