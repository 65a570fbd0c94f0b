using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking.StockTaking;

internal sealed class StockTakeTable : IEntityTypeConfiguration<StockTake>
{
    public void Configure(EntityTypeBuilder<StockTake> table)
    {
        table.ToTable("StockTakes");
        table.Property(s => s.Id).ValueGeneratedNever();
        table.Property(s => s.Witness).HasMaxLength(100);
        table.HasIndex(s => new { s.OfficeId, s.StartedAt });
        table.HasMany(s => s.Items).WithOne().HasForeignKey(i => i.StockTakeId);
    }
}

internal sealed class StockTakeItemTable : IEntityTypeConfiguration<StockTakeItem>
{
    public void Configure(EntityTypeBuilder<StockTakeItem> table)
    {
        table.ToTable("StockTakeItems");
        table.Property(i => i.Id).ValueGeneratedNever();
        table.Property(i => i.Label).HasMaxLength(200);
        table.Property(i => i.Model).HasMaxLength(100);
    }
}

public static class StockTakeSets
{
    extension(PortalDb db)
    {
        public DbSet<StockTake> StockTakes => db.Set<StockTake>();
    }
}
