using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace KitaPortal.Platform.Sheets;

/// <summary>Several tables that belong together on their way out: one workbook with a sheet each and 説明, or a zip of CSV files.</summary>
public sealed record SheetBook(IReadOnlyList<SheetTable> Tables, IReadOnlyList<(string Word, string Text)> About)
{
    public byte[] ToXlsx() => XlsxWriter.Write(Tables, About);

    /// <summary>SHA-256 over the tables' CSV text, lower-case hexadecimal; the same figures give the same number in either form.</summary>
    public string Sha256()
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var table in Tables)
        {
            sha256.AppendData(Encoding.UTF8.GetBytes(table.Name + "\n"));
            sha256.AppendData(table.ToCsv());
        }
        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }

    /// <summary>Every character that CP932 lacks, with the table it stands in.</summary>
    public IReadOnlyList<(string Table, UnfitCharacter Where)> UnfitForCp932() => [.. Tables.Append(AboutTable).SelectMany(t => t.UnfitForCp932().Select(u => (t.Name, u)))];

    /// <summary>A zip with one CSV a table and 説明.csv. With CP932, what it cannot hold is 〓 and named in 文字の報告.csv.</summary>
    public byte[] ToCsvZip(SheetEncoding encoding)
    {
        var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8))
        {
            foreach (var table in Tables.Append(AboutTable)) Add(zip, table.Name, encoding == SheetEncoding.Cp932 ? table.ToCp932Csv() : table.ToCsv());
            if (encoding == SheetEncoding.Cp932 && UnfitForCp932() is { Count: > 0 } unfit)
                Add(zip, "文字の報告", new SheetTable("文字の報告", ["ファイル", "行", "列", "文字", "番号"], [.. unfit.Select(u => (IReadOnlyList<object?>)[u.Table, u.Where.Row, u.Where.Column, u.Where.Character, u.Where.CodePoint])]).ToCsv());
        }
        return file.ToArray();

        static void Add(ZipArchive zip, string name, byte[] content)
        {
            using var entry = zip.CreateEntry($"{name}.csv").Open();
            entry.Write(content);
        }
    }

    private SheetTable AboutTable => new("説明", ["項目", "内容"], [.. About.Select(a => (IReadOnlyList<object?>)[a.Word, a.Text])]);
}
