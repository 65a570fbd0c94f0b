using System.ComponentModel.DataAnnotations;
using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.Hours.Review;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours;

/// <summary>月締め: the months of a year with their state, what to look at before closing, and adjustments entered by hand.</summary>
[Authorize(HoursPolicies.Confirm)]
public sealed class ClosesPage(PortalDb db, MonthClosing closing, FileStore files, CurrentStaff me, TimeProvider clock) : FormPage
{
    public sealed class AdjustmentForm
    {
        public Guid Id { get; set; } = Guid.CreateVersion7();

        [Display(Name = "所属"), Required(ErrorMessage = "所属を選んでください。")]
        public Guid? Department { get; set; }

        [Display(Name = "月"), Required(ErrorMessage = "月を選んでください。")]
        public int? Month { get; set; }

        [Display(Name = "時間の種類")]
        public Measure Measure { get; set; }

        [Display(Name = "時間"), Required(ErrorMessage = "時間を入れてください。")]
        public string Hours { get; set; } = "";

        [Display(Name = "理由")]
        public string? Reason { get; set; }

        [Display(Name = "根拠の資料")]
        public List<IFormFile> Evidence { get; set; } = [];
    }

    [BindProperty(SupportsGet = true, Name = "fy")]
    public string? Fy { get; set; }

    [BindProperty]
    public AdjustmentForm Form { get; set; } = new();

    public FiscalYear Year { get; private set; }

    public IReadOnlyList<FiscalYear> Years { get; private set; } = [];

    public IReadOnlyList<MonthClose> Months { get; private set; } = [];

    public IReadOnlyDictionary<Guid, string> People { get; private set; } = new Dictionary<Guid, string>();

    /// <summary>Open months' hours so far, by 計上月.</summary>
    public IReadOnlyDictionary<(int Month, Measure Measure), long> Running { get; private set; } = new Dictionary<(int, Measure), long>();

    /// <summary>The month that can be closed next; null when none has ended.</summary>
    public MonthClose? Next { get; private set; }

    public CloseChecklist? Checklist { get; private set; }

    public IReadOnlyList<Adjustment> Adjustments { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Departments { get; private set; } = [];

    public IEnumerable<SelectListItem> MonthChoices => Year.Months.Where(m => m <= clock.Today()).Select(m => new SelectListItem($"{m.Month}月", m.Month.ToString(CultureInfo.InvariantCulture)));

    public static IEnumerable<SelectListItem> Measures => Enum.GetValues<Measure>().Where(m => m != Measure.Capacity).Select(m => new SelectListItem(HoursText.Of(m), m.ToString()));

    public bool MayWork => me.Is(Role.Hr);

    public sealed record Adjustment(ManualAdjustment Entered, string Department, string By, string? DecidedBy, IReadOnlyList<FileLink> Files)
    {
        public bool MayConfirm { get; init; }

        public bool MayWithdraw { get; init; }
    }

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (context.HandlerMethod?.Name != "Propose") ForgetFormOfOthers(context);
    }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        Year = new ReviewQuery { Fy = Fy }.Year(today);
        Years = [.. new[] { FiscalYear.From(today), FiscalYear.From(today).Previous, FiscalYear.From(today).Previous.Previous, Year }.Distinct().OrderDescending()];
        Months = await closing.MonthsAsync(Year, ct);
        var until = today < Year.LastDay ? today : Year.LastDay;
        Running = (await db.Figures(TotalSort.Day, Year, Year, until, Measure.Booked, Measure.Used, Measure.Distributed, Measure.Unused).GroupBy(f => new { f.CountedMonth, f.Measure })
            .Select(g => new { g.Key.CountedMonth, g.Key.Measure, Minutes = g.Sum(f => f.Minutes) }).ToListAsync(ct)).ToDictionary(g => (g.CountedMonth, Enum.Parse<Measure>(g.Measure)), g => g.Minutes);
        Next = MonthClosing.Next(Months) is { } next && next.LastDay < today ? next : null;
        if (Next is not null) Checklist = await closing.ChecklistAsync(Year, Next.Month, ct);
        await LoadAdjustmentsAsync(ct);
        var chart = await OrganisationChart.LoadAsync(db, today, ct);
        Departments = [.. chart.InOrder().Select(u => new SelectListItem(chart.FullName(u.Id), u.Id.ToString()))];
    }

    private async Task LoadAdjustmentsAsync(CancellationToken ct)
    {
        var entered = await db.ManualAdjustments.AsNoTracking().Where(a => a.FiscalYear == Year).OrderByDescending(a => a.CreatedAt).Take(50).ToListAsync(ct);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        var ids = entered.Select(a => a.Id.ToString()).ToList();
        var links = (await db.FileLinks.AsNoTracking().Where(l => l.OwnerKind == ManualAdjustment.FileOwner && ids.Contains(l.OwnerId)).ToListAsync(ct)).ToLookup(l => l.OwnerId);
        People = entered.SelectMany(a => new[] { a.ProposedById, a.DecidedById ?? a.ProposedById }).Concat(Months.Select(m => m.ClosedById).OfType<StaffId>()).Distinct().ToDictionary(s => s.Value, s => organisation.Find(s)?.Name ?? "");
        var mayConfirm = await MayConfirmAsync(ct);
        Adjustments = [.. entered.Select(a => new Adjustment(a, organisation.NearestTerm(a.DepartmentId, Year.LastDay)?.Name ?? "", People.GetValueOrDefault(a.ProposedById.Value, ""), a.DecidedById is { } d ? People.GetValueOrDefault(d.Value, "") : null, [.. links[a.Id.ToString()]])
        {
            MayConfirm = a.State == AdjustmentState.Proposed && a.ProposedById != me.Id && mayConfirm,
            MayWithdraw = a.State == AdjustmentState.Proposed && (a.ProposedById == me.Id || mayConfirm),
        })];
    }

    /// <summary>Another HR person; the security manager only where HR is one person.</summary>
    private Task<bool> MayConfirmAsync(CancellationToken ct) => SecondPerson.MayConfirmAsync(db, me, clock.Today(), ct);

    public async Task<IActionResult> OnPostCloseAsync(int year, int month, string? note, CancellationToken ct)
    {
        if (!MayWork) return NotFound();
        var closed = await closing.CloseAsync(new FiscalYear(year), month, note, me.Id, ct);
        Say($"{closed.Label}を締めました（予約時間 {HoursText.Tenths(closed.SumOf(Measure.Booked))}時間、台帳{closed.Rows:N0}行）。");
        return Redirect($"/hours/closes?fy={year}");
    }

    public async Task<IActionResult> OnPostProposeAsync(CancellationToken ct)
    {
        if (!MayWork) return NotFound();
        var year = new ReviewQuery { Fy = Fy }.Year(clock.Today());
        if (!TryMinutes(Form.Hours, out var minutes)) ModelState.AddModelError("Form.Hours", "時間は 10.5 や −2 のように数字で入れてください。");
        if (Form.Department is null || Form.Month is null || !ModelState.IsValid) return Page();
        var evidence = await files.TakeInAsync(Form.Evidence, FileRules.Attachment, "Form.Evidence", ct);
        await closing.ProposeAsync(new ManualAdjustmentId(Form.Id), new DepartmentId(Form.Department.Value), year, Form.Month.Value, Form.Measure, minutes, Form.Reason ?? "", evidence, me.Id, ct);
        Say("手動修正を登録しました。別の人の確認を待っています。");
        return Redirect($"/hours/closes?fy={year.Value}#adjustments");
    }

    public async Task<IActionResult> OnPostConfirmAsync(Guid id, CancellationToken ct)
    {
        if (!await MayConfirmAsync(ct)) return NotFound();
        await closing.ConfirmAsync(new ManualAdjustmentId(id), me.Id, ct);
        Say("手動修正を確定し、台帳に計上しました。");
        return Redirect($"/hours/closes?fy={Fy}#adjustments");
    }

    public async Task<IActionResult> OnPostWithdrawAsync(Guid id, CancellationToken ct)
    {
        await closing.WithdrawAsync(new ManualAdjustmentId(id), me.Id, await MayConfirmAsync(ct), ct);
        Say("手動修正を取り下げました。");
        return Redirect($"/hours/closes?fy={Fy}#adjustments");
    }

    internal static bool TryMinutes(string? hours, out int minutes)
    {
        minutes = 0;
        var text = (hours ?? "").Nfkc().Trim().Replace(",", "", StringComparison.Ordinal).Replace('−', '-').Replace('－', '-').Replace("時間", "", StringComparison.Ordinal);
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || Math.Abs(value) > 10_000_000) return false;
        minutes = (int)Math.Round(value * 60, MidpointRounding.AwayFromZero);
        return true;
    }
}
