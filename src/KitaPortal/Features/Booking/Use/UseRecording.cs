using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking;

/// <summary>Writes down when a borrowed device was really used: by the buttons 利用開始 and 利用終了, or entered and corrected afterwards. Hours may refuse a closed month.</summary>
public sealed class UseRecording(PortalDb db, TimeProvider clock)
{
    /// <summary>利用開始; pressed twice it is one use. The id is made by the client.</summary>
    public Task<UseSession> BeginAsync(Guid id, BookingLineId lineId, StaffId by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var (line, loan) = await OutAsync(lineId, by, ct);
        var mine = await OfLineAsync(lineId, ct);
        if (mine.FirstOrDefault(s => s.To is null || s.Id == id) is { } running) return running;
        Demand.All(loan?.InAt is null && line.Status == LineStatus.OnLoan ? null : UseRules.NotOut.With());
        return await SavedAsync(new UseSession(id, line, clock.GetUtcNow(), null, UseSource.Button), ct);
    }, ct);

    /// <summary>利用終了.</summary>
    public Task<UseSession?> EndAsync(BookingLineId lineId, StaffId by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        await OutAsync(lineId, by, ct);
        var running = (await OfLineAsync(lineId, ct)).SingleOrDefault(s => s.To is null);
        running?.End(clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        return running;
    }, ct);

    /// <summary>Enters a use afterwards; the same id again is one use.</summary>
    public Task<UseSession> EnterAsync(Guid id, BookingLineId lineId, Period span, StaffId by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var (line, loan) = await OutAsync(lineId, by, ct);
        var others = await OfLineAsync(lineId, ct);
        if (others.SingleOrDefault(s => s.Id == id) is { } earlier) return earlier;
        Check(span, loan, others);
        return await SavedAsync(new UseSession(id, line, span.From, span.To, UseSource.Entered), ct);
    }, ct);

    /// <summary>Corrects a use.</summary>
    public Task CorrectAsync(Guid id, Period span, StaffId by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var session = await db.UseSessions.SingleOrDefaultAsync(s => s.Id == id && !s.IsWithdrawn, ct).OrNotHere();
        var (_, loan) = await OutAsync(session.LineId, by, ct);
        Check(span, loan, [.. (await OfLineAsync(session.LineId, ct)).Where(s => s.Id != id)]);
        session.Correct(span.From, span.To);
        await db.SaveChangesAsync(ct);
    }, ct);

    /// <summary>Takes an entry back.</summary>
    public Task WithdrawAsync(Guid id, StaffId by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var session = await db.UseSessions.SingleOrDefaultAsync(s => s.Id == id, ct).OrNotHere();
        await OutAsync(session.LineId, by, ct);
        session.Withdraw();
        await db.SaveChangesAsync(ct);
    }, ct);

    private void Check(Period span, Loan? loan, IReadOnlyList<UseSession> others)
    {
        var now = clock.GetUtcNow();
        Demand.All(
            loan is null ? UseRules.NotOut.With() : null,
            span.IsForward ? null : UseRules.Span.With(),
            loan is not null && (span.From < Minute(loan.OutAt) || span.To > (loan.InAt ?? now)) ? UseRules.NotWhileOut.With(BookingWords.Span(loan.OutAt, loan.InAt ?? now)) : null,
            others.FirstOrDefault(s => s.From < span.To && (s.To ?? now) > span.From) is { } other ? UseRules.Overlaps.With(BookingWords.Span(other.From, other.To ?? now)) : null);
    }

    // Only the borrower tells when a device was used; the line's row is locked so that two presses are one.
    private async Task<(BookingLine Line, Loan? Loan)> OutAsync(BookingLineId lineId, StaffId by, CancellationToken ct)
    {
        await db.LockAsync<BookingLine>([lineId.Value], ct);
        var line = await (
            from l in db.BookingLines
            where l.Id == lineId
            join booking in db.Bookings on l.BookingId equals booking.Id
            where booking.BorrowerId == @by
            select l).AsNoTracking().SingleOrDefaultAsync(ct).OrNotHere();
        return (line, await db.Loans.AsNoTracking().SingleOrDefaultAsync(l => l.LineId == lineId, ct));
    }

    private Task<List<UseSession>> OfLineAsync(BookingLineId lineId, CancellationToken ct)
        => db.UseSessions.Where(s => s.LineId == lineId && !s.IsWithdrawn).OrderBy(s => s.From).ToListAsync(ct);

    private async Task<UseSession> SavedAsync(UseSession session, CancellationToken ct)
    {
        db.Add(session);
        await db.SaveChangesAsync(ct);
        return session;
    }

    private static DateTimeOffset Minute(DateTimeOffset moment) => moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerMinute));
}

/// <summary>What the entry of a use refuses.</summary>
public static class UseRules
{
    public static readonly Rule NotOut = new("貸-971", "booking.use-not-out", "借りていない端末の利用は記録できません。", "端末を受け取ってから記録してください。");
    public static readonly Rule Span = new("貸-972", "booking.use-span", "利用の終わりは始まりより後にしてください。", "時刻を確かめてください。");
    public static readonly Rule NotWhileOut = new("貸-973", "booking.use-not-while-out", "端末を借りていた時間（{期間}）の外は記録できません。", "受取から返却までの時刻を入力してください。");
    public static readonly Rule Overlaps = new("貸-974", "booking.use-overlaps", "{期間}の利用と重なっています。", "前の記録を直すか、重ならない時刻にしてください。");

    public static IReadOnlyList<Rule> All { get; } = [NotOut, Span, NotWhileOut, Overlaps];
}
