using KitaPortal.Data;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Review;

/// <summary>One sum out of the ledger with everything it may be grouped by.</summary>
/// <param name="Month">計上月 or month of 実日付; 0 for a whole year's row.</param>
/// <param name="Before">True for the same period of the year before.</param>
internal sealed record ReviewSum(bool Before, int Month, Guid Department, Guid Office, Guid Person, string Class, string Purpose, long Minutes);

/// <summary>Reads what a review adds up, from stored sums and the few rows that are not in them yet.</summary>
internal static class ReviewSums
{
    public static async Task<List<ReviewSum>> ReadAsync(PortalDb db, ReviewQuery query, FiscalYear year, DateOnly until, CancellationToken ct)
    {
        var sort = query.IsPersonal ? TotalSort.Person : TotalSort.Place;
        var columns = Columns(query);
        var sums = await SumsAsync(Filtered(db.Figures(sort, year, year, until, columns, [query.Measure]), query), query, isBefore: false, ct);

        // The same period of the year before: whole months from the stored sums, the days of the last one from the ledger.
        var last = year.Previous;
        var sameDay = until.AddYears(-1);
        if (until == year.LastDay) sameDay = last.LastDay;
        var partial = TokyoTime.FirstOfMonth(sameDay);
        var whole = sameDay == last.LastDay ? last.LastDay.AddDays(1) : partial;
        sums.AddRange(await SumsAsync(Filtered(db.Figures(sort, last, last, sameDay, columns, [query.Measure]), query).Where(f => f.CountedMonth == 0 || f.WorkDate < whole), query, isBefore: true, ct));
        if (whole == partial)
        {
            var rows = db.LedgerEntries.Where(e => e.WorkDate >= partial && e.WorkDate <= sameDay && e.Measure == query.Measure && e.CountedMonth != null);
            sums.AddRange((await rows.GroupBy(e => new { e.DepartmentId, e.OfficeId, e.PersonKey, e.Class, e.Purpose }).Select(g => new { g.Key, Minutes = g.Sum(e => (long)e.Minutes) }).ToListAsync(ct))
                .Select(g => new ReviewSum(true, partial.Month, g.Key.DepartmentId?.Value ?? default, g.Key.OfficeId?.Value ?? default, query.IsPersonal ? g.Key.PersonKey ?? default : default, g.Key.Class ?? "", g.Key.Purpose ?? "", g.Minutes))
                .Where(s => Fits(s, query)));
        }
        return sums;
    }

    private static async Task<List<ReviewSum>> SumsAsync(IQueryable<LedgerFigure> figures, ReviewQuery query, bool isBefore, CancellationToken ct)
    {
        var byMonth = query.By == ReviewBy.Work || isBefore
            ? figures.Select(f => new { Month = f.CountedMonth == 0 ? 0 : f.WorkDate.Month, f.DepartmentId, f.OfficeId, f.PersonKey, f.Class, f.Purpose, f.Minutes })
            : figures.Select(f => new { Month = f.CountedMonth, f.DepartmentId, f.OfficeId, f.PersonKey, f.Class, f.Purpose, f.Minutes });
        return await byMonth.GroupBy(f => new { f.Month, f.DepartmentId, f.OfficeId, f.PersonKey, f.Class, f.Purpose })
            .Select(g => new ReviewSum(isBefore, g.Key.Month, g.Key.DepartmentId, g.Key.OfficeId, g.Key.PersonKey, g.Key.Class, g.Key.Purpose, g.Sum(f => f.Minutes))).ToListAsync(ct);
    }

    // Only what the rows and the filter need is told apart, so that little comes out of the database.
    private static HashSet<string> Columns(ReviewQuery query)
    {
        var columns = new HashSet<string>();
        if (Uses(ReviewRows.Department) || query.Department is not null) columns.Add("DepartmentId");
        if (Uses(ReviewRows.Office) || Uses(ReviewRows.Department) || query.Office is not null) columns.Add("OfficeId");
        if (Uses(ReviewRows.Person) || query.Person is not null) columns.Add("PersonKey");
        if (Uses(ReviewRows.Class) || query.Class is not null) columns.Add("Class");
        if (Uses(ReviewRows.Purpose) || query.Purpose is not null) columns.Add("Purpose");
        return columns;

        bool Uses(ReviewRows rows) => query.Outer == rows || query.Inner == rows;
    }

    private static IQueryable<LedgerFigure> Filtered(IQueryable<LedgerFigure> figures, ReviewQuery query)
    {
        if (query.Departments is { } departments) figures = figures.Where(f => departments.Contains(f.DepartmentId));
        if (IdOf(query.Office) is { } office) figures = figures.Where(f => f.OfficeId == office);
        if (query.Persons is { } persons) figures = figures.Where(f => persons.Contains(f.PersonKey));
        if (WordOf(query.Class) is { } code) figures = figures.Where(f => f.Class == code);
        if (WordOf(query.Purpose) is { } purpose) figures = figures.Where(f => f.Purpose == purpose);
        return figures;
    }

    private static bool Fits(ReviewSum sum, ReviewQuery query)
        => (query.Departments is not { } d || d.Contains(sum.Department)) && (IdOf(query.Office) is not { } o || sum.Office == o) && (query.Persons is not { } p || p.Contains(sum.Person))
            && (WordOf(query.Class) is not { } c || sum.Class == c) && (WordOf(query.Purpose) is not { } u || sum.Purpose == u);

    /// <summary>The ledger rows behind a cell, before they are ordered.</summary>
    public static IQueryable<LedgerEntry> Rows(PortalDb db, ReviewQuery query, FiscalYear year, DateOnly until)
    {
        var rows = db.LedgerEntries.Where(e => e.FiscalYear == year && e.Measure == query.Measure && e.WorkDate <= until);
        if (query.Month is { } month)
            rows = query.By == ReviewBy.Counted ? rows.Where(e => e.CountedMonth == month)
                : month is >= 1 and <= 12 ? InMonth(rows, Closing.MonthClose.FirstDayOf(year, month)) : rows.Where(e => false);
        if (query.Departments is { } some)
        {
            var departments = some.Select(d => new DepartmentId(d)).ToList();
            rows = some.Contains(default) ? rows.Where(e => e.DepartmentId == null) : rows.Where(e => e.DepartmentId != null && departments.Contains(e.DepartmentId.Value));
        }
        if (IdOf(query.Office) is { } place)
        {
            var office = new OfficeId(place);
            rows = place == default ? rows.Where(e => e.OfficeId == null) : rows.Where(e => e.OfficeId == office);
        }
        if (query.Persons is { } persons) rows = persons.Contains(default) ? rows.Where(e => e.PersonKey == null) : rows.Where(e => e.PersonKey != null && persons.Contains(e.PersonKey.Value));
        if (WordOf(query.Class) is { } code) rows = code.Length == 0 ? rows.Where(e => e.Class == null) : rows.Where(e => e.Class == code);
        if (WordOf(query.Purpose) is { } purpose) rows = purpose.Length == 0 ? rows.Where(e => e.Purpose == null) : rows.Where(e => e.Purpose == purpose);
        return rows;
    }

    private static IQueryable<LedgerEntry> InMonth(IQueryable<LedgerEntry> rows, DateOnly first)
    {
        var end = first.AddMonths(1);
        return rows.Where(e => e.WorkDate >= first && e.WorkDate < end && e.CountedMonth != null);
    }

    internal static Guid? IdOf(string? text) => text == ReviewQuery.Nothing ? Guid.Empty : Guid.TryParse(text, out var id) ? id : null;

    private static string? WordOf(string? text) => text == ReviewQuery.Nothing ? "" : string.IsNullOrEmpty(text) ? null : text;
}
