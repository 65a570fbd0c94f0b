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
        var keys = await KeysAsync(happened.Rows, ct);
        var wanted = happened.Rows.ToLookup(r => new LedgerKey(SourceKind.Opening, happened.SourceId, r.WorkDate, r.Measure, r.PolicyNumber));
        var grains = happened.Rows.Select(r => r.Grain).Concat(standing.Select(s => s.Grain)).FirstOrDefault();
        var drafts = new List<LedgerDraft>();
        foreach (var key in wanted.Select(w => w.Key).Union(standing.Select(s => s.Key)))
        {
            var rows = standing.Where(s => s.Key == key).ToList();
            var revision = rows.Select(r => r.Revision).DefaultIfEmpty().Max();
            var balances = rows.GroupBy(r => r.Snapshot).ToDictionary(g => g.Key, g => -g.Sum(r => r.Minutes));
            foreach (var want in wanted[key])
            {
                var snapshot = want.Person is { } person ? want.Snapshot with { PersonKey = keys[(person, FiscalYear.From(want.WorkDate))] } : want.Snapshot;
                balances[snapshot] = balances.GetValueOrDefault(snapshot) + want.Minutes;
            }
            drafts.AddRange(balances.Where(b => b.Value != 0).OrderBy(b => b.Value).Select(b => new LedgerDraft(key, ++revision, b.Value, b.Key, grains, EntryKind.Opening, happened.Source)));
        }
        await book.WriteAsync(drafts, ct);
    }

    private async Task<Dictionary<(StaffId, FiscalYear), Guid>> KeysAsync(IReadOnlyList<PastMinutes> rows, CancellationToken ct)
    {
        var wanted = rows.Where(r => r.Person is not null).Select(r => (Person: r.Person!.Value, Year: FiscalYear.From(r.WorkDate))).Distinct().ToList();
        var people = wanted.Select(w => w.Person).Distinct().ToList();
        var keys = await ReadAsync();
        var missing = wanted.Where(w => !keys.ContainsKey(w)).ToList();
        foreach (var (person, year) in missing)
            await db.Database.ExecuteSqlAsync($"""INSERT INTO "LedgerPeople" ("Id", "StaffId", "FiscalYear") VALUES ({Guid.CreateVersion7()}, {person.Value}, {year.Value}) ON CONFLICT DO NOTHING""", ct);
        return missing.Count == 0 ? keys : await ReadAsync();

        Task<Dictionary<(StaffId, FiscalYear), Guid>> ReadAsync() => db.LedgerPeople.AsNoTracking().Where(p => people.Contains(p.StaffId)).ToDictionaryAsync(p => (p.StaffId, p.FiscalYear), p => p.Id, ct);
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
