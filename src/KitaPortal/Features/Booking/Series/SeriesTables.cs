using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking.Series;

internal sealed class BookingSeriesTable : IEntityTypeConfiguration<BookingSeries>
{
    public void Configure(EntityTypeBuilder<BookingSeries> table)
    {
        table.ToTable("BookingSeries");
        table.Property(s => s.Id).ValueGeneratedNever();
        table.Property(s => s.Rule).HasMaxLength(300);
        table.Property(s => s.RequestHash).HasMaxLength(64);
        table.HasIndex(s => s.BorrowerId);
        table.HasIndex(s => s.ApprovalRequestId);
        table.HasMany(s => s.Days).WithOne().HasForeignKey(d => d.SeriesId);
        table.Ignore(s => s.Template);
        table.Ignore(s => s.Recurrence);
    }
}

internal sealed class SeriesDayTable : IEntityTypeConfiguration<SeriesDay>
{
    public void Configure(EntityTypeBuilder<SeriesDay> table)
    {
        table.ToTable("SeriesDays");
        table.Property(d => d.Id).ValueGeneratedNever();

        // At most one row per day, removed ones included: no day is booked twice and none comes back.
        table.HasIndex(d => new { d.SeriesId, d.Day }).IsUnique();
        table.HasIndex(d => d.BookingId).IsUnique();
    }
}

internal sealed class BookingInSeriesTable : IEntityTypeConfiguration<Booking>
{
    public void Configure(EntityTypeBuilder<Booking> table) => table.HasIndex(b => new { b.SeriesId, b.OccurrenceDate });
}

public static class SeriesSets
{
    extension(PortalDb db)
    {
        public DbSet<BookingSeries> BookingSeries => db.Set<BookingSeries>();

        public DbSet<SeriesDay> SeriesDays => db.Set<SeriesDay>();
    }
}
