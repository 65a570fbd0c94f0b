using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours.Review;

/// <summary>What a cell of the review is made of: its bookings, or its ledger rows with revisions and reasons. Their sum is the cell.</summary>
[Authorize(HoursPolicies.Work)]
public sealed class RowsPage(PortalDb db, PersonalLooks looks, TimeProvider clock) : FormPage
{
    public const int PageSize = 100;

    public ReviewQuery Query => ReviewQuery.Read(Request.Query);

    /// <summary>rows shows the ledger's rows one by one.</summary>
    [BindProperty(SupportsGet = true, Name = "view")]
    public string? View { get; set; }

    [BindProperty(SupportsGet = true, Name = "p")]
    public int PageNo { get; set; } = 1;

    public bool ByRow => View == "rows";

    public FiscalYear Year { get; private set; }

    public string Where { get; private set; } = "";

    public long Sum { get; private set; }

    public int Count { get; private set; }

    public int Sources { get; private set; }

    public int Total => ByRow ? Count : Sources;

    public IReadOnlyList<Source> BySource { get; private set; } = [];

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    /// <summary>One booking's line, person's days, adjustment or opening with the minutes it has in the cell.</summary>
    public sealed record Source(SourceKind Kind, Guid Id, string Name, string? Person, string? Model, string? Purpose, string? Department, DateOnly First, DateOnly Last, int Rows, long Minutes);

    public sealed record Row(LedgerEntry Entry, string Name, string? Person);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        Year = Query.Year(today);
        var until = today < Year.LastDay ? today : Year.LastDay;
        var names = await ReviewNames.LoadAsync(db, Query with { Person = Query.Person ?? ReviewQuery.Nothing }, Year, until, ct);
        var query = names.Resolve(Query);
        Where = names.Describe(Query);
        var rows = ReviewSums.Rows(db, query, Year, until).AsNoTracking();
        var all = await rows.GroupBy(_ => 1).Select(g => new { Minutes = g.Sum(e => (long)e.Minutes), Count = g.Count() }).SingleOrDefaultAsync(ct);
        (Sum, Count) = (all?.Minutes ?? 0, all?.Count ?? 0);
        Sources = await rows.Select(e => e.SourceId).Distinct().CountAsync(ct);
        PageNo = Math.Clamp(PageNo, 1, Math.Max(1, (Total + PageSize - 1) / PageSize));
        if (ByRow) await LoadRowsAsync(rows, names, ct);
        else await LoadSourcesAsync(rows, names, ct);
    }

    private async Task LoadSourcesAsync(IQueryable<LedgerEntry> rows, ReviewNames names, CancellationToken ct)
    {
        var page = await rows.GroupBy(e => new { e.SourceKind, e.SourceId })
            .Select(g => new { g.Key.SourceKind, g.Key.SourceId, First = g.Min(e => e.WorkDate), Last = g.Max(e => e.WorkDate), Rows = g.Count(), Minutes = g.Sum(e => (long)e.Minutes), Department = g.Max(e => e.DepartmentName), Purpose = g.Max(e => e.Purpose), Reason = g.Max(e => e.Reason) })
            .OrderBy(g => g.First).ThenBy(g => g.SourceId).Skip((PageNo - 1) * PageSize).Take(PageSize).ToListAsync(ct);
        var lines = await LinesAsync(page.Where(p => p.SourceKind == SourceKind.Line).Select(p => p.SourceId), ct);
        var ids = page.Select(p => p.SourceId).ToList();
        var keys = (await rows.Where(e => ids.Contains(e.SourceId) && e.PersonKey != null).Select(e => new { e.SourceId, e.PersonKey }).Distinct().ToListAsync(ct)).GroupBy(k => k.SourceId).ToDictionary(g => g.Key, g => g.First().PersonKey);
        BySource = [.. page.Select(p => lines.GetValueOrDefault(p.SourceId) is var line
            ? new Source(p.SourceKind, p.SourceId, line?.Number ?? Word(p.SourceKind, p.Reason), names.PersonOf(keys.GetValueOrDefault(p.SourceId)), line?.Model, p.Purpose, p.Department, p.First, p.Last, p.Rows, p.Minutes) : null!)];
        await looks.RememberAsync(page.Select(p => names.StaffOf(keys.GetValueOrDefault(p.SourceId))).OfType<StaffId>(), $"予約ごとの時間（{Query.Describe(Year)}・{Where}）", ct);
    }

    private async Task LoadRowsAsync(IQueryable<LedgerEntry> rows, ReviewNames names, CancellationToken ct)
    {
        var page = await rows.OrderBy(e => e.WorkDate).ThenBy(e => e.Number).Skip((PageNo - 1) * PageSize).Take(PageSize).ToListAsync(ct);
        var lines = await LinesAsync(page.Where(p => p.SourceKind == SourceKind.Line).Select(p => p.SourceId).Distinct(), ct);
        Rows = [.. page.Select(e => new Row(e, lines.GetValueOrDefault(e.SourceId)?.Number ?? Word(e.SourceKind, null), names.PersonOf(e.PersonKey)))];
        await looks.RememberAsync(page.Select(p => names.StaffOf(p.PersonKey)).OfType<StaffId>(), $"台帳の行（{Query.Describe(Year)}・{Where}）", ct);
    }

    private sealed record LineName(string Number, string Model);

    private async Task<Dictionary<Guid, LineName>> LinesAsync(IEnumerable<Guid> sources, CancellationToken ct)
    {
        var ids = sources.Select(s => new BookingLineId(s)).ToList();
        return await (
            from line in db.BookingLines
            where ids.Contains(line.Id)
            join booking in db.Bookings on line.BookingId equals booking.Id
            join pool in db.Pools on line.PoolId equals pool.Id
            join model in db.DeviceModels on pool.ModelId equals model.Id
            select new { line.Id, booking.Number, model.Name }).AsNoTracking().ToDictionaryAsync(l => l.Id.Value, l => new LineName(l.Number, l.Name), ct);
    }

    private static string Word(SourceKind kind, string? reason) => kind switch
    {
        SourceKind.Person => "人ごとの分散勤務",
        SourceKind.Pool => "貸出可能時間",
        SourceKind.Manual => $"手動修正{(reason is null ? "" : $"（{reason}）")}",
        SourceKind.Opening => $"旧集計{(reason is null ? "" : $"（{reason}）")}",
        _ => "予約（削除済み）",
    };
}
