using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Eligible;
using KitaPortal.Features.Notifications;
using KitaPortal.Platform.Audit;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Eligible;

/// <summary>誓約書と研修: own standing, signing in place and on paper, who sees whom, and the news in time.</summary>
public sealed class EligibilityTests
{
    [Fact]
    public async Task A_person_signs_in_place_and_the_booking_is_allowed()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await portal.WriteAsync(db => { db.Add(new TrainingRecord(portal.Town.Desk, "情報セキュリティ研修", new DateOnly(2026, 4, 1), new DateOnly(2027, 3, 31))); return Task.CompletedTask; });
        var request = town.Request(portal.Town.Desk, "2026-04-07T09:00", "2026-04-07T12:00", town.Laptops);
        Assert.Equal("貸-304", Assert.Single((await town.Preview(request)).Findings).Rule.Text.Number);
        using var yamada = await portal.As(portal.Town.Desk);
        var version = await portal.ReadAsync(db => db.AgreementVersions.Select(a => a.Id).SingleAsync());

        var before = await yamada.Get("/booking/eligibility");
        var unread = await yamada.Submit("/booking/eligibility", new { version });
        var signed = await yamada.Submit("/booking/eligibility", new { version, agreed = "true" });
        await yamada.Submit("/booking/eligibility", new { version, agreed = "true" });

        Assert.Contains("まだありません", before.Words);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unread.Status);
        Assert.Contains("令和9年3月31日（水）まで有効です", signed.Words);
        Assert.Empty((await town.Preview(request)).Findings);
        Assert.Equal(1, await portal.ReadAsync(db => db.AgreementSignatures.CountAsync(s => s.StaffId == portal.Town.Desk)));
        Assert.Equal(1, await portal.ReadAsync(db => db.Set<AuditEntry>().CountAsync(a => a.Action == "agreement.signed" && a.ActorId == portal.Town.Desk)));
    }

    [Fact]
    public async Task On_the_reserve_page_the_agreement_is_signed_together_with_the_booking()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        await portal.WriteAsync(db => { db.Add(new TrainingRecord(portal.Town.Desk, "研修", new DateOnly(2026, 4, 1), new DateOnly(2027, 3, 31))); return Task.CompletedTask; });

        var booking = await town.Reserve(town.Request(portal.Town.Desk, "2026-04-07T09:00", "2026-04-07T12:00", town.Laptops) with { SignAgreement = true });

        Assert.Equal(LineStatus.Approved, booking.Lines[0].Status);
        Assert.Equal(1, await portal.ReadAsync(db => db.AgreementSignatures.CountAsync(s => s.StaffId == portal.Town.Desk)));
    }

    [Fact]
    public async Task The_desk_enters_a_signature_on_paper_only_with_its_scan()
    {
        await using var portal = await PortalHost.StartAsync();
        await SeedAsync(portal);
        var version = await portal.ReadAsync(db => db.AgreementVersions.Select(a => a.Id).SingleAsync());
        using var desk = await portal.As(portal.Town.Desk);
        using var sato = await portal.As(portal.Town.Sato);
        using var tanaka = await portal.As(portal.Town.Tanaka);

        var without = await Paper(desk, version, "000103", null);
        var unknown = await Paper(desk, version, "999999", "%PDF-1.4\n%%EOF");
        var entered = await Paper(desk, version, "000103", "%PDF-1.4\n%%EOF");

        Assert.Equal(HttpStatusCode.Forbidden, (await sato.Get("/booking/eligibility/paper")).Status);
        Assert.Contains("貸-963", without.Words);
        Assert.Contains("貸-951", unknown.Words);
        Assert.Equal(HttpStatusCode.OK, entered.Status);
        var signature = await portal.ReadAsync(db => db.AgreementSignatures.SingleAsync(s => s.StaffId == portal.Town.PlanningHead));
        Assert.Equal(("paper", portal.Town.Desk, new DateOnly(2027, 3, 31)), (signature.Method, signature.EnteredBy!.Value, signature.LastDay));
        var link = await portal.ReadAsync(db => db.Set<KitaPortal.Platform.Files.FileLink>().SingleAsync(l => l.OwnerId == signature.Id.ToString()));
        Assert.Equal("署名.pdf", link.Name);
    }

    [Fact]
    public async Task Managers_see_all_a_head_the_own_section_a_desk_the_own_office_and_others_nobody()
    {
        await using var portal = await PortalHost.StartAsync();
        await SeedAsync(portal);
        async Task<Answer> List(KitaPortal.Platform.Domain.StaffId person)
        {
            using var client = await portal.As(person);
            return await client.Get("/booking/eligibility/people?show=all");
        }

        var security = await List(portal.Town.Security);
        var head = await List(portal.Town.GeneralHead);
        var desk = await List(portal.Town.GeihokuDesk);

        Assert.Contains("佐藤　花子", security.Words);
        Assert.Contains("田中　実", security.Words);
        Assert.Contains("佐藤　花子", head.Words);
        Assert.DoesNotContain("田中　実", head.Words);
        Assert.Contains("田中　実", desk.Words);
        Assert.DoesNotContain("佐藤　花子", desk.Words);
        Assert.Equal(HttpStatusCode.NotFound, (await List(portal.Town.Sato)).Status);
        using var manager = await portal.As(portal.Town.Security);
        var lacking = await manager.Get("/booking/eligibility/people");
        Assert.Contains("三島　豊", lacking.Words);
        Assert.DoesNotContain("佐藤　花子", lacking.Words);
        Assert.Contains("佐藤　花子", (await manager.Get("/booking/eligibility/people?show=all&q=さとう")).Words);
    }

    [Fact]
    public async Task A_new_text_is_written_by_the_security_manager_and_earlier_signatures_hold()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var security = await portal.As(portal.Town.Security);
        using var admin = await portal.As(portal.Town.Admin);

        var saved = await security.Submit("/booking/agreements", new Dictionary<string, string> { ["Form.Title"] = "誓約書 第2版", ["Form.Text"] = "新しい文面", ["Form.ClassCodes"] = "laptop", ["Form.Months"] = "6", ["Form.EffectiveFrom"] = "2026-04-06" });

        Assert.Contains("誓約書 第2版", saved.Words);
        Assert.Equal(HttpStatusCode.Forbidden, (await admin.Get("/booking/agreements")).Status);
        var text = await portal.ReadAsync(db => db.AgreementVersions.SingleAsync(a => a.Title == "誓約書 第2版"));
        Assert.Equal((6, new DateOnly(2026, 10, 5)), (text.ValidMonths!.Value, text.LastDayWhenSignedOn(new DateOnly(2026, 4, 6))));
        Assert.Empty((await town.Preview(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00", town.Laptops))).Findings);
    }

    [Fact]
    public async Task Whoever_signed_too_short_is_told_once_in_the_thirty_days_before()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var near = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-28T09:00", "2026-04-28T12:00", town.Laptops));
        await town.Reserve(town.Request(portal.Town.Sato, "2026-05-20T09:00", "2026-05-20T12:00", town.Laptops, acknowledged: "booking.patch-old"));
        Assert.Null(await Run<EligibilityWatch>(portal));
        await portal.WriteAsync(async db => (await db.TrainingRecords.SingleAsync(t => t.StaffId == portal.Town.Sato)).Correct(new DateOnly(2026, 4, 27)));

        Assert.Equal("1 gaps", await Run<EligibilityWatch>(portal));
        await Run<EligibilityWatch>(portal);

        var told = Assert.Single(await portal.ReadAsync(db => db.Notifications.AsNoTracking().Where(n => n.Kind == "booking.eligibility").ToListAsync()));
        Assert.Equal(portal.Town.Sato, told.StaffId);
        Assert.Contains(near.Number, told.Title);
        Assert.Contains("令和8年4月27日（月）で切れます", told.Title);
        using var sato = await portal.As(portal.Town.Sato);
        Assert.Contains("で切れます", (await sato.Get("/booking/eligibility")).Words);
    }

    [Fact]
    public async Task The_desk_hears_every_morning_which_hand_overs_would_be_refused()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 1);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T09:00", "2026-04-08T12:00", town.Laptops));
        Assert.Null(await Run<ComplianceWatch>(portal));
        await portal.WriteAsync(async db => { var device = await db.Devices.SingleAsync(d => d.Id == town.LaptopIds[0]); device.Check(device.Compliance with { Encrypted = false, AntivirusOn = new DateOnly(2026, 3, 31) }); });

        Assert.Equal("1 hand-overs at risk", await Run<ComplianceWatch>(portal));
        await Run<ComplianceWatch>(portal);

        var told = Assert.Single(await portal.ReadAsync(db => db.Notifications.AsNoTracking().Where(n => n.Kind == "booking.compliance").ToListAsync()));
        Assert.Equal(portal.Town.Desk, told.StaffId);
        Assert.Contains("PC-001", told.Text);
        Assert.Contains("貸-601", told.Text);
        Assert.Contains("貸-603", told.Text);
        Assert.Equal("/booking/desk/01", told.Link);
    }

    private static Task<string?> Run<TJob>(PortalHost portal) where TJob : class, KitaPortal.Platform.Jobs.IPortalJob
        => portal.InScopeAsync(services => services.GetRequiredService<TJob>().RunAsync(portal.Clock.GetUtcNow(), default));

    private static async Task<Answer> Paper(PortalClient desk, Guid version, string number, string? scan)
    {
        const string page = "/booking/eligibility/paper";
        return await desk.PostParts(page, await desk.Token(page), [new("Form.Number", number), new("Form.SignedOn", "2026-04-03"), new("Form.Version", version.ToString())],
            scan is null ? [] : new[] { ("Form.Scans", "署名.pdf", System.Text.Encoding.ASCII.GetBytes(scan)) });
    }
}
