using System.Net;
using KitaPortal.Features.Booking.Rules;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Rules;

/// <summary>The administrator limits how many devices are collected in an hour of a day.</summary>
public sealed class DeskDaysPageTests
{
    private const string Page = "/booking/desk-days";

    [Fact]
    public async Task A_cap_refuses_the_pick_up_that_is_one_too_many_until_it_is_taken_back()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 3);
        using var admin = await portal.As(portal.Town.Admin);

        var capped = await admin.Submit(Page, Form(1));

        Assert.Contains("受取を1時間に1台までにしました", capped.Words, StringComparison.Ordinal);
        await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00"));
        var refused = await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:30", "2026-04-07T12:00")));
        Assert.Equal("貸-110", Assert.Single(refused.Broken).Rule.Number);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T10:00", "2026-04-07T12:00"));
        Assert.Contains("1台 2台", (await admin.Get(Page)).Words, StringComparison.Ordinal);

        var lifted = await admin.Submit(Page, Form(null));

        Assert.Contains("上限を取り消しました", lifted.Words, StringComparison.Ordinal);
        Assert.Contains("上限を決めた日はありません", lifted.Words, StringComparison.Ordinal);
        await town.Reserve(town.Request(portal.Town.GeneralHead, "2026-04-07T09:30", "2026-04-07T12:00"));
        Assert.Equal(2, await portal.ReadAsync(db => db.Set<KitaPortal.Platform.Audit.AuditEntry>().CountAsync(a => a.Action == "desk-day.cap")));

        object Form(int? cap) => cap is null ? new Dictionary<string, string> { ["Form.OfficeId"] = $"{portal.Town.MainOffice}", ["Form.Day"] = "2026-04-07" }
            : new Dictionary<string, string> { ["Form.OfficeId"] = $"{portal.Town.MainOffice}", ["Form.Day"] = "2026-04-07", ["Form.Cap"] = $"{cap}" };
    }

    [Fact]
    public async Task Nonsense_is_refused_with_its_reason_and_the_page_is_the_administrators()
    {
        await using var portal = await PortalHost.StartAsync();
        using var admin = await portal.As(portal.Town.Admin);
        using var sato = await portal.As(portal.Town.Sato);

        var nothing = await admin.Submit(Page, new Dictionary<string, string> { ["Form.OfficeId"] = "", ["Form.Day"] = "", ["Form.Cap"] = "0" });
        var elsewhere = await admin.Submit(Page, new Dictionary<string, string> { ["Form.OfficeId"] = $"{Guid.NewGuid()}", ["Form.Day"] = "2026-04-07", ["Form.Cap"] = "3" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, nothing.Status);
        foreach (var word in new[] { "庁舎を選んでください。", "日を入力してください。", "1から200までの数を入力してください。" }) Assert.Contains(word, nothing.Words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await sato.Get(Page)).Status);
        Assert.Equal(0, await portal.ReadAsync(db => db.DeskDays.CountAsync()));
    }
}
