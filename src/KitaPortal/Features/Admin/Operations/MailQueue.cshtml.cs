using KitaPortal.Data;
using KitaPortal.Features.Notifications;
using KitaPortal.Features.People;
using KitaPortal.Features.People.Roles;
using KitaPortal.Platform.Audit;
using KitaPortal.Platform.Forms;
using KitaPortal.Platform.Mail;
using KitaPortal.Platform.Outbox;
using KitaPortal.Platform.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace KitaPortal.Features.Admin.Operations;

/// <summary>Mail that waits or has failed, with the mail server's words and a way to try again.</summary>
[Authorize(Policies.Admin)]
public sealed class MailQueuePage(PortalDb db, IOptionsSnapshot<MailOptions> mail, TimeProvider clock) : FormPage
{
    private const int Size = 50;

    [BindProperty(SupportsGet = true, Name = "failed")]
    public bool ShowFailed { get; set; }

    [FromQuery(Name = "page")]
    public int PageNumber { get; set; } = 1;

    public int Waiting { get; private set; }

    public int Failed { get; private set; }

    public string? LastSent { get; private set; }

    public string WayOut => mail.Value.Mode == MailMode.Smtp ? $"メールサーバー {mail.Value.Host} へ送ります。" : "データフォルダーの mail に .eml ファイルとして置きます。";

    public IReadOnlyList<Row> Rows { get; private set; } = [];

    /// <summary>One mail that has not gone out.</summary>
    public sealed record Row(Guid Id, DateTimeOffset DueAt, DateTimeOffset? FailedAt, int Attempt, string? LastError, string? To);

    public override async Task LoadAsync(CancellationToken ct)
    {
        var unsent = db.OutboxMessages.Where(m => m.Kind == "mail" && m.SentAt == null);
        Waiting = await unsent.CountAsync(m => m.FailedAt == null, ct);
        Failed = await unsent.CountAsync(m => m.FailedAt != null, ct);
        var last = await db.OutboxMessages.Where(m => m.Kind == "mail").MaxAsync(m => m.SentAt, ct);
        LastSent = last is { } at ? JobsPage.Moment(at) : null;
        Rows = await (
            from message in unsent.Where(m => m.FailedAt != null == ShowFailed)
            join decision in db.NotificationDecisions on (Guid?)message.Id equals decision.OutboxId into decided
            from decision in decided.DefaultIfEmpty()
            join notification in db.Notifications on decision.NotificationId equals notification.Id into told
            from notification in told.DefaultIfEmpty()
            join person in db.Staff on notification.StaffId equals person.Id into people
            from person in people.DefaultIfEmpty()
            orderby message.DueAt, message.Id
            select new Row(message.Id, message.DueAt, message.FailedAt, message.Attempt, message.LastError, person == null ? null : person.Mail))
            .Skip((Math.Max(1, PageNumber) - 1) * Size).Take(Size).ToListAsync(ct);
    }

    public async Task<IActionResult> OnPostRetryAsync(Guid id, CancellationToken ct)
    {
        await db.WriteAsync(async () =>
        {
            (await db.OutboxMessages.SingleOrDefaultAsync(m => m.Id == id, ct)).OrNotHere().TryAgain(clock.GetUtcNow());
            db.Audit(new AuditNote("mail.retried", "OutboxMessage", id.ToString()));
        }, ct);
        Say("もう一度送ります。結果は数秒後にここで確認できます。");
        return RedirectToPage(new { failed = ShowFailed });
    }
}
