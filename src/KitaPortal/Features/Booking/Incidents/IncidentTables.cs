using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking.Incidents;

internal sealed class IncidentTable : IEntityTypeConfiguration<Incident>
{
    public void Configure(EntityTypeBuilder<Incident> table)
    {
        table.ToTable("Incidents");
        table.Property(i => i.Id).ValueGeneratedNever();
        table.Property(i => i.Number).HasMaxLength(20);
        table.Property(i => i.DeviceLabel).HasMaxLength(40);
        table.Property(i => i.Place).HasMaxLength(200);
        table.Property(i => i.Story).HasMaxLength(2000);
        table.Property(i => i.Outcome).HasMaxLength(2000);
        table.ComplexProperty(i => i.Extent);
        table.HasIndex(i => i.Number).IsUnique();
        table.HasIndex(i => new { i.DeviceId, i.State });
        table.HasMany(i => i.Tasks).WithOne().HasForeignKey(t => t.IncidentId);
    }
}

internal sealed class IncidentTaskTable : IEntityTypeConfiguration<IncidentTask>
{
    public void Configure(EntityTypeBuilder<IncidentTask> table)
    {
        table.ToTable("IncidentTasks");
        table.Property(t => t.Id).ValueGeneratedNever();
        table.Property(t => t.Code).HasMaxLength(30);
        table.Property(t => t.Title).HasMaxLength(100);
        table.Property(t => t.Owner).HasMaxLength(60);
        table.Property(t => t.Evidence).HasMaxLength(1000);
        table.HasIndex(t => new { t.DoneAt, t.DueAt });
    }
}

public static class IncidentSets
{
    extension(PortalDb db)
    {
        public DbSet<Incident> Incidents => db.Set<Incident>();
    }

    /// <summary>All for the security manager and auditors; a desk its office, a head the section, everybody what they reported or had.</summary>
    public static IQueryable<Incident> VisibleTo(this IQueryable<Incident> incidents, CurrentStaff me)
    {
        if (me.Is(Role.SecurityManager) || me.Is(Role.Auditor) || me.Is(Role.LendingManager)) return incidents;
        var (id, offices, sections) = (me.Id, me.DeskOffices.ToList(), me.HeadOf.Select(h => (People.DepartmentId?)h).ToList());
        return incidents.Where(i => i.ReportedBy == id || i.CallerId == id || offices.Contains(i.OfficeId) || sections.Contains(i.DepartmentId));
    }
}
