using System.Net;
using KitaPortal.Features.Booking;
using KitaPortal.Features.Booking.Kits;
using KitaPortal.Platform.Rules;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking.Kits;

/// <summary>Kits: several models booked together, all or nothing unless what is there will do.</summary>
public sealed class KitTests
{
    [Fact]
    public async Task A_kit_books_all_its_devices_and_the_lines_remember_its_name()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var kit = await MakeAsync(portal, town, laptops: 1, tablets: 1);
        using var sato = await portal.As(portal.Town.Sato);

        var page = await sato.Get("/booking/reserve");
        var made = await sato.Submit("/booking/reserve", Form(kit, portal));
        await portal.WriteAsync(async db => (await db.Kits.Include(k => k.Items).SingleAsync()).Describe("別の名前", null, (town.Tablet, 1)));

        Assert.Contains("会議セット（本庁）", page.Words);
        Assert.Contains("予約しました", made.Words);
        var lines = await portal.ReadAsync(db => db.BookingLines.AsNoTracking().ToListAsync());
        Assert.Equal(2, lines.Count);
        Assert.All(lines, l => Assert.Equal(("会議セット", LineStatus.Approved), (l.KitName, l.Status)));
    }

    [Fact]
    public async Task A_kit_is_all_or_nothing_unless_what_is_there_will_do()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, laptops: 3, tablets: 1);
        var kit = await MakeAsync(portal, town, laptops: 2, tablets: 1);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));
        var whole = Request(portal, kit, "2026-04-07T09:00", "2026-04-07T10:00");

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(whole));
        var part = await town.Reserve(whole with { TakeWhatIsThere = true });

        Assert.Equal("貸-201", Assert.Single(refused.Broken).Rule.Number);
        Assert.Equal([town.Laptops, town.Laptops], part.Lines.Select(l => l.PoolId));
    }

    [Fact]
    public async Task Of_a_kit_nothing_of_which_is_there_nothing_is_booked()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 1);
        var kit = await MakeAsync(portal, town, laptops: 0, tablets: 1);
        await town.Reserve(town.Request(portal.Town.Suzuki, "2026-04-07T09:00", "2026-04-07T12:00"));

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(Request(portal, kit, "2026-04-07T09:00", "2026-04-07T10:00") with { TakeWhatIsThere = true }));

        Assert.Equal("貸-201", Assert.Single(refused.Broken).Rule.Number);
    }

    [Fact]
    public async Task An_office_without_a_model_of_the_kit_says_so()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        var kit = await MakeAsync(portal, town, laptops: 1, tablets: 1);
        var there = Request(portal, kit, "2026-04-07T09:00", "2026-04-07T10:00") with { KitOfficeId = portal.Town.Geihoku };

        var refused = await Assert.ThrowsAsync<RuleViolation>(() => town.Reserve(there));
        var part = await town.Reserve(there with { TakeWhatIsThere = true });

        Assert.Equal(("貸-911", "「会議セット」の会議用iPadは芸北支所にありません。"), (refused.Broken.Single().Rule.Number, refused.Broken.Single().Message));
        Assert.Equal(town.GeihokuLaptops, Assert.Single(part.Lines).PoolId);
    }

    [Fact]
    public async Task The_administrator_makes_and_changes_kits_on_the_page_and_nobody_else()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        using var sato = await portal.As(portal.Town.Sato);

        var empty = await admin.Submit("/booking/kits/edit", new Dictionary<string, string> { ["Form.Name"] = "在宅セット" });
        var made = await admin.Submit("/booking/kits/edit", new Dictionary<string, string> { ["Form.Name"] = "在宅セット", [$"Form.Counts[{town.Laptop}]"] = "1", [$"Form.Counts[{town.Tablet}]"] = "" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.Status);
        Assert.Contains("貸-913", empty.Words);
        Assert.Contains("持出用ノートPC×1 本庁、芸北支所", made.Words);
        Assert.Equal(HttpStatusCode.Forbidden, (await sato.Get("/booking/kits")).Status);
    }

    [Fact]
    public async Task Kits_of_the_API_are_written_once_and_booked_by_their_id()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var admin = await portal.As(portal.Town.Admin);
        using var sato = await portal.As(portal.Town.Sato);
        var id = Guid.NewGuid();
        var body = new { id, name = "会議セット", items = new[] { new { modelId = town.Tablet.Value, count = 1 } }, version = (int?)null };

        var answers = new[]
        {
            await admin.PostJson("/api/v1/booking/kits", body),
            await admin.PostJson("/api/v1/booking/kits", body),
            await admin.PostJson("/api/v1/booking/kits", body with { name = "別" }),
            await sato.PostJson("/api/v1/booking/kits", body),
            await admin.SendJson(HttpMethod.Put, $"/api/v1/booking/kits/{id}", body with { name = "大会議セット" }),
            await admin.SendJson(HttpMethod.Put, $"/api/v1/booking/kits/{id}", body with { name = "大会議セット", version = 0 }),
            await admin.SendJson(HttpMethod.Put, $"/api/v1/booking/kits/{id}", body with { name = "古いセット", version = 0 }),
            await sato.PostJson("/api/v1/booking/bookings", Booking(id, portal)),
        };

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Forbidden, HttpStatusCode.UnprocessableEntity, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Created], answers.Select(a => a.Status));
        Assert.Equal("大会議セット", answers[6].Json.GetProperty("present").GetProperty("name").GetString());
        Assert.Contains("大会議セット", answers[7].Text);
    }

    private static object Booking(Guid kit, PortalHost portal) => new
    {
        id = Guid.NewGuid(),
        kitId = kit,
        kitOfficeId = portal.Town.MainOffice.Value,
        from = "2026-04-07T09:00:00+09:00",
        to = "2026-04-07T10:00:00+09:00",
        purpose = "OnlineMeeting",
        destination = "InBuilding",
    };

    internal static async Task<KitId> MakeAsync(PortalHost portal, BookingTown town, int laptops, int tablets)
    {
        var kit = KitId.New();
        await portal.WriteAsync(db =>
        {
            db.Add(new Kit(kit, "会議セット", null, (town.Laptop, laptops), (town.Tablet, tablets)));
            return Task.CompletedTask;
        });
        return kit;
    }

    private static BookingRequest Request(PortalHost portal, KitId kit, string from, string to) => new()
    {
        Id = BookingId.New(),
        BorrowerId = portal.Town.Sato,
        Wanted = [],
        KitId = kit,
        KitOfficeId = portal.Town.MainOffice,
        From = At(from),
        To = At(to),
        Aim = InBuilding,
    };

    private static Dictionary<string, string> Form(KitId kit, PortalHost portal) => new()
    {
        ["Form.Id"] = Guid.NewGuid().ToString(),
        ["Form.Choice"] = $"k{kit}@{portal.Town.MainOffice}",
        ["Form.From"] = "2026-04-07T09:00",
        ["Form.To"] = "2026-04-07T10:00",
        ["Form.Purpose"] = "OnlineMeeting",
        ["Form.DestinationKind"] = "InBuilding",
        ["Form.InfoClass"] = "Class2",
        ["Form.Count"] = "1",
    };
}
