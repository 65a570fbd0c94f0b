using KitaPortal.Data;
using KitaPortal.Platform.Jobs;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Chat;

/// <summary>Looks every night whether the members by posting are those the organisation says; departments may have been moved below others.</summary>
internal sealed class MembershipJob(PortalDb db, Doorbell bell) : IPortalJob
{
    public async Task<string?> RunAsync(DateTimeOffset now, CancellationToken ct)
    {
        var ids = await db.Channels.Where(c => c.Kind == ChannelKind.Announcement || c.Kind == ChannelKind.Department).Select(c => c.Id).ToListAsync(ct);
        var changed = 0;
        foreach (var id in ids)
        {
            changed += await db.WriteAsync(async () =>
            {
                await db.LockAsync<Channel>([id.Value], ct);
                var channel = await db.Channels.SingleAsync(c => c.Id == id, ct);
                await RuleStays.FitAsync(db, [channel], null, now, ct);
                return db.ChangeTracker.Entries<Stay>().Count(e => e.State != EntityState.Unchanged);
            }, ct);
            db.ChangeTracker.Clear();
        }
        bell.Stirred();
        return changed == 0 ? null : $"所属・連絡チャンネルの参加 {changed}件を更新しました。";
    }
}
