using System.Globalization;

namespace KitaPortal.Features.Booking.Labels;

/// <summary>The geometry of a sheet of labels on A4, in millimetres.</summary>
public sealed record LabelSheet(string Name, int Columns, int Rows, double Width, double Height, double Left, double Top, double StepRight, double StepDown)
{
    /// <summary>The smallest side of a code that scanners read from a lap: 16 mm.</summary>
    public const double SmallestCode = 16;

    public int PerSheet => Columns * Rows;

    /// <summary>The side of the code: as large as the label allows, between 16 and 26 mm.</summary>
    public double CodeSide => Math.Clamp(Math.Min(Height - 3, Width * 0.46), SmallestCode, 26);

    /// <summary>Where the label of this place begins.</summary>
    public (double X, double Y) At(int place) => (Left + (place % Columns * StepRight), Top + (place / Columns * StepDown));

    /// <summary>Reads the setting; labels that do not fit on A4 or cannot carry the code are refused.</summary>
    public static IReadOnlyList<LabelSheet> Read(string setting) =>
    [
        .. setting.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(one =>
        {
            var parts = one.Split(':', 2);
            var n = parts.Length == 2 ? parts[1].Split(',').Select(x => double.Parse(x, CultureInfo.InvariantCulture)).ToArray() : [];
            var sheet = n.Length == 8 ? new LabelSheet(parts[0].Trim(), (int)n[0], (int)n[1], n[2], n[3], n[4], n[5], n[6], n[7]) : throw new FormatException($"Label sheet without its eight numbers: {one}");
            return sheet.Fits ? sheet : throw new FormatException($"Label sheet that does not fit: {one}");
        }),
    ];

    /// <summary>Whether the setting can be read.</summary>
    public static bool CanRead(string setting)
    {
        try { return Read(setting).Count > 0; }
        catch (FormatException) { return false; }
        catch (OverflowException) { return false; }
    }

    private bool Fits => Columns > 0 && Rows > 0 && Height >= SmallestCode + 2 && Width >= SmallestCode * 2
        && Left >= 0 && Top >= 0 && Left + ((Columns - 1) * StepRight) + Width <= 210.01 && Top + ((Rows - 1) * StepDown) + Height <= 297.01;
}
