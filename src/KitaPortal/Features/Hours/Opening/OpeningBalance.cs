using System.Security.Cryptography;
using System.Text;
using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Hours.Opening;

/// <summary>Minutes of a past day, month or year as a file gives them.</summary>
internal sealed record PastMinutes(DateOnly WorkDate, Measure Measure, int Minutes, Grain Grain, LedgerSnapshot Snapshot, StaffId? Person = null, int PolicyNumber = 0);

/// <summary>Hours from before the portal that were brought over from a file (旧集計): one line of it, with its source. Bringing it again writes only what differs.</summary>
public sealed class OpeningBalance : Entity
{
    private OpeningBalance() { }

    internal OpeningBalance(Guid id, string kind, FiscalYear year, string name) => (Id, Kind, FiscalYear, Name) = (id, kind, year, name);

    public Guid Id { get; private set; }

    /// <summary>The kind of import it came by.</summary>
    public string Kind { get; private set; } = "";

    public FiscalYear FiscalYear { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>根拠.</summary>
    public string Source { get; private set; } = "";

    /// <summary>Its booked minutes, for showing.</summary>
    public long Minutes { get; private set; }

    public override string SubjectId => Id.ToString();

    internal void Bring(IReadOnlyList<PastMinutes> rows, string source)
    {
        var minutes = rows.Where(r => r.Measure == Measure.Booked).Sum(r => (long)r.Minutes);
        Audit("hours-opening.brought", before: new { Minutes }, after: new { minutes, source });
        (Minutes, Source) = (minutes, source);
        Record(new PastHoursBrought(Id, rows, source));
    }

    /// <summary>The same file line has the same id in every import.</summary>
    internal static Guid IdOf(params object?[] parts) => new(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('|', parts.Select(p => p?.ToString() ?? "-"))))[..16]);
}

internal sealed record PastHoursBrought(Guid SourceId, IReadOnlyList<PastMinutes> Rows, string Source) : DomainEvent;

/// <summary>Writes the difference between what a file says and what stands.</summary>
internal sealed class WritePastHours(PortalDb db, LedgerBook book) : IHandle<PastHoursBrought>
{
    public async Task HandleAsync(PastHoursBrought happened, CancellationToken ct)
    {
        var standing = await db.LedgerEntries.AsNoTracking().Where(e => e.SourceKind == SourceKind.Opening && e.SourceId == happened.SourceId).ToListAsync(ct);
        var keys = await PersonKeys.OfAsync(db, [.. happened.Rows.Where(r => r.Person is not null).Select(r => (r.Person!.Value, FiscalYear.From(r.WorkDate)))], ct);
        var desired = happened.Rows.Select(r => new Desired(new(SourceKind.Opening, happened.SourceId, r.WorkDate, r.Measure, r.PolicyNumber), r.Minutes,
            r.Person is { } person ? r.Snapshot with { PersonKey = keys[(person, FiscalYear.From(r.WorkDate))] } : r.Snapshot));
        var grain = happened.Rows.Select(r => r.Grain).Concat(standing.Select(s => s.Grain)).FirstOrDefault();
        await book.WriteAsync(LedgerBook.Differences(standing, desired, happened.Source, grain, EntryKind.Opening), ct);
    }
}

internal sealed class OpeningBalanceTable : IEntityTypeConfiguration<OpeningBalance>
{
    public void Configure(EntityTypeBuilder<OpeningBalance> table)
    {
        table.ToTable("OpeningBalances");
        table.Property(o => o.Id).ValueGeneratedNever();
        table.Property(o => o.Kind).HasMaxLength(30);
        table.Property(o => o.FiscalYear).HasConversion<FiscalYearConverter>();
        table.Property(o => o.Name).HasMaxLength(200);
        table.Property(o => o.Source).HasMaxLength(400);
        table.HasIndex(o => new { o.Kind, o.FiscalYear });
    }
}

public static class OpeningSets
{
    extension(PortalDb db)
    {
        public DbSet<OpeningBalance> OpeningBalances => db.Set<OpeningBalance>();
    }
}
