using KitaPortal.Data;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Approvals;

/// <summary>Tells deputies that something waits for an absent person: when the step begins, and when the absence is set later.</summary>
public sealed class DeputyNews(PortalDb db, TimeProvider clock) : IHandle<StepBegan>, IHandle<AbsenceSet>
{
    public async Task HandleAsync(StepBegan happened, CancellationToken ct)
    {
        if (await db.ApprovalRequests.FindAsync([happened.RequestId], ct) is { } request) await TellAsync(request, ct);
    }

    public async Task HandleAsync(AbsenceSet happened, CancellationToken ct)
    {
        if (happened.From > clock.Today()) return;
        foreach (var request in await db.ApprovalRequests.WaitingFor(happened.StaffId).Include(r => r.Steps).ThenInclude(s => s.Assignees).ToListAsync(ct)) await TellAsync(request, ct);
    }

    /// <summary>The present deputies of the step's absent people; each is told once.</summary>
    public async Task TellAsync(ApprovalRequest request, CancellationToken ct)
    {
        var waiting = request.Current?.Waiting.Select(a => a.StaffId).ToList() ?? [];
        var deputies = await db.DeputiesOfAsync(waiting, clock.Today(), ct);
        request.TellDeputies([.. deputies.Where(d => request.CapacityOf(d.Deputy, [d.For]) is not (null or Capacity.Self)).Select(d => d.Deputy).Distinct()]);
    }
}
