using System.Globalization;
using KitaPortal.Platform.Japanese;
using QRCoder;

namespace KitaPortal.Features.Approvals;

/// <summary>The tabs above the lists with their counts.</summary>
public sealed record ApprovalTabs(string Tab, int Waiting, int Deputy, int Mine);

/// <summary>How the pages of this feature show states, moments, marks and codes.</summary>
public static class ApprovalWords
{
    public static string StateKind(RequestState state) => state switch
    {
        RequestState.Draft => "draft",
        RequestState.Circulating => "wait",
        RequestState.SentBack => "hold",
        RequestState.Decided => "ok",
        RequestState.Rejected => "late",
        _ => "stop",
    };

    /// <summary>R8.4.6（月）9:00.</summary>
    public static string Moment(DateTimeOffset? at)
        => at is { } moment ? $"{JapaneseDate.Short(TokyoTime.DayOf(moment))}{JapaneseDate.Weekday(TokyoTime.DayOf(moment))}{TokyoTime.TimeOf(moment):H\\:mm}" : "";

    public static string LongMoment(DateTimeOffset at) => $"{JapaneseDate.Long(TokyoTime.DayOf(at))}{TokyoTime.TimeOf(at):H\\:mm}";

    /// <summary>8.4.6, as on a date stamp.</summary>
    public static string StampDate(DateTimeOffset at) => JapaneseDate.Short(TokyoTime.DayOf(at))[1..];

    /// <summary>The mark in 決裁欄: 決, 承 or 代.</summary>
    public static string Mark(StepKind kind, Capacity? capacity) => capacity is null or Capacity.Self ? kind == StepKind.Decide ? "決" : "承" : "代";

    public static string Family(string name) => name.Split('\u3000')[0];

    /// <summary>The first eight digits of a hash in two groups.</summary>
    public static string ShortHash(string hash) => hash.Length < 8 ? hash : $"{hash[..4]} {hash[4..8]}";

    /// <summary>The dark modules of a QR code as one path, and the size of its square.</summary>
    public static (string Path, int Size) QrPath(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var path = new System.Text.StringBuilder();
        for (var y = 0; y < data.ModuleMatrix.Count; y++)
            for (var x = 0; x < data.ModuleMatrix.Count; x++)
                if (data.ModuleMatrix[y][x]) path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
        return (path.ToString(), data.ModuleMatrix.Count);
    }
}

/// <summary>The form of one act on the request page; <paramref name="Prefix"/> keeps the ids of several on one page apart.</summary>
public sealed record ActFormView(RequestPage.Choice Choice, RequestPage Page, string Prefix);
