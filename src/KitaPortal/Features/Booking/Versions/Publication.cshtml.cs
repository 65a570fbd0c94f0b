using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Booking.Versions;

/// <summary>公開: which bookings to come a version would break, what is to happen to them, and the act of the second person that puts it in force.</summary>
[Authorize(Policy = BookingPolicies.RuleDrafts)]
public sealed class PublicationPage(PortalDb db, RuleChange change, CurrentStaff me, TimeProvider clock, IAuthorizationService rights) : FormPage
{
    [BindProperty(SupportsGet = true)]
    public Guid Id { get; set; }

    [BindProperty]
    public OnBroken OnBroken { get; set; }

    public RuleSet Version { get; private set; } = null!;

    public string Scope { get; private set; } = "";

    public IReadOnlyList<BrokenBooking> Effect { get; private set; } = [];

    public bool MayPublish { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        Version = await db.RuleSets.AsNoTracking().SingleOrDefaultAsync(r => r.Id == Id && r.PublishedAt == null && r.DiscardedAt == null, ct).OrNotHere();
        Scope = (await ScopeWords.LoadAsync(db, ct)).Of(Version);
        Effect = await change.EffectOfAsync(Version, ct);
        MayPublish = me.Id != Version.DraftedBy && me.Id != Version.EditedBy && (await rights.AuthorizeAsync(User, BookingPolicies.Rules)).Succeeded;
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!(await rights.AuthorizeAsync(User, BookingPolicies.Rules)).Succeeded) throw new NotHereException();
        var number = await db.WriteAsync(async () => (await db.RuleSets.SingleOrDefaultAsync(r => r.Id == Id && r.DiscardedAt == null, ct).OrNotHere()).Publish(me.Id, clock.GetUtcNow(), OnBroken).Number, ct);
        Say(OnBroken switch
        {
            OnBroken.Cancel => $"第{number}版を公開しました。合わなくなる予約は、まもなく取り消して本人に知らせます。",
            OnBroken.Ask => $"第{number}版を公開しました。合わなくなる予約の本人には、まもなく見直しを頼みます。",
            _ => $"第{number}版を公開しました。今ある予約はそのままです。",
        });
        return Redirect($"/booking/rules/draft/{Id}");
    }
}
