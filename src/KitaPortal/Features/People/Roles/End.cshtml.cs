using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.Roles;

/// <summary>役割を終える: from which day, and why.</summary>
[Authorize(Policies.Admin)]
public sealed class EndRolePage(PortalDb db, RoleChanges changes, TimeProvider clock) : FormPage
{
    public sealed class EndForm
    {
        [Display(Name = "この日から使えなくする"), Required(ErrorMessage = "日付を入力してください。")]
        public DateOnly? To { get; set; }

        [Display(Name = "理由"), Required(ErrorMessage = "理由を入力してください。"), StringLength(200)]
        public string Reason { get; set; } = "";
    }

    [BindProperty]
    public EndForm Form { get; set; } = new();

    [FromRoute]
    public Guid Id { get; set; }

    public string What { get; private set; } = "";

    public override async Task LoadAsync(CancellationToken ct)
    {
        var grant = await db.RoleGrants.AsNoTracking().SingleOrDefaultAsync(g => g.Id == Id, ct).OrNotHere();
        var name = await db.Staff.Where(s => s.Id == grant.ToStaffId).Select(s => s.FamilyName + "\u3000" + s.GivenName).SingleOrDefaultAsync(ct);
        What = $"{name ?? "所属の全員"}の「{grant.Role.Japanese()}」";
        Form.To ??= TokyoTime.DayOf(clock.GetUtcNow());
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await changes.EndAsync(Id, Form.To!.Value, Form.Reason, ct);
        Say("役割を終えました。");
        return RedirectToPage("Index");
    }
}
