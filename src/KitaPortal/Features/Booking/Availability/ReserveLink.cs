using System.Globalization;
using System.Text;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Booking.Availability;

/// <summary>Addresses of the reserve form, filled in. Short ones name a device by its label (<c>d</c>) and a time (<c>t</c>), so that a page may hold thousands of them.</summary>
public static class ReserveLink
{
    private const string Page = "/booking/reserve";

    /// <summary>202604070830-202604071715, Tokyo wall clock.</summary>
    public static string Time(Period period) => $"{Stamp(period.From)}-{Stamp(period.To)}";

    /// <summary>Reads <see cref="Time"/>; null when it is something else.</summary>
    public static (DateTime From, DateTime To)? ReadTime(string? text)
        => text is { Length: 25 } && text[12] == '-' && Read(text[..12]) is { } from && Read(text[13..]) is { } to ? (from, to) : null;

    /// <summary>The form for a device and a time, without what is the same for all links of a page.</summary>
    public static string OfDevice(string escapedLabel, Period period, string rest = "") => $"{Page}?d={escapedLabel}&t={Time(period)}{rest}";

    public static string OfPool(PoolId pool, int count, Period period, string rest = "") => $"{Page}?Form.Choice=p{pool}{(count > 1 ? $"&Form.Count={count.ToString(CultureInfo.InvariantCulture)}" : "")}&t={Time(period)}{rest}";

    /// <summary>The form for only a time.</summary>
    public static string OfTime(Period period, string rest = "") => $"{Page}?t={Time(period)}{rest}";

    /// <summary>The whole form as it stands for this request of the asker.</summary>
    public static string Of(BookingRequest request, StaffId asker)
    {
        var aim = request.Aim;
        var link = new StringBuilder(Page).Append("?t=").Append(Time(request.Period));
        IEnumerable<(string Choice, int Count)> choices = request.Wanted.Where(w => w.KitName is null).Select(w => w.DeviceId is { } device ? ($"d{device}", 1) : ($"p{w.PoolId}", w.Count));
        if (request.KitId is { } kit) choices = choices.Prepend(($"k{kit}@{request.KitOfficeId}", 1));
        foreach (var (index, (choice, count)) in choices.Index())
        {
            var name = index == 0 ? "Form." : $"Form.More[{index - 1}].";
            link.Append('&').Append(name).Append("Choice=").Append(choice);
            if (count != 1) link.Append('&').Append(name).Append("Count=").Append(count);
        }
        if (request.TakeWhatIsThere) Add(link, "TakeWhatIsThere", "true");
        Add(link, "Purpose", aim.Purpose.ToString());
        Add(link, "PurposeNote", aim.PurposeNote);
        Add(link, "TravelOrderNo", aim.TravelOrderNo);
        Add(link, "DestinationKind", aim.DestinationKind.ToString());
        Add(link, "DestinationNote", aim.DestinationNote);
        Add(link, "InfoClass", aim.InfoClass.ToString());
        if (aim.PersonalData) Add(link, "PersonalData", "true");
        if (request.BorrowerId != asker) Add(link, "BorrowerId", request.BorrowerId.ToString());
        Add(link, "ResponsibleId", request.ResponsibleId?.ToString());
        Add(link, "Reason", request.Reason);
        foreach (var code in request.Acknowledged) Add(link, "Acknowledged", code);
        foreach (var (code, reason) in request.Overrides) Add(link, $"Overrides[{code}]", reason);
        return link.ToString();
    }

    private static void Add(StringBuilder link, string field, string? value)
    {
        if (!string.IsNullOrEmpty(value)) link.Append("&Form.").Append(field).Append('=').Append(Uri.EscapeDataString(value));
    }

    private static string Stamp(DateTimeOffset moment) => TokyoTime.Shown(moment).ToString("yyyyMMddHHmm", CultureInfo.InvariantCulture);

    private static DateTime? Read(string stamp)
        => DateTime.TryParseExact(stamp, "yyyyMMddHHmm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? moment : null;
}
