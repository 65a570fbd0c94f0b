using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Notifications;

/// <summary>Everything the portal has told the person, newest first.</summary>
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    private const int Size = 50;

    [FromQuery(Name = "page")]
    public int PageNumber { get; set; } = 1;

    [BindProperty(SupportsGet = true, Name = "unread")]
    public bool OnlyUnread { get; set; }

    public int All { get; private set; }

    public int Unread { get; private set; }

    public IReadOnlyList<Item> Items { get; private set; } = [];

    /// <summary>The newest moment shown: "read all" reads no more than the person could see.</summary>
    public string UpTo { get; private set; } = "";

    /// <summary>One line of the list.</summary>
    public sealed record Item(string Title, string Text, string Link, Importance Importance, DateTimeOffset At, bool Unread)
    {
        public string Day => JapaneseDate.Short(TokyoTime.DayOf(At));

        public string Time => TokyoTime.TimeOf(At).ToString("H:mm", System.Globalization.CultureInfo.InvariantCulture);
    }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var mine = db.Notifications.Of(me.Id);
        All = await mine.CountAsync(ct);
        Unread = await mine.CountAsync(n => n.ReadAt == null, ct);
        Items = await mine.Where(n => !OnlyUnread || n.ReadAt == null)
            .OrderByDescending(n => n.At).ThenByDescending(n => n.Id)
            .Skip((Math.Max(1, PageNumber) - 1) * Size).Take(Size)
            .Select(n => new Item(n.Title, n.Text, n.Link, n.Importance, n.At, n.ReadAt == null)).ToListAsync(ct);
        UpTo = (await mine.MaxAsync(n => (DateTimeOffset?)n.At, ct))?.ToString("O") ?? "";
    }

    public async Task<IActionResult> OnPostAsync(DateTimeOffset upTo, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var until = upTo.ToUniversalTime();
        await db.WriteAsync(() => db.Notifications.Of(me.Id).Where(n => n.ReadAt == null && n.At <= until)
            .ExecuteUpdateAsync(set => set.SetProperty(n => n.ReadAt, now), ct), ct);
        Say("すべて既読にしました。");
        return RedirectToPage();
    }
}
