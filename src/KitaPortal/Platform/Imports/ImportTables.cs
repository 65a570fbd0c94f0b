using System.Text.Json;
using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Platform.Imports;

internal sealed class ImportRunTable : IEntityTypeConfiguration<ImportRun>
{
    public void Configure(EntityTypeBuilder<ImportRun> table)
    {
        table.ToTable("ImportRuns");
        table.Property(r => r.Id).ValueGeneratedNever();
        table.Property(r => r.Kind).HasMaxLength(40);
        table.Property(r => r.FileName).HasMaxLength(260);
        table.Property(r => r.FileHash).HasMaxLength(64);
        table.Property(r => r.Settings).AsJson();
        table.Property(r => r.Finding).AsJson();
        table.Property(r => r.Counts).AsJson();
        table.HasIndex(r => new { r.Kind, r.FileHash });
        table.HasIndex(r => new { r.State, r.Since });
    }
}

internal sealed class ImportFileTable : IEntityTypeConfiguration<ImportFile>
{
    public void Configure(EntityTypeBuilder<ImportFile> table)
    {
        table.ToTable("ImportFiles");
        table.HasKey(f => f.RunId);
        table.Property(f => f.RunId).ValueGeneratedNever();
    }
}

internal sealed class ImportRowTable : IEntityTypeConfiguration<ImportRow>
{
    public void Configure(EntityTypeBuilder<ImportRow> table)
    {
        table.ToTable("ImportRows");
        table.Property(r => r.Id).ValueGeneratedNever();
        table.Property(r => r.Before).AsJson();
        table.Property(r => r.After).AsJson();
        table.Property(r => r.Messages).AsJson();
        table.HasIndex(r => new { r.RunId, r.Order });
        table.HasOne<ImportRun>().WithMany().HasForeignKey(r => r.RunId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal static class JsonColumns
{
    /// <summary>Keeps a value that is only ever replaced as a whole as JSON text.</summary>
    public static PropertyBuilder<T> AsJson<T>(this PropertyBuilder<T> property)
        => property.HasConversion(
            value => JsonSerializer.Serialize(value, ImportRun.Json),
            text => JsonSerializer.Deserialize<T>(text, ImportRun.Json)!,
            new ValueComparer<T>((a, b) => ReferenceEquals(a, b), value => value == null ? 0 : value.GetHashCode(), value => value));
}

public static class ImportSets
{
    extension(PortalDb db)
    {
        public DbSet<ImportRun> ImportRuns => db.Set<ImportRun>();

        public DbSet<ImportRow> ImportRows => db.Set<ImportRow>();

        public DbSet<ImportFile> ImportFiles => db.Set<ImportFile>();
    }
}
