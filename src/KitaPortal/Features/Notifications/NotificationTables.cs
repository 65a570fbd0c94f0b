using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Notifications;

internal sealed class NotificationTable : IEntityTypeConfiguration<Notification>
{
    public void Configure(EntityTypeBuilder<Notification> table)
    {
        table.ToTable("Notifications");
        table.Property(n => n.Id).ValueGeneratedNever();
        table.Property(n => n.Kind).HasMaxLength(60);
        table.Property(n => n.Key).HasMaxLength(200);
        table.Property(n => n.Title).HasMaxLength(Notification.TitleLength);
        table.HasIndex(n => new { n.StaffId, n.Key }).IsUnique();
        table.HasIndex(n => new { n.StaffId, n.At });
        table.HasIndex(n => n.Key);
    }
}

internal sealed class NotificationDecisionTable : IEntityTypeConfiguration<NotificationDecision>
{
    public void Configure(EntityTypeBuilder<NotificationDecision> table)
    {
        table.ToTable("NotificationDecisions");
        table.Property(d => d.Id).ValueGeneratedNever();
        table.Property(d => d.Reason).HasMaxLength(40);
        table.HasIndex(d => new { d.NotificationId, d.Channel }).IsUnique();
        table.HasOne<Notification>().WithMany().HasForeignKey(d => d.NotificationId);
    }
}

public static class NotificationSets
{
    extension(PortalDb db)
    {
        public DbSet<Notification> Notifications => db.Set<Notification>();

        public DbSet<NotificationDecision> NotificationDecisions => db.Set<NotificationDecision>();
    }

    /// <summary>What the person's bell shows, newest first.</summary>
    public static IQueryable<Notification> Of(this IQueryable<Notification> notifications, StaffId person)
        => notifications.Where(n => n.StaffId == person && n.RetractedAt == null);
}
