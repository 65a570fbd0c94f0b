using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Permits;

/// <summary>持出許可の扱い: letting devices go in an emergency, and taking a permission back.</summary>
public sealed class PermitPage(PortalDb db, Permitting permitting, CurrentStaff me, TimeProvider clock) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public BookingId Id { get; set; }

    [BindProperty]
    public LetGoForm LetGo { get; set; } = new();

    [BindProperty]
    public RevokeForm Revoke { get; set; } = new();

    public Booking Booking { get; private set; } = null!;

    /// <summary>Lines wait for permission and this person may let them go.</summary>
    public bool MayLetGo { get; private set; }

    /// <summary>A permission stands and this person may take it back.</summary>
    public bool MayRevoke { get; private set; }

    public bool IsOut => Booking.Lines.Any(l => l.Status == LineStatus.OnLoan);

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        var own = context.HandlerMethod?.Name is "LetGo" ? nameof(LetGo) : nameof(Revoke);
        foreach (var key in ModelState.Keys.Where(k => !k.StartsWith($"{own}.", StringComparison.Ordinal)).ToList()) ModelState.Remove(key);
    }

    public override async Task LoadAsync(CancellationToken ct)
    {
        Booking = await db.Bookings.AsNoTracking().Include(b => b.Lines).VisibleTo(me).SingleOrDefaultAsync(b => b.Id == Id, ct).OrNotHere();
        (MayLetGo, MayRevoke) = (await permitting.MayLetGoAsync(me, Booking, ct), await permitting.MayRevokeAsync(me, Booking, ct));
        if (!MayLetGo && !MayRevoke) throw new NotHereException();
    }

    public async Task OnGetAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        var until = await Permitting.NextReturnAsync(db, clock.GetUtcNow(), ct);
        (Revoke.Day, Revoke.Time) = (TokyoTime.DayOf(until), TokyoTime.TimeOf(until));
    }

    public async Task<IActionResult> OnPostLetGoAsync(CancellationToken ct)
    {
        await permitting.LetGoAsync(Id, LetGo.Reason!.Trim(), Asker.Of(me), ct);
        Say("緊急貸出として記録しました。窓口で引き渡せます。");
        return Redirect($"/booking/{Id}");
    }

    public async Task<IActionResult> OnPostRevokeAsync(CancellationToken ct)
    {
        // A calendar is not asked about the year 9999 or 1.
        BadInput.Refuse(Revoke.Day!.Value.Year is > 1900 and < 9000 ? [] : [Permitting.TooFar]);
        await permitting.RevokeAsync(Id, Revoke.Reason!.Trim(), TokyoTime.At(Revoke.Day.Value, Revoke.Time!.Value), me, ct);
        Say("持出許可を取り消しました。借受者に知らせました。");
        return Redirect($"/booking/{Id}");
    }

    /// <summary>緊急貸出.</summary>
    public sealed class LetGoForm
    {
        [Display(Name = "緊急貸出の理由"), Required(ErrorMessage = "理由を入力してください。"), StringLength(1000, MinimumLength = 10, ErrorMessage = "10字以上、1000字までで入力してください。")]
        public string? Reason { get; set; }
    }

    /// <summary>許可の取消.</summary>
    public sealed class RevokeForm
    {
        [Display(Name = "取り消す理由"), Required(ErrorMessage = "理由を入力してください。"), StringLength(1000, MinimumLength = 5, ErrorMessage = "5字以上、1000字までで入力してください。")]
        public string? Reason { get; set; }

        [Display(Name = "返却の期限の日"), Required(ErrorMessage = "日を入力してください。")]
        public DateOnly? Day { get; set; }

        [Display(Name = "返却の期限の時刻"), Required(ErrorMessage = "時刻を入力してください。")]
        public TimeOnly? Time { get; set; }
    }
}
