using KitaPortal.Data;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Booking;

internal sealed class ReceiptTable : IEntityTypeConfiguration<Receipt>
{
    public void Configure(EntityTypeBuilder<Receipt> table)
    {
        table.ToTable("Receipts");
        table.Property(r => r.Id).ValueGeneratedNever();
        table.HasIndex(r => new { r.HandOverId, r.PersonId }).IsUnique();
        table.HasIndex(r => new { r.ConfirmedAt, r.HandedOverAt });
    }
}

internal sealed class ReceiptProxyTable : IEntityTypeConfiguration<ReceiptProxy>
{
    public void Configure(EntityTypeBuilder<ReceiptProxy> table)
    {
        table.ToTable("ReceiptProxies");
        table.Property(p => p.Id).ValueGeneratedNever();
        table.HasIndex(p => p.BookingId);
    }
}

public static class ReceiptSets
{
    extension(PortalDb db)
    {
        public DbSet<Receipt> Receipts => db.Set<Receipt>();

        public DbSet<ReceiptProxy> ReceiptProxies => db.Set<ReceiptProxy>();
    }
}

/// <summary>Reminds once of receipts that were not confirmed an hour after the hand-over.</summary>
internal sealed class ReceiptJob(PortalDb db, IOptions<BookingOptions> options) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var since = now.AddMinutes(-options.Value.ReceiptReminderMinutes);
        var told = await db.WriteAsync(async () => (await db.Receipts.Where(r => r.ConfirmedAt == null && r.RemindedAt == null && r.HandedOverAt <= since).ToListAsync(ct)).Count(r => r.Remind(now)), ct);
        return told == 0 ? null : $"{told} receipts reminded of";
    }
}
