using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Life;

/// <summary>The pages of a booking's later life, through HTTP as a browser uses them.</summary>
public sealed class LifePagesTests
{
    [Fact]
    public async Task Mine_shows_what_is_out_coming_and_past_with_what_to_do_in_few_statements()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 3);
        var past = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T15:00", "2026-04-06T16:00"));
        await town.Cancel(past.Id, portal.Town.Sato);
        var now = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        await portal.HandOver(town, now.Lines[0].Id);
        var coming = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-08T09:00", "2026-04-08T12:00"));
        using var sato = await portal.As(portal.Town.Sato);
        await sato.Get("/booking/mine");    // the first view fills the copies

        using var count = await StatementCount.OfAsync(portal);
        var page = await sato.Get("/booking/mine");

        Assert.InRange(count.Statements.Count, 1, 8);
        foreach (var link in new[] { $"/booking/{now.Id}/extension", $"/booking/{coming.Id}/change", $"/booking/{coming.Id}/cancel", "/booking/reserve?Form.Choice=p" }) Assert.Contains(link, page.Text);
    }

    [Fact]
    public async Task A_borrower_changes_extends_and_cancels_on_the_pages_and_a_colleague_finds_nothing()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 2);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T12:00"));
        using var sato = await portal.As(portal.Town.Sato);
        using var tanaka = await portal.As(portal.Town.Tanaka);
        foreach (var page in new[] { "change", "cancel", "extension" }) Assert.Equal(HttpStatusCode.NotFound, (await tanaka.Get($"/booking/{booking.Id}/{page}")).Status);

        var form = await sato.Get($"/booking/{booking.Id}/change");
        Assert.Contains("予約を変更する", form.Words);
        var version = await portal.ReadAsync(async db => (await db.Bookings.AsNoTracking().SingleAsync()).Version);
        var fields = new Dictionary<string, string> { ["Form.Version"] = $"{version}", ["Form.Count"] = "1", ["Form.From"] = "2026-04-06T09:00", ["Form.To"] = "2026-04-06T11:00", ["Form.Purpose"] = "OnlineMeeting", ["Form.DestinationKind"] = "InBuilding", ["Form.InfoClass"] = "Class2" };
        var preview = await sato.Get($"/booking/{booking.Id}/change?" + string.Join('&', fields.Select(f => $"{f.Key}={f.Value}")));
        Assert.Contains("すぐに変更できます", preview.Words);
        var refused = await sato.Submit($"/booking/{booking.Id}/change", new Dictionary<string, string>(fields) { ["Form.To"] = "2026-04-06T09:05" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Contains("貸-101", refused.Words);
        Assert.Contains("予約を変更しました", (await sato.Submit($"/booking/{booking.Id}/change", fields)).Words);
        Assert.Equal(HttpStatusCode.Conflict, (await sato.Submit($"/booking/{booking.Id}/change", new Dictionary<string, string>(fields) { ["Form.To"] = "2026-04-06T12:00" })).Status);

        await portal.HandOver(town, booking.Lines[0].Id);
        Assert.Contains("すぐに延長できます", (await sato.Get($"/booking/{booking.Id}/extension")).Words);
        Assert.Contains("返却の予定を延ばしました", (await sato.Submit($"/booking/{booking.Id}/extension", new Dictionary<string, string> { ["Form.To"] = "2026-04-06T13:00" })).Words);
        Assert.Equal("2026-04-06T13:00", (await town.Line(booking.Id)).To.Tokyo());

        var other = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T09:00", "2026-04-07T12:00"));
        Assert.Contains("取り消しました", (await sato.Submit($"/booking/{other.Id}/cancel", new Dictionary<string, string> { ["Form.Reason"] = "会議の延期" })).Words);
        Assert.Equal(LineStatus.Cancelled, (await town.Line(other.Id)).Status);
    }

    [Fact]
    public async Task The_booking_page_keeps_revives_and_reminds()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-06T09:00", "2026-04-06T16:00"));
        using var sato = await portal.As(portal.Town.Sato);
        using var desk = await portal.As(portal.Town.Desk);
        portal.Clock.SetUtcNow(At("2026-04-06T10:00"));
        Assert.Contains("取り置きます", (await sato.Submit($"/booking/{booking.Id}", new Dictionary<string, string> { ["line"] = $"{booking.Lines[0].Id}", ["Until"] = "12:00" }, $"/booking/{booking.Id}?handler=Keep")).Words);
        portal.Clock.SetUtcNow(At("2026-04-06T12:00"));
        await portal.RunJob("ClockJob");

        Assert.DoesNotContain("予約を再開する", (await sato.Get($"/booking/{booking.Id}")).Words);
        Assert.Contains("予約を再開しました", (await desk.Submit($"/booking/{booking.Id}", new Dictionary<string, string> { ["line"] = $"{booking.Lines[0].Id}" }, $"/booking/{booking.Id}?handler=Revive")).Words);
        var loan = await portal.HandOver(town, booking.Lines[0].Id);
        portal.Clock.SetUtcNow(At("2026-04-06T16:30"));
        Assert.Contains("返却のお願いを送りました", (await desk.Submit($"/booking/{booking.Id}", new Dictionary<string, string> { ["loan"] = $"{loan.Id}" }, $"/booking/{booking.Id}?handler=Remind")).Words);
        Assert.Contains("窓口から", (await desk.Get($"/booking/{booking.Id}")).Words);
        Assert.Contains("loan.overdue", await portal.Told(portal.Town.Sato));
    }

    [Fact]
    public async Task Desks_transfer_and_maintain_and_the_administrator_closes_on_their_pages()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 2, tablets: 2);
        using var desk = await portal.As(portal.Town.Desk);
        using var geihoku = await portal.As(portal.Town.GeihokuDesk);
        using var sato = await portal.As(portal.Town.Sato);
        using var admin = await portal.As(portal.Town.Admin);
        Assert.Equal(HttpStatusCode.Forbidden, (await sato.Get("/booking/transfers")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await desk.Get("/booking/blackouts")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await sato.Get($"/booking/devices/{town.TabletIds[0]}/maintenance")).Status);

        var planned = await desk.Submit("/booking/transfers", new Dictionary<string, string> { ["Form.Id"] = $"{Guid.NewGuid()}", ["Form.Label"] = "PC-001", ["Form.ToOfficeId"] = $"{portal.Town.Geihoku}", ["Form.SendAt"] = "2026-04-06T13:00", ["Form.ArriveBy"] = "2026-04-06T16:00" });
        Assert.Contains("移送の予定を登録しました", planned.Words);
        var id = await portal.ReadAsync(async db => (await db.Transfers.AsNoTracking().SingleAsync()).Id);
        Assert.Contains("発送を記録しました", (await desk.Submit("/booking/transfers", new Dictionary<string, string> { ["transfer"] = $"{id}" }, "/booking/transfers?handler=Send")).Words);
        Assert.Contains("受取を記録しました", (await geihoku.Submit("/booking/transfers", new Dictionary<string, string> { ["transfer"] = $"{id}", ["condition"] = "Fit" }, "/booking/transfers?handler=Receive")).Words);
        Assert.Equal(town.GeihokuLaptops, await portal.ReadAsync(async db => (await db.Devices.AsNoTracking().SingleAsync(d => d.Label == "PC-001")).PoolId));

        var path = $"/booking/devices/{town.TabletIds[0]}/maintenance";
        Assert.Contains("整備を登録しました", (await desk.Submit(path, new Dictionary<string, string> { ["Form.Id"] = $"{Guid.NewGuid()}", ["Form.From"] = "2026-04-06T09:00", ["Form.Reason"] = "電池交換" })).Words);
        var maintenance = await portal.ReadAsync(async db => (await db.Maintenances.AsNoTracking().SingleAsync()).Id);
        Assert.Contains("また貸し出せます", (await desk.Submit(path, new Dictionary<string, string> { ["maintenance"] = $"{maintenance}", ["result"] = "交換済", ["isFit"] = "true" }, $"{path}?handler=End")).Words);

        var booking = await town.Reserve(town.Request(portal.Town.Sato, "2026-04-07T10:00", "2026-04-07T12:00"));
        var form = new Dictionary<string, string> { ["Form.OfficeId"] = $"{portal.Town.MainOffice}", ["Form.From"] = "2026-04-07T08:30", ["Form.To"] = "2026-04-07T17:15", ["Form.Reason"] = "停電" };
        var hits = await admin.Get("/booking/blackouts?" + string.Join('&', form.Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value)}")));
        Assert.Contains(booking.Number, hits.Words);
        Assert.Contains("移す：", hits.Words);
        var entered = await admin.Submit("/booking/blackouts", new Dictionary<string, string>(form) { [$"Choices[{booking.Lines[0].Id}]"] = "Move" });
        Assert.Contains("貸出停止期間を登録しました", entered.Words);
        Assert.Equal("2026-04-08T10:00", (await town.Line(booking.Id)).From.Tokyo());
    }
}
