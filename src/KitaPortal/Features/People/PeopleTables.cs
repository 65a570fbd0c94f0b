using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.People;

internal sealed class OfficeTable : IEntityTypeConfiguration<Office>
{
    public void Configure(EntityTypeBuilder<Office> table)
    {
        table.ToTable("Offices");
        table.Property(o => o.Id).ValueGeneratedNever();
        table.Property(o => o.Code).HasMaxLength(20);
        table.Property(o => o.Name).HasMaxLength(60);
        table.HasIndex(o => o.Code).IsUnique();
    }
}

internal sealed class DepartmentTable : IEntityTypeConfiguration<Department>
{
    public void Configure(EntityTypeBuilder<Department> table)
    {
        table.ToTable("Departments");
        table.Property(d => d.Id).ValueGeneratedNever();
        table.Property(d => d.Code).HasMaxLength(20);
        table.HasIndex(d => d.Code).IsUnique();
        table.HasMany(d => d.Terms).WithOne().HasForeignKey(t => t.DepartmentId);
    }
}

internal sealed class DepartmentTermTable : IEntityTypeConfiguration<DepartmentTerm>
{
    public void Configure(EntityTypeBuilder<DepartmentTerm> table)
    {
        table.ToTable("DepartmentTerms");
        table.Property(t => t.Id).ValueGeneratedNever();
        table.Property(t => t.Name).HasMaxLength(80);
        table.Property(t => t.ShortName).HasMaxLength(40);
        table.HasIndex(t => new { t.DepartmentId, t.From }).IsUnique();
    }
}

internal sealed class PostTable : IEntityTypeConfiguration<Post>
{
    public void Configure(EntityTypeBuilder<Post> table)
    {
        table.ToTable("Posts");
        table.Property(p => p.Id).ValueGeneratedNever();
        table.Property(p => p.Code).HasMaxLength(20);
        table.Property(p => p.Name).HasMaxLength(40);
        table.HasIndex(p => p.Code).IsUnique();
    }
}

internal sealed class StaffTable : IEntityTypeConfiguration<StaffMember>
{
    public void Configure(EntityTypeBuilder<StaffMember> table)
    {
        table.ToTable("Staff");
        table.Property(s => s.Id).ValueGeneratedNever();
        table.Property(s => s.StaffNumber).HasMaxLength(20);
        table.Property(s => s.Mail).HasMaxLength(254);
        table.HasIndex(s => s.StaffNumber).IsUnique();
        table.HasIndex(s => s.Mail);
        table.HasIndex(s => s.YomiKey);
        table.Property(s => s.SearchText).HasMaxLength(1000);
        table.HasMany(s => s.Postings).WithOne().HasForeignKey(p => p.StaffId);
    }
}

internal sealed class PostingTable : IEntityTypeConfiguration<Posting>
{
    public void Configure(EntityTypeBuilder<Posting> table)
    {
        table.ToTable("Postings");
        table.Property(p => p.Id).ValueGeneratedNever();
        table.HasIndex(p => new { p.StaffId, p.From });
        table.HasIndex(p => new { p.DepartmentId, p.From });
        table.HasOne<Department>().WithMany().HasForeignKey(p => p.DepartmentId).OnDelete(DeleteBehavior.Restrict);
        table.HasOne<Post>().WithMany().HasForeignKey(p => p.PostId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class RoleGrantTable : IEntityTypeConfiguration<RoleGrant>
{
    public void Configure(EntityTypeBuilder<RoleGrant> table)
    {
        table.ToTable("RoleGrants");
        table.Property(g => g.Id).ValueGeneratedNever();
        table.HasIndex(g => g.ToStaffId);
        table.HasIndex(g => g.ToDepartmentId);
        table.HasIndex(g => new { g.Role, g.ScopeId });
    }
}

internal sealed class DelegateTable : IEntityTypeConfiguration<Roles.Delegate>
{
    public void Configure(EntityTypeBuilder<Roles.Delegate> table)
    {
        table.ToTable("Delegates");
        table.Property(d => d.Id).ValueGeneratedNever();
        table.HasIndex(d => d.DelegateId);
        table.HasIndex(d => d.StaffId);
    }
}

public static class PeopleSets
{
    extension(PortalDb db)
    {
        public DbSet<Office> Offices => db.Set<Office>();

        public DbSet<Department> Departments => db.Set<Department>();

        public DbSet<DepartmentTerm> DepartmentTerms => db.Set<DepartmentTerm>();

        public DbSet<Post> Posts => db.Set<Post>();

        public DbSet<StaffMember> Staff => db.Set<StaffMember>();

        public DbSet<Posting> Postings => db.Set<Posting>();

        public DbSet<RoleGrant> RoleGrants => db.Set<RoleGrant>();

        public DbSet<Roles.Delegate> Delegates => db.Set<Roles.Delegate>();
    }

    /// <summary>The postings that cover the day.</summary>
    public static IQueryable<Posting> On(this IQueryable<Posting> postings, DateOnly day)
        => postings.Where(p => p.From <= day && (p.To == null || day < p.To));

    /// <summary>How departments are called on the day.</summary>
    public static IQueryable<DepartmentTerm> On(this IQueryable<DepartmentTerm> terms, DateOnly day)
        => terms.Where(t => t.From <= day && (t.To == null || day < t.To));

    /// <summary>The grants in force on the day.</summary>
    public static IQueryable<RoleGrant> On(this IQueryable<RoleGrant> grants, DateOnly day)
        => grants.Where(g => g.From <= day && (g.To == null || day < g.To));

    /// <summary>The people employed on the day.</summary>
    public static IQueryable<StaffMember> On(this IQueryable<StaffMember> staff, DateOnly day)
        => staff.Where(s => s.EmployedFrom <= day && (s.EmployedTo == null || day < s.EmployedTo));
}
