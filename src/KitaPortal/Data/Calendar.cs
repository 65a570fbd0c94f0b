using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Data;

internal sealed class HolidayOverrideTable : IEntityTypeConfiguration<HolidayOverride>
{
    public void Configure(EntityTypeBuilder<HolidayOverride> table)
    {
        table.ToTable("HolidayOverrides");
        table.Property(h => h.Id).ValueGeneratedNever();
        table.Property(h => h.Name).HasMaxLength(60);
        table.HasIndex(h => new { h.Day, h.OfficeId }).IsUnique();
    }
}

/// <summary>The town's working days with its own overrides.</summary>
public static class CalendarSets
{
    extension(PortalDb db)
    {
        public DbSet<HolidayOverride> HolidayOverrides => db.Set<HolidayOverride>();
    }

    public static Task<WorkCalendar> WorkCalendarAsync(this PortalDb db, CancellationToken ct) => db.StandingAsync<WorkCalendar>(ct);
}
