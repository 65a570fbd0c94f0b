using KitaPortal.Data;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Platform.Outbox;

/// <summary>Carries out what is due in the outbox, one message after the other. Each is claimed by a lease first, so two workers do not take the same one;
/// a worker that dies keeps it only until the lease ends. One bad message never stops the next.</summary>
public sealed class OutboxJob(IServiceScopeFactory scopes, TimeProvider clock, ILogger<OutboxJob> log) : IPortalJob
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var (sent, failed) = (0, 0);
        while (!ct.IsCancellationRequested)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
            if (await ClaimAsync(db, ct) is not { } message) break;
            if (await CarryOutAsync(db, message, scope.ServiceProvider, ct)) sent++;
            else failed++;
        }
        return sent + failed == 0 ? null : $"{sent}件を送信、{failed}件は失敗";
    }

    private async Task<OutboxMessage?> ClaimAsync(PortalDb db, CancellationToken ct)
    {
        while (true)
        {
            var now = clock.GetUtcNow();
            var due = db.OutboxMessages.Where(m => m.SentAt == null && m.FailedAt == null && m.DueAt <= now && (m.LeasedUntil == null || m.LeasedUntil < now));
            var id = await due.OrderBy(m => m.DueAt).ThenBy(m => m.Id).Select(m => (Guid?)m.Id).FirstOrDefaultAsync(ct);
            if (id is null) return null;

            var (claim, until) = (Guid.CreateVersion7(), now + Lease);
            var mine = await db.WriteAsync(
                () => due.Where(m => m.Id == id).ExecuteUpdateAsync(set => set.SetProperty(m => m.LeasedUntil, until).SetProperty(m => m.LeasedBy, claim), ct), ct);
            if (mine == 1) return await db.OutboxMessages.SingleAsync(m => m.Id == id, ct);
        }
    }

    private async Task<bool> CarryOutAsync(PortalDb db, OutboxMessage message, IServiceProvider services, CancellationToken ct)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(Patience);
            await services.GetServices<IOutboxSender>().Single(s => s.Kind == message.Kind).SendAsync(message, patience.Token);
            message.Sent(clock.GetUtcNow());
            await db.SaveChangesAsync(CancellationToken.None);
            return true;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            log.LogWarning(e, "Outbox message {Id} of kind {Kind} failed at attempt {Attempt}", message.Id, message.Kind, message.Attempt + 1);
            await NoteFailureAsync(message, e);
            return false;
        }
    }

    // In a scope of its own: what the sender left unsaved must not be saved now. Whoever claimed the message meanwhile knows better.
    private async Task NoteFailureAsync(OutboxMessage failed, Exception e)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        await db.WriteAsync(
            async () => (await db.OutboxMessages.SingleOrDefaultAsync(m => m.Id == failed.Id && m.LeasedBy == failed.LeasedBy))?.Failed(clock.GetUtcNow(), e.GetBaseException().Message),
            CancellationToken.None);
    }
}
