using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Notifications;

/// <summary>How many unread notifications the person has, counted each time. Opening what a notification is about reads it, on whatever way the person came.</summary>
public sealed class Bell(PortalDb db, CurrentStaff me, TimeProvider clock)
{
    /// <summary>Counts for the page being shown, after reading what leads to it.</summary>
    public async Task<int> CountAsync(HttpContext http)
    {
        var ct = http.RequestAborted;
        var path = http.Request.Path.Value ?? "/";
        var whole = path + http.Request.QueryString;
        var unread = db.Notifications.Of(me.Id).Where(n => n.ReadAt == null);
        var count = await unread.GroupBy(n => 1).Select(all => new { All = all.Count(), Here = all.Count(n => n.Link == path || n.Link == whole) }).SingleOrDefaultAsync(ct);
        if (count is null) return 0;
        if (count.Here == 0 || !HttpMethods.IsGet(http.Request.Method) || http.Response.StatusCode != StatusCodes.Status200OK) return count.All;
        var now = clock.GetUtcNow();
        return count.All - await db.WriteAsync(
            () => unread.Where(n => n.Link == path || n.Link == whole).ExecuteUpdateAsync(set => set.SetProperty(n => n.ReadAt, now), ct), ct);
    }
}
