using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.People.SignIn;

/// <summary>サインイン中の端末: where the person is signed in, and ending it from here.</summary>
[Authorize(Policies.Staff)]
public sealed class SessionsPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    public sealed record Row(Guid Id, string? Agent, string? Address, DateTimeOffset StartedAt, DateTimeOffset LastSeenAt, bool Shared, bool IsThis)
    {
        /// <summary>Kind of machine and browser, as far as the browser says.</summary>
        public string Device
        {
            get
            {
                var agent = Agent ?? "";
                var machine = Machines.FirstOrDefault(m => agent.Contains(m.Mark, StringComparison.Ordinal)).Name ?? "端末";
                var browser = Browsers.FirstOrDefault(b => agent.Contains(b.Mark, StringComparison.Ordinal)).Name ?? "ブラウザー";
                return $"{machine}・{browser}";
            }
        }
    }

    private static readonly (string Mark, string Name)[] Machines = [("iPad", "iPad"), ("iPhone", "iPhone"), ("Android", "Android"), ("Windows", "Windows パソコン"), ("Macintosh", "Mac"), ("Linux", "Linux パソコン")];
    private static readonly (string Mark, string Name)[] Browsers = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    [BindProperty]
    public Guid? Id { get; set; }

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    private Guid Own => Guid.Parse(User.FindFirst("sid")!.Value);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var live = (await Mine().AsNoTracking().ToListAsync(ct)).Where(s => s.IsLiveAt(now));
        Rows = [.. live.Select(s => new Row(s.Id, s.Agent, s.Address, s.StartedAt, s.LastSeenAt, s.SharedTerminal, s.Id == Own)).OrderByDescending(r => r.IsThis).ThenByDescending(r => r.LastSeenAt)];
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        var id = Id ?? Guid.Empty;
        await db.WriteAsync(async () => (await Mine().SingleOrDefaultAsync(s => s.Id == id, ct).OrNotHere()).End(clock.GetUtcNow(), SessionEnd.OtherDevice), ct);
        Say("その端末をサインアウトしました。");
        return RedirectToPage();
    }

    public async Task<IActionResult> OnPostOthersAsync(CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            foreach (var other in await Mine().Where(s => s.Id != Own).ToListAsync(ct)) other.End(clock.GetUtcNow(), SessionEnd.OtherDevice);
        }, ct);
        Say("ほかの端末をすべてサインアウトしました。");
        return RedirectToPage();
    }

    private IQueryable<PortalSession> Mine() => db.PortalSessions.Where(s => s.StaffId == me.Id && s.EndedAt == null);
}
