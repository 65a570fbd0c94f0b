using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using QRCoder;

namespace KitaPortal.Features.Booking.Labels;

/// <summary>What stands on one label.</summary>
/// <param name="Address">What the code says: the device's own page.</param>
public sealed record DeviceLabel(string Address, string Label, string Model, string Town, string Phone);

/// <summary>Draws sheets of labels as SVG in millimetres, so that they print in their true size without a style sheet.</summary>
public static class LabelDrawing
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>The sheets, the first label at <paramref name="start"/> (1 is the first place).</summary>
    public static IReadOnlyList<string> Sheets(LabelSheet sheet, IReadOnlyList<DeviceLabel> labels, int start)
    {
        var places = labels.Select((label, i) => (Label: label, Place: i + Math.Clamp(start, 1, sheet.PerSheet) - 1));
        return [.. places.GroupBy(p => p.Place / sheet.PerSheet).Select(page => Draw(sheet, page.Select(p => (p.Label, p.Place % sheet.PerSheet)), page.Key + 1))];
    }

    /// <summary>The code alone, one unit a module, with the quiet zone of four modules: level Q still reads with a quarter scratched off.</summary>
    public static (string Path, int Modules) Code(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.Q);
        var modules = data.ModuleMatrix.Count;
        var path = new StringBuilder();
        for (var y = 0; y < modules; y++)
        {
            for (var x = 0; x < modules; x++)
            {
                if (!data.ModuleMatrix[y][x]) continue;
                var from = x;
                while (x + 1 < modules && data.ModuleMatrix[y][x + 1]) x++;
                path.Append(CultureInfo.InvariantCulture, $"M{from} {y}h{x - from + 1}v1h-{x - from + 1}z");
            }
        }
        return (path.ToString(), modules);
    }

    private static string Draw(LabelSheet sheet, IEnumerable<(DeviceLabel Label, int Place)> labels, int page)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg class="label-sheet" xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297" role="img" aria-label="ラベル{page}枚目">""");
        svg.Append("""<g stroke="#000" stroke-width=".2"><path d="M55 4.5h100M55 3v3M155 3v3"/></g><text x="157" y="5.4" font-size="2.4">100mm（原寸で印刷）</text>""");
        foreach (var (label, place) in labels) Append(svg, sheet, label, sheet.At(place));
        return svg.Append("</svg>").ToString();
    }

    private static void Append(StringBuilder svg, LabelSheet sheet, DeviceLabel label, (double X, double Y) at)
    {
        var (path, modules) = Code(label.Address);
        // The matrix brings its own quiet zone; the printed code itself keeps the full side.
        var scale = sheet.CodeSide / (modules - 8);
        var (codeX, codeY) = (at.X + 1.5 - (4 * scale) + 0.5, at.Y + ((sheet.Height - sheet.CodeSide) / 2) - (4 * scale));
        var textX = at.X + sheet.CodeSide + 4;
        var room = sheet.Width - sheet.CodeSide - 5;
        var big = Math.Min(4.2, room / Math.Max(4, Wide(label.Label)) * 0.98);
        svg.Append(CultureInfo.InvariantCulture, $"""<g class="label"><path fill="#000" transform="translate({codeX:0.###} {codeY:0.###}) scale({scale:0.#####})" d="{path}"/>""");
        Line(svg, textX, at.Y + (sheet.Height * 0.28), big, true, label.Label, room);
        Line(svg, textX, at.Y + (sheet.Height * 0.48), 2.5, false, label.Model, room);
        Line(svg, textX, at.Y + (sheet.Height * 0.68), 2.4, false, label.Town, room);
        Line(svg, textX, at.Y + (sheet.Height * 0.85), 2.4, false, label.Phone.Length == 0 ? "" : $"拾得時 {label.Phone}", room);
        svg.Append("</g>");
    }

    private static void Line(StringBuilder svg, double x, double y, double size, bool bold, string text, double room)
    {
        if (text.Length == 0) return;
        // Text that is too long is squeezed into its room, never over the neighbour's label.
        var squeeze = Wide(text) * size > room ? string.Create(CultureInfo.InvariantCulture, $" textLength=\"{room:0.##}\" lengthAdjust=\"spacingAndGlyphs\"") : "";
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{x:0.##}" y="{y:0.##}" font-size="{size:0.##}"{(bold ? " font-weight=\"700\"" : "")}{squeeze}>""").Append(Encoder.Encode(text)).Append("</text>");
    }

    // In widths of a full-width character.
    private static double Wide(string text) => text.Sum(c => c < 0x2000 || c is >= '｡' and <= 'ﾟ' ? 0.62 : 1.0);
}
