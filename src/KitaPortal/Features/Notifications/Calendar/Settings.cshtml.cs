using System.ComponentModel.DataAnnotations;
using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Rules;
using KitaPortal.Platform.Web;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Notifications.Calendar;

/// <summary>A person's own calendar address: make, replace, revoke. The address is shown once.</summary>
public sealed class SettingsPage(PortalDb db, CurrentStaff me, IOptions<CalendarFeedOptions> options, IOptions<ServerOptions> server) : FormPage
{
    [BindProperty, Display(Name = "件名")]
    public string? FullTitles { get; set; } = "yes";

    public CalendarFeed? Feed { get; private set; }

    public string? LastRead { get; private set; }

    /// <summary>The new address, right after it was made.</summary>
    public string? Address { get; private set; }

    public bool IsAllowed => options.Value.Feeds;

    public IReadOnlyList<SelectListItem> Titles { get; } = [new("機種と受取場所を表示する", "yes"), new("「予約あり」とだけ表示する", "no")];

    public override async Task LoadAsync(CancellationToken ct)
    {
        var id = me.Id.Value;
        Feed = await db.CalendarFeeds.AsNoTracking().SingleOrDefaultAsync(f => f.Id == id, ct);
        LastRead = Feed?.LastReadAt is { } at ? $"{JapaneseDate.Short(TokyoTime.DayOf(at))} {TokyoTime.TimeOf(at):H\\:mm}" : null;
        if (HttpMethods.IsGet(Request.Method)) FullTitles = Feed?.FullTitles == false ? "no" : "yes";
    }

    public async Task<IActionResult> OnPostMakeAsync(CancellationToken ct)
    {
        if (!IsAllowed) throw new NotHereException();
        var id = me.Id.Value;
        var secret = await db.WriteAsync(async () =>
        {
            string made;
            if (await db.CalendarFeeds.SingleOrDefaultAsync(f => f.Id == id, ct) is { } there) there.Renew(FullTitles != "no", out made);
            else db.Add(CalendarFeed.Make(me.Id, FullTitles != "no", out made));
            return made;
        }, ct);
        Address = new Uri(server.Value.PublicUrl, $"/notifications/calendar/{secret}.ics").AbsoluteUri;
        await LoadAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostRevokeAsync(CancellationToken ct)
    {
        var id = me.Id.Value;
        await db.WriteAsync(async () =>
        {
            if (await db.CalendarFeeds.SingleOrDefaultAsync(f => f.Id == id, ct) is not { } there) return;
            there.Revoke();
            await db.SaveChangesAsync(ct);
            db.Remove(there);
        }, ct);
        Say("カレンダーのアドレスを無効にしました。");
        return RedirectToPage();
    }
}
