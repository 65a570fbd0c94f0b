using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Notifications.Calendar;

internal sealed class CalendarFeedTable : IEntityTypeConfiguration<CalendarFeed>
{
    public void Configure(EntityTypeBuilder<CalendarFeed> table)
    {
        table.ToTable("CalendarFeeds");
        table.Property(f => f.Id).ValueGeneratedNever();
        table.Property(f => f.SecretHash).HasMaxLength(64);
        table.HasIndex(f => f.SecretHash).IsUnique();
        table.Ignore(f => f.OwnerId);
    }
}

public static class CalendarFeedSets
{
    extension(PortalDb db)
    {
        public DbSet<CalendarFeed> CalendarFeeds => db.Set<CalendarFeed>();
    }
}
