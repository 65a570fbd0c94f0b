using System.Text.Json;
using KitaPortal.Data;
using KitaPortal.Features.Hours.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace KitaPortal.Features.Hours.Closing;

/// <summary>Small lists that are only ever replaced as a whole are kept as JSON.</summary>
internal sealed class JsonConverter<T>() : ValueConverter<T, string>(v => JsonSerializer.Serialize(v, JsonSerializerOptions.Web), v => JsonSerializer.Deserialize<T>(v, JsonSerializerOptions.Web)!);

internal sealed class JsonComparer<T>() : ValueComparer<T>((a, b) => ReferenceEquals(a, b), v => v == null ? 0 : v.GetHashCode(), v => v);

internal sealed class MonthCloseTable : IEntityTypeConfiguration<MonthClose>
{
    public void Configure(EntityTypeBuilder<MonthClose> table)
    {
        table.ToTable("MonthCloses");
        table.Property(m => m.Id).ValueGeneratedNever();
        table.Property(m => m.FiscalYear).HasConversion<FiscalYearConverter>();
        table.Property(m => m.Sha256).HasMaxLength(64);
        table.Property(m => m.Note).HasMaxLength(500);
        table.Property(m => m.Totals).HasConversion<JsonConverter<IReadOnlyList<ClosedFigure>>, JsonComparer<IReadOnlyList<ClosedFigure>>>();
        table.HasIndex(m => new { m.FiscalYear, m.Month }).IsUnique();
    }
}

internal sealed class ManualAdjustmentTable : IEntityTypeConfiguration<ManualAdjustment>
{
    public void Configure(EntityTypeBuilder<ManualAdjustment> table)
    {
        table.ToTable("ManualAdjustments");
        table.Property(a => a.Id).ValueGeneratedNever();
        table.Property(a => a.FiscalYear).HasConversion<FiscalYearConverter>();
        table.Property(a => a.Reason).HasMaxLength(500);
        table.HasIndex(a => new { a.FiscalYear, a.Month });
    }
}

internal sealed class LedgerMarkTable : IEntityTypeConfiguration<LedgerMark>
{
    public void Configure(EntityTypeBuilder<LedgerMark> table)
    {
        table.ToTable("LedgerMarks");
        table.Property(m => m.Id).ValueGeneratedNever();
    }
}

internal sealed class LedgerTotalTable : IEntityTypeConfiguration<LedgerTotal>
{
    public void Configure(EntityTypeBuilder<LedgerTotal> table)
    {
        table.ToTable("LedgerTotals");
        table.HasKey(t => new { t.Sort, t.FiscalYear, t.Measure, t.CountedMonth, t.WorkDate, t.DepartmentId, t.OfficeId, t.LendingOfficeId, t.ModelId, t.PersonKey, t.Class, t.Purpose });
        table.Property(t => t.FiscalYear).HasConversion<FiscalYearConverter>();
        table.Property(t => t.Sort).HasMaxLength(10);
        table.Property(t => t.Measure).HasMaxLength(20);
        table.Property(t => t.Class).HasMaxLength(20);
        table.Property(t => t.Purpose).HasMaxLength(40);
    }
}

public static class ClosingSets
{
    extension(PortalDb db)
    {
        public DbSet<MonthClose> MonthCloses => db.Set<MonthClose>();

        public DbSet<LedgerMark> LedgerMarks => db.Set<LedgerMark>();

        public DbSet<LedgerTotal> LedgerTotals => db.Set<LedgerTotal>();

        public DbSet<ManualAdjustment> ManualAdjustments => db.Set<ManualAdjustment>();
    }
}
