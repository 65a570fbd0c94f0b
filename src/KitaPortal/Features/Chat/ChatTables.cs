using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Chat;

internal sealed class ChannelTable : IEntityTypeConfiguration<Channel>
{
    public void Configure(EntityTypeBuilder<Channel> table)
    {
        table.ToTable("ChatChannels");
        table.Property(c => c.Id).ValueGeneratedNever();
        table.Property(c => c.Name).HasMaxLength(60);
        table.Property(c => c.NameKey).HasMaxLength(120);
        table.Property(c => c.Purpose).HasMaxLength(300);
        table.Property(c => c.PeopleKey).HasMaxLength(400);
        table.Property(c => c.LastHash).HasMaxLength(64);
        table.HasIndex(c => c.NameKey).IsUnique();
        table.HasIndex(c => c.PeopleKey).IsUnique();
        table.HasIndex(c => c.DepartmentId).IsUnique();
        table.HasOne<Department>().WithMany().HasForeignKey(c => c.DepartmentId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class StayTable : IEntityTypeConfiguration<Stay>
{
    public void Configure(EntityTypeBuilder<Stay> table)
    {
        table.ToTable("ChatStays");
        table.Property(s => s.Id).ValueGeneratedNever();
        table.HasIndex(s => new { s.StaffId, s.Until });
        // Not unique: whoever comes and goes within one moment leaves stays without length.
        table.HasIndex(s => new { s.ChannelId, s.StaffId, s.From });
        table.HasIndex(s => s.From);
        table.HasIndex(s => s.Until);
        table.HasOne<Channel>().WithMany().HasForeignKey(s => s.ChannelId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class ChannelMemberTable : IEntityTypeConfiguration<ChannelMember>
{
    public void Configure(EntityTypeBuilder<ChannelMember> table)
    {
        table.ToTable("ChatMembers");
        table.HasKey(m => new { m.ChannelId, m.StaffId });
        table.HasIndex(m => new { m.StaffId, m.UserRev });
        table.HasOne<Channel>().WithMany().HasForeignKey(m => m.ChannelId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class ChatPersonTable : IEntityTypeConfiguration<ChatPerson>
{
    public void Configure(EntityTypeBuilder<ChatPerson> table)
    {
        table.ToTable("ChatPeople");
        table.Property(p => p.Id).ValueGeneratedNever();
        table.Property(p => p.UserRev).HasDefaultValue(0L);
    }
}

internal sealed class MessageTable : IEntityTypeConfiguration<Message>
{
    public void Configure(EntityTypeBuilder<Message> table)
    {
        table.ToTable("ChatMessages");
        table.Property(m => m.Id).ValueGeneratedNever();
        table.Property(m => m.AuthorDepartment).HasMaxLength(80);
        table.Property(m => m.AuthorTitle).HasMaxLength(40);
        table.Property(m => m.SentHash).HasMaxLength(64);
        table.Property(m => m.DeleteReason).HasMaxLength(400);
        table.HasIndex(m => new { m.ChannelId, m.MsgNo }).IsUnique();
        table.HasIndex(m => new { m.RootId, m.ReplyNo }).IsUnique();
        table.HasIndex(m => new { m.AuthorId, m.ClientId }).IsUnique();
        table.HasIndex(m => new { m.ChannelId, m.UpdatedRev });
        table.Ignore(m => m.IsDeleted);
        table.HasOne<Channel>().WithMany().HasForeignKey(m => m.ChannelId).OnDelete(DeleteBehavior.Restrict);
        table.HasMany(m => m.Versions).WithOne().HasForeignKey(v => v.MessageId).OnDelete(DeleteBehavior.Restrict);
        table.HasMany(m => m.Reactions).WithOne().HasForeignKey(r => r.MessageId);
    }
}

internal sealed class MessageVersionTable : IEntityTypeConfiguration<MessageVersion>
{
    public void Configure(EntityTypeBuilder<MessageVersion> table)
    {
        table.ToTable("ChatMessageVersions");
        table.HasKey(v => new { v.MessageId, v.No });
        table.Property(v => v.BodyHash).HasMaxLength(64);
        table.Property(v => v.PreviousHash).HasMaxLength(64);
        table.Property(v => v.Hash).HasMaxLength(64);
        table.HasIndex(v => new { v.ChannelId, v.Rev }).IsUnique();
    }
}

internal sealed class ReactionTable : IEntityTypeConfiguration<Reaction>
{
    public void Configure(EntityTypeBuilder<Reaction> table)
    {
        table.ToTable("ChatReactions");
        table.HasKey(r => new { r.MessageId, r.StaffId, r.Code });
        table.Property(r => r.Code).HasMaxLength(20);
    }
}

public static class ChatSets
{
    extension(PortalDb db)
    {
        public DbSet<Channel> Channels => db.Set<Channel>();

        public DbSet<Stay> Stays => db.Set<Stay>();

        public DbSet<ChannelMember> ChannelMembers => db.Set<ChannelMember>();

        public DbSet<ChatPerson> ChatPeople => db.Set<ChatPerson>();

        public DbSet<Message> Messages => db.Set<Message>();

        public DbSet<MessageVersion> MessageVersions => db.Set<MessageVersion>();

        public DbSet<Reaction> Reactions => db.Set<Reaction>();
    }

    /// <summary>The stays that cover the moment; those of the future are shown to nobody.</summary>
    public static IQueryable<Stay> Covering(this IQueryable<Stay> stays, DateTimeOffset now)
        => stays.Where(s => s.From <= now && (s.Until == null || now < s.Until));

    /// <summary>The messages a stay lets its person see.</summary>
    public static IQueryable<Message> Since(this IQueryable<Message> messages, DateTimeOffset? visibleFrom)
        => visibleFrom is { } from ? messages.Where(m => m.ThreadAt >= from) : messages;

    internal static IQueryable<Stay> Of(this IQueryable<Stay> stays, StaffId person) => stays.Where(s => s.StaffId == person);
}
