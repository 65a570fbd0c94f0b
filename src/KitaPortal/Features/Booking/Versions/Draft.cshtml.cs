using KitaPortal.Data;
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
public sealed class DraftPage(PortalDb db, RuleDrafts drafts, CurrentStaff me, TimeProvider clock, IAuthorizationService rights) : FormPage
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
        var saved = Id is { } id ? await drafts.RewriteAsync(id, Form, me.Id, ct) : await drafts.DraftAsync(Guid.CreateVersion7(), Form, me.Id, ct);
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
}
