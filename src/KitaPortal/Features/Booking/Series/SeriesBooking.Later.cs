using KitaPortal.Features.Booking.Kits;
using KitaPortal.Features.Notifications;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Series;

/// <summary>この回以降 and すべて: cancelling, splitting.</summary>
public sealed partial class SeriesBooking
{
    /// <summary>Gives up all days still to come, from a day on or all; they never come back.</summary>
    public Task CancelAsync(SeriesId id, DateOnly? from, Asker asker, string? reason, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var series = await OpenAsync(id, null, asker, ct);
        var given = await GiveUpAsync(series, await ComingAsync(series, from, ct), asker, reason, ct);
        if (given == 0) throw new RuleViolation(SeriesRules.NothingLeft.With());
        series.Tell("booking.cancelled", asker.Id == series.BorrowerId ? "繰り返しの予約を取り消しました" : "繰り返しの予約が取り消されました", $"{series.Recurrence.Words}のうち{given}回。{reason}");
        if (from is { } day && series.Days.Any(d => d.Day < day)) series.EndOn(day.AddDays(-1));
        await db.SaveChangesAsync(ct);
    }, ct);

    private async Task<int> GiveUpAsync(BookingSeries series, List<BookingId> bookings, Asker asker, string? reason, CancellationToken ct)
    {
        var alone = await ToldAloneAsync(series, bookings, ct);
        foreach (var booking in bookings) await reserving.CancelAsync(booking, null, asker, reason, ct, isToldElsewhere: !alone.Contains(booking));
        return bookings.Count;
    }

    // A day of which the borrower was told by itself (changed, laid ready) stands in the calendar by itself, and is changed and taken out there by itself.
    private async Task<HashSet<BookingId>> ToldAloneAsync(BookingSeries series, List<BookingId> bookings, CancellationToken ct)
    {
        var (borrower, links) = (series.BorrowerId, bookings.ToDictionary(b => $"/booking/{b}"));
        var told = await db.Notifications.Where(n => n.StaffId == borrower && links.Keys.Contains(n.Link)).Select(n => n.Link).Distinct().ToListAsync(ct);
        return [.. told.Select(link => links[link])];
    }

    /// <summary>Whose series a person may change: own ones, those made for others, and all for desks.</summary>
    public static IQueryable<BookingSeries> ChangeableBy(IQueryable<BookingSeries> series, Asker asker)
    {
        if (asker.Roles.Any(r => r.Role is Role.LendingManager or Role.Desk)) return series;
        var id = asker.Id;
        return series.Where(s => s.BorrowerId == id || s.CreatedById == id);
    }

    // The requests for permission of all its bookings, the borrower, the days that may be booked anew, the pools; then what is there is read.
    private async Task<BookingSeries> OpenAsync(SeriesId id, SeriesChange? change, Asker asker, CancellationToken ct)
    {
        var series = await ChangeableBy(db.BookingSeries.AsNoTracking(), asker).Include(s => s.Days).SingleOrDefaultAsync(s => s.Id == id, ct).OrNotHere();
        await reserving.LockRequestsAsync(await db.Bookings.Where(b => b.SeriesId == id).Select(b => b.Id).ToListAsync(ct), ct);
        await reserving.LockBorrowerAsync(series.BorrowerId, ct);
        var pools = await db.Bookings.Where(b => b.SeriesId == id).SelectMany(b => b.Lines).Select(l => l.PoolId).Distinct().ToListAsync(ct);
        pools = [.. pools.Concat(await reserving.PoolsOfAsync(await series.Template.UnpackedAsync(db, ct), ct)).Distinct()];
        IEnumerable<DateOnly> days = change is null ? [] : series.Days.Where(d => d.State == SeriesDayState.Booked && d.HeldOn >= clock.Today()).Select(d => d.HeldOn).OfType<DateOnly>().Concat(change.Until is { } last ? series.Recurrence.EndingOn(last).Days(series.FirstDay) : []);
        await reserving.OpenAsync(pools, clock.GetUtcNow(), ct, [.. days.Distinct().Select(d => TokyoTime.At(d, change!.Start))]);
        return await db.BookingSeries.Include(s => s.Days).SingleAsync(s => s.Id == id, ct);
    }

    private async Task<List<BookingId>> ComingAsync(BookingSeries series, DateOnly? from, CancellationToken ct)
    {
        var ids = series.Days.Where(d => d.State == SeriesDayState.Booked && (from is null || d.Day >= from)).Select(d => d.BookingId!.Value).ToList();
        return await db.Bookings.Where(b => ids.Contains(b.Id) && b.Lines.Any(l => l.Status == LineStatus.Requested || l.Status == LineStatus.Approved || l.Status == LineStatus.Ready))
            .OrderBy(b => b.OccurrenceDate).Select(b => b.Id).ToListAsync(ct);
    }
}
