using System.ComponentModel.DataAnnotations;
using System.Globalization;
using KitaPortal.Data;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Versions;

/// <summary>One version of the rules: everybody reads it, authors write it while it is a draft.</summary>
public sealed class DraftPage(PortalDb db, CurrentStaff me, TimeProvider clock, IAuthorizationService rights) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public Guid? Id { get; set; }

    [BindProperty]
    public DraftForm Form { get; set; } = new();

    public RuleSet? Version { get; private set; }

    public string Scope { get; private set; } = "";

    public bool MayWrite { get; private set; }

    public bool MayPublish { get; private set; }

    public IReadOnlyList<SelectListItem> Classes { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Offices { get; private set; } = [];

    public IReadOnlyList<SelectListItem> Roles { get; } = [.. Enum.GetValues<Role>().Where(r => r != Role.Staff).Select(r => new SelectListItem(r.Japanese(), r.ToString()))];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var mayDraft = (await rights.AuthorizeAsync(User, BookingPolicies.RuleDrafts)).Succeeded;
        Version = Id is { } id ? await db.RuleSets.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id && r.DiscardedAt == null, ct).OrNotHere() : null;
        if (!mayDraft && Version is not { PublishedAt: not null }) throw new NotHereException();
        MayWrite = mayDraft && Version?.PublishedAt is null;
        MayPublish = Version is { IsDraft: true } && me.Id != Version.DraftedBy && me.Id != Version.EditedBy && (await rights.AuthorizeAsync(User, BookingPolicies.Rules)).Succeeded;
        Classes = [.. (await db.DeviceClasses.OrderBy(c => c.Name).Select(c => new { c.Code, c.Name }).ToListAsync(ct)).Select(c => new SelectListItem(c.Name, c.Code))];
        Offices = await db.OfficeChoicesAsync(clock.Today(), ct);
        if (Version is not null) Scope = (await ScopeWords.LoadAsync(db, ct)).Of(Version);
        if (!HttpMethods.IsGet(Request.Method)) return;
        Form = Version is null ? new DraftForm { EffectiveFrom = clock.Today().AddDays(14) } : DraftForm.Of(Version);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        if (!MayWrite) throw new NotHereException();
        var (parameters, grades) = Read();
        if (!ModelState.IsValid) return Page();
        var saved = await db.WriteAsync(async () =>
        {
            var set = Id is { } id ? await db.RuleSets.SingleOrDefaultAsync(r => r.Id == id, ct).OrNotHere() : await NewAsync(ct);
            if (Id is not null) db.Entry(set).Property(s => s.Version).OriginalValue = Form.Version;
            set.Rewrite(me.Id, Form.EffectiveFrom!.Value, Form.ClassCode, Form.OfficeId, Form.Role, Form.Note!.Trim(), parameters, grades);
            return set;
        }, ct);
        Say($"第{saved.Number}版の下書きを保存しました。公開は、別の情報セキュリティ管理者が行います。");
        return Redirect($"/booking/rules/draft/{saved.Id}");
    }

    public async Task<IActionResult> OnPostDiscardAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        if (!MayWrite || Id is not { } id) throw new NotHereException();
        await db.WriteAsync(async () => (await db.RuleSets.SingleAsync(r => r.Id == id, ct)).Discard(clock.GetUtcNow()), ct);
        Say("下書きを破棄しました。");
        return Redirect("/booking/rules/edit");
    }

    private async Task<RuleSet> NewAsync(CancellationToken ct)
    {
        var set = new RuleSet((await db.RuleSets.MaxAsync(r => (int?)r.Number, ct) ?? 0) + 1, Form.EffectiveFrom!.Value, Form.ClassCode, Form.OfficeId, Form.Role, me.Id, Form.Note!.Trim());
        db.Add(set);
        return set;
    }

    // What is left empty stays as the less specific sets and the shipped values say.
    private (Dictionary<string, string> Parameters, Dictionary<string, string> Grades) Read()
    {
        var parameters = new Dictionary<string, string>();
        foreach (var parameter in RuleParameter.All)
        {
            var text = Form.Parameters.GetValueOrDefault(parameter.Name)?.Trim() ?? "";
            if (text.Length == 0) continue;
            if (!int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) || number < parameter.Least || number > parameter.Most)
                ModelState.AddModelError($"Form.Parameters[{parameter.Name}]", $"「{parameter.Label}」は{parameter.Least}から{parameter.Most}までの数で入力してください。");
            else parameters[parameter.Name] = number.ToString(CultureInfo.InvariantCulture);
        }
        foreach (var (name, _, _) in RuleParameter.Lists)
            if (Form.Parameters.GetValueOrDefault(name)?.Trim() is { Length: > 0 } list) parameters[name] = string.Join('、', list.Split(['\n', '\r', ',', '、'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        if (Form.ExcludesEmployment) parameters[nameof(RulePolicy.ExcludedEmployment)] = string.Join(',', Form.Employment);
        var grades = Form.Grades.Where(g => !string.IsNullOrEmpty(g.Value) && BookingRules.Lending.Any(r => r.Text.Code == g.Key) && Enum.TryParse<Grade>(g.Value, true, out _)).ToDictionary(g => g.Key, g => g.Value!);
        if (parameters.Count + grades.Count == 0) ModelState.AddModelError("", "変える値か扱いを、ひとつ以上入力してください。");
        return (parameters, grades);
    }

    /// <summary>A version as it is written.</summary>
    public sealed class DraftForm
    {
        public int Version { get; set; }

        [Display(Name = "適用日"), Required(ErrorMessage = "適用日を入力してください。")]
        public DateOnly? EffectiveFrom { get; set; }

        [Display(Name = "区分")]
        public string? ClassCode { get; set; }

        [Display(Name = "庁舎")]
        public OfficeId? OfficeId { get; set; }

        [Display(Name = "役割")]
        public Role? Role { get; set; }

        [Display(Name = "何をなぜ変えるか"), Required(ErrorMessage = "何をなぜ変えるかを入力してください。"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
        public string? Note { get; set; }

        public Dictionary<string, string?> Parameters { get; set; } = [];

        public Dictionary<string, string?> Grades { get; set; } = [];

        [Display(Name = "対象外の職員区分を定める")]
        public bool ExcludesEmployment { get; set; }

        public List<string> Employment { get; set; } = [];

        internal static DraftForm Of(RuleSet set) => new()
        {
            Version = set.Version,
            EffectiveFrom = set.EffectiveFrom,
            ClassCode = set.ClassCode,
            OfficeId = set.OfficeId,
            Role = set.Role,
            Note = set.Note,
            Parameters = set.Parameters.ToDictionary(p => p.Key, p => (string?)p.Value),
            Grades = set.Grades.ToDictionary(g => g.Key, g => (string?)g.Value),
            ExcludesEmployment = set.Parameters.ContainsKey(nameof(RulePolicy.ExcludedEmployment)),
            Employment = [.. (set.Parameters.GetValueOrDefault(nameof(RulePolicy.ExcludedEmployment)) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)],
        };
    }
}
