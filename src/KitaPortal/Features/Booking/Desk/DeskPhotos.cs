using KitaPortal.Data;
using KitaPortal.Features.Booking.Register;
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

    /// <summary>Whoever may read the line of the register, whoever received the devices, and the desk that took them back.</summary>
    internal static async Task<bool> MayReadAsync(IServiceProvider services, string ownerId, CancellationToken ct)
    {
        var (db, me) = (services.GetRequiredService<PortalDb>(), services.GetRequiredService<CurrentStaff>());
        if (!Guid.TryParse(ownerId, out var act)) return false;
        var (id, offices, loans) = (me.Id, me.DeskOffices.ToList(), db.Loans.Where(l => l.HandOverId == act || l.TakeBackId == act));
        return await db.RegisterEntries.VisibleTo(me).AnyAsync(e => loans.Any(l => l.Id == e.LoanId), ct)
            || await loans.AnyAsync(l => l.ReceivedBy == id, ct)
            || await db.TakeBacks.AnyAsync(t => t.Id == act && offices.Contains(t.OfficeId), ct);
    }
}
