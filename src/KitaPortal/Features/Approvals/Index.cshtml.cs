using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Japanese;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>What waits for the person, what a deputy may decide, and the person's own requests.</summary>
public sealed class IndexPage(PortalDb db, CurrentStaff me, TimeProvider clock) : FormPage
{
    private const int Most = 200;

    /// <summary>waiting, deputy or mine.</summary>
    [BindProperty(SupportsGet = true, Name = "tab")]
    public string Tab { get; set; } = "waiting";

    public int Waiting { get; private set; }

    public int Deputy { get; private set; }

    public int Mine { get; private set; }

    public IReadOnlyList<ApprovalQueries.Row> Rows { get; private set; } = [];

    public DateTimeOffset Now { get; } = clock.GetUtcNow();

    public bool IsAbsent { get; private set; }

    public override async Task LoadAsync(CancellationToken ct)
    {
        var today = clock.Today();
        var deputyships = await db.DeputyshipsAsync(me.Id, today, ct);
        var (waiting, deputy, mine) = (db.ApprovalRequests.WaitingFor(me.Id), db.ApprovalRequests.OpenToDeputy(me.Id, deputyships), db.ApprovalRequests.Of(me.Id));
        Waiting = await waiting.CountAsync(ct);
        Deputy = await deputy.CountAsync(ct);
        Mine = await mine.CountAsync(r => r.State == RequestState.Draft || r.State == RequestState.Circulating || r.State == RequestState.SentBack, ct);
        IsAbsent = await db.AbsenceCovers.On(today).AnyAsync(c => c.StaffId == me.Id, ct);
        Rows = await (Tab switch
        {
            "deputy" => deputy.OrderBy(r => r.DueAt == null).ThenBy(r => r.DueAt).ThenBy(r => r.SubmittedAt),
            "mine" => mine.OrderByDescending(r => r.CreatedAt),
            _ => waiting.OrderBy(r => r.DueAt == null).ThenBy(r => r.DueAt).ThenBy(r => r.SubmittedAt),
        }).Take(Most).RowsAsync(ct);
    }
}
