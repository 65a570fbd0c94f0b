using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>
/// Keeps the ledger equal to what was booked and lent: counts the lines named anew and writes only the difference to what stands.
/// Runs inside the transaction of the booking's command. Posting twice writes nothing.
/// </summary>
public sealed class LedgerPosting(PortalDb db, LedgerBook book, TimeProvider clock)
{
    /// <summary>Posts the lines, those that lent their device before them, and their borrowers' days.</summary>
    /// <param name="reason">Why somebody posts again by hand (再計上).</param>
    public async Task<int> PostAsync(IReadOnlyCollection<BookingLineId> ids, CancellationToken ct, string? reason = null)
    {
        if (ids.Count == 0) return 0;
        var today = clock.Today();
        var (lines, sameDevices) = await LockedAsync(ids, ct);
        var standing = await StandingAsync(lines.Select(l => l.Id.Value), ct);
        if (standing.Count == 0 && lines.All(l => !l.IsBooked && l.OutAt is null && l.ConfirmedAt is null)) return 0;    // merely asked for

        var basis = await CountingBasis.LoadAsync(db, today, ct);
        var keys = await PersonKeys.OfAsync(db, [.. lines.SelectMany(l => YearsOf(l, today).Select(year => (l.BorrowerId, year)))], ct);
        var recount = new LedgerRecount(basis, keys, standing);
        var drafts = LedgerBook.Differences(standing, lines.SelectMany(l => recount.Line(l, sameDevices.TakenFrom(l))), reason);
        drafts.AddRange(await PeopleAsync([.. lines.Where(l => l.OutAt is not null)], basis, keys, reason, ct));
        return await book.WriteAsync(drafts, ct);    // last, because the months are last in the order of locks
    }

    private async Task<List<LedgerDraft>> PeopleAsync(IReadOnlyCollection<CountedLine> lent, CountingBasis basis, Dictionary<(StaffId, FiscalYear), Guid> keys, string? reason, CancellationToken ct)
    {
        var days = lent.GroupBy(l => l.BorrowerId).ToDictionary(g => g.Key, g => g.SelectMany(l => LedgerRecount.DaysOut(l, basis.Today)).ToHashSet());
        var touched = days.SelectMany(d => d.Value.Select(day => (Key: keys[(d.Key, FiscalYear.From(day))], Day: day))).ToHashSet();
        if (touched.Count == 0) return [];
        await db.LockAsync<LedgerPerson>(touched.Select(t => t.Key), ct);
        var (from, to, borrowers) = (TokyoTime.Midnight(touched.Min(t => t.Day)), TokyoTime.Midnight(touched.Max(t => t.Day).AddDays(1)), days.Keys.ToList());
        var theirs = await db.BookingLines.Of(db, borrowers).Out(db, from, to).CountedAsync(db, ct);
        var standing = await StandingAsync(theirs.Select(l => l.Id.Value).Concat(touched.Select(t => t.Key)), ct);
        var recount = new LedgerRecount(basis, keys, standing);
        var desired = days.SelectMany(d => recount.Person([.. theirs.Where(l => l.BorrowerId == d.Key)], d.Value));
        return LedgerBook.Differences([.. standing.Where(s => touched.Contains((s.SourceId, s.WorkDate)))], desired, reason);
    }

    /// <summary>The lines, and lines of the same device that were lent, because a later one takes minutes from an earlier one. Read under their locks.</summary>
    private async Task<(List<CountedLine> Lines, List<CountedLine> SameDevices)> LockedAsync(IReadOnlyCollection<BookingLineId> ids, CancellationToken ct)
    {
        await db.LockAsync<BookingLine>(ids.Select(i => i.Value), ct);
        var lines = await db.BookingLines.Where(l => ids.Contains(l.Id)).CountedAsync(db, ct);
        var lent = lines.Where(l => l is { OutAt: not null, DeviceId: not null }).ToList();
        if (lent.Count == 0) return (lines, lines);
        var companions = await LentAsync(lent, ct);
        var others = companions.Where(c => !ids.Contains(c.Id)).Select(c => c.Id).ToList();
        if (others.Count == 0) return (lines, companions);
        await db.LockAsync<BookingLine>(others.Select(o => o.Value), ct);
        var all = await db.BookingLines.Where(l => ids.Contains(l.Id) || others.Contains(l.Id)).CountedAsync(db, ct);
        return (all, await LentAsync([.. all.Where(l => l is { OutAt: not null, DeviceId: not null })], ct));
    }

    private Task<List<CountedLine>> LentAsync(IReadOnlyCollection<CountedLine> beside, CancellationToken ct)
    {
        var devices = beside.Select(l => l.DeviceId!.Value).Distinct().ToList();
        var (from, to) = (beside.Min(l => l.From), beside.Max(l => l.To));
        var loans = db.Loans;
        return db.BookingLines.Where(l => l.From < to && l.To > from && loans.Any(o => o.LineId == l.Id && devices.Contains(o.DeviceId))).CountedAsync(db, ct);
    }

    // Rows of this transaction that are not saved yet stand as well: one command may post a line twice.
    private async Task<List<LedgerEntry>> StandingAsync(IEnumerable<Guid> sources, CancellationToken ct)
    {
        var wanted = sources.ToHashSet();
        var rows = await db.LedgerEntries.AsNoTracking().Where(e => (e.Kind == EntryKind.Posting || e.Kind == EntryKind.Adjustment) && wanted.Contains(e.SourceId)).ToListAsync(ct);
        rows.AddRange(db.ChangeTracker.Entries<LedgerEntry>().Where(e => e.State == EntityState.Added && wanted.Contains(e.Entity.SourceId)).Select(e => e.Entity));
        return rows;
    }

    private static IEnumerable<FiscalYear> YearsOf(CountedLine line, DateOnly today)
    {
        var last = TokyoTime.DayOf(line.To);
        if (line.OutAt is not null) last = Latest(last, line.EndedAt is { } end ? TokyoTime.DayOf(end) : today);
        var first = TokyoTime.DayOf(line.OutAt is { } o && o < line.From ? o : line.From);
        for (var year = FiscalYear.From(first); year <= FiscalYear.From(last); year = year.Next) yield return year;

        static DateOnly Latest(DateOnly a, DateOnly b) => a > b ? a : b;
    }
}

/// <summary>Every event of Booking posts the lines it names.</summary>
internal sealed class PostOnBooking<TEvent>(LedgerPosting posting) : IHandle<TEvent> where TEvent : BookingEvent
{
    public Task HandleAsync(TEvent happened, CancellationToken ct) => posting.PostAsync(happened.LineIds, ct);
}

/// <summary>Who moves to another department takes the coming days along; past days stay where they were.</summary>
internal sealed class PostOnTransfer(LedgerPosting posting, PortalDb db) : IHandle<PostingsChanged>
{
    public async Task HandleAsync(PostingsChanged happened, CancellationToken ct)
    {
        if (!await db.LedgerPeople.AnyAsync(p => p.StaffId == happened.StaffId, ct)) return;
        var from = TokyoTime.Midnight(happened.From);
        var loans = db.Loans;
        await posting.PostAsync(await db.BookingLines.Of(db, [happened.StaffId])
            .Where(l => l.To > from || (l.LostAt == null && loans.Any(o => o.LineId == l.Id && o.InAt == null)))
            .Select(l => l.Id).ToListAsync(ct), ct);
    }
}
