using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking.Kits;

internal sealed class KitTable : IEntityTypeConfiguration<Kit>
{
    public void Configure(EntityTypeBuilder<Kit> table)
    {
        table.ToTable("Kits");
        table.Property(k => k.Id).ValueGeneratedNever();
        table.Property(k => k.Name).HasMaxLength(Kit.NameLength);
        table.Property(k => k.Note).HasMaxLength(500);
        table.HasIndex(k => k.Name).IsUnique();
        table.HasMany(k => k.Items).WithOne().HasForeignKey(i => i.KitId);
    }
}

internal sealed class KitItemTable : IEntityTypeConfiguration<KitItem>
{
    public void Configure(EntityTypeBuilder<KitItem> table)
    {
        table.ToTable("KitItems");
        table.Property(i => i.Id).ValueGeneratedNever();
        table.HasIndex(i => new { i.KitId, i.ModelId }).IsUnique();
        table.HasOne<DeviceModel>().WithMany().HasForeignKey(i => i.ModelId);
    }
}

public static class KitSets
{
    extension(PortalDb db)
    {
        public DbSet<Kit> Kits => db.Set<Kit>();
    }

    /// <summary>The request with the kit's devices among what is wanted; unchanged without kit. What the office has not is refused, or left out when asked so.</summary>
    internal static async Task<BookingRequest> UnpackedAsync(this BookingRequest request, PortalDb db, CancellationToken ct)
    {
        if (request.KitId is not { } id || request.Wanted.Any(w => w.KitName is not null)) return request;
        var office = request.KitOfficeId ?? throw new NotHereException();
        var kit = await db.Kits.AsNoTracking().Include(k => k.Items).SingleOrDefaultAsync(k => k.Id == id, ct).OrNotHere();
        var models = kit.Items.Select(i => i.ModelId).ToList();
        var pools = await db.Pools.Where(p => p.OfficeId == office && models.Contains(p.ModelId)).ToDictionaryAsync(p => p.ModelId, p => p.Id, ct);
        var missing = kit.Items.Where(i => !pools.ContainsKey(i.ModelId)).Select(i => i.ModelId).ToList();
        if (kit.IsRetired) throw new RuleViolation(KitRules.Retired.With(kit.Name));
        if (missing.Count > 0 && (!request.TakeWhatIsThere || missing.Count == kit.Items.Count)) await RefuseMissingAsync(db, kit, office, missing, ct);
        return request with
        {
            Wanted = [.. request.Wanted, .. kit.Items.Where(i => pools.ContainsKey(i.ModelId)).OrderBy(i => i.Id).Select(i => new WantedDevice(pools[i.ModelId], null, i.Count, kit.Name))],
        };
    }

    private static async Task RefuseMissingAsync(PortalDb db, Kit kit, OfficeId office, List<DeviceModelId> missing, CancellationToken ct)
    {
        var place = await db.Offices.Where(o => o.Id == office).Select(o => o.Name).SingleOrDefaultAsync(ct).OrNotHere();
        var names = await db.DeviceModels.Where(m => missing.Contains(m.Id)).OrderBy(m => m.Name).Select(m => m.Name).ToListAsync(ct);
        Demand.All(names.Select(n => KitRules.NotHere.With(kit.Name, n, place)));
    }
}
