using System.Text.Json;
using KitaPortal.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking;

internal sealed class DeviceClassTable : IEntityTypeConfiguration<DeviceClass>
{
    public void Configure(EntityTypeBuilder<DeviceClass> table)
    {
        table.ToTable("DeviceClasses");
        table.Property(c => c.Id).ValueGeneratedNever();
        table.Property(c => c.Code).HasMaxLength(20);
        table.Property(c => c.Name).HasMaxLength(60);
        table.HasIndex(c => c.Code).IsUnique();
    }
}

internal sealed class DeviceModelTable : IEntityTypeConfiguration<DeviceModel>
{
    public void Configure(EntityTypeBuilder<DeviceModel> table)
    {
        table.ToTable("DeviceModels");
        table.Property(m => m.Id).ValueGeneratedNever();
        table.Property(m => m.Name).HasMaxLength(100);
        table.Property(m => m.Maker).HasMaxLength(100);
        table.HasIndex(m => new { m.ClassId, m.Name }).IsUnique();
        table.HasOne<DeviceClass>().WithMany().HasForeignKey(m => m.ClassId);
        table.HasMany(m => m.Accessories).WithOne().HasForeignKey(a => a.ModelId);
    }
}

internal sealed class AccessoryTable : IEntityTypeConfiguration<Accessory>
{
    public void Configure(EntityTypeBuilder<Accessory> table)
    {
        table.ToTable("Accessories");
        table.Property(a => a.Id).ValueGeneratedNever();
        table.Property(a => a.Name).HasMaxLength(60);
    }
}

internal sealed class PoolTable : IEntityTypeConfiguration<Pool>
{
    public void Configure(EntityTypeBuilder<Pool> table)
    {
        table.ToTable("Pools");
        table.Property(p => p.Id).ValueGeneratedNever();
        table.HasIndex(p => new { p.OfficeId, p.ModelId }).IsUnique();
        table.HasOne<People.Office>().WithMany().HasForeignKey(p => p.OfficeId);
        table.HasOne<DeviceModel>().WithMany().HasForeignKey(p => p.ModelId);
        table.HasMany(p => p.OpenTo).WithOne().HasForeignKey(o => o.PoolId);
    }
}

internal sealed class PoolOpeningTable : IEntityTypeConfiguration<PoolOpening>
{
    public void Configure(EntityTypeBuilder<PoolOpening> table)
    {
        table.ToTable("PoolOpenings");
        table.Property(o => o.Id).ValueGeneratedNever();
    }
}

internal sealed class DeviceTable : IEntityTypeConfiguration<Device>
{
    public void Configure(EntityTypeBuilder<Device> table)
    {
        table.ToTable("Devices");
        table.Property(d => d.Id).ValueGeneratedNever();
        table.Property(d => d.Label).HasMaxLength(40);
        table.Property(d => d.Token).HasMaxLength(12);
        table.Property(d => d.Serial).HasMaxLength(60);
        table.Property(d => d.Note).HasMaxLength(500);
        table.ComplexProperty(d => d.Compliance);
        table.ComplexProperty(d => d.Asset);
        table.HasIndex(d => d.Label).IsUnique();
        table.HasIndex(d => d.Token).IsUnique();
        table.HasIndex(d => d.Serial);
        table.HasIndex(d => d.PoolId);
        table.HasOne<Pool>().WithMany().HasForeignKey(d => d.PoolId);
        table.HasOne<DeviceModel>().WithMany().HasForeignKey(d => d.ModelId);
    }
}

// The guards against overlap are in BookingGuards.*.sql.
internal sealed class OccupancyTable : IEntityTypeConfiguration<Occupancy>
{
    public void Configure(EntityTypeBuilder<Occupancy> table)
    {
        table.ToTable("Occupancies");
        table.Property(o => o.Id).ValueGeneratedNever();
        table.HasIndex(o => new { o.DeviceId, o.Active, o.To });
        table.HasIndex(o => new { o.PoolId, o.Active, o.To });
        table.HasIndex(o => o.SourceId);
    }
}

internal sealed class BookingTable : IEntityTypeConfiguration<Booking>
{
    public void Configure(EntityTypeBuilder<Booking> table)
    {
        table.ToTable("Bookings");
        table.Property(b => b.Id).ValueGeneratedNever();
        table.Property(b => b.Number).HasMaxLength(20);
        table.Property(b => b.PurposeNote).HasMaxLength(500);
        table.Property(b => b.DestinationNote).HasMaxLength(500);
        table.Property(b => b.TravelOrderNo).HasMaxLength(40);
        table.Property(b => b.RequestHash).HasMaxLength(64);
        table.Property(b => b.FactsHash).HasMaxLength(64);
        table.Property(b => b.RuleSetVersions).HasMaxLength(200);
        table.HasIndex(b => b.Number).IsUnique();
        table.HasIndex(b => b.BorrowerId);
        table.HasIndex(b => b.CreatedById);
        table.HasIndex(b => b.DepartmentId);
        table.HasIndex(b => b.ApprovalRequestId);
        table.HasMany(b => b.Lines).WithOne().HasForeignKey(l => l.BookingId);
        table.Ignore(b => b.Aim);
        table.Ignore(b => b.From);
        table.Ignore(b => b.To);
    }
}

internal sealed class BookingLineTable : IEntityTypeConfiguration<BookingLine>
{
    public void Configure(EntityTypeBuilder<BookingLine> table)
    {
        table.ToTable("BookingLines");
        table.Property(l => l.Id).ValueGeneratedNever();
        table.Property(l => l.KitName).HasMaxLength(60);
        table.Property(l => l.CancelReason).HasMaxLength(1000);
        table.HasIndex(l => new { l.PoolId, l.Status, l.From });
        table.HasIndex(l => new { l.DeviceId, l.Status });
        table.HasIndex(l => new { l.Status, l.To });
        table.HasIndex(l => l.OccupancyId);
        table.HasIndex(l => l.From);
    }
}

internal sealed class TakeOutPermissionTable : IEntityTypeConfiguration<TakeOutPermission>
{
    public void Configure(EntityTypeBuilder<TakeOutPermission> table)
    {
        table.ToTable("TakeOutPermissions");
        table.Property(p => p.Id).ValueGeneratedNever();
        table.Property(p => p.Conditions).HasMaxLength(1000);
        table.Property(p => p.RevokeReason).HasMaxLength(1000);
        table.Property(p => p.FactsHash).HasMaxLength(64);
        table.HasIndex(p => p.BookingId);
    }
}

internal sealed class LoanTable : IEntityTypeConfiguration<Loan>
{
    public void Configure(EntityTypeBuilder<Loan> table)
    {
        table.ToTable("Loans");
        table.Property(l => l.Id).ValueGeneratedNever();
        table.Property(l => l.RegisterNo).HasMaxLength(60);
        table.Property(l => l.NoteIn).HasMaxLength(1000);
        table.HasIndex(l => l.DeviceId).IsUnique().HasFilter("\"InAt\" IS NULL").HasDatabaseName("one_open_loan_per_device");
        table.HasIndex(l => l.LineId).IsUnique();
        table.HasIndex(l => new { l.OfficeId, l.FiscalYear, l.RegisterSequence }).IsUnique();
        table.HasIndex(l => l.OutAt);
        table.HasIndex(l => l.HandOverId);
        table.HasIndex(l => l.TakeBackId);
    }
}

internal sealed class HandOverTable : IEntityTypeConfiguration<HandOver>
{
    public void Configure(EntityTypeBuilder<HandOver> table)
    {
        table.ToTable("HandOvers");
        table.Property(h => h.Id).ValueGeneratedNever();
    }
}

internal sealed class TakeBackTable : IEntityTypeConfiguration<TakeBack>
{
    public void Configure(EntityTypeBuilder<TakeBack> table)
    {
        table.ToTable("TakeBacks");
        table.Property(t => t.Id).ValueGeneratedNever();
    }
}

internal sealed class RegisterCounterTable : IEntityTypeConfiguration<RegisterCounter>
{
    public void Configure(EntityTypeBuilder<RegisterCounter> table)
    {
        table.ToTable("RegisterCounters");
        table.Property(c => c.Id).ValueGeneratedNever();
        table.HasIndex(c => new { c.OfficeId, c.FiscalYear }).IsUnique();
    }
}

internal sealed class AgreementVersionTable : IEntityTypeConfiguration<AgreementVersion>
{
    public void Configure(EntityTypeBuilder<AgreementVersion> table)
    {
        table.ToTable("AgreementVersions");
        table.Property(a => a.Id).ValueGeneratedNever();
        table.Property(a => a.Title).HasMaxLength(100);
    }
}

internal sealed class AgreementSignatureTable : IEntityTypeConfiguration<AgreementSignature>
{
    public void Configure(EntityTypeBuilder<AgreementSignature> table)
    {
        table.ToTable("AgreementSignatures");
        table.Property(a => a.Id).ValueGeneratedNever();
        table.Property(a => a.Method).HasMaxLength(20);
        table.HasIndex(a => a.StaffId);
        table.HasOne<AgreementVersion>().WithMany().HasForeignKey(a => a.AgreementVersionId);
    }
}

internal sealed class TrainingRecordTable : IEntityTypeConfiguration<TrainingRecord>
{
    public void Configure(EntityTypeBuilder<TrainingRecord> table)
    {
        table.ToTable("TrainingRecords");
        table.Property(t => t.Id).ValueGeneratedNever();
        table.Property(t => t.Course).HasMaxLength(100);
        table.HasIndex(t => t.StaffId);
    }
}

internal sealed class SuspensionTable : IEntityTypeConfiguration<Suspension>
{
    public void Configure(EntityTypeBuilder<Suspension> table)
    {
        table.ToTable("Suspensions");
        table.Property(s => s.Id).ValueGeneratedNever();
        table.Property(s => s.Reason).HasMaxLength(500);
        table.HasIndex(s => s.StaffId);
    }
}

internal sealed class BorrowerAccountTable : IEntityTypeConfiguration<BorrowerAccount>
{
    public void Configure(EntityTypeBuilder<BorrowerAccount> table)
    {
        table.ToTable("BorrowerAccounts");
        table.Property(a => a.Id).ValueGeneratedNever();
    }
}

internal sealed class RuleSetTable : IEntityTypeConfiguration<RuleSet>
{
    public void Configure(EntityTypeBuilder<RuleSet> table)
    {
        table.ToTable("RuleSets");
        table.Property(r => r.Id).ValueGeneratedNever();
        table.Property(r => r.ClassCode).HasMaxLength(20);
        table.Property(r => r.Note).HasMaxLength(500);
        table.HasIndex(r => r.Number).IsUnique();
        Map(table.Property(r => r.Parameters));
        Map(table.Property(r => r.Grades));
    }

    private static void Map(PropertyBuilder<Dictionary<string, string>> property) => property.HasConversion(
        map => JsonSerializer.Serialize(map, JsonSerializerOptions.Default),
        text => JsonSerializer.Deserialize<Dictionary<string, string>>(text, JsonSerializerOptions.Default)!,
        new ValueComparer<Dictionary<string, string>>((a, b) => ReferenceEquals(a, b), map => map.Count, map => map));
}

public static class BookingSets
{
    extension(PortalDb db)
    {
        public DbSet<DeviceClass> DeviceClasses => db.Set<DeviceClass>();

        public DbSet<DeviceModel> DeviceModels => db.Set<DeviceModel>();

        public DbSet<Pool> Pools => db.Set<Pool>();

        public DbSet<Device> Devices => db.Set<Device>();

        public DbSet<Occupancy> Occupancies => db.Set<Occupancy>();

        public DbSet<Booking> Bookings => db.Set<Booking>();

        public DbSet<BookingLine> BookingLines => db.Set<BookingLine>();

        public DbSet<TakeOutPermission> TakeOutPermissions => db.Set<TakeOutPermission>();

        public DbSet<Loan> Loans => db.Set<Loan>();

        public DbSet<HandOver> HandOvers => db.Set<HandOver>();

        public DbSet<TakeBack> TakeBacks => db.Set<TakeBack>();

        public DbSet<RegisterCounter> RegisterCounters => db.Set<RegisterCounter>();

        public DbSet<AgreementVersion> AgreementVersions => db.Set<AgreementVersion>();

        public DbSet<AgreementSignature> AgreementSignatures => db.Set<AgreementSignature>();

        public DbSet<TrainingRecord> TrainingRecords => db.Set<TrainingRecord>();

        public DbSet<Suspension> Suspensions => db.Set<Suspension>();

        public DbSet<BorrowerAccount> BorrowerAccounts => db.Set<BorrowerAccount>();

        public DbSet<RuleSet> RuleSets => db.Set<RuleSet>();
    }
}
