using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>The keys that name people in the ledger, one for each person and year.</summary>
internal static class PersonKeys
{
    /// <summary>Makes what is missing of the keys wanted. One made by somebody else in the same moment is used as it is.</summary>
    public static async Task<Dictionary<(StaffId, FiscalYear), Guid>> OfAsync(PortalDb db, IReadOnlyCollection<(StaffId Person, FiscalYear Year)> wanted, CancellationToken ct)
    {
        var people = wanted.Select(w => w.Person).Distinct().ToList();
        var keys = await ReadAsync();
        var missing = wanted.Distinct().Where(w => !keys.ContainsKey(w)).OrderBy(w => w.Person.Value).ThenBy(w => w.Year).ToList();
        foreach (var (person, year) in missing)
            await db.Database.ExecuteSqlAsync($"""INSERT INTO "LedgerPeople" ("Id", "StaffId", "FiscalYear") VALUES ({Guid.CreateVersion7()}, {person.Value}, {year.Value}) ON CONFLICT DO NOTHING""", ct);
        return missing.Count == 0 ? keys : await ReadAsync();

        Task<Dictionary<(StaffId, FiscalYear), Guid>> ReadAsync() => db.LedgerPeople.AsNoTracking().Where(p => people.Contains(p.StaffId)).ToDictionaryAsync(p => (p.StaffId, p.FiscalYear), p => p.Id, ct);
    }

    /// <summary>All keys there are.</summary>
    public static Task<Dictionary<(StaffId, FiscalYear), Guid>> AllAsync(PortalDb db, CancellationToken ct)
        => db.LedgerPeople.AsNoTracking().ToDictionaryAsync(p => (p.StaffId, p.FiscalYear), p => p.Id, ct);
}
