using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Versions;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Eligible;

/// <summary>誓約書の文面: the texts borrowers sign; a new text is a new version, earlier signatures hold until they end.</summary>
[Authorize(Policy = BookingPolicies.Rules)]
public sealed class AgreementsPage(PortalDb db, TimeProvider clock) : FormPage
{
    [BindProperty]
    public TextForm Form { get; set; } = new();

    public IReadOnlyList<(AgreementVersion Text, int Signed)> Texts { get; private set; } = [];

    public IReadOnlyList<DeviceClass> Classes { get; private set; } = [];

    public DateOnly Today { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = Today = clock.Today();
        Classes = await db.DeviceClasses.AsNoTracking().OrderByDescending(c => c.CountsAsMain).ThenBy(c => c.Name).ToListAsync(ct);
        var signed = await db.AgreementSignatures.Where(s => s.LastDay >= today).GroupBy(s => s.AgreementVersionId).Select(g => new { g.Key, Count = g.Select(s => s.StaffId).Distinct().Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        Texts = [.. (await db.AgreementVersions.AsNoTracking().OrderByDescending(a => a.EffectiveFrom).ToListAsync(ct)).Select(a => (a, signed.GetValueOrDefault(a.Id)))];
        Form.EffectiveFrom ??= today;
        if (HttpMethods.IsGet(Request.Method)) Form.ToYearEnd = true;
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (Form.EffectiveFrom < clock.Today())
        {
            ModelState.AddModelError("Form.EffectiveFrom", "今日以後の適用日にしてください。");
            return Page();
        }
        await db.WriteAsync(() =>
        {
            db.Add(new AgreementVersion(Form.Title!.Trim(), Form.Text!.Trim(), Form.ClassCodes, Form.ToYearEnd ? null : Form.Months, Form.EffectiveFrom!.Value));
            return Task.CompletedTask;
        }, ct);
        Say($"「{Form.Title}」を{JapaneseDate.Long(Form.EffectiveFrom!.Value)}から使います。");
        return RedirectToPage();
    }

    /// <summary>A text as it is entered.</summary>
    public sealed class TextForm
    {
        [Display(Name = "題名"), Required(ErrorMessage = "題名を入力してください。"), StringLength(100, ErrorMessage = "100字までで入力してください。")]
        public string? Title { get; set; }

        [Display(Name = "文面"), Required(ErrorMessage = "文面を入力してください。"), StringLength(20_000, ErrorMessage = "20,000字までで入力してください。")]
        public string? Text { get; set; }

        [Display(Name = "対象の区分")]
        public List<string> ClassCodes { get; set; } = [];

        [Display(Name = "年度末まで有効にする")]
        public bool ToYearEnd { get; set; }

        [Display(Name = "有効な月数"), Range(1, 120, ErrorMessage = "1から120までの数を入力してください。")]
        public int Months { get; set; } = 12;

        [Display(Name = "適用日"), Required(ErrorMessage = "適用日を入力してください。")]
        public DateOnly? EffectiveFrom { get; set; }
    }
}
