using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.Hours.Indicators;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace KitaPortal.Features.Hours;

/// <summary>A fiscal year is stored as the western year it begins in.</summary>
internal sealed class FiscalYearConverter() : ValueConverter<FiscalYear, int>(y => y.Value, v => new FiscalYear(v));

internal sealed class CountingPolicyTable : IEntityTypeConfiguration<CountingPolicy>
{
    public void Configure(EntityTypeBuilder<CountingPolicy> table)
    {
        table.ToTable("CountingPolicies");
        table.HasKey(p => p.Number);
        table.Property(p => p.Number).ValueGeneratedNever();
        table.Property(p => p.Span).HasMaxLength(20);
        table.Property(p => p.Breaks).HasMaxLength(100);
        table.Property(p => p.Note).HasMaxLength(500);
        table.Ignore(p => p.Working);
        table.Ignore(p => p.Terms);
    }
}

internal sealed class LedgerEntryTable : IEntityTypeConfiguration<LedgerEntry>
{
    public void Configure(EntityTypeBuilder<LedgerEntry> table)
    {
        table.ToTable("LedgerEntries");
        table.HasKey(e => e.Number);
        table.Property(e => e.Number).ValueGeneratedOnAdd();
        table.Property(e => e.FiscalYear).HasConversion<FiscalYearConverter>();
        table.Property(e => e.PostName).HasMaxLength(40);
        table.Property(e => e.DepartmentName).HasMaxLength(80);
        table.Property(e => e.Class).HasMaxLength(20);
        table.Property(e => e.Purpose).HasMaxLength(40);
        table.Property(e => e.Reason).HasMaxLength(500);
        table.Ignore(e => e.Key);
        table.Ignore(e => e.Snapshot);
        table.HasIndex(e => new { e.SourceKind, e.SourceId, e.WorkDate, e.Measure, e.PolicyNumber, e.Revision }).IsUnique().HasDatabaseName("ledger_idempotency");
        table.HasIndex(e => new { e.WorkDate, e.Measure });
        table.HasIndex(e => new { e.FiscalYear, e.CountedMonth, e.Measure });
        table.HasIndex(e => new { e.PersonKey, e.Measure });
        table.HasIndex(e => e.SourceId);
        table.HasIndex(e => e.PostedAt);
    }
}

internal sealed class LedgerPersonTable : IEntityTypeConfiguration<LedgerPerson>
{
    public void Configure(EntityTypeBuilder<LedgerPerson> table)
    {
        table.ToTable("LedgerPeople");
        table.Property(p => p.Id).ValueGeneratedNever();
        table.Property(p => p.FiscalYear).HasConversion<FiscalYearConverter>();
        table.HasIndex(p => new { p.StaffId, p.FiscalYear }).IsUnique();
    }
}

internal sealed class LedgerCheckRunTable : IEntityTypeConfiguration<LedgerCheckRun>
{
    public void Configure(EntityTypeBuilder<LedgerCheckRun> table)
    {
        table.ToTable("LedgerCheckRuns");
        table.Property(r => r.Id).ValueGeneratedNever();
        table.Property(r => r.Checks).HasConversion<JsonConverter<IReadOnlyList<CheckResult>>, JsonComparer<IReadOnlyList<CheckResult>>>();
        table.Property(r => r.Found).HasConversion<JsonConverter<IReadOnlyList<LedgerDifference>>, JsonComparer<IReadOnlyList<LedgerDifference>>>();
        table.HasIndex(r => r.At);
    }
}

internal sealed class HoursSummaryTable : IEntityTypeConfiguration<HoursSummary>
{
    public void Configure(EntityTypeBuilder<HoursSummary> table)
    {
        table.ToTable("HoursSummaries");
        table.HasKey(s => s.FiscalYear);
        table.Property(s => s.FiscalYear).HasConversion<FiscalYearConverter>().ValueGeneratedNever();
        table.Property(s => s.GradeWord).HasMaxLength(20);
        table.Property(s => s.Sentence).HasMaxLength(500);
        table.Ignore(s => s.Ring);
    }
}

internal sealed class StrategyPlanTable : IEntityTypeConfiguration<StrategyPlan>
{
    public void Configure(EntityTypeBuilder<StrategyPlan> table)
    {
        table.ToTable("StrategyPlans");
        table.Property(s => s.Id).ValueGeneratedNever();
        table.Property(s => s.Name).HasMaxLength(80);
        table.Property(s => s.From).HasConversion<FiscalYearConverter>();
        table.Property(s => s.To).HasConversion<FiscalYearConverter>();
    }
}

internal sealed class ActionAreaTable : IEntityTypeConfiguration<ActionArea>
{
    public void Configure(EntityTypeBuilder<ActionArea> table)
    {
        table.ToTable("ActionAreas");
        table.HasKey(a => a.No);
        table.Property(a => a.No).ValueGeneratedNever();
        table.Property(a => a.Name).HasMaxLength(80);
        table.Property(a => a.Note).HasMaxLength(500);
    }
}

internal sealed class IndicatorTable : IEntityTypeConfiguration<Indicator>
{
    public void Configure(EntityTypeBuilder<Indicator> table)
    {
        table.ToTable("Indicators");
        table.Property(i => i.Id).ValueGeneratedNever();
        table.Property(i => i.Code).HasMaxLength(40);
        table.Property(i => i.Name).HasMaxLength(80);
        table.Property(i => i.Unit).HasMaxLength(20);
        table.Property(i => i.Note).HasMaxLength(500);
        table.HasIndex(i => i.Code).IsUnique();
        table.HasOne<ActionArea>().WithMany().HasForeignKey(i => i.AreaNo).OnDelete(DeleteBehavior.Restrict);
        table.HasMany(i => i.Targets).WithOne().HasForeignKey(t => t.IndicatorId);
        table.HasMany(i => i.Results).WithOne().HasForeignKey(r => r.IndicatorId);
    }
}

internal sealed class TargetTable : IEntityTypeConfiguration<Target>
{
    public void Configure(EntityTypeBuilder<Target> table)
    {
        table.ToTable("Targets");
        table.Property(t => t.Id).ValueGeneratedNever();
        table.Property(t => t.FiscalYear).HasConversion<FiscalYearConverter>();
        table.Property(t => t.Source).HasMaxLength(200);
        table.Property(t => t.Reason).HasMaxLength(500);
        table.HasIndex(t => new { t.IndicatorId, t.FiscalYear, t.Level, t.Status, t.Version }).IsUnique();
    }
}

internal sealed class ResultTable : IEntityTypeConfiguration<Result>
{
    public void Configure(EntityTypeBuilder<Result> table)
    {
        table.ToTable("Results");
        table.Property(r => r.Id).ValueGeneratedNever();
        table.Property(r => r.FiscalYear).HasConversion<FiscalYearConverter>();
        table.Property(r => r.Source).HasMaxLength(200);
        table.Property(r => r.Note).HasMaxLength(500);
        table.HasIndex(r => new { r.IndicatorId, r.FiscalYear, r.Status, r.Version }).IsUnique();
    }
}

public static class HoursSets
{
    extension(PortalDb db)
    {
        public DbSet<CountingPolicy> CountingPolicies => db.Set<CountingPolicy>();

        public DbSet<LedgerEntry> LedgerEntries => db.Set<LedgerEntry>();

        public DbSet<LedgerPerson> LedgerPeople => db.Set<LedgerPerson>();

        public DbSet<LedgerCheckRun> LedgerCheckRuns => db.Set<LedgerCheckRun>();

        public DbSet<HoursSummary> HoursSummaries => db.Set<HoursSummary>();

        public DbSet<StrategyPlan> StrategyPlans => db.Set<StrategyPlan>();

        public DbSet<ActionArea> ActionAreas => db.Set<ActionArea>();

        public DbSet<Indicator> Indicators => db.Set<Indicator>();
    }

    public static Task<CountingPolicies> CountingPoliciesAsync(this PortalDb db, CancellationToken ct) => db.StandingAsync<CountingPolicies>(ct);
}
