using System.Text;
using KitaPortal.Platform.Text;

namespace KitaPortal.Platform.Sheets;

/// <summary>Reads CSV and other delimited text in the encodings offices use, and XLSX, into one model.</summary>
public static class SheetReader
{
    static SheetReader() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Reads a whole file; <paramref name="encoding"/> is what the person chose, else it is found out.</summary>
    public static SheetFile Read(byte[] file, SheetEncoding encoding = SheetEncoding.Auto)
    {
        if (file.Length > SheetLimits.Bytes) throw new SheetRefusedException("ファイルが大きすぎます（20MBまで）。");
        if (file.Length == 0) throw new SheetRefusedException("ファイルが空です。");
        if (file.AsSpan().StartsWith("PK\u0003\u0004"u8)) return new(XlsxReader.Read(file), true, SheetEncoding.Auto, ',');
        if (file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0]))
            throw new SheetRefusedException("パスワード付きのファイルか、古い形式（.xls）のファイルです。パスワードを外し、Excelブック（.xlsx）で保存し直してください。");

        var (text, used) = TextDecoding.Decode(file, encoding);
        var delimiter = DelimiterOf(text);
        return new([new Sheet("", Rows(text, delimiter))], false, used, delimiter);
    }

    // The delimiter is the one that parts the first lines into most cells.
    private static char DelimiterOf(string text)
    {
        char[] candidates = [',', '\t', ';'];
        var most = new int[candidates.Length];
        var (count, lines, quoted) = (new int[candidates.Length], 0, false);
        foreach (var c in text)
        {
            if (c == '"') quoted = !quoted;
            else if (!quoted && c == '\n')
            {
                for (var i = 0; i < count.Length; i++) (most[i], count[i]) = (Math.Max(most[i], count[i]), 0);
                if (++lines == 30) break;
            }
            else if (!quoted && Array.IndexOf(candidates, c) is >= 0 and var at) count[at]++;
        }
        for (var i = 0; i < count.Length; i++) most[i] = Math.Max(most[i], count[i]);
        return candidates[Array.IndexOf(most, most.Max())];
    }

    // RFC 4180, forgiving as spreadsheets are: a quote inside an unquoted cell is text, a cell may hold line breaks, CRLF, LF and CR end a row.
    private static List<SheetRow> Rows(string text, char delimiter)
    {
        var rows = new List<SheetRow>();
        var cells = new List<Cell>();
        var cell = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '"' && cell.Length == 0) i = Quoted(text, i + 1, cell, rows.Count + 1);
            else if (c == delimiter) EndCell();
            else if (c is '\r' or '\n')
            {
                if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n') i++;
                EndRow();
            }
            else cell.Append(c);
        }
        if (cell.Length > 0 || cells.Count > 0) EndRow();
        return rows;

        void EndCell()
        {
            cells.Add(new(SafeCell.Unescape(cell.ToString())));
            cell.Clear();
            if (cells.Count > SheetLimits.Columns) throw new SheetRefusedException($"{rows.Count + 1}行目の列が多すぎます（{SheetLimits.Columns}列まで）。");
        }

        void EndRow()
        {
            EndCell();
            rows.Add(new(rows.Count + 1, [.. cells]));
            cells.Clear();
            SheetLimits.CheckRows(rows.Count);
        }
    }

    // Copies a quoted cell and returns the place of its closing quote.
    private static int Quoted(string text, int start, StringBuilder cell, int line)
    {
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] != '"') cell.Append(text[i]);
            else if (i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[i++]);
            else return i;
        }
        throw new SheetRefusedException($"{line}行目の引用符（\"）が閉じていません。");
    }
}
