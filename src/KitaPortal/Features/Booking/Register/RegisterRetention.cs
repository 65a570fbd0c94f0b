using KitaPortal.Data;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Booking.Register;

/// <summary>保存期間満了: rows of the lending register go when their years are over, counted from the 1 April after the hand-over. What is not back stays.
/// Each turn leaves an audit row, without which, and without a return, the database lets none go.</summary>
internal sealed class RegisterRetentionJob(PortalDb db, IOptions<BookingOptions> options) : IPortalJob
{
    public const string Disposed = "register.disposed";

    /// <summary>Loans of one turn.</summary>
    private const int Turn = 500;

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var (keptYears, disposed) = (options.Value.RegisterYears, 0);
        var before = FiscalYear.Of(now).Value - keptYears;
        while (await DisposeAsync(before, keptYears, ct) is > 0 and var loans) disposed += loans;
        return disposed == 0 ? null : $"{disposed} loans before {new FiscalYear(before).Label} disposed of";
    }

    // One fiscal year at a time, so that the audit row names it.
    private Task<int> DisposeAsync(int before, int keptYears, CancellationToken ct) => db.WriteAsync(async () =>
    {
        var entries = db.RegisterEntries;
        var over = entries.Where(e => e.Kind == RegisterEvent.Out && e.FiscalYear < before && entries.Any(i => i.LoanId == e.LoanId && i.Kind == RegisterEvent.In));
        if (await over.MinAsync(e => (int?)e.FiscalYear, ct) is not { } year) return 0;
        var loans = await over.Where(e => e.FiscalYear == year).OrderBy(e => e.OfficeId).ThenBy(e => e.Sequence).Take(Turn).Select(e => e.LoanId).ToListAsync(ct);
        db.Audit(new AuditNote(Disposed, "lending-register", $"{year}", After: new { loans = loans.Count, keptYears }));
        await db.SaveChangesAsync(ct);
        // The return goes last: without it the database lets nothing of a loan go.
        await entries.Where(e => loans.Contains(e.LoanId) && e.Kind != RegisterEvent.In).ExecuteDeleteAsync(ct);
        await entries.Where(e => loans.Contains(e.LoanId)).ExecuteDeleteAsync(ct);
        return loans.Count;
    }, ct);
}
