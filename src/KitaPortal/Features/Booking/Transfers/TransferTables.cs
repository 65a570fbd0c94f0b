using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking;

internal sealed class TransferTable : IEntityTypeConfiguration<Transfer>
{
    public void Configure(EntityTypeBuilder<Transfer> table)
    {
        table.ToTable("Transfers");
        table.Property(t => t.Id).ValueGeneratedNever();
        table.Property(t => t.Note).HasMaxLength(500);
        table.Property(t => t.Remark).HasMaxLength(500);
        table.HasIndex(t => t.DeviceId).IsUnique().HasFilter("\"State\" IN ('Planned', 'Sent')").HasDatabaseName("one_open_transfer_per_device");
        table.HasIndex(t => new { t.State, t.ArriveBy });
        table.HasIndex(t => t.FromPoolId);
        table.HasIndex(t => t.ToPoolId);
    }
}

public static class TransferSets
{
    extension(PortalDb db)
    {
        public DbSet<Transfer> Transfers => db.Set<Transfer>();
    }
}
