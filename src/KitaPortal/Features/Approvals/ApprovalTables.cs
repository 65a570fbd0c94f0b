using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Approvals;

internal sealed class FormTable : IEntityTypeConfiguration<Form>
{
    public void Configure(EntityTypeBuilder<Form> table)
    {
        table.ToTable("Forms");
        table.Property(f => f.Id).ValueGeneratedNever();
        table.Property(f => f.Code).HasMaxLength(40);
        table.Property(f => f.Name).HasMaxLength(80);
        table.Property(f => f.Category).HasMaxLength(40);
        table.HasIndex(f => f.Code).IsUnique();
        table.HasMany(f => f.Versions).WithOne().HasForeignKey(v => v.FormId);
        table.Ignore(f => f.Published);
    }
}

internal sealed class FormVersionTable : IEntityTypeConfiguration<FormVersion>
{
    public void Configure(EntityTypeBuilder<FormVersion> table)
    {
        table.ToTable("FormVersions");
        table.Property(v => v.Id).ValueGeneratedNever();
        table.HasIndex(v => new { v.FormId, v.No }).IsUnique();
        table.Ignore(v => v.Definition);
    }
}

internal sealed class ApprovalRequestTable : IEntityTypeConfiguration<ApprovalRequest>
{
    public void Configure(EntityTypeBuilder<ApprovalRequest> table)
    {
        table.ToTable("ApprovalRequests");
        table.Property(r => r.Id).ValueGeneratedNever();
        table.Property(r => r.Title).HasMaxLength(200);
        table.Property(r => r.Number).HasMaxLength(60);
        table.Property(r => r.Series).HasMaxLength(40);
        table.Property(r => r.ContentHash).HasMaxLength(64);
        table.HasIndex(r => r.Number).IsUnique();
        table.HasIndex(r => new { r.State, r.DueAt });
        table.HasIndex(r => new { r.ApplicantId, r.State });
        table.HasIndex(r => r.OnBehalfOfId);
        table.HasIndex(r => r.DepartmentId);
        table.HasIndex(r => new { r.AboutKind, r.AboutId });
        table.HasIndex(r => new { r.FiscalYear, r.Series });
        table.HasOne<FormVersion>().WithMany().HasForeignKey(r => r.FormVersionId).OnDelete(DeleteBehavior.Restrict);
        table.HasMany(r => r.Steps).WithOne().HasForeignKey(s => s.RequestId);
        table.HasMany(r => r.Acts).WithOne().HasForeignKey(a => a.RequestId).OnDelete(DeleteBehavior.Restrict);
        table.Property(r => r.ConditionList).HasMaxLength(120);
        table.Ignore(r => r.Conditions);
        table.Ignore(r => r.Values);
        table.Ignore(r => r.Current);
        table.Ignore(r => r.Route);
    }
}

internal sealed class RouteStepTable : IEntityTypeConfiguration<RouteStep>
{
    public void Configure(EntityTypeBuilder<RouteStep> table)
    {
        table.ToTable("RouteSteps");
        table.Property(s => s.Id).ValueGeneratedNever();
        table.HasIndex(s => new { s.RequestId, s.No }).IsUnique();
        table.HasMany(s => s.Assignees).WithOne().HasForeignKey(a => a.StepId);
        table.Ignore(s => s.Waiting);
    }
}

internal sealed class StepAssigneeTable : IEntityTypeConfiguration<StepAssignee>
{
    public void Configure(EntityTypeBuilder<StepAssignee> table)
    {
        table.ToTable("StepAssignees");
        table.Property(a => a.Id).ValueGeneratedNever();
        table.HasIndex(a => a.StepId);
        table.HasIndex(a => a.StaffId);
    }
}

internal sealed class ApprovalActTable : IEntityTypeConfiguration<ApprovalAct>
{
    public void Configure(EntityTypeBuilder<ApprovalAct> table)
    {
        table.ToTable("ApprovalActs");
        table.Property(a => a.Id).ValueGeneratedNever();
        table.HasIndex(a => new { a.RequestId, a.Seq }).IsUnique();
        table.HasIndex(a => new { a.RequestId, a.ClientId }).IsUnique();
        table.HasIndex(a => a.ActorId);
    }
}

internal sealed class NumberSeriesTable : IEntityTypeConfiguration<NumberSeries>
{
    public void Configure(EntityTypeBuilder<NumberSeries> table)
    {
        table.ToTable("NumberSeries");
        table.HasKey(n => new { n.Code, n.FiscalYear });
        table.Property(n => n.Code).HasMaxLength(40);
    }
}

internal sealed class AbsenceCoverTable : IEntityTypeConfiguration<AbsenceCover>
{
    public void Configure(EntityTypeBuilder<AbsenceCover> table)
    {
        table.ToTable("AbsenceCovers");
        table.Property(c => c.Id).ValueGeneratedNever();
        table.HasIndex(c => new { c.StaffId, c.From });
        table.HasIndex(c => c.DeputyId);
    }
}

public static class ApprovalSets
{
    extension(PortalDb db)
    {
        public DbSet<Form> Forms => db.Set<Form>();

        public DbSet<ApprovalRequest> ApprovalRequests => db.Set<ApprovalRequest>();

        public DbSet<ApprovalAct> ApprovalActs => db.Set<ApprovalAct>();

        public DbSet<AbsenceCover> AbsenceCovers => db.Set<AbsenceCover>();
    }
}
