using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking;

internal sealed class BlackoutTable : IEntityTypeConfiguration<Blackout>
{
    public void Configure(EntityTypeBuilder<Blackout> table)
    {
        table.ToTable("Blackouts");
        table.Property(b => b.Id).ValueGeneratedNever();
        table.Property(b => b.Reason).HasMaxLength(200);
        table.Property(b => b.Repeat).HasMaxLength(200);
        table.Ignore(b => b.Periods);
        table.HasIndex(b => b.LastsUntil);
    }
}

internal sealed class MaintenanceTable : IEntityTypeConfiguration<Maintenance>
{
    public void Configure(EntityTypeBuilder<Maintenance> table)
    {
        table.ToTable("Maintenances");
        table.Property(m => m.Id).ValueGeneratedNever();
        table.Property(m => m.Reason).HasMaxLength(200);
        table.Property(m => m.Vendor).HasMaxLength(100);
        table.Property(m => m.Result).HasMaxLength(1000);
        table.HasIndex(m => new { m.DeviceId, m.From });
    }
}

public static class ClosureSets
{
    extension(PortalDb db)
    {
        public DbSet<Blackout> Blackouts => db.Set<Blackout>();

        public DbSet<Maintenance> Maintenances => db.Set<Maintenance>();
    }
}
