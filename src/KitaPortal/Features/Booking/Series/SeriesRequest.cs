using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KitaPortal.Features.Booking.Series;

/// <summary>What a person picked for one day: 予約, 別案 (another pool or another start), 飛ばす.</summary>
public sealed record Pick(bool IsSkipped, PoolId? Pool = null, TimeOnly? Start = null)
{
    public static Pick Book { get; } = new(false);

    public static Pick Skip { get; } = new(true);

    public bool IsAlternative => Pool is not null || Start is not null;

    /// <summary>As it stands in forms: book, skip, or alt@pool@0930.</summary>
    public override string ToString() => IsSkipped ? "skip" : IsAlternative ? $"alt@{Pool}@{Start:HHmm}" : "book";

    public static Pick Parse(string? text)
    {
        if (text == "skip") return Skip;
        var parts = (text ?? "").Split('@');
        if (parts is not ["alt", _, _]) return Book;
        return new Pick(false, Guid.TryParse(parts[1], out var pool) ? new PoolId(pool) : null,
            TimeOnly.TryParseExact(parts[2], "HHmm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var start) ? start : null);
    }
}

/// <summary>A request that repeats: the form of the first day, the rule, and what was picked for each day (予約 when nothing was).</summary>
public sealed record SeriesRequest(SeriesId Id, BookingRequest Template, Recurrence Rule, HolidayPolicy Holidays)
{
    public IReadOnlyDictionary<DateOnly, Pick> Picks { get; init; } = new Dictionary<DateOnly, Pick>();

    internal string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join('|', [Template.Hash, Rule.Text, Holidays.ToString(), .. Picks.OrderBy(p => p.Key).Select(p => $"{p.Key:yyyyMMdd}{p.Value}")]))));
}
