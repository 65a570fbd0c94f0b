using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.SignIn;

/// <summary>サインインの紐付け: those the directory knows and the roster does not, and which sign-in belongs to whom.</summary>
[Authorize(Policies.Admin)]
public sealed class LinksPage(PortalDb db, TimeProvider clock) : FormPage
{
    public sealed record LinkRow(Guid Id, string Name, string How, DateTimeOffset LinkedAt, DateTimeOffset? StoppedAt);

    [BindProperty]
    public Guid Id { get; set; }

    [BindProperty, Display(Name = "職員番号"), StringLength(20)]
    public string? StaffNumber { get; set; }

    /// <summary>How the administrator made sure who it is: 対面, 電話, 所属長.</summary>
    [BindProperty, Display(Name = "本人の確かめ方"), StringLength(20)]
    public string? CheckedBy { get; set; }

    public IReadOnlyList<PendingLink> Waiting { get; private set; } = [];

    public IReadOnlyList<LinkRow> Links { get; private set; } = [];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var oldest = clock.GetUtcNow() - PendingLink.Life;
        Waiting = await db.PendingLinks.AsNoTracking().Where(p => p.SeenAt > oldest || p.RefusedAt != null).OrderByDescending(p => p.SeenAt).ToListAsync(ct);
        Links = await (
            from link in db.SignInLinks
            join staff in db.Staff on link.StaffId equals staff.Id
            orderby staff.YomiKey
            select new LinkRow(link.Id, staff.FamilyName + "\u3000" + staff.GivenName, link.How, link.LinkedAt, link.StoppedAt)).AsNoTracking().ToListAsync(ct);
    }

    public async Task<IActionResult> OnPostLinkAsync(CancellationToken ct)
    {
        if (CheckedBy is not ("対面" or "電話" or "所属長")) ModelState.AddModelError("CheckedBy", "本人の確かめ方を選んでください。");
        var number = StaffNumber?.Trim() ?? "";
        var staff = await db.Staff.Where(s => s.StaffNumber == number).Select(s => new { s.Id }).SingleOrDefaultAsync(ct);
        if (staff is null) ModelState.AddModelError("StaffNumber", $"職員番号「{number}」の職員は名簿にいません。");
        if (!ModelState.IsValid) return Page();
        await db.WriteAsync(async () =>
        {
            var waiting = await db.PendingLinks.SingleOrDefaultAsync(p => p.Id == Id && p.RefusedAt == null, ct).OrNotHere();
            await db.LockAsync<StaffMember>([staff!.Id.Value], ct);
            if (await db.SignInLinks.AnyAsync(l => l.StaffId == staff.Id && l.StoppedAt == null, ct)) throw new RuleViolation([PeopleRules.LinkTaken.With()]);
            db.Add(new SignInLink(waiting.Key, staff.Id, CheckedBy!, clock.GetUtcNow()));
            db.Remove(waiting);
        }, ct);
        Say("紐付けました。次のサインインから使えます。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostRefuseAsync(CancellationToken ct)
    {
        await db.WriteAsync(async () => (await db.PendingLinks.SingleOrDefaultAsync(p => p.Id == Id, ct).OrNotHere()).Refuse(clock.GetUtcNow(), "管理者が断った"), ct);
        Say("断りました。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostReopenAsync(CancellationToken ct)
    {
        await db.WriteAsync(async () => (await db.PendingLinks.SingleOrDefaultAsync(p => p.Id == Id, ct).OrNotHere()).Reopen("管理者が戻した"), ct);
        Say("確認待ちに戻しました。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostStopAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await db.WriteAsync(async () =>
        {
            (await db.SignInLinks.SingleOrDefaultAsync(l => l.Id == Id, ct).OrNotHere()).Stop(now, "管理者が停止");
            foreach (var session in await db.PortalSessions.Where(s => s.LinkId == Id && s.EndedAt == null).ToListAsync(ct)) session.End(now, SessionEnd.LinkStopped);
        }, ct);
        Say("このサインインを止め、使用中の端末をサインアウトしました。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostStartAsync(CancellationToken ct)
    {
        await db.WriteAsync(async () => (await db.SignInLinks.SingleOrDefaultAsync(l => l.Id == Id, ct).OrNotHere()).Reopen("管理者が再開"), ct);
        Say("このサインインを再開しました。");
        return RedirectToPage();
    }
}
