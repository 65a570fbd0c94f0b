using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Sheets;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Register;

/// <summary>What of the lending register is asked for; left out is everything, the year the present one.</summary>
/// <param name="Year">The fiscal year, 2026 for 令和8年度.</param>
/// <param name="Office">The office's code.</param>
/// <param name="Class">The code of the class of devices.</param>
/// <param name="Section">The code of the borrower's section.</param>
/// <param name="Person">Parts of the borrower's name or number.</param>
/// <param name="Open">未返却 only.</param>
public sealed record RegisterFilter(int? Year, string? Office, string? Class, string? Section, string? Person, bool Open);

/// <summary>The lending register as one person may read it, by page and by program: scoped, and with a trace where others' rows are read or taken out.</summary>
public sealed class RegisterView
{
    /// <summary>What is printed or written to a file at once.</summary>
    public const int Most = 20_000;

    public const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    private readonly PortalDb db;
    private readonly CurrentStaff me;
    private readonly DateTimeOffset now;
    private readonly IQueryable<RegisterEntry> chosen;

    private RegisterView(PortalDb db, CurrentStaff me, DateTimeOffset now, RegisterFilter filter, IReadOnlyList<Office> offices, IReadOnlyList<DeviceClass> classes, OrganisationChart chart)
    {
        (this.db, this.me, this.now) = (db, me, now);
        FiscalYear = filter.Year is { } year ? new FiscalYear(year) : FiscalYear.Of(now);
        (Offices, Classes, Sections) = (offices, classes, [.. chart.Units.Where(u => u.Kind != DepartmentKind.Division).Select(u => (u.Code, u.Name))]);
        var (office, kind, section) = (offices.FirstOrDefault(o => o.Code == filter.Office), classes.FirstOrDefault(c => c.Code == filter.Class), chart.Units.FirstOrDefault(u => u.Code == filter.Section));
        Unknown =
        [
            .. new[] { ("office", filter.Office, office is not null), ("class", filter.Class, kind is not null), ("section", filter.Section, section is not null) }
                .Where(f => !string.IsNullOrEmpty(f.Item2) && !f.Item3).Select(f => ($"Form.{f.Item1}", $"「{f.Item2}」はありません。")),
        ];
        Criteria = string.Join("・", new[]
        {
            FiscalYear.Label, office?.Name, kind?.Name, section?.Name, string.IsNullOrWhiteSpace(filter.Person) ? null : $"借受者「{filter.Person.Trim()}」", filter.Open ? "未返却" : null,
        }.OfType<string>());

        var (entries, fiscalYear) = (db.RegisterEntries, FiscalYear.Value);
        chosen = entries.AsNoTracking().VisibleTo(me).Where(e => e.Kind == RegisterEvent.Out && e.FiscalYear == fiscalYear);
        if (office is not null) chosen = chosen.Where(e => e.OfficeId == office.Id);
        if (kind is not null) chosen = chosen.Where(e => e.ClassId == kind.Id);
        if (section is not null) chosen = chosen.Where(e => e.DepartmentId == section.Id);
        foreach (var word in (filter.Person ?? "").Normalize(System.Text.NormalizationForm.FormKC).Split(' ', StringSplitOptions.RemoveEmptyEntries)) chosen = chosen.Where(e => e.Person.Contains(word));
        if (filter.Open) chosen = chosen.Where(e => !entries.Any(i => i.LoanId == e.LoanId && i.Kind == RegisterEvent.In));
        chosen = chosen.OrderBy(e => e.OfficeId).ThenBy(e => e.Sequence);
    }

    public FiscalYear FiscalYear { get; }

    public IReadOnlyList<Office> Offices { get; }

    public IReadOnlyList<DeviceClass> Classes { get; }

    public IReadOnlyList<(string Code, string Name)> Sections { get; }

    /// <summary>Filters that name nothing there is; a page leaves them out.</summary>
    public IReadOnlyList<(string Field, string Message)> Unknown { get; }

    /// <summary>The chosen filters in words, for the footer.</summary>
    public string Criteria { get; }

    public int Total { get; private set; }

    public string FileName => $"持出管理簿_{FiscalYear.ShortLabel}";

    public static async Task<RegisterView> OpenAsync(PortalDb db, CurrentStaff me, TimeProvider clock, RegisterFilter filter, CancellationToken ct)
    {
        var view = new RegisterView(db, me, clock.GetUtcNow(), filter, await db.Offices.AsNoTracking().OrderBy(o => o.SortOrder).ToListAsync(ct),
            await db.DeviceClasses.AsNoTracking().OrderByDescending(c => c.CountsAsMain).ThenBy(c => c.Name).ToListAsync(ct), await OrganisationChart.LoadAsync(db, clock.Today(), ct));
        view.Total = await view.chosen.CountAsync(ct);
        return view;
    }

    /// <summary>The years with rows for this person, and the present one; newest first.</summary>
    public async Task<IReadOnlyList<int>> YearsAsync(CancellationToken ct)
        => [.. (await db.RegisterEntries.AsNoTracking().VisibleTo(me).Where(e => e.Kind == RegisterEvent.Out).Select(e => e.FiscalYear).Distinct().ToListAsync(ct)).Append(FiscalYear.Of(now).Value).Distinct().OrderDescending()];

    public async Task<IReadOnlyList<RegisterRow>> RowsAsync(int skip, int take, CancellationToken ct)
    {
        var loans = chosen.Skip(skip).Take(take).Select(e => e.LoanId);
        return RegisterRow.Build(await db.RegisterEntries.AsNoTracking().Where(e => loans.Contains(e.LoanId)).ToListAsync(ct));
    }

    /// <summary>Leaves the trace of whoever reads others' rows by office.</summary>
    public Task LookedAsync(CancellationToken ct) => me.ReadsWholeLendingRegister() ? NoteAsync("register.read", ct) : Task.CompletedTask;

    /// <summary>All chosen rows as a file; the trace is left first. The caller has asked for a fresh sign-in.</summary>
    public async Task<SheetTable> ExportAsync(CancellationToken ct)
    {
        await NoteAsync("register.exported", ct);
        return RegisterSheet.Table(await RowsAsync(0, Most, ct), [("内容", "持出管理簿"), ("条件", Criteria), ("作成日時", BookingWords.Moment(now)), ("作成者", $"{me.DepartmentName}　{me.Name}")]);
    }

    private async Task NoteAsync(string action, CancellationToken ct)
    {
        db.Audit(new AuditNote(action, "lending-register", $"{FiscalYear.Value}", After: new { Criteria, Total }));
        await db.SaveChangesAsync(ct);
    }
}
