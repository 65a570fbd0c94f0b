using System.Net.Mime;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Features.People.SignIn;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace KitaPortal.Features.Booking.Register;

/// <summary>持出管理簿: who had which device when, on whose permission; on screen, on paper with 検印, as XLSX and CSV.</summary>
[Authorize(Policy)]
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    /// <summary>Desk, head, security manager, administrator, auditor; rows are scoped to each.</summary>
    public const string Policy = "Booking.Register";

    public const int PageSize = 50;

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

    public FiscalYear FiscalYear => Year is >= 2019 and <= 2200 ? new FiscalYear(Year.Value) : FiscalYear.From(clock.Today());

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

    private RegisterView view = null!;

    public override async Task LoadAsync(CancellationToken ct)
    {
        view = await RegisterView.OpenAsync(db, me, clock, new RegisterFilter(FiscalYear.Value, OfficeCode, ClassCode, SectionCode, Person, OpenOnly), ct);
        (Offices, Classes, Sections, Criteria, Total) = (view.Offices, view.Classes, view.Sections, view.Criteria, view.Total);
        Years = await view.YearsAsync(ct);
    }

    public async Task OnGetAsync(CancellationToken ct)
    {
        Rows = Print ? await view.RowsAsync(0, RegisterView.Most, ct) : await view.RowsAsync((Math.Max(1, PageNo) - 1) * PageSize, PageSize, ct);
        await view.LookedAsync(ct);
    }

    public Task<IActionResult> OnGetXlsxAsync(CancellationToken ct) => FreshAsync(async () => File((await view.ExportAsync(ct)).ToXlsx(), RegisterView.Xlsx, $"{view.FileName}.xlsx"));

    public Task<IActionResult> OnGetCsvAsync(CancellationToken ct) => FreshAsync(async () => File((await view.ExportAsync(ct)).ToCsv(), MediaTypeNames.Text.Csv, $"{view.FileName}.csv"));

    /// <summary>CP932; what it lacks is shown before, never silently lost.</summary>
    public Task<IActionResult> OnGetCp932Async(CancellationToken ct) => FreshAsync(async () =>
    {
        var table = await view.ExportAsync(ct);
        if (Accept || (Unfit = table.UnfitForCp932()).Count == 0) return File(table.ToCp932Csv(), MediaTypeNames.Text.Csv, $"{view.FileName}.csv");
        Rows = await view.RowsAsync(0, PageSize, ct);
        return Page();
    });

    // The register leaves the portal only with a sign-in of the last minutes.
    private async Task<IActionResult> FreshAsync(Func<Task<IActionResult>> export)
        => FreshSignIn.IsFresh(HttpContext) ? await export() : LocalRedirect(FreshSignIn.AddressOf(HttpContext));
}
