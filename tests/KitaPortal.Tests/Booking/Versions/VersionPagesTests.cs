using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Features.Booking.Versions;
using KitaPortal.Tests.Booking.Life;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Versions;

/// <summary>Versions of the rules through their pages: drafted by one, published by another, carried out on bookings that are there already.</summary>
public sealed class VersionPagesTests
{
    [Fact]
    public async Task An_administrator_drafts_the_security_manager_publishes_and_from_its_day_on_it_refuses()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        using var security = await portal.As(portal.Town.Security);
        using var sato = await portal.As(portal.Town.Sato);

        var drafted = await admin.Submit("/booking/rules/draft", Draft("2026-04-13", ("TooLongDays", "1"), ("LongDays", "1")));
        var id = (await portal.ReadAsync(db => db.RuleSets.SingleAsync())).Id;
        var tooSoon = await admin.Submit($"/booking/rules/publication/{id}", new { OnBroken = "Nothing" }, $"/booking/rules/publication/{id}");
        Assert.Contains("下書きを保存しました", drafted.Words);
        Assert.Equal(HttpStatusCode.NotFound, tooSoon.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await sato.Get($"/booking/rules/draft/{id}")).Status);

        var published = await security.Submit($"/booking/rules/publication/{id}", new { OnBroken = "Nothing" });

        Assert.Contains("公開しました", published.Words);
        Assert.Contains("4月13日", (await sato.Get("/booking/rules")).Words);
        Assert.Contains("延長を含め、20開庁日", (await sato.Get("/booking/rules")).Words);
        var before = await town.Preview(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-08T12:00"));
        var after = await town.Preview(town.Request(portal.Town.Sato, "2026-04-14T09:00", "2026-04-15T12:00"));
        Assert.DoesNotContain(before.Findings, f => f.Rule == PeriodRules.TooLong);
        Assert.Contains(after.Findings, f => f.Rule == PeriodRules.TooLong);
        var booked = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-14T09:00", "2026-04-14T12:00"));
        Assert.Equal("1", booked.RuleSetVersions);
        portal.Clock.SetUtcNow(At("2026-04-13T09:00"));
        Assert.Contains("延長を含め、1開庁日", (await sato.Get("/booking/rules")).Words);
        Assert.Equal(2, await portal.ReadAsync(db => db.Set<KitaPortal.Platform.Audit.AuditEntry>().CountAsync(a => a.Action == "rule-set.published" || a.Action == "rule-set.drafted")));
    }

    [Fact]
    public async Task Two_persons_are_needed_even_of_one_role()
    {
        await using var portal = await PortalHost.StartAsync();
        await SeedAsync(portal);
        using var security = await portal.As(portal.Town.Security);
        await security.Submit("/booking/rules/draft", Draft("2026-04-13", ("LongDays", "3")));
        var id = (await portal.ReadAsync(db => db.RuleSets.SingleAsync())).Id;

        var page = await security.Get($"/booking/rules/publication/{id}");
        var own = await security.Post($"/booking/rules/publication/{id}", await security.Token("/booking/rules/draft"), new { OnBroken = "Nothing" });

        Assert.Contains("作った人とは別の", page.Words);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, own.Status);
        Assert.Contains("貸-901", own.Words);
        Assert.Null((await portal.ReadAsync(db => db.RuleSets.SingleAsync())).PublishedAt);
    }

    [Theory]
    [InlineData("LongDays", "0", "1から250まで")]
    [InlineData("LongDays", "十", "1から250まで")]
    [InlineData("", "", "ひとつ以上入力してください")]
    public async Task A_draft_that_makes_no_sense_is_not_saved(string name, string value, string said)
    {
        await using var portal = await PortalHost.StartAsync();
        await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);

        var refused = await admin.Submit("/booking/rules/draft", Draft("2026-04-13", (name.Length == 0 ? "Unknown" : name, value)));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains(said, refused.Words);
        Assert.Equal(0, await portal.ReadAsync(db => db.RuleSets.CountAsync()));
    }

    [Theory]
    [InlineData(OnBroken.Nothing, LineStatus.Approved, 0)]
    [InlineData(OnBroken.Ask, LineStatus.Approved, 1)]
    [InlineData(OnBroken.Cancel, LineStatus.Cancelled, 0)]
    public async Task Before_publishing_the_bookings_it_breaks_are_named_and_afterwards_they_are_dealt_with(OnBroken choice, LineStatus status, int asked)
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var broken = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-14T09:00", "2026-04-14T10:00"));
        var kept = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-15T09:00", "2026-04-15T16:00"));
        var early = await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-10T09:00", "2026-04-10T10:00"));
        using var admin = await portal.As(portal.Town.Admin);
        using var security = await portal.As(portal.Town.Security);
        await admin.Submit("/booking/rules/draft", Draft("2026-04-13", ("MinMinutes", "120")));
        var id = (await portal.ReadAsync(db => db.RuleSets.SingleAsync())).Id;

        var preview = await security.Get($"/booking/rules/publication/{id}");
        await security.Submit($"/booking/rules/publication/{id}", new { OnBroken = choice.ToString() });
        var atOnce = (await town.Line(broken.Id)).Status;
        await portal.RunJob("RuleChangeJob");

        Assert.Equal(LineStatus.Approved, atOnce);
        Assert.Contains(broken.Number, preview.Words);
        Assert.Contains("貸-101", preview.Words);
        Assert.DoesNotContain(kept.Number, preview.Words);
        Assert.DoesNotContain(early.Number, preview.Words);
        Assert.Equal(status, (await town.Line(broken.Id)).Status);
        Assert.Equal(LineStatus.Approved, (await town.Line(kept.Id)).Status);
        Assert.Equal(asked, await portal.ReadAsync(db => db.Set<KitaPortal.Features.Notifications.Notification>().CountAsync(n => n.Kind == "booking.rules-changed")));
        var again = await portal.InScopeAsync(services => services.GetRequiredService<RuleChange>().CarryOutAsync(id, default));
        Assert.Equal(0, again);
    }

    [Fact]
    public async Task A_longer_notice_does_not_break_what_was_asked_in_time()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-14T09:00", "2026-04-14T17:00", town.Laptops, aim: AtHome));
        portal.Clock.SetUtcNow(At("2026-04-13T16:00"));
        var set = new RuleSet(1, new DateOnly(2026, 4, 13), null, null, null, portal.Town.Admin, "早めに").Set("LeadDays", "3");
        await portal.WriteAsync(db => { db.Add(set); return Task.CompletedTask; });

        Assert.Empty(await portal.InScopeAsync(services => services.GetRequiredService<RuleChange>().EffectOfAsync(set, default)));
    }

    [Fact]
    public async Task Class_flags_are_changed_by_the_administrator_alone_with_audit_and_count_at_once()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        using var security = await portal.As(portal.Town.Security);
        var tablet = await portal.ReadAsync(db => db.DeviceClasses.SingleAsync(c => c.Code == "tablet"));
        var request = town.Request(portal.Town.Desk, "2026-04-07T09:00", "2026-04-07T12:00");
        Assert.Empty((await town.Preview(request)).Findings);

        var saved = await admin.Submit("/booking/classes", new Dictionary<string, string> { ["Form.Id"] = $"{tablet.Id}", ["Form.Version"] = $"{tablet.Version}", ["Form.Name"] = "会議用タブレット", ["Form.NeedsTraining"] = "true", ["Form.TurnaroundMinutes"] = "30" });
        var stale = await admin.Submit("/booking/classes", new Dictionary<string, string> { ["Form.Id"] = $"{tablet.Id}", ["Form.Version"] = $"{tablet.Version}", ["Form.Name"] = "古い画面", ["Form.TurnaroundMinutes"] = "0" });

        Assert.Contains("登録しました", saved.Words);
        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
        Assert.NotEqual(HttpStatusCode.OK, (await security.Get("/booking/classes")).Status);
        Assert.Equal("貸-305", Assert.Single((await town.Preview(request)).Findings).Rule.Text.Number);
        Assert.Equal(["device-class.demands", "device-class.lending", "device-class.renamed"],
            await portal.ReadAsync(db => db.Set<KitaPortal.Platform.Audit.AuditEntry>().Where(a => a.SubjectId == tablet.Id.ToString() && a.ActorId != null).Select(a => a.Action).OrderBy(a => a).ToListAsync()));
    }

    [Fact]
    public async Task The_towns_article_stands_beside_the_rule_once_it_is_entered()
    {
        await using var portal = await PortalHost.StartAsync();
        using var security = await portal.As(portal.Town.Security);
        using var sato = await portal.As(portal.Town.Sato);

        var saved = await security.Submit("/booking/rules/articles", new Dictionary<string, string> { ["Articles[booking.long]"] = "端末持出要綱 第4条第2項", ["Articles[booking.period]"] = "" });

        Assert.Contains("1件の条項", saved.Words);
        Assert.Contains("端末持出要綱 第4条第2項", (await sato.Get("/booking/rules")).Words);
        Assert.Equal(HttpStatusCode.Forbidden, (await sato.Get("/booking/rules/articles")).Status);
        await security.Submit("/booking/rules/articles", new Dictionary<string, string> { ["Articles[booking.long]"] = "" });
        Assert.DoesNotContain("端末持出要綱", (await sato.Get("/booking/rules")).Words);
    }

    private static Dictionary<string, string> Draft(string from, params (string Name, string Value)[] parameters)
        => new(parameters.Select(p => KeyValuePair.Create($"Form.Parameters[{p.Name}]", p.Value))) { ["Form.EffectiveFrom"] = from, ["Form.Note"] = "試験のため" };
}
