using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking;

internal sealed class UseSessionTable : IEntityTypeConfiguration<UseSession>
{
    public void Configure(EntityTypeBuilder<UseSession> table)
    {
        table.ToTable("UseSessions");
        table.Property(s => s.Id).ValueGeneratedNever();
        table.HasIndex(s => s.LineId).IsUnique().HasFilter("\"To\" IS NULL").HasDatabaseName("one_running_use_per_line");
        table.HasIndex(s => new { s.LineId, s.From });
    }
}

public static class UseSets
{
    extension(PortalDb db)
    {
        public DbSet<UseSession> UseSessions => db.Set<UseSession>();
    }
}
