using System.Text;
using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>What a code at the desk stands for.</summary>
public enum ScannedKind { Nothing, Device, Booking, Person }

/// <summary>A code as it was read and what it stands for; <see cref="Read"/> is what the person is told when nothing is found.</summary>
public sealed record Scanned(string Read, ScannedKind Kind, DeviceId DeviceId = default, BookingId BookingId = default, StaffId StaffId = default);

/// <summary>Finds what a scanned or typed code stands for: label code, equipment number, other codes, serial, booking number, staff number.
/// Full width, blanks, dashes of any kind and small letters make no difference.</summary>
public static class DeskLookup
{
    // R8-7K3F9Q: the letters after the year.
    private const int NumberLength = 6;

    /// <summary>The code in its plain form; of the address on a label only the token counts.</summary>
    public static string Plain(string? typed)
    {
        var text = (typed ?? "").Normalize(NormalizationForm.FormKC);
        var address = text.LastIndexOf("/d/", StringComparison.OrdinalIgnoreCase);
        if (address >= 0) text = text[(address + 3)..].Split('?', '#', '/')[0];
        return string.Concat(text.Where(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && !IsDash(c) && char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format)).ToUpperInvariant();
    }

    public static async Task<Scanned> FindAsync(PortalDb db, string? typed, CancellationToken ct)
    {
        var read = (typed ?? "").Trim();
        var code = Plain(typed);
        if (code.Length is 0 or > 200) return new Scanned(read, ScannedKind.Nothing);

        var devices = await (
            from device in db.Devices.AsNoTracking()
            where device.Token == code || device.Label.Replace("-", "").Replace(" ", "").ToUpper() == code
                || (device.Serial != null && device.Serial.Replace("-", "").Replace(" ", "").ToUpper() == code)
                || device.OtherCodes.Contains(read) || device.OtherCodes.Contains(code)
            select new { device.Id, device.Token, device.Label, device.Status }).Take(10).ToListAsync(ct);
        if (devices.OrderByDescending(d => d.Token == code).ThenByDescending(d => Plain(d.Label) == code).ThenBy(d => d.Status).FirstOrDefault() is { } found)
            return new Scanned(read, ScannedKind.Device, DeviceId: found.Id);

        var number = code.Length > NumberLength ? $"{code[..^NumberLength]}-{code[^NumberLength..]}" : code;
        if (await db.Bookings.Where(b => b.Number == number).Select(b => (BookingId?)b.Id).FirstOrDefaultAsync(ct) is { } booking)
            return new Scanned(read, ScannedKind.Booking, BookingId: booking);
        if (await db.Set<People.StaffMember>().Where(s => s.StaffNumber.Replace("-", "").ToUpper() == code).Select(s => (StaffId?)s.Id).FirstOrDefaultAsync(ct) is { } person)
            return new Scanned(read, ScannedKind.Person, StaffId: person);
        return new Scanned(read, ScannedKind.Nothing);
    }

    private static bool IsDash(char c) => c is '-' or 'ー' or '−' or '‐' or '‑' or '‒' or '–' or '—' or '―';
}
