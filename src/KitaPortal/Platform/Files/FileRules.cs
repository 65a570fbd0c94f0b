using System.IO.Compression;
using KitaPortal.Platform.Rules;

namespace KitaPortal.Platform.Files;

/// <summary>What may be handed in for a purpose: how large, and which types. The extension and the first bytes must say the same.</summary>
/// <param name="What">How the purpose is called in a refusal.</param>
public sealed record FileRules(string What, int MaxMb, IReadOnlyList<FileType> Types)
{
    public static readonly Rule Type = new("添-1", "upload.type", "「{ファイル名}」は{用途}として受け取れない種類です。", "{種類}のファイルを選んでください。");
    public static readonly Rule Size = new("添-2", "upload.size", "「{ファイル名}」は{上限}MBを超えています。", "小さくするか、分けて送ってください。");
    public static readonly Rule Image = new("添-3", "upload.image", "「{ファイル名}」は画像として読み取れないか、4,000万画素を超えています。", "スマートフォンで撮り直すか、JPEGで保存し直してください。");
    public static readonly Rule Archive = new("添-4", "upload.archive", "「{ファイル名}」は中身が大きすぎるか、壊れています。", "PDFなどに変えて送ってください。");

    public static IReadOnlyList<Rule> All { get; } = [Type, Size, Image, Archive];

    /// <summary>A photo of a device: re-encoded, without any metadata.</summary>
    public static FileRules Photo { get; } = new("写真", 15, FileType.Images);

    /// <summary>A document beside a record.</summary>
    public static FileRules Attachment { get; } = new("添付", 25, [.. FileType.Images, .. FileType.Documents]);

    /// <summary>For the file input's accept attribute.</summary>
    public string Accept => string.Join(',', Types.SelectMany(t => t.Extensions));

    /// <summary>The type both name and content agree on; refuses everything else.</summary>
    public FileType Check(string name, byte[] content)
    {
        var type = Types.FirstOrDefault(t => t.Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase));
        if (type is null || !type.Fits(content)) throw new RuleViolation(Type.With(name, What) with { Remedy = $"{string.Join("・", Types.Select(t => t.Label).Distinct())}のファイルを選んでください。" });
        if (type.IsArchive) ZipBounds.Check(name, content);
        return type;
    }
}

/// <summary>A kind of file: how it is called, its extensions, and how it begins.</summary>
public sealed record FileType(string Label, string MediaType, IReadOnlyList<string> Extensions, Func<byte[], bool> Fits)
{
    public static IReadOnlyList<FileType> Images { get; } =
    [
        new("JPEG", "image/jpeg", [".jpg", ".jpeg"], c => Begins(c, 0xFF, 0xD8, 0xFF)),
        new("PNG", "image/png", [".png"], c => Begins(c, 0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A)),
        new("WebP", "image/webp", [".webp"], c => Begins(c, "RIFF"u8) && c.AsSpan(8).StartsWith("WEBP"u8)),
    ];

    public static IReadOnlyList<FileType> Documents { get; } =
    [
        new("PDF", "application/pdf", [".pdf"], c => Begins(c, "%PDF-"u8)),
        Office("Word", ".docx", "wordprocessingml.document"),
        Office("Excel", ".xlsx", "spreadsheetml.sheet"),
        Office("PowerPoint", ".pptx", "presentationml.presentation"),
        new("テキスト", "text/plain", [".txt", ".csv", ".md"], c => !c.AsSpan().Contains((byte)0) && !Begins(c, "%PDF-"u8) && !Begins(c, "MZ"u8) && !Begins(c, "#!"u8)),
    ];

    public bool IsImage => MediaType.StartsWith("image/", StringComparison.Ordinal);

    public bool IsArchive => MediaType.Contains("openxmlformats", StringComparison.Ordinal);

    private static FileType Office(string label, string extension, string kind)
        => new(label, $"application/vnd.openxmlformats-officedocument.{kind}", [extension], c => Begins(c, "PK\u0003\u0004"u8));

    private static bool Begins(byte[] content, params ReadOnlySpan<byte> magic) => content.AsSpan().StartsWith(magic);
}

/// <summary>Office files are zip archives: counted while reading, never unpacked to disk.</summary>
internal static class ZipBounds
{
    private const int MostEntries = 2_000;
    private const long MostBytes = 200L * 1024 * 1024;
    private const int MostRatio = 100;

    public static void Check(string name, byte[] content)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(content), ZipArchiveMode.Read);
            var sound = zip.Entries.Count <= MostEntries && zip.GetEntry("[Content_Types].xml") is not null
                && zip.Entries.All(e => !e.FullName.Split('/', '\\').Contains("..") && !Path.IsPathRooted(e.FullName) && !e.Name.StartsWith("vbaProject", StringComparison.OrdinalIgnoreCase));
            long unpacked = 0;
            var buffer = new byte[81920];
            foreach (var entry in sound ? zip.Entries : [])
            {
                using var stream = entry.Open();
                for (int read; sound && (read = stream.Read(buffer)) > 0;)
                {
                    unpacked += read;
                    sound = unpacked <= MostBytes && unpacked <= (long)MostRatio * Math.Max(content.Length, 10_000);
                }
                if (!sound) break;
            }
            if (sound) return;
        }
        catch (InvalidDataException)
        {
            // Said below like every other broken archive.
        }
        throw new RuleViolation(FileRules.Archive.With(name));
    }
}
