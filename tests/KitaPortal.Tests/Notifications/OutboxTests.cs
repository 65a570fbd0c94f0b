using KitaPortal.Features.Notifications;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Mail;
using KitaPortal.Platform.Outbox;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Notifications.NewsTests;

namespace KitaPortal.Tests.Notifications;

/// <summary>What must leave the house leaves it: none lost, at worst twice and then recognisable, and a bad one stops nobody.</summary>
public sealed class OutboxTests
{
    [Fact]
    public async Task A_mail_server_gets_the_mail_with_fixed_sender_and_the_id_of_its_outbox_row()
    {
        await using var server = new MailServer(MailServer.FreePort());
        await using var portal = await Start(Smtp(server.Port));
        await Tell(portal, About(portal.Town.Sato));

        await Send(portal);

        var mail = Assert.Single(server.Mails);
        var row = await portal.ReadAsync(db => db.OutboxMessages.SingleAsync());
        Assert.Equal($"{row.Id:N}@town.example.jp", mail.MessageId);
        Assert.Equal("\"北広島町 職員ポータル\" <portal@town.example.jp>", mail.From.ToString());
        Assert.Equal("s001001@town.example.jp", mail.To.Mailboxes.Single().Address);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Null(mail.Headers["Reply-To"]);
        Assert.NotNull(row.SentAt);
    }

    [Fact]
    public async Task Mail_waits_while_the_server_is_down_and_goes_when_it_is_up()
    {
        var port = MailServer.FreePort();
        await using var portal = await Start(Smtp(port));
        await Tell(portal, About(portal.Town.Sato, portal.Town.Suzuki));
        await Send(portal);
        Assert.All(await portal.ReadAsync(db => db.OutboxMessages.ToListAsync()), m => Assert.Equal((1, null, null), (m.Attempt, m.SentAt, m.FailedAt)));

        await using var server = new MailServer(port);
        await Send(portal);
        Assert.Empty(server.Mails);
        portal.Clock.Advance(OutboxMessage.Retries[0]);
        await Send(portal);

        Assert.Equal(2, server.Mails.Count);
        Assert.All(await portal.ReadAsync(db => db.NotificationDecisions.Where(d => d.Channel == NotificationChannel.Mail).ToListAsync()), d => Assert.Equal(DeliveryDecision.Delivered, d.Decision));
    }

    [Fact]
    public async Task One_poisoned_mail_among_twenty_stops_none_of_the_others_and_fails_by_itself()
    {
        await using var server = new MailServer(MailServer.FreePort(), poison: "s9007@");
        await using var portal = await Start(Smtp(server.Port));
        var people = await Crowd(portal, 20);
        await Tell(portal, About([.. people]));

        await Send(portal);
        Assert.Equal(19, server.Mails.Count);
        foreach (var wait in OutboxMessage.Retries)
        {
            portal.Clock.Advance(wait);
            await Send(portal);
        }

        Assert.Equal(19, server.Mails.Count);
        var bad = await portal.ReadAsync(db => db.OutboxMessages.SingleAsync(m => m.SentAt == null));
        Assert.NotNull(bad.FailedAt);
        Assert.Equal(DeliveryDecision.Failed, await portal.ReadAsync(db => db.NotificationDecisions.Where(d => d.OutboxId == bad.Id).Select(d => d.Decision).SingleAsync()));
    }

    [Theory]
    [InlineData("見出し\r\nBcc: thief@example.com")]
    [InlineData("見出し\n続き")]
    [InlineData("見出し\0")]
    public async Task A_line_break_or_nul_in_a_header_is_refused_and_nothing_is_sent(string title)
    {
        await using var portal = await Start();
        await Tell(portal, About(portal.Town.Sato) with { Title = title.Replace("\0", "", StringComparison.Ordinal) });
        await Tell(portal, About(portal.Town.Suzuki) with { Key = "test:2" });

        Assert.Throws<FormatException>(() => LetterPress.Print(new Letter(Guid.NewGuid(), "a@town.example.jp", "佐藤", title, "", "/"), "portal@town.example.jp", "x", new Uri("http://localhost"), portal.Clock.GetUtcNow()));
        await Send(portal);

        Assert.DoesNotContain(await Mails(portal), m => m.Bcc.Count > 0 || m.Subject!.Contains('\n', StringComparison.Ordinal));
        Assert.Contains(await Mails(portal), m => m.To.ToString().Contains("001002", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://elsewhere.example/x")]
    [InlineData("//elsewhere.example/x")]
    public void A_mail_links_only_to_the_portal(string link)
        => Assert.Throws<FormatException>(() => LetterPress.Print(new Letter(Guid.NewGuid(), "a@town.example.jp", "佐藤", "題", "", link), "p@town.example.jp", "x", new Uri("http://localhost"), DateTimeOffset.UnixEpoch));

    [Fact]
    public async Task Eight_workers_at_once_send_every_message_exactly_once()
    {
        await using var portal = await Start();
        await Tell(portal, About([.. await Crowd(portal, 30)]));
        var counted = new CountingSender();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Worker(portal, counted).RunAsync(portal.Clock.GetUtcNow(), CancellationToken.None)));

        Assert.Equal(30, counted.Sent.Count);
        Assert.Equal(30, counted.Sent.Distinct().Count());
        Assert.Equal(0, await portal.ReadAsync(db => db.OutboxMessages.CountAsync(m => m.SentAt == null)));
    }

    [Fact]
    public async Task A_worker_that_died_loses_its_message_to_the_next_when_the_lease_ends_and_the_second_copy_has_the_same_id()
    {
        await using var portal = await Start();
        await Tell(portal, About(portal.Town.Sato));
        var died = new CountingSender { Dies = true };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Worker(portal, died).RunAsync(portal.Clock.GetUtcNow(), died.Death.Token));
        var next = new CountingSender();
        await Worker(portal, next).RunAsync(portal.Clock.GetUtcNow(), CancellationToken.None);
        Assert.Empty(next.Sent);

        portal.Clock.Advance(TimeSpan.FromMinutes(4));
        await Worker(portal, next).RunAsync(portal.Clock.GetUtcNow(), CancellationToken.None);

        Assert.Equal(died.Sent, next.Sent);
    }

    [Fact]
    public async Task An_administrator_sees_failed_mail_and_sends_it_again_and_nobody_else_does()
    {
        var port = MailServer.FreePort();
        await using var portal = await Start(Smtp(port));
        await Tell(portal, About(portal.Town.Sato));
        foreach (var wait in OutboxMessage.Retries.Prepend(TimeSpan.Zero))
        {
            portal.Clock.Advance(wait);
            await Send(portal);
        }
        using var sato = await portal.As(portal.Town.Sato);
        Assert.DoesNotContain("s001001@town.example.jp", (await sato.Get("/admin/mail?failed=true")).Text, StringComparison.Ordinal);
        using var admin = await portal.As(portal.Town.Admin);
        Assert.Contains("s001001@town.example.jp", (await admin.Get("/admin/mail?failed=true")).Text, StringComparison.Ordinal);
        await using var server = new MailServer(port);

        var id = await portal.ReadAsync(db => db.OutboxMessages.Select(m => m.Id).SingleAsync());
        await admin.Submit("/admin/mail?failed=true", new { id }, "/admin/mail?handler=Retry&failed=true");
        await Send(portal);

        Assert.Single(server.Mails);
        Assert.Contains("失敗したメールはありません", (await admin.Get("/admin/mail?failed=true")).Text, StringComparison.Ordinal);
    }

    private static string[] Smtp(int port) => ["--Mail:Mode=Smtp", "--Mail:Host=127.0.0.1", $"--Mail:Port={port}", "--Mail:Security=None", "--Mail:From=portal@town.example.jp"];

    private static async Task<IReadOnlyList<StaffId>> Crowd(PortalHost portal, int count)
    {
        var people = Enumerable.Range(0, count).Select(_ => StaffId.New()).ToList();
        await portal.WriteAsync(db =>
        {
            for (var i = 0; i < count; i++)
                TestTown.Add(db, people[i], $"9{i:000}", "群", "衆", "ぐん", "しゅう", portal.Town.Planning, portal.Town.ClerkPost);
            return Task.CompletedTask;
        });
        return people;
    }

    // A worker with its own sender, on the portal's database.
    private static OutboxJob Worker(PortalHost portal, CountingSender sender)
        => new(new ScopesWith(portal, sender), portal.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<OutboxJob>.Instance);

    private sealed class CountingSender : IOutboxSender
    {
        public System.Collections.Concurrent.ConcurrentQueue<Guid> Sent { get; } = new();

        public bool Dies { get; init; }

        public CancellationTokenSource Death { get; } = new();

        public string Kind => "mail";

        public async Task SendAsync(OutboxMessage message, CancellationToken ct)
        {
            Sent.Enqueue(message.Id);
            await Task.Yield();
            if (!Dies) return;
            await Death.CancelAsync();
            ct.ThrowIfCancellationRequested();
        }
    }

    private sealed class ScopesWith(PortalHost portal, IOutboxSender sender) : IServiceScopeFactory
    {
        public IServiceScope CreateScope() => new Scope(portal.InScopeAsync(services => Task.FromResult(services.GetRequiredService<IServiceScopeFactory>())).Result.CreateScope(), sender);

        private sealed class Scope(IServiceScope real, IOutboxSender sender) : IServiceScope, IServiceProvider, IAsyncDisposable
        {
            public IServiceProvider ServiceProvider => this;

            public object? GetService(Type serviceType)
                => serviceType == typeof(IEnumerable<IOutboxSender>) ? new[] { sender } : real.ServiceProvider.GetService(serviceType);

            public void Dispose() => real.Dispose();

            public async ValueTask DisposeAsync() => await ((IAsyncDisposable)real).DisposeAsync();
        }
    }
}
