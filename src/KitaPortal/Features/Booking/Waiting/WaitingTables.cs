using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking.Waiting;

internal sealed class WaitlistEntryTable : IEntityTypeConfiguration<WaitlistEntry>
{
    public void Configure(EntityTypeBuilder<WaitlistEntry> table)
    {
        table.ToTable("WaitlistEntries");
        table.Property(e => e.Id).ValueGeneratedNever();
        table.Property(e => e.RequestHash).HasMaxLength(64);
        table.HasIndex(e => new { e.Status, e.QueuedAt });
        table.HasIndex(e => e.StaffId);
        table.HasMany(e => e.Pools).WithOne().HasForeignKey(p => p.EntryId);
        table.Ignore(e => e.Request);
        table.Ignore(e => e.OfferedRequest);
    }
}

internal sealed class WaitlistPoolTable : IEntityTypeConfiguration<WaitlistPool>
{
    public void Configure(EntityTypeBuilder<WaitlistPool> table)
    {
        table.ToTable("WaitlistPools");
        table.Property(p => p.Id).ValueGeneratedNever();
        table.HasIndex(p => p.PoolId);
    }
}

public static class WaitingSets
{
    extension(PortalDb db)
    {
        public DbSet<WaitlistEntry> WaitlistEntries => db.Set<WaitlistEntry>();
    }
}
