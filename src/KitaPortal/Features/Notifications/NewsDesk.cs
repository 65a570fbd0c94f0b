using System.Text.Json;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Outbox;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Notifications;

/// <summary>Writes news down for each person, with the mail that follows, in the transaction of whatever happened.</summary>
internal sealed class NewsDesk(PortalDb db, IEnumerable<NewsKind> kinds, TimeProvider clock, ILogger<NewsDesk> log) : IHandle<News>, IHandle<NewsRetracted>
{
    public async Task HandleAsync(News happened, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await OneAtATimeAsync(happened.Key, ct);
        var asked = happened.To.Distinct().ToList();
        var known = await db.Notifications.Where(n => n.Key == happened.Key && asked.Contains(n.StaffId)).Select(n => n.StaffId).ToListAsync(ct);
        var organisation = await db.StandingAsync<OrganisationBook>(ct);
        foreach (var person in asked.Except(known).Select(organisation.Find).OfType<OrganisationBook.Person>())
        {
            var notification = new Notification(person.Id, happened, now);
            db.Add(notification);
            db.Add(new NotificationDecision(notification.Id, NotificationChannel.InApp, DeliveryDecision.Delivered, "delivered", now));
            db.Add(DecideMail(notification, person, happened.Calendar, now));
        }
    }

    public async Task HandleAsync(NewsRetracted happened, CancellationToken ct)
    {
        await OneAtATimeAsync(happened.Key, ct);
        foreach (var notification in await db.Notifications.Where(n => n.Key == happened.Key && n.RetractedAt == null).ToListAsync(ct))
            notification.Retract(clock.GetUtcNow());
    }

    private NotificationDecision DecideMail(Notification notification, OrganisationBook.Person person, CalendarItem? calendar, DateTimeOffset now)
    {
        if (!KindOf(notification.Kind).MailAtOnce) return Skip("preference");
        if (!person.IsEmployedOn(TokyoTime.DayOf(now))) return Skip("left");
        if (string.IsNullOrWhiteSpace(person.Mail)) return Skip("no-address");
        var message = new OutboxMessage(MailOfNews.KindName, JsonSerializer.Serialize(new MailOfNews(notification.Id.Value, calendar)), now);
        db.Add(message);
        return new NotificationDecision(notification.Id, NotificationChannel.Mail, DeliveryDecision.Waiting, "outbox", now, message.Id);

        NotificationDecision Skip(string reason) => new(notification.Id, NotificationChannel.Mail, DeliveryDecision.Skipped, reason, now);
    }

    private NewsKind KindOf(string kind)
    {
        if (kinds.FirstOrDefault(k => k.Kind == kind) is { } known) return known;
        log.LogError("News of kind {Kind} is not registered; only the bell rings", kind);
        return new NewsKind(kind, kind, MailAtOnce: false);
    }

    // The same news told by two transactions at once must not make the second one fail. SQLite has one writer anyway.
    private Task OneAtATimeAsync(string key, CancellationToken ct)
        => db is PostgresPortalDb ? db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({key}, 7))", ct) : Task.CompletedTask;
}

/// <summary>What the outbox keeps of a mail about news.</summary>
internal sealed record MailOfNews(Guid NotificationId, CalendarItem? Calendar)
{
    public const string KindName = "mail";
}
