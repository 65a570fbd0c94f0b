using System.Net;
using System.Text.Json;
using KitaPortal.Features.Booking;
using KitaPortal.Tests.Host;
using Microsoft.EntityFrameworkCore;
using static KitaPortal.Tests.Booking.BookingTown;

namespace KitaPortal.Tests.Booking;

/// <summary>The booking form: several models at once, for somebody else, with reasons for exceptions, and the preview its script asks for.</summary>
public sealed class ReserveTests
{
    [Fact]
    public async Task Several_models_are_booked_together_or_not_at_all()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        var form = new Dictionary<string, string>(Form(town)) { ["Form.More[0].Choice"] = $"p{town.Laptops}", ["Form.More[0].Count"] = "2" };

        var refused = await sato.Submit("/booking/reserve", new Dictionary<string, string>(form) { ["Form.More[0].Count"] = "4" });
        var none = await portal.ReadAsync(db => db.BookingLines.CountAsync());
        var made = await sato.Submit("/booking/reserve", form);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, 0), (refused.Status, none));
        Assert.Contains("貸-201", refused.Words);
        Assert.Contains("機種または端末（2つ目）", refused.Words);
        Assert.Contains("予約しました", made.Words);
        Assert.Equal([1, 2], await portal.ReadAsync(async db => (await db.BookingLines.GroupBy(l => l.PoolId).Select(g => g.Count()).ToListAsync()).Order()));
    }

    [Fact]
    public async Task Another_line_is_asked_for_without_script_and_the_address_keeps_the_form()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);

        var page = await sato.Get($"/booking/reserve?Form.Choice=p{town.Tablets}&Form.Count=1&Form.From=2026-04-08T09:00&Form.To=2026-04-08T10:30&Form.PurposeNote=朝礼&Form.Rows=1");

        Assert.Contains("name=\"Form.More[0].Choice\"", page.Text);
        Assert.Contains("value=\"2026-04-08T10:30\"", page.Text);
        Assert.Contains("value=\"朝礼\"", page.Text);
    }

    [Fact]
    public async Task A_delegate_and_a_desk_book_for_others_and_nobody_else_does()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal, tablets: 3);
        await portal.WriteAsync(db => { db.Add(new Features.People.Roles.Delegate(portal.Town.GeneralHead, portal.Town.Sato, new DateOnly(2026, 4, 1), null)); return Task.CompletedTask; });
        var form = new Dictionary<string, string>(Form(town)) { ["Form.BorrowerId"] = portal.Town.GeneralHead.ToString() };
        using var sato = await portal.As(portal.Town.Sato);
        using var desk = await portal.As(portal.Town.Desk);
        using var tanaka = await portal.As(portal.Town.Tanaka);

        var asDelegate = await sato.Submit("/booking/reserve", form);
        var atDesk = await desk.Submit("/booking/reserve", new Dictionary<string, string>(form) { ["Form.Id"] = Guid.NewGuid().ToString(), ["Form.From"] = "2026-04-08T09:00", ["Form.To"] = "2026-04-08T10:00" });
        var refused = await tanaka.Submit("/booking/reserve", new Dictionary<string, string>(form) { ["Form.Id"] = Guid.NewGuid().ToString(), ["Form.From"] = "2026-04-09T09:00", ["Form.To"] = "2026-04-09T10:00" });

        Assert.Contains("予約しました", asDelegate.Words);
        Assert.Contains("予約しました", atDesk.Words);
        Assert.Contains("貸-308", refused.Words);
        Assert.Equal([portal.Town.GeneralHead, portal.Town.GeneralHead], await portal.ReadAsync(db => db.Bookings.Select(b => b.BorrowerId).ToListAsync()));
        Assert.Contains("借りる人", (await sato.Get("/booking/reserve")).Words);
        Assert.DoesNotContain("借りる人", (await tanaka.Get("/booking/reserve")).Words);
    }

    [Fact]
    public async Task The_desk_passes_a_rule_with_a_reason_and_is_asked_for_it_only_where_it_may()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var desk = await portal.As(portal.Town.Desk);
        using var sato = await portal.As(portal.Town.Sato);
        var late = new Dictionary<string, string>(Form(town)) { ["Form.To"] = "2026-04-07T18:00", ["Form.BorrowerId"] = portal.Town.Sato.ToString() };

        var offered = await desk.Submit("/booking/reserve", late);
        var notOffered = await sato.Submit("/booking/reserve", new Dictionary<string, string>(late) { ["Form.BorrowerId"] = "" });
        var tooShort = await desk.Submit("/booking/reserve", new Dictionary<string, string>(late) { ["Form.Overrides[booking.return-closed]"] = "残業" });
        var made = await desk.Submit("/booking/reserve", new Dictionary<string, string>(late) { ["Form.Overrides[booking.return-closed]"] = "宿直室で受け取ることにしています。" });

        Assert.Contains("name=\"Form.Overrides[booking.return-closed]\"", offered.Text);
        Assert.DoesNotContain("Form.Overrides", notOffered.Text);
        Assert.Contains("貸-904", tooShort.Words);
        Assert.Contains("貸-108：宿直室", made.Words);
        Assert.Contains("宿直室", await portal.ReadAsync(db => db.Bookings.Select(b => b.Overrides).SingleAsync()));
    }

    [Fact]
    public async Task A_number_like_my_number_is_refused_until_it_is_confirmed_to_be_none_and_only_the_fact_is_audited()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);
        var form = new Dictionary<string, string>(Form(town)) { ["Form.PurposeNote"] = "資産番号 １２３４ ５６７８ ９０１８" };

        var wrongCheckDigit = await sato.Get($"/booking/reserve?Form.Choice=p{town.Tablets}&Form.From=2026-04-07T09:00&Form.To=2026-04-07T10:00&Form.PurposeNote=123456789012");
        var refused = await sato.Submit("/booking/reserve", form);
        var bookings = await portal.ReadAsync(db => db.Bookings.CountAsync());
        var made = await sato.Submit("/booking/reserve", new Dictionary<string, string>(form) { ["Form.Acknowledged"] = "booking.mynumber" });

        Assert.DoesNotContain("貸-507", wrongCheckDigit.Words);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, 0), (refused.Status, bookings));
        Assert.Contains("貸-507", refused.Words);
        Assert.Contains("予約しました", made.Words);
        var audited = await portal.ReadAsync(db => db.Set<KitaPortal.Platform.Audit.AuditEntry>().AsNoTracking().ToListAsync());
        Assert.Single(audited, a => a.Action == "booking.number-confirmed");
        Assert.DoesNotContain(audited, a => $"{a.Before}{a.After}{a.Reason}".Contains("9018", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_preview_tells_rules_route_and_whether_it_would_be_booked_and_writes_nothing()
    {
        await using var portal = await PortalHost.StartAsync();
        var town = await SeedAsync(portal);
        using var sato = await portal.As(portal.Town.Sato);

        var inside = await Preview("InBuilding", "2026-04-08T09:00:00+09:00");
        var home = await Preview("Home", "2026-04-08T09:00:00+09:00");
        var absurd = await Preview("Home", "2090-04-08T09:00:00+09:00");

        Assert.True(inside.GetProperty("canReserve").GetBoolean());
        Assert.Empty(inside.GetProperty("route").EnumerateArray());
        Assert.Contains("藤原", home.GetProperty("route").EnumerateArray().First().GetProperty("who").GetString());
        Assert.Equal(["貸-501"], home.GetProperty("violations").EnumerateArray().Select(v => v.GetProperty("number").GetString()));
        Assert.False(absurd.GetProperty("canReserve").GetBoolean());
        Assert.Equal(0, await portal.ReadAsync(db => db.Bookings.CountAsync()));

        async Task<JsonElement> Preview(string destination, string from) => JsonDocument.Parse((await sato.PostJson("/api/v1/booking/preview", new
        {
            id = Guid.NewGuid(),
            lines = new[] { new { poolId = town.Laptops.Value } },
            from,
            to = from.Replace("T09", "T12", StringComparison.Ordinal),
            purpose = "HomeWork",
            destination,
        })).Text).RootElement;
    }

    private static Dictionary<string, string> Form(BookingTown town) => new()
    {
        ["Form.Id"] = Guid.NewGuid().ToString(),
        ["Form.Choice"] = $"p{town.Tablets}",
        ["Form.Count"] = "1",
        ["Form.From"] = "2026-04-07T09:00",
        ["Form.To"] = "2026-04-07T10:00",
        ["Form.Purpose"] = "OnlineMeeting",
        ["Form.DestinationKind"] = "InBuilding",
        ["Form.InfoClass"] = "Class2",
    };
}
