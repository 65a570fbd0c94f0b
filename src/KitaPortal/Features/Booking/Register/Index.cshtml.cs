using System.Net.Mime;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Register;

/// <summary>持出管理簿: who had which device when, on whose permission; on screen, on paper with 検印, as XLSX and CSV.</summary>
[Authorize(Policy)]
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>Desk, head, security manager, administrator, auditor; rows are scoped to each.</summary>
    public const string Policy = "Booking.Register";

    public const int PageSize = 50;

    /// <summary>What is printed or written to a file at once.</summary>
    public const int Most = 20_000;

    [BindProperty(SupportsGet = true, Name = "year")]
    public int? Year { get; set; }

    [BindProperty(SupportsGet = true, Name = "office")]
    public string? OfficeCode { get; set; }

    [BindProperty(SupportsGet = true, Name = "class")]
    public string? ClassCode { get; set; }

    [BindProperty(SupportsGet = true, Name = "section")]
    public string? SectionCode { get; set; }

    /// <summary>A part of the borrower's name or number.</summary>
    [BindProperty(SupportsGet = true, Name = "person")]
    public string? Person { get; set; }

    /// <summary>未返却 only.</summary>
    [BindProperty(SupportsGet = true, Name = "open")]
    public bool OpenOnly { get; set; }

    [FromQuery(Name = "page")]
    public int PageNo { get; set; } = 1;

    /// <summary>All rows on one page, for paper.</summary>
    [BindProperty(SupportsGet = true, Name = "print")]
    public bool Print { get; set; }

    /// <summary>The person has seen what will become 〓.</summary>
    [BindProperty(SupportsGet = true, Name = "accept")]
    public bool Accept { get; set; }

    public FiscalYear FiscalYear => new(Year ?? FiscalYear.From(clock.Today()).Value);

    public IReadOnlyList<int> Years { get; private set; } = [];

    public IReadOnlyList<Office> Offices { get; private set; } = [];

    public IReadOnlyList<DeviceClass> Classes { get; private set; } = [];

    public IReadOnlyList<(string Code, string Name)> Sections { get; private set; } = [];

    public IReadOnlyList<RegisterRow> Rows { get; private set; } = [];

    public int Total { get; private set; }

    public IReadOnlyList<UnfitCharacter> Unfit { get; private set; } = [];

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public string Reader => $"{me.DepartmentName}　{me.Name}";

    /// <summary>The chosen filters in words, for the footer.</summary>
    public string Criteria { get; private set; } = "";

    public string Query => string.Join('&', new (string Key, string? Value)[] { ("year", FiscalYear.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("office", OfficeCode), ("class", ClassCode), ("section", SectionCode), ("person", Person), ("open", OpenOnly ? "true" : null) }
        .Where(p => !string.IsNullOrEmpty(p.Value)).Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value!)}"));

    private OrganisationChart chart = null!;

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        chart = await OrganisationChart.LoadAsync(db, today, ct);
        Offices = await db.Offices.AsNoTracking().OrderBy(o => o.SortOrder).ToListAsync(ct);
        Classes = await db.DeviceClasses.AsNoTracking().OrderByDescending(c => c.CountsAsMain).ThenBy(c => c.Name).ToListAsync(ct);
        Sections = [.. chart.Units.Where(u => u.Kind != DepartmentKind.Division).Select(u => (u.Code, u.Name))];
        var visible = db.RegisterEntries.AsNoTracking().VisibleTo(me);
        Years = [.. (await visible.Where(e => e.Kind == RegisterEvent.Out).Select(e => e.FiscalYear).Distinct().ToListAsync(ct)).Append(FiscalYear.From(today).Value).Distinct().OrderDescending()];
        Criteria = string.Join("・", new[]
        {
            FiscalYear.Label, Offices.FirstOrDefault(o => o.Code == OfficeCode)?.Name, Classes.FirstOrDefault(c => c.Code == ClassCode)?.Name, Sections.FirstOrDefault(s => s.Code == SectionCode).Name,
            string.IsNullOrWhiteSpace(Person) ? null : $"借受者「{Person.Trim()}」", OpenOnly ? "未返却" : null,
        }.OfType<string>());
        Total = await Chosen().CountAsync(ct);
    }

    public async Task OnGetAsync(CancellationToken ct)
    {
        Rows = await RowsAsync(Print ? Chosen().Take(Most) : Chosen().Skip((Math.Max(1, PageNo) - 1) * PageSize).Take(PageSize), ct);
        if (me.ReadsWholeLendingRegister()) await NoteAsync("register.read", ct);
    }

    public Task<IActionResult> OnGetXlsxAsync(CancellationToken ct) => FreshAsync(async () => File((await TableAsync(ct)).ToXlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", $"持出管理簿_{FiscalYear.ShortLabel}.xlsx"));

    public Task<IActionResult> OnGetCsvAsync(CancellationToken ct) => FreshAsync(async () => File((await TableAsync(ct)).ToCsv(), MediaTypeNames.Text.Csv, $"持出管理簿_{FiscalYear.ShortLabel}.csv"));

    /// <summary>CP932; what it lacks is shown before, never silently lost.</summary>
    public Task<IActionResult> OnGetCp932Async(CancellationToken ct) => FreshAsync(async () =>
    {
        var table = await TableAsync(ct);
        if (Accept || (Unfit = table.UnfitForCp932()).Count == 0) return File(table.ToCp932Csv(), MediaTypeNames.Text.Csv, $"持出管理簿_{FiscalYear.ShortLabel}.csv");
        Rows = await RowsAsync(Chosen().Take(PageSize), ct);
        return Page();
    });

    // The register leaves the portal only with a sign-in of the last minutes.
    private async Task<IActionResult> FreshAsync(Func<Task<IActionResult>> export)
        => FreshSignIn.IsFresh(HttpContext) ? await export() : LocalRedirect(FreshSignIn.AddressOf(HttpContext));

    private async Task<SheetTable> TableAsync(CancellationToken ct)
    {
        var rows = await RowsAsync(Chosen().Take(Most), ct);
        await NoteAsync("register.exported", ct);
        return RegisterSheet.Table(rows, [("内容", "持出管理簿"), ("条件", Criteria), ("作成日時", BookingWords.Moment(Now)), ("作成者", Reader)]);
    }

    private IQueryable<RegisterEntry> Chosen()
    {
        var year = FiscalYear.Value;
        var entries = db.RegisterEntries;
        var chosen = entries.AsNoTracking().VisibleTo(me).Where(e => e.Kind == RegisterEvent.Out && e.FiscalYear == year);
        if (Offices.FirstOrDefault(o => o.Code == OfficeCode) is { } office) chosen = chosen.Where(e => e.OfficeId == office.Id);
        if (Classes.FirstOrDefault(c => c.Code == ClassCode) is { } kind) chosen = chosen.Where(e => e.ClassId == kind.Id);
        if (chart.Units.FirstOrDefault(u => u.Code == SectionCode) is { } section) chosen = chosen.Where(e => e.DepartmentId == section.Id);
        if (!string.IsNullOrWhiteSpace(Person))
        {
            var words = Person.Normalize(System.Text.NormalizationForm.FormKC).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var word in words) chosen = chosen.Where(e => e.Person.Contains(word));
        }
        if (OpenOnly) chosen = chosen.Where(e => !entries.Any(i => i.LoanId == e.LoanId && i.Kind == RegisterEvent.In));
        return chosen.OrderBy(e => e.OfficeId).ThenBy(e => e.Sequence);
    }

    private async Task<IReadOnlyList<RegisterRow>> RowsAsync(IQueryable<RegisterEntry> chosen, CancellationToken ct)
    {
        var loans = chosen.Select(e => e.LoanId);
        return RegisterRow.Build(await db.RegisterEntries.AsNoTracking().Where(e => loans.Contains(e.LoanId)).ToListAsync(ct));
    }

    private async Task NoteAsync(string action, CancellationToken ct)
    {
        db.Audit(new AuditNote(action, "lending-register", $"{FiscalYear.Value}", After: new { Criteria, Total }));
        await db.SaveChangesAsync(ct);
    }
}
