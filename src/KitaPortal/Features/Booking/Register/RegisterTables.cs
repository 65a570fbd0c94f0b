using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking.Register;

// RegisterGuards.*.sql refuse changing and deleting.
internal sealed class RegisterEntryTable : IEntityTypeConfiguration<RegisterEntry>
{
    public void Configure(EntityTypeBuilder<RegisterEntry> table)
    {
        table.ToTable("RegisterEntries");
        table.Property(e => e.Id).ValueGeneratedNever();
        table.Property(e => e.RegisterNo).HasMaxLength(60);
        table.Property(e => e.Person).HasMaxLength(120);
        table.HasIndex(e => new { e.FiscalYear, e.Kind, e.OfficeId, e.Sequence });
        table.HasIndex(e => new { e.LoanId, e.Kind });
        table.HasIndex(e => e.BorrowerId);
    }
}

public static class RegisterSets
{
    extension(PortalDb db)
    {
        public DbSet<RegisterEntry> RegisterEntries => db.Set<RegisterEntry>();
    }

    /// <summary>All for the security manager, administrators, auditors and lending managers; a desk its office, a head the section, everybody what they borrowed.</summary>
    public static IQueryable<RegisterEntry> VisibleTo(this IQueryable<RegisterEntry> entries, CurrentStaff me)
    {
        if (me.ReadsWholeLendingRegister() || me.Is(Role.LendingManager)) return entries;
        var (id, offices, sections) = (me.Id, me.DeskOffices.ToList(), me.HeadOf.ToList());
        return entries.Where(e => offices.Contains(e.OfficeId) || sections.Contains(e.DepartmentId) || e.BorrowerId == id);
    }

    /// <summary>Those who read other people's rows by their office; their reading is audited.</summary>
    public static bool ReadsWholeLendingRegister(this CurrentStaff me) => me.Is(Role.SecurityManager) || me.Is(Role.Admin) || me.Is(Role.Auditor);
}
