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

/// <summary>The town's working days with its own overrides. A few rows a year: read anew for every command, so nobody waits for a cache.</summary>
public static class CalendarSets
{
    extension(PortalDb db)
    {
        public DbSet<HolidayOverride> HolidayOverrides => db.Set<HolidayOverride>();
    }

    public static async Task<WorkCalendar> WorkCalendarAsync(this PortalDb db, CancellationToken ct)
        => new(await db.HolidayOverrides.AsNoTracking().ToListAsync(ct));
}
