using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Desk;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Files;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Eligible;

/// <summary>紙の誓約書: the desk enters a signature given on paper, with its scan.</summary>
[Authorize(Policy = Policies.Desk)]
public sealed class PaperPage(PortalDb db, CurrentStaff me, FileStore files, TimeProvider clock) : FormPage
{
    public const string Scan = "agreement-scan";

    [BindProperty]
    public PaperForm Form { get; set; } = new();

    public IReadOnlyList<SelectListItem> Versions { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        Versions = [.. (await db.AgreementVersions.AsNoTracking().Where(a => a.EffectiveFrom <= today).OrderByDescending(a => a.EffectiveFrom).ToListAsync(ct))
            .Select(a => new SelectListItem($"{a.Title}（{JapaneseDate.Short(a.EffectiveFrom)}から）", a.Id.ToString()))];
        Form.SignedOn ??= today;
    }

    public void OnGet(string? number) => Form.Number = number;

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var day = Form.SignedOn!.Value;
        var person = await DeskLookup.FindAsync(db, Form.Number, ct);
        var text = await db.AgreementVersions.SingleOrDefaultAsync(a => a.Id == Form.Version, ct);
        Demand.All(
            person.Kind == ScannedKind.Person ? null : DeskRules.NobodyHasNumber.On("Form.Number", person.Read),
            text is null || day < text.EffectiveFrom || day > TokyoTime.DayOf(now) ? EligibleRules.Day.With() : null,
            Form.Scans.Any(s => s.Length > 0) ? null : EligibleRules.ScanMissing.With());
        var scans = await files.TakeInAsync(Form.Scans, FileRules.Attachment, "Form.Scans", ct);
        var last = await db.WriteAsync(() =>
        {
            var signature = db.Add(text!.SignedOnPaperBy(person.StaffId, TokyoTime.At(day, new TimeOnly(12, 0)), me.Id)).Entity;
            db.AddRange(scans.Select(s => new FileLink(s, Scan, signature.Id.ToString(), me.Id, now)));
            return Task.FromResult(signature.LastDay);
        }, ct);
        Say($"紙の誓約書を登録しました。{JapaneseDate.Long(last)}まで有効です。");
        return Redirect("/booking/eligibility/people");
    }

    /// <summary>The person who signed and those who see the list of people may open the scan.</summary>
    internal static async Task<bool> MayReadAsync(IServiceProvider services, string ownerId, CancellationToken ct)
    {
        var (db, me) = (services.GetRequiredService<PortalDb>(), services.GetRequiredService<CurrentStaff>());
        if (!Guid.TryParse(ownerId, out var id)) return false;
        var owner = await db.AgreementSignatures.Where(s => s.Id == id).Select(s => (Platform.Domain.StaffId?)s.StaffId).SingleOrDefaultAsync(ct);
        return owner is { } person && (person == me.Id || me.DeskOffices.Count > 0 || me.Is(Role.LendingManager) || me.Is(Role.SecurityManager));
    }

    /// <summary>What stands on the paper.</summary>
    public sealed class PaperForm
    {
        [Display(Name = "職員番号"), Required(ErrorMessage = "職員番号を入力してください。")]
        public string? Number { get; set; }

        [Display(Name = "誓約書"), Required(ErrorMessage = "誓約書を選んでください。")]
        public Guid? Version { get; set; }

        [Display(Name = "署名した日"), Required(ErrorMessage = "署名した日を入力してください。")]
        public DateOnly? SignedOn { get; set; }

        [Display(Name = "読み取った画像")]
        public List<IFormFile> Scans { get; set; } = [];
    }
}

/// <summary>What an entry about agreements must keep.</summary>
public static class EligibleRules
{
    public static readonly Rule Day = new("貸-962", "booking.signed-day", "署名した日は、誓約書の適用日から今日までです。", "日付か誓約書を確かめてください。", "Form.SignedOn");
    public static readonly Rule ScanMissing = new("貸-963", "booking.scan-missing", "署名した紙の画像がありません。", "署名の読める画像またはPDFを付けてください。", "Form.Scans");

    public static IReadOnlyList<Rule> All { get; } = [Day, ScanMissing];
}
