using System.Data.Common;
using KitaPortal.Data;
using KitaPortal.Features.Notifications;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Mail;
using KitaPortal.Platform.Outbox;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;

namespace KitaPortal.Tests.Booking;

/// <summary>The portal's power goes: before or after a commit, before or after a mail was taken. It also keeps its own book of what was told in transactions that were committed,
/// and of the mails that left the house.</summary>
internal sealed class CrashPoint : DbTransactionInterceptor, IHandle<News>, IMailCarrier
{
    private readonly AsyncLocal<bool> isMine = new();
    private readonly List<News> pending = [];
    private int commits;
    private bool isAfter;
    private (int Mails, bool IsTaken) letters = (int.MaxValue, false);
    private Func<Task> dies = () => Task.CompletedTask;

    /// <summary>The power went.</summary>
    public sealed class PowerCutException() : Exception("The power went.");

    /// <summary>What was told in transactions that were committed.</summary>
    public List<News> Told { get; } = [];

    /// <summary>Message ids of the mails that left the house, and to whom.</summary>
    public Dictionary<string, string> Left { get; } = [];

    public static async Task<(PortalHost Portal, CrashPoint Crash)> StartAsync()
    {
        var crash = new CrashPoint();
        var portal = await PortalHost.StartAsync(null, builder =>
        {
            builder.Services.AddScoped<IHandle<News>>(_ => crash);
            builder.Services.AddKeyedSingleton<IMailCarrier>(MailMode.PickUp, crash);
            if (TestDatabase.IsPostgres) builder.Services.ConfigureDbContext<PostgresPortalDb>(o => o.AddInterceptors(crash));
            else builder.Services.ConfigureDbContext<SqlitePortalDb>(o => o.AddInterceptors(crash));
        });
        return (portal, crash);
    }

    /// <summary>From now on what the caller does is watched; the portal's own threads are not.</summary>
    public void Watch() => isMine.Value = true;

    /// <summary>Does an act in which the power goes at the n-th commit, before or after it; says whether it went.</summary>
    public async Task<bool> DuringAsync(int commit, bool after, Func<Task> act)
    {
        (commits, isAfter) = (commit, after);
        try
        {
            await act();
            return false;
        }
        catch (PowerCutException)
        {
            return true;
        }
        finally
        {
            commits = 0;
        }
    }

    /// <summary>Sends what is due. The power goes at the n-th letter: before the post took it, or when it has and before that is written down.</summary>
    public async Task PostAsync(PortalHost portal, int atLetter = int.MaxValue, bool isTaken = false)
    {
        using var worker = new CancellationTokenSource();
        dies = worker.CancelAsync;
        letters = (atLetter, isTaken);
        try
        {
            await portal.InScopeAsync(services => services.GetRequiredService<OutboxJob>().RunAsync(portal.Clock.GetUtcNow(), worker.Token));
        }
        catch (Exception e) when (worker.IsCancellationRequested && (e is PowerCutException or OperationCanceledException))
        {
            // Whatever it held stays leased.
        }
        finally
        {
            (letters, commits) = ((int.MaxValue, false), 0);
        }
    }

    public Task HandleAsync(News happened, CancellationToken ct)
    {
        if (isMine.Value) pending.Add(happened);
        return Task.CompletedTask;
    }

    public async Task CarryAsync(MimeMessage message, CancellationToken ct)
    {
        var isLast = --letters.Mails == 0;
        if (!isLast || letters.IsTaken) Left[message.MessageId!] = message.To.Mailboxes.Single().Address;
        if (!isLast) return;
        (commits, isAfter) = (1, false);
        await dies();
        if (!letters.IsTaken) throw new PowerCutException();
    }

    public override ValueTask<DbTransaction> TransactionStartedAsync(DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        if (isMine.Value) pending.Clear();
        return new(result);
    }

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (isMine.Value && !isAfter && commits > 0 && --commits == 0) throw new PowerCutException();
        return new(result);
    }

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (!isMine.Value) return Task.CompletedTask;
        Told.AddRange(pending);
        pending.Clear();
        if (isAfter && commits > 0 && --commits == 0) throw new PowerCutException();
        return Task.CompletedTask;
    }

    /// <summary>Every notice that must exist is there exactly once, with the mail that follows it; nothing else is.</summary>
    public async Task CheckAsync(PortalHost portal, string where, bool isDrained)
    {
        var (notices, decisions, outbox, reminders, noShows) = await portal.ReadAsync(async db => (
            await db.Notifications.AsNoTracking().ToListAsync(), await db.NotificationDecisions.AsNoTracking().Where(d => d.Channel == NotificationChannel.Mail).ToListAsync(), await db.OutboxMessages.AsNoTracking().ToListAsync(),
            await db.Set<Features.Booking.Overdue.LoanReminder>().AsNoTracking().Where(r => r.IsTold).ToListAsync(),
            await db.Set<Features.Booking.Booking>().AsNoTracking().Where(b => b.Lines.Any(l => l.Status == Features.Booking.LineStatus.NoShow)).Select(b => new { b.Id, b.BorrowerId }).ToListAsync()));
        var must = Told.SelectMany(n => n.To.Select(person => (n.Key, person))).ToHashSet();
        Assert.True(must.SetEquals(notices.Select(n => (n.Key, n.StaffId))), $"{where}: told but not written down: {string.Join(", ", must.Except(notices.Select(n => (n.Key, n.StaffId))))}; written down but not told: {string.Join(", ", notices.Select(n => (n.Key, n.StaffId)).Except(must))}");
        Assert.True(must.Count == notices.Count, $"{where}: a notice is there twice");

        // What the records themselves say must have been told.
        Assert.All(reminders, r => Assert.True(notices.Any(n => n.Key == r.NewsKey), $"{where}: reminder {r.Step} without a notice"));
        Assert.All(noShows, b => Assert.True(notices.Any(n => n.Kind == "booking.no-show" && n.StaffId == b.BorrowerId && n.Link == $"/booking/{b.Id}"), $"{where}: not collected and not told"));

        // One mail for each that is to have one.
        Assert.Equal(notices.Select(n => n.Id).ToHashSet(), decisions.Select(d => d.NotificationId).ToHashSet());
        Assert.Equal(notices.Count, decisions.Count);
        Assert.Equal(decisions.Select(d => d.OutboxId).OfType<Guid>().Order(), outbox.Select(m => m.Id).Order());
        Assert.True(outbox.All(m => m.FailedAt is null), $"{where}: a mail has failed");
        if (!isDrained) return;
        var left = Left.Keys.Select(id => Guid.ParseExact(id.Split('@')[0], "N")).ToHashSet();
        Assert.Empty(left.Except(outbox.Select(m => m.Id)));
        foreach (var decision in decisions.Where(d => d.OutboxId is not null))
        {
            var isRetracted = notices.Single(n => n.Id == decision.NotificationId).RetractedAt is not null;
            Assert.True(outbox.Single(m => m.Id == decision.OutboxId).SentAt is not null, $"{where}: a mail still waits");
            Assert.True(isRetracted || (decision.Decision == DeliveryDecision.Delivered && left.Contains(decision.OutboxId!.Value)), $"{where}: the mail of {notices.Single(n => n.Id == decision.NotificationId).Key} never left");
        }
    }
}
