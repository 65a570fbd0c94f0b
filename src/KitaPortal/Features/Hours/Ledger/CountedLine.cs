using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Ledger;

/// <summary>All the ledger needs to know of a booking's line.</summary>
internal sealed record CountedLine(BookingLineId Id, StaffId BorrowerId, DepartmentId DepartmentId, Purpose Purpose, LineStatus Status, DateTimeOffset From, DateTimeOffset To,
    DateTimeOffset? ConfirmedAt, DeviceId? DeviceId, OfficeId LendingOfficeId, DeviceModelId ModelId, string Class, DateTimeOffset? OutAt, DateTimeOffset? EndedAt, bool OutsideHoursAllowed)
{
    /// <summary>What the borrower told of the use: 利用開始 to 利用終了.</summary>
    public MinuteSet Told { get; init; } = MinuteSet.Empty;

    public MinuteSet Planned => field ??= MinuteSet.Of(From, To);

    public string PurposeCode => Purpose.ToString();

    /// <summary>予約確定, 準備済, 貸出中, 返却済, 紛失.</summary>
    public bool IsBooked => Status is LineStatus.Approved or LineStatus.Ready or LineStatus.OnLoan or LineStatus.Returned or LineStatus.Lost;

    /// <summary>Hand-over to take-back, or until the device was known to be lost; one still out counts up to <paramref name="upTo"/>.</summary>
    public MinuteSet Custody(DateTimeOffset upTo) => OutAt is { } from ? MinuteSet.Of(from, EndedAt ?? upTo) : MinuteSet.Empty;
}

internal static class CountedLines
{
    /// <summary>The lines as the ledger sees them, by ids of lines.</summary>
    public static async Task<List<CountedLine>> CountedAsync(this IQueryable<BookingLine> lines, PortalDb db, CancellationToken ct)
    {
        var permissions = db.TakeOutPermissions;
        var counted = await (
        from line in lines
        join booking in db.Bookings on line.BookingId equals booking.Id
        join pool in db.Pools on line.PoolId equals pool.Id
        join model in db.DeviceModels on pool.ModelId equals model.Id
        join kind in db.DeviceClasses on model.ClassId equals kind.Id
        join loaned in db.Loans on line.Id equals loaned.LineId into loans
        from loan in loans.DefaultIfEmpty()
        select new CountedLine(line.Id, booking.BorrowerId, booking.DepartmentId, booking.Purpose, line.Status, line.From, line.To, line.ConfirmedAt,
            loan != null ? loan.DeviceId : line.DeviceId, pool.OfficeId, model.Id, kind.Code, loan != null ? loan.OutAt : null, line.LostAt ?? (loan != null ? loan.InAt : null),
            permissions.Any(p => p.BookingId == booking.Id && p.OutsideHoursAllowed && (p.RevokedAt == null || (loan != null && p.RevokedAt > loan.OutAt)))))
        .AsNoTracking().ToListAsync(ct);
        var lent = counted.Where(l => l.OutAt is not null).Select(l => l.Id).ToList();
        if (lent.Count == 0) return counted;
        var told = (await db.UseSessions.AsNoTracking().Where(s => lent.Contains(s.LineId) && !s.IsWithdrawn && s.To != null).Select(s => new { s.LineId, s.From, To = s.To!.Value }).ToListAsync(ct)).ToLookup(s => s.LineId);
        return told.Count == 0 ? counted : [.. counted.Select(l => told.Contains(l.Id) ? l with { Told = MinuteSet.Union(told[l.Id].Select(s => MinuteSet.Of(s.From, s.To))) } : l)];
    }

    /// <summary>The lines of these borrowers.</summary>
    public static IQueryable<BookingLine> Of(this IQueryable<BookingLine> lines, PortalDb db, IReadOnlyCollection<StaffId> borrowers)
    {
        var bookings = db.Bookings;
        return lines.Where(l => bookings.Any(b => b.Id == l.BookingId && borrowers.Contains(b.BorrowerId)));
    }

    /// <summary>The lines whose device was out at some time from one moment to the other.</summary>
    public static IQueryable<BookingLine> Out(this IQueryable<BookingLine> lines, PortalDb db, DateTimeOffset from, DateTimeOffset to)
    {
        var loans = db.Loans;
        return lines.Where(l => (l.LostAt == null || l.LostAt > from) && loans.Any(o => o.LineId == l.Id && o.OutAt < to && (o.InAt == null || o.InAt > from)));
    }

    /// <summary>The lines planned or out on some of the days.</summary>
    public static IQueryable<BookingLine> Touching(this IQueryable<BookingLine> lines, PortalDb db, DateOnly first, DateOnly end)
    {
        var (from, to, loans) = (TokyoTime.Midnight(first), TokyoTime.Midnight(end), db.Loans);
        return lines.Where(l => (l.From < to && l.To > from) || ((l.LostAt == null || l.LostAt > from) && loans.Any(o => o.LineId == l.Id && o.OutAt < to && (o.InAt == null || o.InAt > from))));
    }

    /// <summary>
    /// The planned minutes that lines lent later took over from the line: a device brought back early and lent again is not counted twice.
    /// </summary>
    public static MinuteSet TakenFrom(this IEnumerable<CountedLine> lines, CountedLine line)
        => line.OutAt is null || line.DeviceId is null ? MinuteSet.Empty
            : MinuteSet.Union(lines.Where(l => l.Id != line.Id && l.DeviceId == line.DeviceId && l.OutAt > line.OutAt).Select(l => l.Planned));
}
