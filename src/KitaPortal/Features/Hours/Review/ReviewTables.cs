using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Hours.Review;

/// <summary>Somebody looked at a person's own hours; the person sees it under 自分の記録を見た人.</summary>
public sealed class PersonalLook
{
    private PersonalLook() { }

    internal PersonalLook(StaffId staff, StaffId viewer, DateTimeOffset at, string what) => (Id, StaffId, ViewerId, At, What) = (Guid.CreateVersion7(at), staff, viewer, at, what);

    public Guid Id { get; private set; }

    public StaffId StaffId { get; private set; }

    public StaffId ViewerId { get; private set; }

    public DateTimeOffset At { get; private set; }

    /// <summary>What was shown, with its filter.</summary>
    public string What { get; private set; } = "";
}

/// <summary>The monthly mail about a month: one row, one mail, on however many nodes the job runs.</summary>
public sealed class HoursMail
{
    private HoursMail() { }

    internal HoursMail(DateOnly month, DateTimeOffset at, int recipients) => (Month, At, Recipients) = (month, at, recipients);

    /// <summary>The first day of the month it reports.</summary>
    public DateOnly Month { get; private set; }

    public DateTimeOffset At { get; private set; }

    public int Recipients { get; private set; }
}

internal sealed class PersonalLookTable : IEntityTypeConfiguration<PersonalLook>
{
    public void Configure(EntityTypeBuilder<PersonalLook> table)
    {
        table.ToTable("PersonalLooks");
        table.Property(l => l.Id).ValueGeneratedNever();
        table.Property(l => l.What).HasMaxLength(300);
        table.HasIndex(l => new { l.StaffId, l.At });
    }
}

internal sealed class HoursMailTable : IEntityTypeConfiguration<HoursMail>
{
    public void Configure(EntityTypeBuilder<HoursMail> table)
    {
        table.ToTable("HoursMails");
        table.HasKey(m => m.Month);
        table.Property(m => m.Month).ValueGeneratedNever();
    }
}

public static class ReviewSets
{
    extension(PortalDb db)
    {
        public DbSet<PersonalLook> PersonalLooks => db.Set<PersonalLook>();

        public DbSet<HoursMail> HoursMails => db.Set<HoursMail>();
    }
}
