using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace KitaPortal.Features.Booking.Rules;

/// <summary>One day of one lending desk: how many devices may be collected in an hour. Its row is locked while a cap is counted.</summary>
public sealed class DeskDay
{
    private DeskDay() { }

    public Guid Id { get; private set; }

    public OfficeId OfficeId { get; private set; }

    /// <summary>Tokyo day.</summary>
    public DateOnly Day { get; private set; }

    /// <summary>Devices collected in one hour; null leaves it to the rule sets, 0 is no limit.</summary>
    public int? HourlyCap { get; private set; }

    internal AuditNote Cap(int? hourly)
    {
        var note = new AuditNote("desk-day.cap", nameof(DeskDay), Id.ToString(), new { HourlyCap }, new { office = OfficeId.Value, Day, hourly }, null);
        HourlyCap = hourly;
        return note;
    }
}

/// <summary>Reading and locking the days of desks.</summary>
public static class DeskDayRows
{
    extension(PortalDb db)
    {
        public DbSet<DeskDay> DeskDays => db.Set<DeskDay>();
    }

    /// <summary>Where a cap is set for the desks of these pools on the days of the pick-ups, one command at a time counts them. Comes after the borrower's lock and before the pools'.</summary>
    internal static async Task LockAsync(PortalDb db, IReadOnlyCollection<PoolId> pools, IReadOnlyCollection<DateTimeOffset> pickUps, CancellationToken ct)
    {
        var lending = await db.StandingAsync<LendingBook>(ct);
        var isCappedByRule = lending.RuleSets.Any(r => r.Parameters.ContainsKey(nameof(RulePolicy.DeskCap)));
        var offices = pools.Select(p => lending.Find(p)?.Office.Id).OfType<OfficeId>().Distinct().OrderBy(o => o.Value).ToList();
        var days = pickUps.Select(TokyoTime.DayOf).Distinct().Order().ToList();
        var wanted = days.SelectMany(day => offices.Select(office => (Office: office, Day: day))).Where(d => isCappedByRule || lending.CapOf(d.Office, d.Day) is not null).ToList();
        if (wanted.Count == 0) return;
        var known = await db.DeskDays.Where(d => days.Contains(d.Day) && offices.Contains(d.OfficeId)).Select(d => new { d.OfficeId, d.Day, d.Id }).ToDictionaryAsync(d => (d.OfficeId, d.Day), d => d.Id, ct);
        var rows = new List<Guid>();
        foreach (var day in wanted) rows.Add(known.TryGetValue(day, out var id) ? id : await IdOfAsync(db, day.Office, day.Day, ct));
        await db.LockAsync<DeskDay>(rows, ct);
    }

    /// <summary>Sets how many devices may be collected in an hour; bookings that are there already stay.</summary>
    public static Task CapAsync(PortalDb db, OfficeId office, DateOnly day, int? hourly, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var id = await IdOfAsync(db, office, day, ct);
        await db.LockAsync<DeskDay>([id], ct);
        var desk = await db.DeskDays.SingleAsync(d => d.Id == id, ct);
        if (desk.HourlyCap != hourly) db.Audit(desk.Cap(hourly));
    }, ct);

    private static async Task<Guid> IdOfAsync(PortalDb db, OfficeId office, DateOnly day, CancellationToken ct)
    {
        // Even an insert that does nothing would make every copy of the lending book old.
        if (await KnownAsync() is { } known) return known;
        var fresh = Guid.CreateVersion7();
        await db.Database.ExecuteSqlAsync($"INSERT INTO \"DeskDays\" (\"Id\", \"OfficeId\", \"Day\") VALUES ({fresh}, {office.Value}, {day}) ON CONFLICT DO NOTHING", ct);
        return (await KnownAsync())!.Value;

        Task<Guid?> KnownAsync() => db.DeskDays.Where(d => d.OfficeId == office && d.Day == day).Select(d => (Guid?)d.Id).SingleOrDefaultAsync(ct);
    }
}

internal sealed class DeskDayTable : IEntityTypeConfiguration<DeskDay>
{
    public void Configure(EntityTypeBuilder<DeskDay> table)
    {
        table.ToTable("DeskDays");
        table.Property(d => d.Id).ValueGeneratedNever();
        table.HasIndex(d => new { d.OfficeId, d.Day }).IsUnique();
    }
}
