using System.Text.Json;
using KitaPortal.Features.Notifications;
using KitaPortal.Features.People;
using KitaPortal.Platform.Domain;
using KitaPortal.Platform.Outbox;
using KitaPortal.Tests.Host;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;

namespace KitaPortal.Tests.Notifications;

/// <summary>News reaches the bell and, by its kind, a mailbox; each person once, and nobody who should not have it any more.</summary>
public sealed class NewsTests
{
    private static readonly NewsKind Loud = new("test.loud", "試験", MailAtOnce: true);
    private static readonly NewsKind Quiet = new("test.quiet", "試験", MailAtOnce: false);

    [Fact]
    public async Task News_told_twice_is_one_notification_one_mail_and_one_decision_per_channel()
    {
        await using var portal = await Start();

        await Tell(portal, About(portal.Town.Sato));
        await Tell(portal, About(portal.Town.Sato));
        await Send(portal);

        Assert.Equal(1, await portal.ReadAsync(db => db.Notifications.CountAsync()));
        Assert.Single(await Mails(portal));
        var decisions = await portal.ReadAsync(db => db.NotificationDecisions.OrderBy(d => d.Channel).ToListAsync());
        Assert.Equal([(NotificationChannel.InApp, DeliveryDecision.Delivered), (NotificationChannel.Mail, DeliveryDecision.Delivered)], decisions.Select(d => (d.Channel, d.Decision)));
    }

    [Fact]
    public async Task News_told_by_many_at_the_same_time_is_one_notification()
    {
        await using var portal = await Start();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Tell(portal, About(portal.Town.Sato))));

        Assert.Equal(1, await portal.ReadAsync(db => db.Notifications.CountAsync()));
    }

    [Fact]
    public async Task News_goes_with_its_transaction_or_not_at_all()
    {
        await using var portal = await Start();

        await Assert.ThrowsAsync<InvalidOperationException>(() => portal.WriteAsync(async db =>
        {
            await db.PublishAsync(About(portal.Town.Sato), CancellationToken.None);
            await db.SaveChangesAsync();
            throw new InvalidOperationException("The act itself fails.");
        }));

        Assert.Equal((0, 0), await portal.ReadAsync(async db => (await db.Notifications.CountAsync(), await db.OutboxMessages.CountAsync())));
    }

    [Fact]
    public async Task A_quiet_kind_only_rings_the_bell_and_the_ledger_says_why()
    {
        await using var portal = await Start();

        await Tell(portal, About(portal.Town.Sato) with { Kind = Quiet.Kind });
        await Send(portal);

        Assert.Empty(await Mails(portal));
        Assert.Equal("preference", await MailReason(portal));
    }

    [Fact]
    public async Task A_person_who_left_before_the_sending_gets_no_mail()
    {
        await using var portal = await Start();
        await Tell(portal, About(portal.Town.Sato));
        await portal.WriteAsync(async db => (await db.Staff.Include(s => s.Postings).SingleAsync(s => s.Id == portal.Town.Sato)).Leave(new DateOnly(2026, 4, 6)));

        await Send(portal);

        Assert.Empty(await Mails(portal));
        Assert.Equal("left", await MailReason(portal));
    }

    [Fact]
    public async Task Retracted_news_leaves_the_bell_and_its_waiting_mail_is_not_sent()
    {
        await using var portal = await Start();
        await Tell(portal, About(portal.Town.Sato));
        Assert.Equal(1, await Unread(portal, portal.Town.Sato));

        await Tell(portal, new NewsRetracted("test:1"));
        await Send(portal);

        Assert.Equal(0, await Unread(portal, portal.Town.Sato));
        Assert.Empty(await Mails(portal));
        Assert.Equal("retracted", await MailReason(portal));
    }

    [Fact]
    public async Task A_person_without_address_gets_the_bell_and_the_ledger_says_why_no_mail()
    {
        await using var portal = await Start();
        await portal.WriteAsync(async db => (await db.Staff.SingleAsync(s => s.Id == portal.Town.Sato)).SetContact(null, null));

        await Tell(portal, About(portal.Town.Sato));

        Assert.Equal(1, await Unread(portal, portal.Town.Sato));
        Assert.Equal("no-address", await MailReason(portal));
    }

    [Fact]
    public async Task Opening_the_page_the_news_is_about_reads_it()
    {
        await using var portal = await Start();
        await Tell(portal, About(portal.Town.Sato) with { Link = "/help/rules" });
        using var sato = await portal.As(portal.Town.Sato);
        Assert.Contains("1 件の未読", (await sato.Get("/")).Words, StringComparison.Ordinal);
        Assert.Equal(1, await Unread(portal, portal.Town.Sato));

        await sato.Get("/help/rules");

        Assert.Equal(0, await Unread(portal, portal.Town.Sato));
        Assert.Contains("既読", (await sato.Get("/notifications")).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everybody_sees_only_their_own_notifications()
    {
        await using var portal = await Start();
        await Tell(portal, About(portal.Town.Sato));
        using var suzuki = await portal.As(portal.Town.Suzuki);

        var (page, api) = (await suzuki.Get("/notifications"), await suzuki.Get("/api/v1/notifications"));

        Assert.DoesNotContain("端末の用意ができました", page.Text + api.Text, StringComparison.Ordinal);
        using var sato = await portal.As(portal.Town.Sato);
        Assert.Contains("端末の用意ができました", (await sato.Get("/notifications")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_all_reads_only_what_was_shown()
    {
        await using var portal = await Start();
        await Tell(portal, About(portal.Town.Sato));
        var seen = portal.Clock.GetUtcNow();
        portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await Tell(portal, About(portal.Town.Sato) with { Key = "test:2" });
        using var sato = await portal.As(portal.Town.Sato);

        await sato.Submit("/notifications", new { upTo = seen.ToString("O") });

        Assert.Equal(1, await Unread(portal, portal.Town.Sato));
    }

    [Fact]
    public async Task Secret_news_is_mailed_as_title_and_link_without_body()
    {
        await using var portal = await Start();

        await Tell(portal, About(portal.Town.Sato) with { InfoClass = InfoClass.Class3C });
        await Tell(portal, About(portal.Town.Suzuki));
        await Send(portal);

        var mails = await Mails(portal);
        Assert.Contains("窓口で受け取ってください", mails.Single(m => m.To.ToString().Contains("001002", StringComparison.Ordinal)).TextBody, StringComparison.Ordinal);
        var secret = mails.Single(m => m.To.ToString().Contains("001001", StringComparison.Ordinal));
        Assert.DoesNotContain("窓口で受け取ってください", secret.TextBody + secret.HtmlBody, StringComparison.Ordinal);
        Assert.Contains("http://localhost:5080/booking/1", secret.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_appointment_goes_along_as_invitation_in_Tokyo_time_and_is_taken_back_under_the_same_uid()
    {
        await using var portal = await Start();
        var from = new DateTimeOffset(2026, 4, 7, 9, 0, 0, TimeSpan.FromHours(9)).ToUniversalTime();
        var item = new CalendarItem("line-1@kita", 0, from, from.AddHours(3), "ノートPC KH-NB-014", "本庁 窓口", Cancelled: false);

        await Tell(portal, About(portal.Town.Sato) with { Calendar = item });
        await Tell(portal, About(portal.Town.Sato) with { Key = "test:2", Calendar = item with { Sequence = 1, Cancelled = true } });
        await Send(portal);

        var parts = (await Mails(portal)).Select(m => m.BodyParts.OfType<TextPart>().Single(p => p.ContentType.MimeType == "text/calendar")).ToList();
        Assert.Equal(["REQUEST", "CANCEL"], parts.Select(p => p.ContentType.Parameters["method"]).OrderDescending());
        var invited = Unfold(parts.Single(p => p.ContentType.Parameters["method"] == "REQUEST").Text);
        Assert.Contains("METHOD:REQUEST", invited, StringComparison.Ordinal);
        Assert.Contains("DTSTART;TZID=Asia/Tokyo:20260407T090000", invited, StringComparison.Ordinal);
        Assert.Contains("BEGIN:VTIMEZONE", invited, StringComparison.Ordinal);
        Assert.Contains("TZOFFSETTO:+0900", invited, StringComparison.Ordinal);
        Assert.Contains("SUMMARY:ノートPC KH-NB-014", invited, StringComparison.Ordinal);
        Assert.Contains("SEQUENCE:0", invited, StringComparison.Ordinal);
        var cancelled = Unfold(parts.Single(p => p.ContentType.Parameters["method"] == "CANCEL").Text);
        Assert.Contains("UID:line-1@kita", cancelled, StringComparison.Ordinal);
        Assert.Contains("SEQUENCE:1", cancelled, StringComparison.Ordinal);
        Assert.Contains("STATUS:CANCELLED", cancelled, StringComparison.Ordinal);
    }

    internal static Task<PortalHost> Start(params string[] configuration) => PortalHost.StartAsync(null, builder => AddKinds(builder), configuration);

    internal static void AddKinds(WebApplicationBuilder builder) => builder.Services.AddSingleton(Loud).AddSingleton(Quiet);

    internal static News About(params StaffId[] people) => new(Loud.Kind, "test:1", people, "端末の用意ができました", "窓口で受け取ってください。", "/booking/1");

    internal static Task Tell(PortalHost portal, DomainEvent news) => portal.WriteAsync(db => db.PublishAsync(news, CancellationToken.None));

    internal static Task<string?> Send(PortalHost portal)
        => portal.InScopeAsync(services => services.GetRequiredService<OutboxJob>().RunAsync(portal.Clock.GetUtcNow(), CancellationToken.None));

    internal static async Task<IReadOnlyList<MimeMessage>> Mails(PortalHost portal)
    {
        var folder = new DirectoryInfo(Path.Combine(portal.DataFolder, "mail"));
        if (!folder.Exists) return [];
        return [.. await Task.WhenAll(folder.GetFiles("*.eml").Select(f => MimeMessage.LoadAsync(f.FullName)))];
    }

    private static Task<string> MailReason(PortalHost portal)
        => portal.ReadAsync(db => db.NotificationDecisions.Where(d => d.Channel == NotificationChannel.Mail).Select(d => d.Reason).SingleAsync());

    private static async Task<int> Unread(PortalHost portal, StaffId person)
    {
        using var browser = await portal.As(person);
        using var answer = JsonDocument.Parse((await browser.Get("/api/v1/notifications")).Text);
        return answer.RootElement.GetProperty("unread").GetInt32();
    }

    private static string Unfold(string ics) => ics.Replace("\r\n ", "", StringComparison.Ordinal).Replace("\n ", "", StringComparison.Ordinal);
}
