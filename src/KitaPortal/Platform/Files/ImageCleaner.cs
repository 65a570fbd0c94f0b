using KitaPortal.Platform.Rules;
using NetVips;

namespace KitaPortal.Platform.Files;

/// <summary>Makes an image anew from its pixels: turned upright, without any metadata (position!), with a thumbnail and a view. The original bytes are not kept.</summary>
internal static class ImageCleaner
{
    private const long MostPixels = 40_000_000;
    private const int ThumbnailPixels = 360;
    private const int ViewPixels = 1600;

    static ImageCleaner()
    {
        NetVips.NetVips.BlockUntrusted = true;
        Cache.Max = 0;
    }

    /// <summary>A cleaned image.</summary>
    public sealed record Clean(byte[] Content, byte[] Thumbnail, byte[] View, int Width, int Height);

    public static Clean Make(string name, byte[] content, FileType type)
    {
        try
        {
            using var header = Image.NewFromBuffer(content, failOn: Enums.FailOn.Error);
            if ((long)header.Width * header.Height > MostPixels) throw new RuleViolation(FileRules.Image.With(name));
            using var upright = header.Autorot();
            using var colours = upright.Contains("icc-profile-data") ? upright.IccTransform("srgb", embedded: true) : upright.Colourspace(Enums.Interpretation.Srgb);
            using var image = colours.CopyMemory();
            var clean = type.MediaType switch
            {
                "image/png" => image.PngsaveBuffer(keep: Enums.ForeignKeep.None),
                "image/webp" => image.WebpsaveBuffer(q: 88, keep: Enums.ForeignKeep.None),
                _ => image.JpegsaveBuffer(q: 90, keep: Enums.ForeignKeep.None),
            };
            return new Clean(clean, Smaller(image, ThumbnailPixels), Smaller(image, ViewPixels), image.Width, image.Height);
        }
        catch (VipsException)
        {
            throw new RuleViolation(FileRules.Image.With(name));
        }
    }

    private static byte[] Smaller(Image image, int most)
    {
        using var smaller = image.ThumbnailImage(most, height: most, size: Enums.Size.Down);
        return smaller.WebpsaveBuffer(q: 82, keep: Enums.ForeignKeep.None);
    }
}
