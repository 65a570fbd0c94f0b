using KitaPortal.Data;
using KitaPortal.Features.People.Roles;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Notifications;

/// <summary>The bell as JSON.</summary>
internal static class NotificationsApi
{
    private const int Most = 50;

    public sealed record Item(NotificationId Id, string Kind, string Title, string Text, string Link, string Importance, DateTimeOffset At, DateTimeOffset? DueAt, bool Read);

    public sealed record Answer(int Unread, IReadOnlyList<Item> Items);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/api/v1/notifications", ListAsync).WithTags("notifications").WithSummary("The caller's newest notifications, at most 50; with after only those that came later.");

    /// <summary>The newest notifications, at most 50; with <paramref name="after"/> only those that came later.</summary>
    private static async Task<Answer> ListAsync(PortalDb db, CurrentStaff me, DateTimeOffset? after, CancellationToken ct)
    {
        var mine = db.Notifications.Of(me.Id);
        var since = after?.ToUniversalTime();
        var items = await mine.Where(n => since == null || n.At > since)
            .OrderByDescending(n => n.At).ThenByDescending(n => n.Id).Take(Most)
            .Select(n => new Item(n.Id, n.Kind, n.Title, n.Text, n.Link, n.Importance.ToString(), n.At, n.DueAt, n.ReadAt != null)).ToListAsync(ct);
        return new Answer(await mine.CountAsync(n => n.ReadAt == null, ct), items);
    }
}
