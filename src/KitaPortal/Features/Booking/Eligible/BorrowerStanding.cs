using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Eligible;

/// <summary>What a person has signed and learned, and until when it counts; suspensions that run.</summary>
public sealed record BorrowerStanding(IReadOnlyDictionary<string, DateOnly?> Agreements, DateOnly? Training, IReadOnlyList<Suspension> Suspensions)
{
    /// <summary>The day until which the agreements of all classes hold that need one; null when one is missing.</summary>
    public DateOnly? AgreementUntil => Agreements.Values.Any(d => d is null) ? null : Agreements.Values.Min();

    /// <summary>Reads it for some people: by class the last day of the agreement, for classes that need one and have a text.</summary>
    public static async Task<IReadOnlyDictionary<StaffId, BorrowerStanding>> LoadAsync(PortalDb db, IReadOnlyCollection<StaffId> people, DateOnly today, DateTimeOffset now, CancellationToken ct)
    {
        var classes = (await db.DeviceClasses.AsNoTracking().ToListAsync(ct)).Where(c => c.NeedsAgreement).Select(c => c.Code).ToList();
        var texts = await db.AgreementVersions.AsNoTracking().Where(a => a.EffectiveFrom <= today).ToListAsync(ct);
        classes.RemoveAll(c => !texts.Any(t => t.Covers(c)));
        var signed = (await db.AgreementSignatures.Where(s => people.Contains(s.StaffId)).GroupBy(s => new { s.StaffId, s.AgreementVersionId })
            .Select(g => new { g.Key.StaffId, g.Key.AgreementVersionId, LastDay = g.Max(s => s.LastDay) }).ToListAsync(ct)).ToLookup(s => s.StaffId);
        var trained = (await db.TrainingRecords.Where(t => people.Contains(t.StaffId)).GroupBy(t => t.StaffId).Select(g => new { g.Key, LastDay = g.Max(t => t.LastDay) }).ToListAsync(ct)).ToDictionary(t => t.Key, t => t.LastDay);
        var suspended = (await db.Suspensions.AsNoTracking().Where(s => people.Contains(s.StaffId) && s.From <= now && (s.To == null || s.To > now)).ToListAsync(ct)).ToLookup(s => s.StaffId);
        return people.Distinct().ToDictionary(p => p, p => new BorrowerStanding(
            classes.ToDictionary(c => c, c => signed[p].Where(s => texts.FirstOrDefault(t => t.Id == s.AgreementVersionId)?.Covers(c) == true).Select(s => (DateOnly?)s.LastDay).Max()),
            trained.TryGetValue(p, out var last) ? last : null, [.. suspended[p]]));
    }
}
