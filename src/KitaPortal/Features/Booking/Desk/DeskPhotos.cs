using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Booking.Desk;

/// <summary>Photos of a hand-over or take-back: who may see them, and that a repeated act adds none.</summary>
public sealed class DeskPhotos(PortalDb db, FileStore files, IOptions<BookingOptions> options, TimeProvider clock)
{
    public const string HandOver = "hand-over";
    public const string TakeBack = "take-back";
    public const string Signature = "hand-over-signature";
    private const int LargestSignature = 400_000;

    public Task<IReadOnlyList<TakenFile>> TakeInAsync(IReadOnlyList<IFormFile> uploads, CancellationToken ct)
    {
        Demand.All(uploads.Count > options.Value.MaxPhotos ? DeskRules.Photos.On("Form.Photos", options.Value.MaxPhotos, uploads.Count) : null);
        return files.TakeInAsync(uploads, FileRules.Photo, "Form.Photos", ct);
    }

    /// <summary>The signature drawn on the tablet, as the page sends it: a PNG in a data address. Nothing when nobody drew.</summary>
    public async Task<IReadOnlyList<TakenFile>> TakeInSignatureAsync(string? dataAddress, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(dataAddress)) return [];
        const string prefix = "data:image/png;base64,";
        if (!dataAddress.StartsWith(prefix, StringComparison.Ordinal) || dataAddress.Length > LargestSignature) throw new RuleViolation(DeskRules.Signature.With());
        var bytes = new byte[dataAddress.Length];
        if (!Convert.TryFromBase64Chars(dataAddress.AsSpan(prefix.Length), bytes, out var length)) throw new RuleViolation(DeskRules.Signature.With());
        using var content = new MemoryStream(bytes, 0, length);
        return await files.TakeInAsync([new FormFile(content, 0, length, "signature", "signature.png")], FileRules.Photo, "Form.SignatureImage", ct);
    }

    public async Task LinkAsync(string kind, Guid act, IReadOnlyList<TakenFile> taken, StaffId by, CancellationToken ct)
    {
        if (taken.Count == 0 || await db.FileLinks.Of(kind, act.ToString()).AnyAsync(ct)) return;
        db.AddRange(taken.Select(t => new FileLink(t, kind, act.ToString(), by, clock.GetUtcNow())));
    }

    /// <summary>The desk that acted, and the people whose devices these were.</summary>
    internal static async Task<bool> MayReadAsync(IServiceProvider services, string ownerId, CancellationToken ct)
    {
        var (db, me) = (services.GetRequiredService<PortalDb>(), services.GetRequiredService<CurrentStaff>());
        if (!Guid.TryParse(ownerId, out var act)) return false;
        var found = await (
            from loan in db.Loans
            where loan.HandOverId == act || loan.TakeBackId == act
            join line in db.BookingLines on loan.LineId equals line.Id
            join booking in db.Bookings on line.BookingId equals booking.Id
            select new { loan.OfficeId, loan.ReceivedBy, booking.BorrowerId }).ToListAsync(ct);
        return found.Any(f => me.IsDeskOf(f.OfficeId) || f.ReceivedBy == me.Id || f.BorrowerId == me.Id) || me.DeskOffices.Count > 0 && await IsOfDeskAsync(db, me.DeskOffices, act, ct);
    }

    private static Task<bool> IsOfDeskAsync(PortalDb db, IReadOnlyList<OfficeId> offices, Guid act, CancellationToken ct)
        => db.TakeBacks.AnyAsync(t => t.Id == act && offices.Contains(t.OfficeId), ct);
}
