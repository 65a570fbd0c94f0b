using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>What the ledger should say of a source on a day.</summary>
internal readonly record struct Desired(LedgerKey Key, int Minutes, LedgerSnapshot Snapshot);

/// <summary>What counting stands on: where people belonged, the policies, the calendar, and the day up to which a device still out counts (exclusive).</summary>
internal sealed record CountingBasis(PersonHistory People, CountingPolicies Policies, CountableTime Countable, DateOnly Today)
{
    public static async Task<CountingBasis> LoadAsync(PortalDb db, DateOnly today, CancellationToken ct)
        => new(new PersonHistory(await db.StandingAsync<OrganisationBook>(ct)), await db.CountingPoliciesAsync(ct), new CountableTime(await db.WorkCalendarAsync(ct)), today);
}

/// <summary>
/// Counts lines and people's days anew from what Booking knows, by the policy of each day. Posting writes the difference to what stands;
/// the check compares with it. One way of counting for both.
/// </summary>
internal sealed class LedgerRecount
{
    private readonly CountingBasis basis;
    private readonly IReadOnlyDictionary<(StaffId, FiscalYear), Guid> keys;
    private readonly Dictionary<(Guid Source, DateOnly Day), LedgerSnapshot> standing;
    private readonly DateTimeOffset upTo;

    /// <param name="keys">The persons' keys by year.</param>
    /// <param name="rows">What stands in the ledger for the sources: a past day keeps the department, office and post it was posted with.</param>
    public LedgerRecount(CountingBasis basis, IReadOnlyDictionary<(StaffId, FiscalYear), Guid> keys, IEnumerable<LedgerEntry> rows)
    {
        (this.basis, this.keys, upTo) = (basis, keys, TokyoTime.Midnight(basis.Today));
        standing = rows.GroupBy(r => (r.SourceId, r.WorkDate)).ToDictionary(g => g.Key, g => g.MaxBy(r => (r.PostedAt, r.Revision))!.Snapshot);
    }

    /// <summary>The rows of one line.</summary>
    public IEnumerable<Desired> Line(CountedLine line, MinuteSet taken)
    {
        var custody = line.Custody(upTo);
        var planned = line.Planned.Except(taken);
        foreach (var day in MinuteSet.Union([line.Planned, custody]).ByDay().Select(d => d.Day))
        {
            var policy = basis.Policies.On(day);
            if (!policy.Counts(line.Class, line.PurposeCode)) continue;
            var snapshot = SnapshotOf(line, day);
            if (line.IsBooked)
            {
                foreach (var row in Row(Measure.Booked, Countable(planned, line, day, snapshot.OfficeId))) yield return row;
                foreach (var row in Row(Measure.BookedGross, OnDay(planned, day))) yield return row;
            }
            else if (line.Status == LineStatus.NoShow)
            {
                foreach (var row in Row(Measure.Unused, Countable(line.Planned, line, day, snapshot.OfficeId))) yield return row;
            }
            else if (line is { Status: LineStatus.Cancelled, ConfirmedAt: not null })
            {
                foreach (var row in Row(Measure.Cancelled, Countable(line.Planned, line, day, snapshot.OfficeId))) yield return row;
            }
            foreach (var row in Row(Measure.Custody, OnDay(custody, day))) yield return row;
            foreach (var row in Row(Measure.Used, Used(line, custody, day, snapshot.OfficeId))) yield return row;

            IEnumerable<Desired> Row(Measure measure, MinuteSet minutes)
                => minutes.Minutes == 0 ? [] : [new(new(SourceKind.Line, line.Id.Value, day, measure, policy.Number), (int)minutes.Minutes, snapshot)];
        }
    }

    /// <summary>Distributed work of one person: the union of the time used, so that two devices at once count once.</summary>
    public IEnumerable<Desired> Person(IReadOnlyCollection<CountedLine> lines, IReadOnlySet<DateOnly> days)
    {
        foreach (var day in days.Order())
        {
            var policy = basis.Policies.On(day);
            var used = lines.Where(l => policy.Counts(l.Class, l.PurposeCode) && policy.IsDistributed(l.PurposeCode))
                .OrderBy(l => l.OutAt).ThenBy(l => l.Id.Value)
                .Select(l => (Line: l, Used: Used(l, l.Custody(upTo), day, SnapshotOf(l, day).OfficeId)))
                .Where(l => l.Used.Minutes > 0).ToList();
            if (used.Count == 0) continue;
            var first = used[0].Line;
            var key = KeyOf(first.BorrowerId, day);
            var snapshot = Kept(key, day, SnapshotOf(first, day)) with { LendingOfficeId = null, DeviceId = null, ModelId = null, Class = null, Purpose = null };
            yield return new(new(SourceKind.Person, key, day, Measure.Distributed, policy.Number), (int)MinuteSet.Union(used.Select(u => u.Used)).Minutes, snapshot);
        }
    }

    /// <summary>What the lines give on the days from first up to end: their own rows and their borrowers' days.</summary>
    public IEnumerable<Desired> Window(IReadOnlyCollection<CountedLine> lines, DateOnly first, DateOnly end)
    {
        var lent = lines.Where(l => l.OutAt is not null).ToList();
        var devices = lent.ToLookup(l => l.DeviceId);
        var people = lent.GroupBy(l => l.BorrowerId).SelectMany(g => Person([.. g], g.SelectMany(l => DaysOut(l, basis.Today)).Where(d => d >= first && d < end).ToHashSet()));
        return lines.SelectMany(l => Line(l, devices[l.DeviceId].TakenFrom(l))).Concat(people).Where(d => d.Key.WorkDate >= first && d.Key.WorkDate < end);
    }

    public Guid KeyOf(StaffId person, DateOnly day) => keys.GetValueOrDefault((person, FiscalYear.From(day)));

    /// <summary>The Tokyo days a device was out, up to yesterday for one still out.</summary>
    public static IEnumerable<DateOnly> DaysOut(CountedLine line, DateOnly today) => line.Custody(TokyoTime.Midnight(today)).ByDay().Select(d => d.Day);

    private LedgerSnapshot SnapshotOf(CountedLine line, DateOnly day)
    {
        var at = basis.People.On(line.BorrowerId, line.DepartmentId, day);
        return Kept(line.Id.Value, day, new(KeyOf(line.BorrowerId, day), at.PostName, at.DepartmentId, at.DepartmentName, at.OfficeId,
            line.LendingOfficeId, line.DeviceId?.Value, line.ModelId.Value, line.Class, line.PurposeCode));
    }

    private LedgerSnapshot Kept(Guid source, DateOnly day, LedgerSnapshot now)
        => day < basis.Today && standing.TryGetValue((source, day), out var then)
            ? now with { PersonKey = then.PersonKey, PostName = then.PostName, DepartmentId = then.DepartmentId, DepartmentName = then.DepartmentName, OfficeId = then.OfficeId }
            : now;

    private MinuteSet Countable(MinuteSet minutes, CountedLine line, DateOnly day, OfficeId? office)
    {
        var policy = basis.Policies.On(day);
        return basis.Countable.Of(minutes, day, office?.Value, policy.Working, line.OutsideHoursAllowed && policy.CountOutside == OutsideCounting.IfPermitted);
    }

    // On a day somebody told of the use, that counts; otherwise all countable time the device was out.
    private MinuteSet Used(CountedLine line, MinuteSet custody, DateOnly day, OfficeId? office)
        => OnDay(line.Told, day) is { Minutes: > 0 } told ? told.Intersect(custody)
            : basis.Policies.On(day).UsedWithoutSession == UsedWithoutSession.Zero ? MinuteSet.Empty : Countable(custody, line, day, office);

    private static MinuteSet OnDay(MinuteSet minutes, DateOnly day)
        => minutes.Intersect(MinuteSet.Of(MinuteSet.Midnight(day), MinuteSet.Midnight(day.AddDays(1))));
}
