using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Overdue;

/// <summary>貸出停止: who may not borrow, since when and why; the information-security manager lifts it or enters one.</summary>
[Authorize(Policies.Security)]
public sealed class SuspensionsPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty]
    public SuspensionForm Form { get; set; } = new();

    /// <summary>One suspension with its person.</summary>
    public sealed record Row(Suspension Suspension, string Name, string Number, string? RegisterNo, string? LiftedBy, bool IsOut);

    public IReadOnlyList<Row> Now { get; private set; } = [];

    public IReadOnlyList<Row> Past { get; private set; } = [];

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context) => ForgetFormOfOthers(context);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var rows = await (
            from suspension in db.Suspensions
            join person in db.Staff on suspension.StaffId equals person.Id
            join loaned in db.Loans on suspension.LoanId equals loaned.Id into loans
            from loan in loans.DefaultIfEmpty()
            join lifter in db.Staff on suspension.LiftedBy equals lifter.Id into lifters
            from lifter in lifters.DefaultIfEmpty()
            orderby suspension.From descending
            select new Row(suspension, person.FamilyName + "\u3000" + person.GivenName, person.StaffNumber, loan == null ? null : loan.RegisterNo,
                lifter == null ? null : lifter.FamilyName + "\u3000" + lifter.GivenName, loan != null && loan.InAt == null)).AsNoTracking().Take(200).ToListAsync(ct);
        Now = [.. rows.Where(r => r.Suspension.To is null || r.Suspension.To > now)];
        Past = [.. rows.Where(r => r.Suspension.To <= now).Take(50)];
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var number = Form.Number.Trim();
        var person = await db.Staff.Where(s => s.StaffNumber == number).Select(s => new { s.Id, s.FamilyName }).SingleOrDefaultAsync(ct);
        if (person is null)
        {
            ModelState.AddModelError("Form.Number", "この番号の職員は見つかりません。");
            return Page();
        }
        await db.WriteAsync(() =>
        {
            var suspension = new Suspension(person.Id, clock.GetUtcNow(), Form.Until is { } last ? TokyoTime.Midnight(last.AddDays(1)) : null, Form.Reason.Trim());
            db.Add(suspension);
            suspension.Tell(null);
            return Task.CompletedTask;
        }, ct);
        Say($"{person.FamilyName}さんへの貸出を停止しました。");
        return Redirect("/booking/suspensions");
    }

    public async Task<IActionResult> OnPostLiftAsync([FromForm] Guid suspension, CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            var now = clock.GetUtcNow();
            var found = await db.Suspensions.SingleOrDefaultAsync(s => s.Id == suspension, ct).OrNotHere();
            if (found.To is null || found.To > now) found.Lift(me.Id, now);
        }, ct);
        Say("貸出停止を解除しました。");
        return Redirect("/booking/suspensions");
    }
}

/// <summary>The form of a suspension by hand.</summary>
public sealed class SuspensionForm
{
    [Display(Name = "職員番号"), Required(ErrorMessage = "職員番号を入力してください。"), StringLength(20, ErrorMessage = "20字までで入力してください。")]
    public string Number { get; set; } = "";

    [Display(Name = "停止する最後の日")]
    public DateOnly? Until { get; set; }

    [Display(Name = "理由"), Required(ErrorMessage = "理由を入力してください。"), StringLength(500, ErrorMessage = "500字までで入力してください。")]
    public string Reason { get; set; } = "";
}
