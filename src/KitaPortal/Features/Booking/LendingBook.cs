using KitaPortal.Data;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>What can be lent and by which rules: a standing copy read by every booking. Its rows are shared; nobody changes them. Devices are not in it: they change all day.</summary>
public sealed class LendingBook
{
    private readonly Dictionary<PoolId, PoolFacts> pools;
    private readonly Dictionary<(OfficeId, DateOnly), int?> caps;

    private LendingBook(IEnumerable<PoolFacts> pools, IReadOnlyList<AgreementVersion> agreements, IReadOnlyList<RuleSet> ruleSets, IReadOnlyList<Blackout> blackouts, IEnumerable<DeskDay> deskDays)
        => (this.pools, Agreements, RuleSets, Blackouts, caps) = (pools.ToDictionary(p => p.Pool.Id), agreements, ruleSets, blackouts, deskDays.ToDictionary(d => (d.OfficeId, d.Day), d => d.HourlyCap));

    /// <summary>All agreement texts, newest first.</summary>
    public IReadOnlyList<AgreementVersion> Agreements { get; }

    /// <summary>The published rule sets.</summary>
    public IReadOnlyList<RuleSet> RuleSets { get; }

    public IReadOnlyList<Blackout> Blackouts { get; }

    public IEnumerable<PoolFacts> Pools => pools.Values;

    public PoolFacts? Find(PoolId id) => pools.GetValueOrDefault(id);

    /// <summary>Devices collected in an hour at this desk on this day, when that was said; else null.</summary>
    public int? CapOf(OfficeId office, DateOnly day) => caps.GetValueOrDefault((office, day));

    internal static Type[] Entities =>
    [
        typeof(Pool), typeof(PoolOpening), typeof(DeviceModel), typeof(Accessory), typeof(DeviceClass), typeof(Office), typeof(HolidayOverride), typeof(AgreementVersion), typeof(RuleSet), typeof(Blackout), typeof(DeskDay),
    ];

    internal static async Task<LendingBook> LoadAsync(PortalDb db, CancellationToken ct)
    {
        var calendar = await db.WorkCalendarAsync(ct);
        var models = await db.DeviceModels.Include(m => m.Accessories).AsNoTracking().ToDictionaryAsync(m => m.Id, ct);
        var classes = await db.DeviceClasses.AsNoTracking().ToDictionaryAsync(c => c.Id, ct);
        var offices = await db.Offices.AsNoTracking().ToDictionaryAsync(o => o.Id, o => (Office: o, Desk: new DeskHours(o, calendar)), ct);
        var pools = await db.Pools.Include(p => p.OpenTo).AsNoTracking().ToListAsync(ct);
        return new LendingBook(
            pools.Select(p => new PoolFacts(p, models[p.ModelId], classes[models[p.ModelId].ClassId], offices[p.OfficeId].Office, offices[p.OfficeId].Desk)),
            await db.AgreementVersions.AsNoTracking().OrderByDescending(a => a.EffectiveFrom).ToListAsync(ct),
            await db.RuleSets.AsNoTracking().Where(r => r.PublishedAt != null).ToListAsync(ct),
            await db.Blackouts.AsNoTracking().ToListAsync(ct),
            await db.DeskDays.AsNoTracking().Where(d => d.HourlyCap != null).ToListAsync(ct));
    }
}
