using System.Text.Json;
using KitaPortal.Data;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Japanese;
using KitaPortal.Platform.Mail;
using KitaPortal.Platform.Outbox;
using Microsoft.EntityFrameworkCore;

namespace KitaPortal.Features.Notifications;

/// <summary>Sends the mail about news. Whether it still makes sense, and whether the person still works here, is asked again now.</summary>
internal sealed class NewsMailer(PortalDb db, Postman postman, TimeProvider clock) : IOutboxSender
{
    public string Kind => MailOfNews.KindName;

    public async Task SendAsync(OutboxMessage message, CancellationToken ct)
    {
        var mail = JsonSerializer.Deserialize<MailOfNews>(message.Payload)!;
        var id = NotificationId.From(mail.NotificationId);
        var notification = await db.Notifications.SingleAsync(n => n.Id == id, ct);
        var decision = await db.NotificationDecisions.SingleAsync(d => d.NotificationId == id && d.Channel == NotificationChannel.Mail, ct);
        var person = await db.Staff.AsNoTracking().SingleAsync(s => s.Id == notification.StaffId, ct);
        var now = clock.GetUtcNow();

        if (ReasonToSkip(notification, person, now) is { } reason)
        {
            decision.Decide(DeliveryDecision.Skipped, reason, now);
            return;
        }
        try
        {
            await postman.SendAsync(LetterOf(message.Id, notification, person, mail.Calendar), ct);
            decision.Decide(DeliveryDecision.Delivered, IsSecret(notification) ? "class-link-only" : "delivered", now);
        }
        catch
        {
            decision.Decide(message.IsLastAttempt ? DeliveryDecision.Failed : DeliveryDecision.Waiting, "smtp", now);
            await db.SaveChangesAsync(CancellationToken.None);
            throw;
        }
    }

    private static string? ReasonToSkip(Notification notification, StaffMember person, DateTimeOffset now)
        => notification.RetractedAt is not null ? "retracted"
        : !person.IsEmployedOn(TokyoTime.DayOf(now)) ? "left"
        : string.IsNullOrWhiteSpace(person.Mail) ? "no-address"
        : null;

    private static bool IsSecret(Notification notification) => notification.InfoClass >= InfoClass.Class3A;

    private Letter LetterOf(Guid messageId, Notification notification, StaffMember person, CalendarItem? calendar)
    {
        var secret = IsSecret(notification);
        return new Letter(messageId, person.Mail!, person.Name, notification.Title, secret ? "" : notification.Text, notification.Link,
            calendar is null || secret ? null : Invitation.Write(calendar, postman.From, postman.FromName, person.Mail!, person.Name, clock.GetUtcNow()));
    }
}
