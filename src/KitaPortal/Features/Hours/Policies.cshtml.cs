using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Hours.Closing;
using KitaPortal.Features.Hours.Counting;
using KitaPortal.Features.Hours.Kgi;
using KitaPortal.Features.Hours.Ledger;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Hours;

/// <summary>計数規則: how hours are counted and since when; a draft is tried before a second person confirms it.</summary>
[Authorize(HoursPolicies.Confirm)]
public sealed class PoliciesPage(PortalDb db, PolicyChange change, WhatIf whatIf, CurrentStaff me, TimeProvider clock) : FormPage
{
    public sealed class PolicyForm
    {
        [Display(Name = "適用を始める日"), Required(ErrorMessage = "日付を入れてください。")]
        public DateOnly? From { get; set; }

        [Display(Name = "数える機器の区分")]
        public List<string> Classes { get; set; } = [];

        [Display(Name = "分散勤務とする目的")]
        public List<string> Distributed { get; set; } = [];

        [Display(Name = "数える時間帯"), StringLength(20)]
        public string Span { get; set; } = "";

        [Display(Name = "休憩"), StringLength(100)]
        public string? Breaks { get; set; }

        [Display(Name = "時間外")]
        public OutsideCounting CountOutside { get; set; }

        [Display(Name = "利用の記録がない日")]
        public UsedWithoutSession UsedWithoutSession { get; set; }

        [Display(Name = "ＫＧＩとする時間")]
        public Measure KgiMeasure { get; set; }

        [Display(Name = "理由"), Required(ErrorMessage = "理由を入れてください。"), StringLength(500)]
        public string Note { get; set; } = "";

        [Display(Name = "試算の初日")]
        public DateOnly? TryFrom { get; set; }

        [Display(Name = "試算の最終日")]
        public DateOnly? TryTo { get; set; }

        public PolicyTerms ToTerms() => new(From!.Value, [.. Classes], [], [.. Distributed], Span.Trim(), (Breaks ?? "").Trim(), CountOutside, UsedWithoutSession, KgiMeasure);
    }

    [BindProperty]
    public PolicyForm Form { get; set; } = new();

    public IReadOnlyList<CountingPolicy> All { get; private set; } = [];

    public IReadOnlyList<WhatIfRow>? Tried { get; private set; }

    public IReadOnlyDictionary<Guid, string> People { get; private set; } = new Dictionary<Guid, string>();

    public IReadOnlyList<SelectListItem> Classes { get; private set; } = [];

    public static IEnumerable<SelectListItem> Purposes => Enum.GetValues<Purpose>().Select(p => new SelectListItem(BookingWords.Of(p), p.ToString()));

    public static IEnumerable<SelectListItem> OutsideChoices => [new("許可があれば数える", nameof(OutsideCounting.IfPermitted)), new("数えない", nameof(OutsideCounting.Never))];

    public static IEnumerable<SelectListItem> UsedChoices => [new("貸出中の数える時間を利用とする", nameof(UsedWithoutSession.Countable)), new("利用0とする", nameof(UsedWithoutSession.Zero))];

    public static IEnumerable<SelectListItem> KgiChoices => [new(HoursText.Of(Measure.Booked), nameof(Measure.Booked)), new(HoursText.Of(Measure.BookedGross), nameof(Measure.BookedGross))];

    public bool MayWork => me.Is(Role.Hr);

    public bool MayConfirm { get; private set; }

    public StaffId Me => me.Id;

    public bool MayWithdraw(CountingPolicy policy) => MayConfirm || policy.ProposedById == me.Id;

    public string ClassesOf(CountingPolicy policy) => string.Join("・", policy.Classes.Select(c => Classes.FirstOrDefault(k => k.Value == c)?.Text ?? c));

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (context.HandlerMethod?.Name is "Confirm" or "Withdraw") ForgetFormOfOthers(context);
    }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        All = await db.CountingPolicies.AsNoTracking().OrderByDescending(p => p.Number).ToListAsync(ct);
        Classes = await db.DeviceClasses.AsNoTracking().Select(c => new SelectListItem(c.Name, c.Code)).ToListAsync(ct);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        People = All.SelectMany(p => new[] { p.ProposedById, p.ApprovedById }).OfType<StaffId>().Distinct().ToDictionary(s => s.Value, s => organisation.Find(s)?.Name ?? "");
        MayConfirm = await SecondPerson.MayConfirmAsync(db, me, today, ct);
        if (Form.Span.Length > 0) return;
        var now = new CountingPolicies(All.Where(p => p.State == PolicyState.InForce)).On(today);
        Form = new PolicyForm
        {
            From = TokyoTime.FirstOfMonth(today).AddMonths(1),
            Classes = [.. now.Classes],
            Distributed = [.. now.DistributedPurposes],
            Span = now.Span,
            Breaks = now.Breaks,
            CountOutside = now.CountOutside,
            UsedWithoutSession = now.UsedWithoutSession,
            KgiMeasure = now.KgiMeasure,
            TryFrom = FiscalYear.From(today).FirstDay,
            TryTo = today,
        };
    }

    /// <summary>試算 under the form's policy, as if it had been in force over the days asked for.</summary>
    public async Task<IActionResult> OnPostTryAsync(CancellationToken ct)
    {
        if (!MayWork) return NotFound();
        var (first, last) = (Form.TryFrom ?? FiscalYear.From(clock.Today()).FirstDay, Form.TryTo ?? clock.Today());
        if (last < first || last.DayNumber - first.DayNumber > 400)
        {
            ModelState.AddModelError("Form.TryTo", "試算は400日までの期間で、初日より後の日を選んでください。");
            return Page();
        }
        var terms = Form.ToTerms();
        PolicyChange.CheckForm(terms);
        var draft = new CountingPolicy(int.MaxValue, terms with { From = first }, Form.Note, me.Id);
        Tried = await whatIf.CountAsync(draft, first, last, ct);
        await LoadAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostProposeAsync(CancellationToken ct)
    {
        if (!MayWork) return NotFound();
        var policy = await change.ProposeAsync(Form.ToTerms(), Form.Note, me.Id, ct);
        Say($"計数規則 v{policy.Number}を案として登録しました。別の人の確認を待っています。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostConfirmAsync(int number, CancellationToken ct)
    {
        if (!await SecondPerson.MayConfirmAsync(db, me, clock.Today(), ct)) return NotFound();
        var rows = await change.ConfirmAsync(number, me.Id, ct);
        Say($"計数規則 v{number}を適用しました（台帳に{rows}行）。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostWithdrawAsync(int number, CancellationToken ct)
    {
        await change.WithdrawAsync(number, me.Id, await SecondPerson.MayConfirmAsync(db, me, clock.Today(), ct), ct);
        Say($"計数規則 v{number}の案を取り下げました。");
        return RedirectToPage();
    }
}
