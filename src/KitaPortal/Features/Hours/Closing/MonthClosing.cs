using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Closing;

/// <summary>What somebody who closes a month should have looked at.</summary>
/// <param name="IsCheckedSince">The ledger was checked after the month had ended.</param>
public sealed record CloseChecklist(int LoansOut, int UndecidedExtensions, int OpenUseEntries, int Differences, DateTimeOffset? CheckedAt, bool IsCheckedSince, int Proposed)
{
    public bool NeedsReason => Differences > 0 || !IsCheckedSince;
}

/// <summary>Closing months, and adjustments by hand. A closed month is never opened again.</summary>
public sealed class MonthClosing(PortalDb db, LedgerBook book, TimeProvider clock)
{
    /// <summary>The earliest open month of the fiscal year; null when all twelve are closed.</summary>
    public static MonthClose? Next(IEnumerable<MonthClose> months) => months.Where(m => m is { IsClosed: false, Month: not MonthClose.YearEnd }).MinBy(m => m.Order);

    /// <summary>The thirteen months of a fiscal year, April first, without their totals' rows being counted anew.</summary>
    public async Task<IReadOnlyList<MonthClose>> MonthsAsync(FiscalYear year, CancellationToken ct)
    {
        if (!await db.MonthCloses.AnyAsync(m => m.FiscalYear == year, ct))
            await db.WriteAsync(() => LedgerBook.EnsureAsync(db, year, ct), ct);
        return [.. (await db.MonthCloses.AsNoTracking().Where(m => m.FiscalYear == year).ToListAsync(ct)).OrderBy(m => m.Order)];
    }

    public async Task<CloseChecklist> ChecklistAsync(FiscalYear year, int month, CancellationToken ct)
    {
        var end = TokyoTime.Midnight(MonthClose.FirstDayOf(year, month).AddMonths(1));
        var lines = db.BookingLines;
        var loansOut = await db.Loans.CountAsync(l => l.OutAt < end && (l.InAt == null || l.InAt >= end) && !lines.Any(b => b.Id == l.LineId && b.LostAt < end), ct);
        var extensions = await lines.CountAsync(l => l.PendingTo != null && l.To < end, ct);
        var check = await db.LedgerCheckRuns.AsNoTracking().OrderByDescending(r => r.At).FirstOrDefaultAsync(ct);
        var proposed = await db.ManualAdjustments.CountAsync(a => a.FiscalYear == year && a.Month == month && a.State == AdjustmentState.Proposed, ct);
        var openUse = await db.UseSessions.CountAsync(s => s.To == null && !s.IsWithdrawn && s.From < end, ct);
        return new(loansOut, extensions, openUse, check?.Differences ?? 0, check?.At, check?.At >= end, proposed);
    }

    /// <summary>Closes a month: in order, after its end, with a reason when the last check had differences.</summary>
    public Task<MonthClose> CloseAsync(FiscalYear year, int month, string? note, StaffId by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        if (month is < 1 or > MonthClose.YearEnd) throw new RuleViolation(HoursRules.Month.With(month));
        await LedgerBook.EnsureAsync(db, year, ct);
        await db.LockAsync<MonthClose>([MonthClose.IdOf(year, month)], ct);
        var months = await db.MonthCloses.Where(m => m.FiscalYear == year).ToListAsync(ct);
        var closing = months.SingleOrDefault(m => m.Month == month && month != MonthClose.YearEnd).OrNotHere();
        var before = Next(months);
        var earlier = await EarlierYearAsync(year, ct);
        var check = await ChecklistAsync(year, month, ct);
        var note1 = string.IsNullOrWhiteSpace(note) ? null : note.Trim();
        Demand.All(
            closing.IsClosed ? HoursRules.Closed.With(closing.Label) : null,
            !closing.IsClosed && earlier is not null ? HoursRules.CloseOrder.With(earlier.Label, closing.Label)
                : before is not null && before.Order < closing.Order ? HoursRules.CloseOrder.With(before.Label, closing.Label) : null,
            closing.LastDay >= clock.Today() ? HoursRules.CloseEarly.With(closing.Label) with { Remedy = $"{JapaneseDate.Long(closing.LastDay!.Value)}を過ぎると締められます。" } : null,
            (note1?.Length ?? 0) >= ManualAdjustment.LeastReason || !check.NeedsReason ? null
                : check.Differences > 0 ? HoursRules.ChecksOpen.With(check.Differences) : HoursRules.CheckMissing.With(closing.Label));

        var (sha256, rows) = await HashAsync(db, year, month, ct);
        closing.Close(sha256, rows, await TotalsAsync(db, year, month, ct), by, clock.GetUtcNow(), note1);
        db.Audit(new AuditNote("hours-month.closed", "hours-month", $"{year.Value}-{month:00}", After: new { rows, sha256, loansOut = check.LoansOut, differences = check.Differences }, Reason: note1));
        await db.PublishAsync(new MonthClosed(year, month), ct);
        return closing;
    }, ct);

    // The year before must be closed too, as far as the portal kept it by days.
    private async Task<MonthClose?> EarlierYearAsync(FiscalYear year, CancellationToken ct)
    {
        var last = year.Previous;
        if (!await db.LedgerEntries.AnyAsync(e => e.FiscalYear == last && e.Kind == EntryKind.Posting, ct)) return null;
        return Next(await db.MonthCloses.AsNoTracking().Where(m => m.FiscalYear == last).ToListAsync(ct));
    }

    /// <summary>SHA-256 over the rows counted in the month, in the order of the book.</summary>
    internal static async Task<(string Sha256, int Rows)> HashAsync(PortalDb db, FiscalYear year, int month, CancellationToken ct)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rows = 0;
        await foreach (var e in db.LedgerEntries.AsNoTracking().Where(e => e.FiscalYear == year && e.CountedMonth == month).OrderBy(e => e.Number).AsAsyncEnumerable().WithCancellation(ct))
        {
            sha256.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $"{e.Number}|{e.SourceKind}|{e.SourceId}|{e.WorkDate:yyyy-MM-dd}|{e.Measure}|{e.PolicyNumber}|{e.Revision}|{e.Minutes}|{e.Grain}|{e.Kind}|{e.PersonKey}|{e.PostName}|{e.DepartmentId?.Value}|{e.DepartmentName}|{e.OfficeId?.Value}|{e.LendingOfficeId?.Value}|{e.DeviceId}|{e.ModelId}|{e.Class}|{e.Purpose}|{e.Reason}\n")));
            rows++;
        }
        return (Convert.ToHexStringLower(sha256.GetHashAndReset()), rows);
    }

    internal static async Task<IReadOnlyList<ClosedFigure>> TotalsAsync(PortalDb db, FiscalYear year, int month, CancellationToken ct)
    {
        var cells = await db.LedgerEntries.Where(e => e.FiscalYear == year && e.CountedMonth == month)
            .GroupBy(e => new { e.Measure, e.DepartmentId, e.OfficeId, e.Class, e.Purpose })
            .Select(g => new { g.Key.Measure, g.Key.DepartmentId, g.Key.OfficeId, g.Key.Class, g.Key.Purpose, Minutes = g.Sum(e => (long)e.Minutes) }).ToListAsync(ct);
        return [.. cells.Where(c => c.Minutes != 0).Select(c => new ClosedFigure(c.Measure, c.DepartmentId?.Value, c.OfficeId?.Value, c.Class, c.Purpose, c.Minutes))
            .OrderBy(c => c.Measure).ThenBy(c => c.DepartmentId).ThenBy(c => c.OfficeId).ThenBy(c => c.Class, StringComparer.Ordinal).ThenBy(c => c.Purpose, StringComparer.Ordinal)];
    }

    /// <summary>Enters hours by hand; they count once a second person has confirmed them. The same id twice is one.</summary>
    public Task<ManualAdjustment> ProposeAsync(ManualAdjustmentId id, DepartmentId department, FiscalYear year, int month, Measure measure, int minutes, string reason, IReadOnlyList<TakenFile> evidence, StaffId by, CancellationToken ct)
        => db.WriteAsync(async () =>
        {
            if (await db.ManualAdjustments.SingleOrDefaultAsync(a => a.Id == id, ct) is { } known) return known;
            await db.Departments.SingleOrDefaultAsync(d => d.Id == department, ct).OrNotHere();
            var adjustment = new ManualAdjustment(id, department, year, month, measure, minutes, reason, evidence.Count > 0, by, clock.Today());
            db.Add(adjustment);
            db.AddRange(evidence.Select(f => new FileLink(f, ManualAdjustment.FileOwner, id.ToString(), by, clock.GetUtcNow())));
            return adjustment;
        }, ct);

    /// <summary>The second person confirms, and the hours are written into the ledger in the same transaction.</summary>
    public Task ConfirmAsync(ManualAdjustmentId id, StaffId by, CancellationToken ct) => db.WriteAsync(async () =>
    {
        await db.LockAsync<ManualAdjustment>([id.Value], ct);
        var adjustment = await db.ManualAdjustments.SingleOrDefaultAsync(a => a.Id == id, ct).OrNotHere();
        adjustment.Confirm(by, clock.GetUtcNow());
        var then = (await db.StandingAsync<OrganisationBook>(ct)).NearestTerm(adjustment.DepartmentId, adjustment.WorkDate);
        await book.WriteAsync([adjustment.Draft(then?.Name ?? "", then?.OfficeId)], ct);
    }, ct);

    public Task WithdrawAsync(ManualAdjustmentId id, StaffId by, bool isSecondPerson, CancellationToken ct) => db.WriteAsync(async () =>
    {
        await db.LockAsync<ManualAdjustment>([id.Value], ct);
        (await db.ManualAdjustments.SingleOrDefaultAsync(a => a.Id == id, ct).OrNotHere()).Withdraw(by, isSecondPerson, clock.GetUtcNow());
    }, ct);
}
